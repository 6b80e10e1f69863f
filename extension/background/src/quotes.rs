//! Quotations: what an answer or a forwarded message takes along from what a reader shows.
//!
//! A page shows a message whose files were sealed apart in two readers. The content script says
//! that they are one message; it is forwarded as such, as long as both readers say the same of who
//! signed. The attacker is a page that puts a reader of its own choice beside the message: what it
//! adds is listed in the editor like any other file, and what is signed otherwise stays behind.

use std::rc::Rc;

use ext_protocol::{
    content::{AnswerKind, EditorOpening, Source},
    failure::Failure,
    frame::{AttachedFile, Draft},
};
use futures::future::{Either, select};
use zeroize::Zeroizing;

use crate::{
    background::{Background, Letter},
    frames::{Frame, Kind},
    host::Host,
    reader::same_signer,
};

/// How long one more piece of a message is waited for; an editor begins after it.
const PIECE_MILLIS: u32 = 20_000;
/// More pieces than a page has for one message.
const MOST_PIECES: usize = 4;

impl<H: Host> Background<H> {
    /// Quotes what a reader shows, if that is asked for. A kept draft that has the quotation
    /// already is gone on with as it is; to another one it is added. Answers whether files of the
    /// message stayed behind.
    pub(crate) async fn quote_for(
        self: &Rc<Self>,
        frame: &Frame,
        opening: &EditorOpening,
        draft: &mut Draft,
    ) -> Result<bool, Failure> {
        let Some(quoted_frame) = &opening.quote else {
            return Ok(false);
        };
        let reader = self.frame(quoted_frame)?;
        let kind = self.answered.borrow().get(quoted_frame).copied();
        let forward = kind == Some(AnswerKind::Forward);
        let (message, left_behind) = self.message_of(&reader, forward).await?;
        // Locked or closed meanwhile: nothing of it is put anywhere.
        self.unlocked().await?;
        self.frame(&frame.id)?;
        // Of a message in pieces, the one with the words.
        let with_text = message.iter().find(|letter| letter.view.text.is_some());
        let Some(letter) = with_text.or(message.first()) else {
            return Ok(left_behind);
        };
        let view = &letter.view;
        let who = if view.from.name.is_empty() {
            &view.from.address
        } else {
            &view.from.name
        };
        let language = self.kept.borrow().language.clone();
        let date = view.date.map(|date| self.host.date(date, &language));
        let key = match (&date, forward) {
            (_, true) => "quote_forwarded",
            (Some(_), false) => "quote_wrote_at",
            (None, false) => "quote_wrote",
        };
        let header = self
            .host
            .text(key)
            .replace("{name}", who)
            .replace("{date}", date.as_deref().unwrap_or_default());
        let text = view.text.as_deref().unwrap_or_default();
        // With its first line: a short text may stand in another letter by chance.
        let quotation = quoted("", &header, text, !forward);
        let has_it = draft.text.contains(quotation.trim());
        if !has_it {
            draft.text = quoted(&draft.text, &header, text, !forward);
            begin_plain(draft);
            if let Some(subject) = &view.subject {
                // It was protected: it stays so.
                draft.subject = answer_subject(subject, forward);
                draft.hide_subject = true;
            }
        }
        if forward {
            // Of a letter that was forwarded before, what stayed behind then is taken up now.
            let kept = if has_it {
                draft.files.clone()
            } else {
                Vec::new()
            };
            for letter in &message {
                self.attach_all(frame, letter, draft, &kept);
            }
        }
        Ok(left_behind)
    }

    /// The pieces of the message that a reader shows, its own first, and whether files of it could
    /// not be had for forwarding. The others are looked for only where they are needed.
    async fn message_of(
        self: &Rc<Self>,
        reader: &Frame,
        forward: bool,
    ) -> Result<(Vec<Rc<Letter>>, bool), Failure> {
        let own = self.letter(reader, None).await?;
        let mut left_behind = own.is_partial;
        let mut message = vec![own];
        if !forward && message.iter().any(|own| own.view.text.is_some()) {
            return Ok((message, false));
        }
        for piece in self.beside(reader) {
            let letter = self.letter(&piece, None);
            let patience = self.host.sleep(PIECE_MILLIS);
            futures::pin_mut!(letter, patience);
            match select(letter, patience).await {
                Either::Left((Ok(letter), _)) if is_key_only(&letter) => {}
                Either::Left((Ok(letter), _)) if is_one(&message, &letter) => {
                    left_behind |= letter.is_partial;
                    message.push(letter);
                }
                _ => left_behind = true,
            }
        }
        Ok((message, forward && left_behind))
    }

    /// The other readers of the same message in the same page: those of its files, and for files
    /// that of its text. What the page drew anew is known twice for a while: of the same piece, the
    /// last counts.
    fn beside(&self, reader: &Frame) -> Vec<Frame> {
        let Some(own) = shown(reader) else {
            return Vec::new();
        };
        let is_file = |source: &Source| matches!(source, Source::Attachments { .. });
        let frames = self.frames.borrow();
        let mut pieces: Vec<Frame> = Vec::new();
        for other in frames.all() {
            let Some(piece) = shown(other) else { continue };
            let here = other.place == reader.place && other.ring == reader.ring;
            let is_pair = is_file(piece.source) || is_file(own.source);
            if here && is_pair && piece.source != own.source && piece.is_of(&own) {
                let source = |frame: &Frame| shown(frame).map(|one| one.source.clone());
                pieces.retain(|before| source(before).as_ref() != Some(piece.source));
                pieces.push(other.clone());
            }
        }
        pieces.truncate(MOST_PIECES);
        pieces
    }

