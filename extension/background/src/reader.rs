//! Readers: from ciphertext in a page to a message in our frame.
//!
//! What a page shows around the ciphertext (the sender above all) is its claim; the verdict says
//! whether a signature agrees. HTML is cleaned here, before it leaves for a frame.

use std::rc::Rc;

use ext_protocol::{
    api,
    content::{self, PageAttachment, Source},
    failure::{Failure, FailureKind},
    frame::{Answer, Event, Step},
    view::{Attachment, KeyOffer, OpenedMessage, Person},
};
use futures::{
    FutureExt as _,
    future::{Either, select},
};
use mail_client::{
    Client, ClientError,
    found::{FoundContent, FoundMessage, OpenedLetter},
    keys::ImportOutcome,
    people::{KeySource, Reach},
    sites::Ring,
    view::SignatureState,
};

use crate::{
    background::{Ahead, Background, Bytes, GONE_MILLIS, Letter, ring},
    failure::{failed, failure, failure_of},
    frames::{Frame, Kind},
    host::Host,
    parts,
};

/// How long a page may take to fetch one of its attachments.
const FETCH_MILLIS: u32 = 60_000;

/// The most that opened messages may weigh together, in bytes.
const OPENED_BYTES: usize = 96 * 1024 * 1024;

/// Media types that a browser shows without running anything.
const HARMLESS: [&str; 7] = [
    "application/pdf",
    "audio/mpeg",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
];

impl<H: Host> Background<H> {
    /// The message of a reader, for its frame.
    pub(crate) async fn open_for_reader(
        self: &Rc<Self>,
        frame: &Frame,
        password: Option<String>,
    ) -> Result<Answer, Failure> {
        let opened = self.letter(frame, password).await;
        self.notice_displayed(frame, opened.as_ref().err());
        if let Some(spot) = frame.spot() {
            self.settle_height(spot, &frame.id, opened.is_ok());
        }
        Ok(Answer::Opened(Box::new(opened?.view.clone())))
    }

    /// The message of a reader; opened once, and kept while unlocked.
    pub(crate) async fn letter(
        self: &Rc<Self>,
        frame: &Frame,
        password: Option<String>,
    ) -> Result<Rc<Letter>, Failure> {
        let client = self.unlocked().await?;
        if password.is_none() {
            if let Some(letter) = self.opened.borrow().get(&frame.id) {
                return Ok(Rc::clone(letter));
            }
            return self.opening(frame).await;
        }
        self.letter_now(client, frame, password).await
    }

    /// Begins to open a message while the browser still makes the frame for it. What came of it
    /// goes to the frame when that asks, and is forgotten if it never does.
    pub(crate) fn open_ahead(self: &Rc<Self>, frame: &str) {
        let Ok(frame) = self.frame(frame) else { return };
        let id = frame.id.clone();
        let opening = self.opening(&frame);
        let this = Rc::clone(self);
        self.host.spawn(async move {
            // What was opened is kept with the others now; what failed, the frame tries again.
            drop(opening.await);
            this.host.sleep(GONE_MILLIS).await;
            this.forget_plaintext_of_gone(&id);
            if this.frame_port(&id).is_none()
                && let Ok(frame) = this.frame(&id)
                && let Some(spot) = frame.spot()
            {
                this.settle_height(spot, &id, false);
            }
        });
    }

    /// The one opening of a reader that is under way: its frame and an answer may want it at the
    /// same time, and the page fetches a file for one of them.
    fn opening(self: &Rc<Self>, frame: &Frame) -> Ahead {
        if let Some(opening) = self.ahead.borrow().get(&frame.id) {
            return opening.clone();
        }
        let (this, frame) = (Rc::clone(self), frame.clone());
        let id = frame.id.clone();
        let opening = async move {
            let opened = match this.unlocked().await {
                Ok(client) => this.letter_now(client, &frame, None).await,
                Err(failure) => Err(failure),
            };
            this.ahead.borrow_mut().remove(&frame.id);
            opened
        };
        let opening = opening.boxed_local().shared();
        self.ahead.borrow_mut().insert(id, opening.clone());
        opening
    }

