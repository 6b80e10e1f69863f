//! What content scripts ask. They find things in pages; they get addresses for frames, heights
//! and ciphertext, and never a word of plaintext.

use std::{collections::BTreeMap, rc::Rc};

use ext_protocol::{
    content::{Answer, EditorOpening, Event, Recipients, Request, Source},
    envelope::Call,
    failure::{Failure, FailureKind},
    frame,
    view::VaultState,
};
use mail_client::sites::Ring;

use crate::{
    autocrypt_from,
    background::{Background, Connected},
    failure::{failed, failure},
    frames::{Kind, New, Place},
    host::{Host, Memory, PortId},
    sender::{FRAME_ELSEWHERE_FILE, FRAME_FILE, Peer, Spot},
    settings::SITES_KEY,
    sites,
};

/// Texts that the content script shows in the page; `content_KEY` in `_locales`.
const STRINGS: [&str; 12] = [
    "composeButton",
    "composeButtonShort",
    "readerTitle",
    "editorTitle",
    "containerTitle",
    "showOriginal",
    "showOpened",
    "closeEditor",
    "unlockHint",
    "failed",
    "couldNotInsert",
    "keptFiles",
];

/// The role of a page's own view of a message's source.
const SOURCE_ROLE: &str = "rawSource";
/// How long after a click in a reader its text may be quoted, milliseconds.
const QUOTE_MILLIS: u64 = 60_000;

impl<H: Host> Background<H> {
    /// A content script said something.
    pub fn content_call(self: &Rc<Self>, port: PortId, call: Call<Request>) {
        let Some(connected) = self.connected(port) else {
            return;
        };
        let Peer::Content(spot) = connected.peer.clone() else {
            return self.refuse(port);
        };
        let limiter = format!("{} {}", spot.tab, spot.origin);
        if !self
            .content_calls
            .borrow_mut()
            .allows(&limiter, self.host.now())
        {
            return self.refuse(port);
        }
        let id = call.id;
        // Parts come in order and belong to what comes next: they are taken at once.
        if let Request::Part(part) = &call.request {
            let taken = self.take_part(&connected, part).map(|()| Answer::Done);
            return self.reply::<_, Event>(port, id, taken);
        }
        let this = Rc::clone(self);
        self.host.spawn(async move {
            let answer = this.content_answer(&connected, &spot, call.request).await;
            this.reply::<_, Event>(port, id, answer);
        });
    }

    async fn content_answer(
        self: &Rc<Self>,
        port: &Connected,
        spot: &Spot,
        request: Request,
    ) -> Result<Answer, Failure> {
        let on = self.sites.borrow().on(&self.rules.borrow(), &spot.origin);
        match request {
            Request::Hello => {
                // After the answer, so that the script knows first where it is.
                let (this, spot, id) = (Rc::clone(self), spot.clone(), port.id);
                let answer = self.welcome(&spot.origin);
                self.host
                    .spawn(async move { this.deliver_queued(&spot, id) });
                return Ok(answer);
            }
            Request::AsksApi => {
                self.note_asks_api(spot).await;
                return Ok(Answer::Done);
            }
            Request::Closed { frame } => {
                let ours = self.frames.borrow().placed_by(&frame, spot).is_some();
                if ours {
                    self.forget_frame(&frame);
                }
                return Ok(Answer::Done);
            }
            _ if !on.scan && !on.api => return Err(not_switched_on()),
            _ => {}
        }
        match request {
            Request::OpenReader {
                source,
                sender,
                message_id,
                message,
            } => {
                // Files have to be fetched by the page, which does not know the frame yet.
                let armored = match &source {
                    Source::Inline { armored } => Some(armored.len()),
                    Source::Attachments { .. } => None,
                };
                let kind = Kind::Reader {
                    source,
                    sender,
                    message_id,
                    message,
                    by_api: false,
                };
                let made = self.make_frame(spot, None, kind, Recipients::default())?;
                if let (Answer::Frame { frame, .. }, Some(armored)) = (&made, armored)
                    && self.vault_state() == VaultState::Unlocked
                {
                    self.open_ahead(frame);
                    self.expect_height(spot, frame, armored);
                }
                Ok(made)
            }
            Request::OpenEditor(opening) => self.open_editor(spot, opening),
            Request::Recipients {
                frame,
                recipients,
                draft_key,
            } => {
                self.placed_by(&frame, spot)?;
                self.frames
                    .borrow_mut()
                    .set_recipients(&frame, recipients.clone());
                let changed = self.frame(&frame)?;
                self.keep_frame(&changed);
                self.tell_frame(&frame, frame::Event::Recipients(recipients));
                self.rename_draft(&changed, &draft_key).await?;
                Ok(Answer::Done)
            }
            Request::Fetched {
                frame,
                attachment,
                file,
            } => {
                self.placed_by(&frame, spot)?;
                let data = file.and_then(|file| port.parts.borrow_mut().take(file));
                let waiting = self.waits.fetches.borrow_mut().remove(&(frame, attachment));
                if let Some(waiting) = waiting {
                    // The reader may have given up.
                    let _gone = waiting.send(data);
                }
                Ok(Answer::Done)
            }
            Request::Inserted { frame, failed } => {
                self.placed_by(&frame, spot)?;
                if let Some(waiting) = self.waits.inserts.borrow_mut().remove(&frame) {
                    let _gone = waiting.send(failed);
                }
                Ok(Answer::Done)
            }
            Request::Autocrypt { header, from, date } => {
                self.may_show_sources(&spot.origin)?;
                let from = autocrypt_from::one_writer(&from)
                    .ok_or_else(|| failed(FailureKind::WrongKind, "not one writer"))?;
                let client = self.unlocked().await?;
                client
                    .process_autocrypt(&Ring::Main, &header, &from, date)
                    .await
                    .map_err(failure)?;
                Ok(Answer::Done)
            }
            Request::SelfTest(test) => {
                {
                    let rules = self.rules.borrow().clone();
                    let test = sites::with_selectors(&rules, test);
                    let mut sites = self.sites.borrow_mut();
                    sites.entry(&rules, &spot.origin).self_test = Some(test);
                }
                self.write_sites().await;
                Ok(Answer::Done)
            }
            Request::Api { call } if on.api => {
                let result = self.api_call(spot, call).await;
                Ok(Answer::Api { result })
            }
            Request::Api { .. } => {
                self.note_asks_api(spot).await;
                Err(not_switched_on())
            }
            Request::Hello | Request::AsksApi | Request::Closed { .. } | Request::Part(_) => {
                Ok(Answer::Done)
            }
        }
    }

