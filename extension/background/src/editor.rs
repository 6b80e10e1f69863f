//! Editors: what they begin with, their drafts, and from a letter to ciphertext in a page.

use std::rc::Rc;

use crypto_core::secret::Passphrase;
use ext_protocol::{
    api::EditorOptions,
    content::{self, EditorOpening, OutgoingFile},
    failure::{Failure, FailureKind},
    frame::{Answer, Draft, Event, Outgoing, Role, Step},
    view::{Person, VaultState},
};
use futures::future::{Either, select};
use mail_client::{
    found::{FoundContent, FoundMessage},
    seal::{Letter as SealLetter, Sealed, SealedFile},
};
use zeroize::Zeroizing;

use crate::{
    background::{Background, ring},
    convert,
    failure::{failed, failure},
    frames::{Frame, Kind},
    host::Host,
    parts,
    quotes::{add_below, quoted},
    reader,
};

/// How long a page may take to take in a letter.
const INSERT_MILLIS: u32 = 120_000;

impl<H: Host> Background<H> {
    /// What an editor in a compose window begins with. While locked it is told only what the page
    /// knows anyway; it says hello again when the keys are at hand.
    pub(crate) async fn editor_role(
        self: &Rc<Self>,
        frame: &Frame,
        opening: &EditorOpening,
    ) -> Result<Role, Failure> {
        let mut draft = Draft {
            subject: opening.subject.clone(),
            text: opening.typed.clone(),
            encrypt: true,
            sign: true,
            ..Draft::default()
        };
        let mut from = Person {
            name: String::new(),
            address: opening.from.clone(),
        };
        let mut left_behind = false;
        if self.vault_state() == VaultState::Unlocked {
            let client = self.unlocked().await?;
            let settings = self.sealed_settings(&client).await?;
            draft.sign = settings.sign;
            draft.hide_subject = settings.hide_subject;
            // An empty one says: rich text is on, begin with the plain one.
            draft.html = settings.rich_text.then(String::new);
            let mut is_new = !opening.typed.trim().is_empty();
            match self.kept_draft(frame).await? {
                // All that this editor began with is in what it kept.
                Some(kept) if kept.frame == frame.id => {
                    draft = kept.draft;
                    is_new = false;
                }
                Some(kept) => {
                    let typed = std::mem::replace(&mut draft, kept.draft).text;
                    if draft.subject.is_empty() {
                        draft.subject.clone_from(&opening.subject);
                    }
                    add_below(&mut draft, &typed);
                    left_behind = self.quote_for(frame, opening, &mut draft).await?;
                }
                None => left_behind = self.quote_for(frame, opening, &mut draft).await?,
            }
            if is_new {
                // The page's own box is empty now: these words are nowhere else. If they cannot be
                // kept, the editor has them all the same, and says so with the next change.
                let _kept_or_not = self.save_draft(frame, draft.clone()).await;
            }
            let me = client.me().map_err(failure)?;
            if from.address.is_empty() || from.address.eq_ignore_ascii_case(&me.address) {
                from = me;
            }
        }
        Ok(Role::Editor {
            from,
            recipients: frame.recipients.clone(),
            draft,
            was_typed: !opening.typed.trim().is_empty(),
            left_behind,
            takes_files: opening.takes_files,
            page_encrypts: false,
        })
    }

    /// What an editor of the client API begins with.
    pub(crate) async fn api_editor_role(
        self: &Rc<Self>,
        frame: &Frame,
        options: &EditorOptions,
    ) -> Result<Role, Failure> {
        let mut draft = Draft {
            text: options.predefined_text.clone().unwrap_or_default(),
            sign: options.sign_msg,
            encrypt: true,
            ..Draft::default()
        };
        let mut from = Person::default();
        if self.vault_state() == VaultState::Unlocked {
            let client = self.unlocked().await?;
            from = client.me().map_err(failure)?;
            let with = ring(&frame.ring);
            if let Some(armored) = &options.armored_draft {
                // One answer for all causes: a page must not learn what a message is by having
                // it opened as a draft.
                let bytes = client
                    .open_armored_draft(&with, armored)
                    .await
                    .map_err(failure)?;
                draft = serde_json::from_slice(&bytes)
                    .map_err(|_| Failure::new(FailureKind::Damaged))?;
            }
            if let Some(armored) = &options.quoted_mail {
                let found = FoundMessage {
                    content: FoundContent::Text(armored),
                    sender: mail_client::view::Person::default(),
                    message_id: "",
                    password: None,
                };
                let opened = client.open_found(&with, &found).await.map_err(failure)?;
                let letter = reader::finish(opened);
                let header = options.quoted_mail_header.clone().unwrap_or_default();
                let text = letter.view.text.as_deref().unwrap_or_default();
                let indent = options.quoted_mail_indent.unwrap_or(true);
                draft.text = quoted(&draft.text, &header, text, indent);
                if options.keep_attachments {
                    self.attach_all(frame, &letter, &mut draft, &[]);
                }
            }
        }
        Ok(Role::Editor {
            from,
            recipients: frame.recipients.clone(),
            draft,
            was_typed: false,
            left_behind: false,
            takes_files: true,
            page_encrypts: true,
        })
    }

