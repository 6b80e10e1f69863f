//! Containers that do something for a page: editors and generators. Each waits for the person.

use std::rc::Rc;

use ext_protocol::{
    api::{ErrorCode, Return},
    content::Recipients,
    failure::{Failure, FailureKind},
    frame::{Event, Outgoing},
    view::Person,
};
use futures::future::{Either, select};
use mail_client::{ClientError, sites::UnkeptKey};

use super::{CLICK_MILLIS, QUOTA_KB, Result, UNLOCK_MILLIS, error};
use crate::{
    background::{Background, Decision, Unkept},
    editor::Goes,
    frames::{Frame, Kind},
    host::Host,
    sender::Spot,
};

/// How long a page may take to say whether it keeps a new key pair.
const CONFIRM_MILLIS: u32 = 300_000;

impl<H: Host> Background<H> {
    /// What stands in an editor, with the person's consent.
    async fn content_of(
        self: &Rc<Self>,
        frame: &Frame,
        recipients: Vec<String>,
        draft: bool,
    ) -> Result<Outgoing> {
        if !matches!(&*frame.kind, Kind::ApiEditor(_)) {
            return error(ErrorCode::NoConnection, "Not an editor.");
        }
        let is_there = self.frame_is_there(&frame.id).await;
        if self.waits.contents.borrow().contains_key(&frame.id) {
            return error(ErrorCode::EncryptInProgress, "It is being sealed already.");
        }
        let (sender, receiver) = futures::channel::oneshot::channel();
        self.waits
            .contents
            .borrow_mut()
            .insert(frame.id.clone(), sender);
        if !is_there || !self.tell_frame(&frame.id, Event::PageWantsContent { recipients, draft }) {
            self.waits.contents.borrow_mut().remove(&frame.id);
            return error(ErrorCode::NoConnection, "The editor is not there.");
        }
        let patience = self.patience(CLICK_MILLIS);
        futures::pin_mut!(patience);
        let content = match select(receiver, patience).await {
            Either::Left((Ok(Some(content)), _)) => content,
            _ => {
                self.waits.contents.borrow_mut().remove(&frame.id);
                return error(ErrorCode::PwdDialogCancel, "The person did not agree.");
            }
        };
        Ok(content)
    }

    pub(super) async fn encrypt_for_page(
        self: &Rc<Self>,
        spot: &Spot,
        frame: &str,
        recipients: Vec<String>,
    ) -> Result<Return> {
        let frame = self.placed(spot, frame)?;
        if recipients.is_empty() {
            return error(ErrorCode::NoKeyForRecipient, "There are no recipients.");
        }
        let mut outgoing = self.content_of(&frame, recipients.clone(), false).await?;
        let Kind::ApiEditor(options) = &*frame.kind else {
            return error(ErrorCode::NoConnection, "Not an editor.");
        };
        let quota = u64::from(options.quota.unwrap_or(QUOTA_KB)) * 1024;
        if size(&outgoing) > quota {
            return error(
                ErrorCode::EncryptQuotaSize,
                "It is larger than the page takes.",
            );
        }
        // The page says to whom; what it sends in the end is its own affair, sealed to these.
        outgoing.recipients = Recipients {
            to: recipients
                .into_iter()
                .map(|address| Person {
                    name: String::new(),
                    address,
                })
                .collect(),
            ..Recipients::default()
        };
        outgoing.password = None;
        outgoing.draft.encrypt = true;
        match self.seal(&frame, Goes::Mime, outgoing).await {
            Ok(sealed) => Ok(Return::Text { text: sealed.body }),
            Err(failure) => Err(sealing_error(&failure)),
        }
    }

    pub(super) async fn draft_for_page(
        self: &Rc<Self>,
        spot: &Spot,
        frame: &str,
    ) -> Result<Return> {
        let frame = self.placed(spot, frame)?;
        let outgoing = self.content_of(&frame, Vec::new(), true).await?;
        let mut draft = outgoing.draft;
        // Files stay in the editor: a draft of the page's carries text only.
        draft.files.clear();
        let Ok(json) = serde_json::to_vec(&draft) else {
            return error(ErrorCode::StorageError, "The draft cannot be written.");
        };
        let client = match self.unlocked().await {
            Ok(client) => client,
            Err(failure) => return Err(sealing_error(&failure)),
        };
        let ring = crate::background::ring(&frame.ring);
        match client.seal_armored_draft(&ring, &json).await {
            Ok(text) => Ok(Return::Text { text }),
            Err(_) => error(ErrorCode::NoKeyForEncryption, "There is no key for drafts."),
        }
    }