    async fn letter_now(
        self: &Rc<Self>,
        client: Rc<Client<H::Platform>>,
        frame: &Frame,
        password: Option<String>,
    ) -> Result<Rc<Letter>, Failure> {
        let Kind::Reader {
            source,
            sender,
            message_id,
            ..
        } = &*frame.kind
        else {
            return Err(Failure::new(FailureKind::NotFound));
        };
        let password = password.map(crypto_core::secret::Passphrase::new);
        let opening = Opening {
            ring: ring(&frame.ring),
            sender,
            message_id,
            password: password.as_ref(),
        };
        let problem = failure_of(FailureKind::WrongPassword);
        let mut is_partial = false;
        let mut letter = match source {
            Source::Inline { armored } => opening
                .open(&client, FoundContent::Text(armored))
                .await
                .map_err(problem)?,
            Source::Attachments { attachments } => {
                let opened = self.open_attachments(&client, frame, &opening, attachments);
                let (letter, lacks) = opened.await?;
                is_partial = lacks;
                letter
            }
        };
        client
            .keep_keys_of_sender(&opening.ring, &mut letter)
            .map_err(failure)?;
        let mut letter = finish(letter);
        letter.is_partial = is_partial;
        let letter = Rc::new(letter);
        // Locked while it was opened: then it is not kept.
        if client.is_unlocked() {
            let mut opened = self.opened.borrow_mut();
            let together = opened.values().map(|one| one.weight()).sum::<usize>();
            if together + letter.weight() > OPENED_BYTES {
                // The others are opened again when they are asked for.
                opened.clear();
            }
            opened.insert(frame.id.clone(), Rc::clone(&letter));
        }
        Ok(letter)
    }

    /// Fetches what the page lists, one after the other, and puts it together: the first with a
    /// text is the message, the others are its files. Says, too, whether one of them is missing.
    async fn open_attachments(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
        frame: &Frame,
        opening: &Opening<'_>,
        attachments: &[PageAttachment],
    ) -> Result<(OpenedLetter, bool), Failure> {
        let mut lacks = false;
        let mut message: Option<OpenedLetter> = None;
        let mut first_problem = None;
        for (number, attachment) in (0u32..).zip(attachments) {
            if attachment
                .media_type
                .eq_ignore_ascii_case("application/pgp-encrypted")
            {
                // The part that says "Version: 1" (RFC 3156, section 4).
                continue;
            }
            if attachment
                .size
                .is_some_and(|size| size > parts::FILE_LIMIT as u64)
            {
                lacks = true;
                first_problem.get_or_insert(failed(FailureKind::TooLarge, "25 MiB"));
                continue;
            }
            self.tell_frame(
                &frame.id,
                Event::Progress {
                    percent: percent(number, attachments.len()),
                    step: Step::Fetching,
                },
            );
            let bytes = match self.fetch(frame, number).await {
                Ok(bytes) => bytes,
                Err(problem) => {
                    lacks = true;
                    first_problem.get_or_insert(problem);
                    continue;
                }
            };
            let content = FoundContent::File {
                name: &attachment.name,
                bytes: &bytes,
            };
            match opening.open(client, content).await {
                Ok(part) => match &mut message {
                    None => message = Some(part),
                    Some(whole) => join(whole, part),
                },
                // A signature, a picture that only looked encrypted.
                Err(error @ ClientError::WrongKind(_)) if attachments.len() > 1 => {
                    first_problem.get_or_insert(failure(error));
                }
                Err(error) => {
                    lacks = true;
                    let problem = failure_of(FailureKind::WrongPassword)(error);
                    // Better than "not a message": this one says what is wrong.
                    if first_problem
                        .as_ref()
                        .is_none_or(|p| p.kind == FailureKind::WrongKind)
                    {
                        first_problem = Some(problem);
                    }
                }
            }
        }
        match message {
            Some(message) => Ok((message, lacks)),
            None => Err(first_problem.unwrap_or(Failure::new(FailureKind::WrongKind))),
        }
    }