    /// A key may come from the source of a message only where we know what the page's own view of
    /// a source is. In any other page somebody's mail could pass for one.
    fn may_show_sources(&self, origin: &str) -> Result<(), Failure> {
        let rules = self.rules.borrow();
        let known = sites::built_in(&rules, origin)
            .is_some_and(|provider| provider.selectors.contains_key(SOURCE_ROLE));
        let on = self.sites.borrow().on(&rules, origin);
        if known && on.scan {
            Ok(())
        } else {
            Err(failed(
                FailureKind::NotAllowed,
                "no source of a message is known here",
            ))
        }
    }

    fn welcome(&self, origin: &str) -> Answer {
        let rules = self.rules.borrow();
        let on = self.sites.borrow().on(&rules, origin);
        let provider = sites::provider(&rules, origin).filter(|_| on.scan).cloned();
        let mut strings = BTreeMap::new();
        for key in STRINGS {
            strings.insert(key.to_owned(), self.host.text(&format!("content_{key}")));
        }
        Answer::Welcome {
            provider,
            api: on.api,
            strings,
            vault: self.vault_state(),
        }
    }

    /// Makes a frame for a page; its address goes to the content script. A page that has too many,
    /// or makes them too fast, gets none.
    pub(crate) fn make_frame(
        self: &Rc<Self>,
        spot: &Spot,
        ring: Option<mail_client::sites::SiteKeyring>,
        kind: Kind,
        recipients: Recipients,
    ) -> Result<Answer, Failure> {
        let now = self.host.now();
        if !self.new_frames.borrow_mut().allows(&spot.origin, now) {
            return Err(failed(FailureKind::TooLarge, "too many frames at once"));
        }
        let new = New {
            place: Place::Page(spot.clone()),
            ring,
            kind,
            recipients,
        };
        let (made, gone) = self.frames.borrow_mut().make(
            new,
            now,
            |id| self.frame_port(id).is_some(),
            || self.host.random(),
        );
        for old in gone {
            self.close_frame(&old);
        }
        let Some(made) = made else {
            return Err(failed(FailureKind::TooLarge, "too many frames"));
        };
        self.keep_frame(&made.frame);
        let fixed = sites::built_in(&self.rules.borrow(), &spot.origin).is_some();
        let file = if fixed {
            FRAME_FILE
        } else {
            FRAME_ELSEWHERE_FILE
        };
        Ok(Answer::Frame {
            frame: made.frame.id,
            url: format!("{}#{}", self.host.address(file, fixed), made.token),
        })
    }

    fn open_editor(
        self: &Rc<Self>,
        spot: &Spot,
        opening: EditorOpening,
    ) -> Result<Answer, Failure> {
        if let Some(quoted) = &opening.quote {
            // Only what stands in the same tab and site can be quoted.
            let frames = self.frames.borrow();
            let near = frames
                .get(quoted)
                .and_then(|frame| frame.spot())
                .is_some_and(|at| at.tab == spot.tab && at.origin == spot.origin);
            // The page can press its own buttons, but not ours: one click, one quotation.
            let pressed = self.may_quote.borrow_mut().remove(quoted);
            let now = self.host.now();
            let is_meant = pressed.is_some_and(|at| now.saturating_sub(at) < QUOTE_MILLIS);
            if !near || !is_meant {
                return Err(Failure::new(FailureKind::NotFound));
            }
        }
        let recipients = opening.recipients.clone();
        self.make_frame(spot, None, Kind::Editor(opening), recipients)
    }

    /// A frame that this very document placed.
    fn placed_by(&self, frame: &str, spot: &Spot) -> Result<(), Failure> {
        match self.frames.borrow().placed_by(frame, spot) {
            Some(_) => Ok(()),
            None => Err(Failure::new(FailureKind::NotFound)),
        }
    }

    /// The page would like the client API: the icon says so, the page never does.
    async fn note_asks_api(self: &Rc<Self>, spot: &Spot) {
        let changed = {
            let rules = self.rules.borrow().clone();
            let mut sites = self.sites.borrow_mut();
            if sites.on(&rules, &spot.origin).api {
                return;
            }
            let choice = sites.entry(&rules, &spot.origin);
            !std::mem::replace(&mut choice.asks_api, true)
        };
        self.host.badge(Some(spot.tab), true);
        if changed {
            self.write_sites().await;
            self.show_icon();
        }
    }

    pub(crate) async fn write_sites(&self) {
        let text = serde_json::to_string(&*self.sites.borrow()).unwrap_or_default();
        self.host.keep(Memory::Disk, SITES_KEY, &text).await;
    }
}

fn not_switched_on() -> Failure {
    failed(FailureKind::NotAllowed, "this site is not switched on")
}