    /// Seals a letter and puts it into the page; for the client API, hands it to the page's call.
    pub(crate) async fn encrypt(
        self: &Rc<Self>,
        frame: &Frame,
        outgoing: Outgoing,
    ) -> Result<Answer, Failure> {
        let opening = match &*frame.kind {
            Kind::Editor(opening) => opening,
            _ => {
                let waiting = self.waits.contents.borrow_mut().remove(&frame.id);
                let waiting = waiting.ok_or_else(|| Failure::new(FailureKind::NotAllowed))?;
                return match waiting.send(Some(outgoing)) {
                    Ok(()) => Ok(Answer::Done),
                    Err(_) => Err(Failure::new(FailureKind::Cancelled)),
                };
            }
        };
        let (stop, stopped) = futures::channel::oneshot::channel();
        self.waits.stops.borrow_mut().insert(frame.id.clone(), stop);
        self.tell_frame(
            &frame.id,
            Event::Progress {
                percent: 0,
                step: Step::Sealing,
            },
        );
        let goes = Goes::Body {
            from: &opening.from,
            files_apart: opening.takes_files,
        };
        let sealing = self.seal(frame, goes, outgoing);
        futures::pin_mut!(sealing);
        let sealed = match select(sealing, stopped).await {
            Either::Left((sealed, _)) => sealed,
            Either::Right(_) => Err(Failure::new(FailureKind::Cancelled)),
        };
        self.waits.stops.borrow_mut().remove(&frame.id);
        let sealed = sealed?;
        let answer = self
            .insert_into_page(frame, sealed.body, sealed.outer_subject, sealed.files)
            .await?;
        // It lies in the page now, sealed to the writer as well.
        self.discard_draft(frame).await?;
        Ok(answer)
    }

    /// Seals a letter to those it names.
    pub(crate) async fn seal(
        self: &Rc<Self>,
        frame: &Frame,
        goes: Goes<'_>,
        outgoing: Outgoing,
    ) -> Result<Sealed, Failure> {
        let client = self.unlocked().await?;
        let reach = self.reach(&client).await?;
        let Outgoing {
            draft,
            recipients,
            password,
        } = outgoing;
        let (from, files_apart, as_mime) = match goes {
            Goes::Body { from, files_apart } => (from, files_apart, false),
            Goes::Mime => ("", false, true),
        };
        let mut letter = SealLetter {
            from: from.to_owned(),
            to: recipients.to,
            cc: recipients.cc,
            bcc: recipients.bcc,
            subject: draft.subject,
            hide_subject: draft.hide_subject,
            text: draft.text,
            html: draft.html.filter(|html| !html.is_empty()),
            sign: draft.sign,
            encrypt: draft.encrypt,
            files: Vec::new(),
            files_apart,
            as_mime,
            password: password.map(Passphrase::new),
        };
        for file in &draft.files {
            self.find_again(&client, frame, file.file).await?;
        }
        // Lent by the editor, not copied; they go back whatever happens.
        let mut missing = false;
        if let Some(files) = self.files.borrow_mut().get_mut(&frame.id) {
            for file in &draft.files {
                match files.take(file.file) {
                    Some(data) => {
                        letter
                            .files
                            .push(convert::outgoing(&file.name, &file.media_type, data))
                    }
                    None => missing = true,
                }
            }
        }
        missing |= letter.files.len() != draft.files.len();
        let sealed = if missing {
            Err(failed(FailureKind::NotFound, "a file is gone"))
        } else {
            client
                .seal_letter(&ring(&frame.ring), &letter, reach)
                .await
                .map_err(failure)
        };
        if !client.is_unlocked() {
            // Locked meanwhile: nothing stays.
            return sealed;
        }
        let mut all = self.files.borrow_mut();
        let files = all.entry(frame.id.clone()).or_default();
        for (file, lent) in draft.files.iter().zip(letter.files) {
            files.put(file.file, Zeroizing::new(lent.data));
        }
        sealed
    }

    /// Puts a letter into the page's compose window, and waits until it has it.
    pub(crate) async fn insert_into_page(
        self: &Rc<Self>,
        frame: &Frame,
        body: String,
        subject: Option<String>,
        sealed: Vec<SealedFile>,
    ) -> Result<Answer, Failure> {
        let spot = frame
            .spot()
            .ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        let (sender, receiver) = futures::channel::oneshot::channel();
        self.waits
            .inserts
            .borrow_mut()
            .insert(frame.id.clone(), sender);
        self.tell_frame(
            &frame.id,
            Event::Progress {
                percent: 60,
                step: Step::Inserting,
            },
        );
        let mut files = Vec::new();
        for one in sealed {
            let file = self.file_number();
            for part in parts::cut(file, &one.data) {
                self.tell_content(spot, content::Event::Part(part));
            }
            files.push(OutgoingFile {
                name: one.name,
                media_type: one.media_type,
                file,
            });
        }
        self.tell_content(
            spot,
            content::Event::Insert {
                frame: frame.id.clone(),
                body: body.clone(),
                subject,
                files,
            },
        );
        let patience = self.patience(INSERT_MILLIS);
        futures::pin_mut!(patience);
        let failed_roles = match select(receiver, patience).await {
            Either::Left((Ok(failed_roles), _)) => failed_roles,
            // The page has gone, or says nothing.
            _ => vec!["body".to_owned()],
        };
        if failed_roles.is_empty() {
            return Ok(Answer::Done);
        }
        self.tell_frame(
            &frame.id,
            Event::NotInserted {
                failed: failed_roles,
                body,
            },
        );
        Err(failed(
            FailureKind::NotFound,
            "the page could not take everything",
        ))
    }
}

/// Where a sealed letter goes.
#[derive(Clone, Copy)]
pub(crate) enum Goes<'a> {
    /// Into the body of a page's compose window.
    Body {
        /// The address it goes out from.
        from: &'a str,
        /// Files can be attached.
        files_apart: bool,
    },
    /// Into a `multipart/encrypted` that the page's server makes, files and all.
    Mime,
}