    /// Has the page fetch an attachment by its own means.
    async fn fetch(self: &Rc<Self>, frame: &Frame, attachment: u32) -> Result<Bytes, Failure> {
        let spot = frame
            .spot()
            .ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        let (sender, receiver) = futures::channel::oneshot::channel();
        self.waits
            .fetches
            .borrow_mut()
            .insert((frame.id.clone(), attachment), sender);
        self.tell_content(
            spot,
            content::Event::Fetch {
                frame: frame.id.clone(),
                attachment,
            },
        );
        let patience = self.patience(FETCH_MILLIS);
        futures::pin_mut!(patience);
        match select(receiver, patience).await {
            Either::Left((Ok(Some(bytes)), _)) => Ok(bytes),
            _ => Err(failed(
                FailureKind::Offline,
                "the page could not fetch the attachment",
            )),
        }
    }

    /// Sends a file of the message to its frame.
    pub(crate) async fn send_attachment(
        self: &Rc<Self>,
        frame: &Frame,
        index: u32,
    ) -> Result<Answer, Failure> {
        let letter = self.letter(frame, None).await?;
        let attachment = usize::try_from(index)
            .ok()
            .and_then(|index| letter.letter.attachments.get(index))
            .ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        let file = self.file_number();
        for part in parts::cut(file, &attachment.data) {
            if !self.tell_frame(&frame.id, Event::Part(part)) {
                return Err(Failure::new(FailureKind::NotFound));
            }
        }
        Ok(Answer::File {
            file,
            name: attachment.name.clone(),
            media_type: harmless(&attachment.media_type).to_owned(),
        })
    }

    /// Keeps the key that came with a message, after the person said so.
    pub(crate) async fn import_attached(self: &Rc<Self>, frame: &Frame) -> Result<Answer, Failure> {
        let letter = self.letter(frame, None).await?;
        let client = self.unlocked().await?;
        let key = offered_key(&letter.letter).ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        // A letter speaks for its sender; a key may name anybody.
        let sender = &letter.letter.from.address;
        let outcome = client
            .import_certificate_of(
                &ring(&frame.ring),
                sender,
                &key.certificate,
                KeySource::Mail,
            )
            .await
            .map_err(failure)?;
        // The verdict is another now.
        self.forget_opened(&frame.id);
        if outcome == ImportOutcome::Offered {
            return Err(Failure::new(FailureKind::KeyOffered));
        }
        Ok(Answer::Done)
    }

    /// Tells a page that waits for its display container how it went; not while the person may
    /// still open it.
    fn notice_displayed(&self, frame: &Frame, problem: Option<&Failure>) {
        let Kind::Reader { by_api: true, .. } = &*frame.kind else {
            return;
        };
        let Some(spot) = frame.spot() else { return };
        let (error, message) = match problem.map(|problem| problem.kind) {
            None => (None, ""),
            Some(
                FailureKind::Locked
                | FailureKind::NotSetUp
                | FailureKind::PasswordNeeded
                | FailureKind::WrongPassword,
            ) => {
                return;
            }
            Some(FailureKind::NoKey) => (
                Some(api::ErrorCode::NoKeyFound),
                "No key of this person opens the message.",
            ),
            Some(FailureKind::WrongKind) => (
                Some(api::ErrorCode::ArmorParseError),
                "This is not an OpenPGP message.",
            ),
            Some(_) => (
                Some(api::ErrorCode::DecryptError),
                "The message cannot be opened.",
            ),
        };
        self.tell_content(
            spot,
            content::Event::Api {
                notice: api::Notice::Displayed {
                    frame: frame.id.clone(),
                    error,
                    message: message.to_owned(),
                },
            },
        );
    }

    /// How far keys are looked for.
    pub(crate) async fn reach(&self, client: &Client<H::Platform>) -> Result<Reach, Failure> {
        Ok(if self.sealed_settings(client).await?.wkd {
            Reach::Everywhere
        } else {
            Reach::Directory
        })
    }
}

/// What is the same for all parts of a message.
struct Opening<'a> {
    ring: Ring,
    sender: &'a Person,
    message_id: &'a str,
    password: Option<&'a crypto_core::secret::Passphrase>,
}

impl Opening<'_> {
    async fn open<P: mail_client::ports::Platform>(
        &self,
        client: &Client<P>,
        content: FoundContent<'_>,
    ) -> Result<OpenedLetter, ClientError> {
        let found = FoundMessage {
            content,
            sender: self.sender.clone(),
            message_id: self.message_id,
            password: self.password,
        };
        client.open_found(&self.ring, &found).await
    }
}