    pub(super) async fn generate(self: &Rc<Self>, spot: &Spot, frame: &str) -> Result<Return> {
        let frame = self.placed(spot, frame)?;
        let Kind::Generator { people } = &*frame.kind else {
            return error(ErrorCode::NoConnection, "Not a generator.");
        };
        let client = match self.wait_unlocked(UNLOCK_MILLIS).await {
            Ok(client) => client,
            Err(_) => return error(ErrorCode::PwdDialogCancel, "Letterlock is locked."),
        };
        let name = match self.click(&frame.id, CLICK_MILLIS).await {
            Decision::Named(name) => name,
            Decision::Confirmed => String::new(),
            Decision::Cancelled => {
                return error(ErrorCode::PwdDialogCancel, "The person did not agree.");
            }
        };
        let people: Vec<_> = people
            .iter()
            .map(|person| {
                let mut person = person.clone();
                if !name.trim().is_empty() {
                    person.name = name.trim().to_owned();
                }
                person
            })
            .collect();
        let ring = crate::background::ring(&frame.ring);
        let profile = crypto_core::openpgp::Profile::Compatible;
        match client.new_key_for(&ring, &people, profile) {
            Ok(key) => {
                let text = key.armored_certificate();
                self.hold_unkept(frame.id, key);
                Ok(Return::Text { text })
            }
            Err(ClientError::BadAddress) => error(ErrorCode::InputNotValid, "Not an address."),
            Err(_) => error(ErrorCode::StorageError, "The key could not be made."),
        }
    }

    /// Holds a new key pair in memory until the page says whether it keeps it, and no longer than
    /// that takes; a stopped background has forgotten it.
    fn hold_unkept(self: &Rc<Self>, frame: String, key: UnkeptKey) {
        let until = self.host.now() + u64::from(CONFIRM_MILLIS);
        let unkept = Unkept { key, until };
        self.unkept.borrow_mut().insert(frame.clone(), unkept);
        let this = Rc::clone(self);
        self.host.spawn(async move {
            this.patience(CONFIRM_MILLIS).await;
            // A later one of the same frame has a later end.
            let mut all = this.unkept.borrow_mut();
            if all.get(&frame).is_some_and(|held| held.until <= until) {
                all.remove(&frame);
            }
        });
    }

    /// Keeps a new key pair, or forgets it, as the page says.
    pub(super) async fn generate_confirmed(
        self: &Rc<Self>,
        spot: &Spot,
        frame: &str,
        keep: bool,
    ) -> Result<Return> {
        self.placed(spot, frame)?;
        let held = self.unkept.borrow_mut().remove(frame);
        if !keep {
            return Ok(Return::Nothing);
        }
        let now = self.host.now();
        let Some(held) = held.filter(|held| now < held.until) else {
            return error(ErrorCode::NoConnection, "The new key was not kept in time.");
        };
        let (client, _) = self.keys_of(spot, "").await?;
        match client.keep_new_key(held.key).await {
            Ok(_) => Ok(Return::Nothing),
            Err(_) => error(ErrorCode::StorageError, "The key could not be kept."),
        }
    }
}

/// What a letter weighs, for the page's quota.
fn size(outgoing: &Outgoing) -> u64 {
    let draft = &outgoing.draft;
    let text = draft.text.len() + draft.html.as_ref().map_or(0, String::len);
    let files: u64 = draft.files.iter().map(|file| file.size).sum();
    text as u64 + files
}

fn sealing_error(failure: &Failure) -> Return {
    let (code, message) = match failure.kind {
        FailureKind::RecipientWithoutKey | FailureKind::NotAnAddress => (
            ErrorCode::NoKeyForRecipient,
            "A recipient has no usable key.",
        ),
        FailureKind::KeyChanged => (
            ErrorCode::NoKeyForRecipient,
            "A recipient's key has changed; the person has to decide.",
        ),
        FailureKind::NoKey => (
            ErrorCode::NoKeyForEncryption,
            "There is no key to write with.",
        ),
        FailureKind::TooLarge => (ErrorCode::EncryptQuotaSize, "It is too large."),
        FailureKind::Locked => (ErrorCode::PwdDialogCancel, "Letterlock is locked."),
        _ => (ErrorCode::NoConnection, "It could not be sealed."),
    };
    Return::Error {
        code,
        message: message.to_owned(),
    }
}