    /// Attaches the files of a message, but for those that are `kept` in the draft already.
    pub(crate) fn attach_all(
        &self,
        frame: &Frame,
        letter: &Letter,
        draft: &mut Draft,
        kept: &[AttachedFile],
    ) {
        let mut all = self.files.borrow_mut();
        let files = all.entry(frame.id.clone()).or_default();
        // A kept draft may have files of ours already.
        let last = draft.files.iter().map(|file| file.file).max();
        let first = last.map_or(FIRST_OWN_FILE, |last| FIRST_OWN_FILE.max(last + 1));
        let is_kept = |name: &str, size: usize| {
            kept.iter()
                .any(|file| file.name == name && file.size == size as u64)
        };
        let attachments = letter.letter.attachments.iter();
        let fresh = attachments.filter(|one| !is_kept(&one.name, one.data.len()));
        for (attachment, file) in fresh.zip(first..) {
            files.put(file, Zeroizing::new(attachment.data.clone()));
            draft.files.push(AttachedFile {
                file,
                name: attachment.name.clone(),
                media_type: attachment.media_type.clone(),
                size: attachment.data.len() as u64,
            });
        }
    }
}

/// Which message a reader shows a piece of, and what it found.
struct Piece<'a> {
    message: &'a str,
    id: &'a str,
    sender: &'a str,
    source: &'a Source,
}

impl Piece<'_> {
    /// A page may show another message in the same place: then its id or its sender is another.
    fn is_of(&self, other: &Piece<'_>) -> bool {
        let same = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
        self.message == other.message && same(self.id, other.id) && same(self.sender, other.sender)
    }
}

fn shown(reader: &Frame) -> Option<Piece<'_>> {
    match &*reader.kind {
        Kind::Reader {
            message,
            message_id,
            sender,
            source,
            ..
        } if !message.is_empty() => Some(Piece {
            message,
            id: message_id,
            sender: &sender.address,
            source,
        }),
        _ => None,
    }
}

/// A key that came along is nothing to forward.
fn is_key_only(letter: &Letter) -> bool {
    let view = &letter.view;
    view.text.is_none() && view.html.is_none() && view.attachments.is_empty()
}

/// Signed as all of the others.
fn is_one(message: &[Rc<Letter>], letter: &Letter) -> bool {
    let signature = &letter.view.verdict.signature;
    message
        .iter()
        .all(|own| same_signer(&own.view.verdict.signature, signature))
}

/// Files that we attach ourselves are numbered from here; the frame's own begin at 1.
const FIRST_OWN_FILE: u32 = 1 << 30;

/// A text with a quoted one below it.
pub(crate) fn quoted(own: &str, header: &str, text: &str, indent: bool) -> String {
    let mut out = String::with_capacity(own.len() + header.len() + text.len() + text.len() / 16);
    out.push_str(own);
    out.push_str("\n\n");
    if !header.is_empty() {
        out.push_str(header);
        out.push('\n');
    }
    for line in text.trim_end().lines() {
        if indent {
            out.push_str(if line.starts_with('>') { ">" } else { "> " });
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// What was typed into the page's own box meanwhile stands below a kept draft that lacks it.
pub(crate) fn add_below(draft: &mut Draft, typed: &str) {
    let typed = typed.trim();
    if typed.is_empty() || draft.text.contains(typed) {
        return;
    }
    if !draft.text.trim().is_empty() {
        draft.text.truncate(draft.text.trim_end().len());
        draft.text.push_str("\n\n");
    }
    draft.text.push_str(typed);
    begin_plain(draft);
}

/// The words of `text` count, and no formatting of fewer words.
fn begin_plain(draft: &mut Draft) {
    if let Some(html) = &mut draft.html {
        html.clear();
    }
}

fn answer_subject(subject: &str, forward: bool) -> String {
    let prefix = if forward { "Fwd: " } else { "Re: " };
    let has = subject
        .get(..prefix.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if has {
        subject.to_owned()
    } else {
        format!("{prefix}{subject}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_stand_below_what_was_written() {
        assert_eq!(
            quoted("Hi", "Bob wrote:", "one\n> two\n\n", true),
            "Hi\n\nBob wrote:\n> one\n>> two\n"
        );
        assert_eq!(quoted("", "", "one", false), "\n\none\n");
    }

    #[test]
    fn a_prefix_is_put_once() {
        assert_eq!(answer_subject("Plan", false), "Re: Plan");
        assert_eq!(answer_subject("RE: Plan", false), "RE: Plan");
        assert_eq!(answer_subject("Re: Plan", true), "Fwd: Re: Plan");
        assert_eq!(answer_subject("é", false), "Re: é");
    }
}