/// Puts a further part to a message. The weaker verdict stands: a file that was not signed by
/// whoever signed the text must not look as if it were.
fn join(whole: &mut OpenedLetter, mut part: OpenedLetter) {
    let is_key_only = part.text.is_none() && part.html.is_none() && part.attachments.is_empty();
    if !is_key_only && !same_signer(&whole.verdict.signature, &part.verdict.signature) {
        let weaker = match &whole.verdict.signature {
            SignatureState::Good { .. } => &mut part.verdict,
            _ => &mut whole.verdict,
        };
        whole.verdict = weaker.clone();
    }
    if whole.text.is_none() && whole.html.is_none() {
        whole.text = part.text.take();
        whole.html = part.html.take();
        whole.inline_pictures = std::mem::take(&mut part.inline_pictures);
        whole.subject = whole.subject.take().or(part.subject.take());
    }
    whole.attachments.append(&mut part.attachments);
    whole.keys.append(&mut part.keys);
}

pub(crate) fn same_signer(a: &SignatureState, b: &SignatureState) -> bool {
    match (a, b) {
        (
            SignatureState::Good { fingerprint: a, .. },
            SignatureState::Good { fingerprint: b, .. },
        ) => a == b,
        (
            SignatureState::OtherSigner { fingerprint: a, .. },
            SignatureState::OtherSigner { fingerprint: b, .. },
        )
        | (
            SignatureState::UnknownSigner { issuer: a },
            SignatureState::UnknownSigner { issuer: b },
        ) => !a.is_empty() && a == b,
        (SignatureState::Unsigned, SignatureState::Unsigned) => true,
        _ => false,
    }
}

impl Letter {
    fn weight(&self) -> usize {
        let texts = [&self.view.text, &self.view.html];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let files = self.letter.attachments.iter().map(|file| file.data.len());
        texts + files.sum::<usize>()
    }
}

/// Cleans the HTML and makes what the frame is told.
pub(crate) fn finish(mut letter: OpenedLetter) -> Letter {
    let html = letter
        .html
        .take()
        .map(|html| mail_html::sanitize(&html, std::mem::take(&mut letter.inline_pictures)));
    let (html, has_remote) = match html {
        Some(clean) => (Some(clean.html), clean.has_remote_content),
        None => (None, false),
    };
    let attachments = letter.attachments.iter().zip(0u32..);
    let view = OpenedMessage {
        from: letter.from.clone(),
        to: letter.to.clone(),
        cc: letter.cc.clone(),
        subject: letter.subject.take().filter(|subject| !subject.is_empty()),
        date: letter.date,
        text: letter.text.take(),
        html,
        has_remote,
        attachments: attachments
            .map(|(file, index)| Attachment {
                index,
                name: file.name.clone(),
                media_type: file.media_type.clone(),
                size: file.data.len() as u64,
            })
            .collect(),
        attached_key: offered_key(&letter).map(|key| KeyOffer {
            fingerprint: key.preview.fingerprint.clone(),
            user_ids: key.preview.user_ids.clone(),
            replaces: key.preview.replaces.clone(),
        }),
        verdict: letter.verdict.clone(),
    };
    Letter {
        letter,
        view,
        is_partial: false,
    }
}

/// The key worth keeping: usable, public and unknown; the signer's own before others.
fn offered_key(letter: &OpenedLetter) -> Option<&mail_client::found::AttachedKey> {
    letter
        .keys
        .iter()
        .filter(|key| !key.preview.private && !key.preview.known && key.preview.problem.is_none())
        .max_by_key(|key| key.is_signer)
}

/// The type a file is given to the frame as: never one that a browser would run.
pub(crate) fn harmless(media_type: &str) -> &str {
    HARMLESS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(media_type))
        .unwrap_or("application/octet-stream")
}

fn percent(done: u32, of: usize) -> u8 {
    let of = u32::try_from(of).unwrap_or(u32::MAX).max(1);
    u8::try_from(done.saturating_mul(100) / of).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_runs_keeps_its_type() {
        for bad in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/javascript",
            "application/xml",
            "text/plain; charset=utf-7",
            "",
        ] {
            assert_eq!(harmless(bad), "application/octet-stream", "{bad}");
        }
        assert_eq!(harmless("Image/PNG"), "image/png");
    }
}
