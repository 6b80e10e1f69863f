//! Quotations: what an answer or a forwarded message takes along from what a reader shows.
//!
//! A page shows a message whose files were sealed apart in two readers. It is forwarded as the one
//! message that it is, as long as both readers say the same of who signed. The attacker is a page
//! that puts a reader of its own choice beside the message: what it adds is listed in the editor
//! like any other file, and a file that somebody else signed stays behind.

use std::rc::Rc;

use ext_protocol::{
    content::{AnswerKind, EditorOpening, Source},
    failure::Failure,
    frame::{AttachedFile, Draft},
};
use zeroize::Zeroizing;

use crate::{
    background::{Background, Letter},
    frames::{Frame, Kind},
    host::Host,
    reader::same_signer,
};

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
        if draft.text.contains(quotation.trim()) {
            return Ok(false);
        }
        draft.text = quoted(&draft.text, &header, text, !forward);
        begin_plain(draft);
        if let Some(subject) = &view.subject {
            // It was protected: it stays so.
            draft.subject = answer_subject(subject, forward);
            draft.hide_subject = true;
        }
        if forward {
            for letter in &message {
                self.attach_all(frame, letter, draft);
            }
        }
        Ok(left_behind)
    }

    /// The pieces of the message that a reader shows, its own first, and whether one of them could
    /// not be had. The others are looked for only where they are needed.
    async fn message_of(
        self: &Rc<Self>,
        reader: &Frame,
        forward: bool,
    ) -> Result<(Vec<Rc<Letter>>, bool), Failure> {
        let own = self.letter(reader, None).await?;
        let mut message = vec![own];
        let mut left_behind = false;
        if !forward && message.iter().any(|own| own.view.text.is_some()) {
            return Ok((message, left_behind));
        }
        for piece in self.beside(reader) {
            let signature = |letter: &Rc<Letter>| letter.view.verdict.signature.clone();
            match self.letter(&piece, None).await {
                Ok(letter)
                    if message
                        .iter()
                        .all(|own| same_signer(&signature(own), &signature(&letter))) =>
                {
                    message.push(letter);
                }
                _ => left_behind = true,
            }
        }
        Ok((message, left_behind))
    }

    /// The other readers of the same message in the same page: those of its files, and for files
    /// that of its text. What the page was loaded with before may still be known: of the same
    /// piece, the last counts.
    fn beside(&self, reader: &Frame) -> Vec<Frame> {
        let Some((id, sender, source)) = shown(reader) else {
            return Vec::new();
        };
        let is_file = |source: &Source| matches!(source, Source::Attachments { .. });
        let frames = self.frames.borrow();
        let mut pieces: Vec<Frame> = Vec::new();
        for other in frames.all() {
            let Some((other_id, other_sender, piece)) = shown(other) else {
                continue;
            };
            let same = other_id == id && other_sender == sender && piece != source;
            let here = other.place == reader.place && other.ring == reader.ring;
            if same && here && (is_file(piece) || is_file(source)) {
                pieces.retain(|before| shown(before).is_none_or(|(.., before)| before != piece));
                pieces.push(other.clone());
            }
        }
        pieces
    }

    /// Attaches the files of a message.
    pub(crate) fn attach_all(&self, frame: &Frame, letter: &Letter, draft: &mut Draft) {
        let mut all = self.files.borrow_mut();
        let files = all.entry(frame.id.clone()).or_default();
        // A kept draft may have files of ours already.
        let last = draft.files.iter().map(|file| file.file).max();
        let first = last.map_or(FIRST_OWN_FILE, |last| FIRST_OWN_FILE.max(last + 1));
        for (attachment, file) in letter.letter.attachments.iter().zip(first..) {
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

/// The page's id of the message that a reader shows, its sender's address, and what was found; if
/// the page has an id for it.
fn shown(reader: &Frame) -> Option<(&str, &str, &Source)> {
    let Kind::Reader {
        message_id,
        sender,
        source,
        ..
    } = &*reader.kind
    else {
        return None;
    };
    (!message_id.is_empty()).then_some((message_id, &sender.address, source))
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
