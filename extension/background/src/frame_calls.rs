//! What our frames ask. A frame has proved by its token which one it is, and may ask only what
//! fits what it is for. The page around it can neither speak for it nor read what it is told.

use std::rc::Rc;

use ext_protocol::{
    content,
    envelope::Call,
    failure::{Failure, FailureKind},
    frame::{Answer, Event, Request, Role},
    view::VaultState,
};

use crate::{
    background::{Background, Connected, Decision, part_failure, ring},
    convert,
    failure::failure,
    frames::{Frame, Kind, Standing},
    host::{Host, PortId},
    sender::Peer,
};

impl<H: Host> Background<H> {
    /// A frame said something.
    pub fn frame_call(self: &Rc<Self>, port: PortId, call: Call<Request>) {
        let Some(connected) = self.connected(port) else {
            return;
        };
        let Peer::Frame { tab, alone, top } = &connected.peer else {
            return self.refuse(port);
        };
        let id = call.id;
        if let Request::Hello { token, parent } = &call.request {
            let from = Standing {
                tab: *tab,
                alone: *alone,
                parent: parent.as_deref(),
                top: top.as_deref(),
            };
            return self.hello(&connected, id, token, &from);
        }
        // Before hello it is nobody.
        let Some(frame) = connected.frame.borrow().clone() else {
            return self.refuse(port);
        };
        if let Request::Part(part) = &call.request {
            let taken = {
                let mut files = self.files.borrow_mut();
                files.entry(frame).or_default().add(part)
            };
            let answer = taken.map(|()| Answer::Done).map_err(part_failure);
            return self.reply::<_, Event>(port, id, answer);
        }
        let this = Rc::clone(self);
        self.host.spawn(async move {
            let answer = match this.frame(&frame) {
                Ok(frame) => this.frame_answer(&frame, call.request).await,
                Err(gone) => Err(gone),
            };
            this.reply::<_, Event>(port, id, answer);
        });
    }

    fn hello(self: &Rc<Self>, port: &Connected, id: u32, said: &str, from: &Standing<'_>) {
        let now = self.host.now();
        let greeted = self.frames.borrow_mut().greet(said, from, now);
        let Some((frame, session)) = greeted else {
            return self.refuse(port.id);
        };
        // One frame, one port: an older one is a document that has gone.
        if let Some(older) = self.frame_port(&frame.id).filter(|older| *older != port.id) {
            self.refuse(older);
        }
        port.frame.replace(Some(frame.id.clone()));
        let awaited = self.waits.returns.borrow_mut().remove(&frame.id);
        self.keep_frame(&frame);
        let (this, port) = (Rc::clone(self), port.id);
        self.host.spawn(async move {
            let ready = this.role(&frame).await.map(|role| {
                let kept = this.kept.borrow();
                Answer::Ready {
                    session,
                    role,
                    mark: kept.mark,
                    vault: this.vault_state(),
                    language: kept.language.clone(),
                }
            });
            this.reply::<_, Event>(port, id, ready);
            if let Some(waiting) = awaited {
                // Whoever waited may have lost patience.
                let _gone = waiting.send(());
            }
        });
    }

    async fn role(self: &Rc<Self>, frame: &Frame) -> Result<Role, Failure> {
        Ok(match &*frame.kind {
            Kind::Reader {
                source,
                sender,
                by_api,
                ..
            } => Role::Reader {
                sender: sender.clone(),
                attachments: match source {
                    content::Source::Inline { .. } => Vec::new(),
                    content::Source::Attachments { attachments } => {
                        attachments.iter().map(|one| one.name.clone()).collect()
                    }
                },
                can_answer: !by_api,
            },
            Kind::Editor(opening) => self.editor_role(frame, opening).await?,
            Kind::ApiEditor(options) => self.api_editor_role(frame, options).await?,
            Kind::Generator { people } => Role::Generator {
                people: people.clone(),
            },
            Kind::ConfirmImport {
                user_ids,
                fingerprint,
                replaces,
                origin,
                ..
            } => Role::ConfirmImport {
                user_ids: user_ids.clone(),
                fingerprint: fingerprint.clone(),
                replaces: replaces.clone(),
                origin: origin.clone(),
            },
            Kind::Backup => Role::Backup,
            Kind::Restore => Role::Restore,
        })
    }

    async fn frame_answer(
        self: &Rc<Self>,
        frame: &Frame,
        request: Request,
    ) -> Result<Answer, Failure> {
        let reader = matches!(&*frame.kind, Kind::Reader { .. });
        let editor = matches!(&*frame.kind, Kind::Editor(_) | Kind::ApiEditor(_));
        if shows_a_person(&frame.kind, &request) {
            self.touch();
        }
        match request {
            Request::Height { pixels } => {
                if let Some(spot) = frame.spot() {
                    self.relay_height(spot, &frame.id, pixels);
                }
                Ok(Answer::Done)
            }
            Request::Unlock => {
                self.open_unlock_window().await;
                Ok(Answer::Done)
            }
            Request::Open { password, .. } if reader => self.open_for_reader(frame, password).await,
            Request::Attachment { index } if reader => self.send_attachment(frame, index).await,
            Request::Answer { kind } if reader => {
                if let Some(spot) = frame.spot() {
                    self.answered.borrow_mut().insert(frame.id.clone(), kind);
                    let now = self.host.now();
                    self.may_quote.borrow_mut().insert(frame.id.clone(), now);
                    self.tell_content(
                        spot,
                        content::Event::Answer {
                            frame: frame.id.clone(),
                            kind,
                        },
                    );
                }
                Ok(Answer::Done)
            }
            Request::ImportKey if reader => self.import_attached(frame).await,
            Request::Recipients { addresses } if editor => {
                let client = self.unlocked().await?;
                let origin = frame.spot().map_or("", |spot| spot.origin.as_str());
                let found = self
                    .look_up_for(origin, &client, &ring(&frame.ring), &addresses)
                    .await?;
                Ok(Answer::Recipients {
                    states: found.into_iter().map(convert::found).collect(),
                })
            }
            Request::AcceptKey {
                address,
                fingerprint,
            } => {
                let client = self.unlocked().await?;
                client
                    .accept_key_in(&ring(&frame.ring), &address, &fingerprint)
                    .await
                    .map_err(failure)?;
                self.forget_opened(&frame.id);
                Ok(Answer::Done)
            }
            Request::SaveDraft(draft) if editor => self.save_draft(frame, draft).await,
            Request::Encrypt(outgoing) if editor => self.encrypt(frame, outgoing).await,
            Request::InsertPlain { text, subject } if editor => {
                let subject = (!subject.is_empty()).then_some(subject);
                let inserted = self.insert_into_page(frame, text, subject, Vec::new());
                let answer = inserted.await?;
                // It lies in the page now, for everybody to read; its files do not.
                let kept = self.kept_draft(frame).await?;
                if kept.is_none_or(|kept| kept.draft.files.is_empty()) {
                    self.discard_draft(frame).await?;
                }
                Ok(answer)
            }
            Request::Discard if editor => {
                self.discard_draft(frame).await?;
                self.close_later(frame);
                Ok(Answer::Done)
            }
            Request::Generate { name } if matches!(&*frame.kind, Kind::Generator { .. }) => {
                self.note_early(frame, Decision::Named(name));
                Ok(Answer::Done)
            }
            Request::Confirm => match &*frame.kind {
                Kind::ConfirmImport { .. } | Kind::Generator { .. } => {
                    self.decide(frame, Decision::Confirmed)
                }
                // The page hears of it when the sheet is made, or its keys are there.
                Kind::Backup => {
                    self.sent_away.borrow_mut().insert(frame.id.clone());
                    let address = self.host.address("manager.html", true);
                    self.host.open_tab(&format!("{address}#/keys/sheet"));
                    Ok(Answer::Done)
                }
                Kind::Restore => {
                    self.sent_away.borrow_mut().insert(frame.id.clone());
                    let (page, part) = match self.vault_state() {
                        VaultState::NotSetUp => ("welcome.html", "restore"),
                        VaultState::Locked | VaultState::Unlocked => {
                            ("manager.html", "keys/restore")
                        }
                    };
                    let address = self.host.address(page, true);
                    self.host.open_tab(&format!("{address}#/{part}"));
                    Ok(Answer::Done)
                }
                _ => Err(not_this_frame()),
            },
            Request::Cancel => {
                if let Some(stop) = self.waits.stops.borrow_mut().remove(&frame.id) {
                    let _done_already = stop.send(());
                    return Ok(Answer::Done);
                }
                let content = self.waits.contents.borrow_mut().remove(&frame.id);
                if let Some(waiting) = content {
                    // The page asked for the letter; the person declined, and writes on.
                    let _gone = waiting.send(None);
                    return Ok(Answer::Done);
                }
                let decided = self.decide(frame, Decision::Cancelled);
                if decided.is_err() {
                    self.close_later(frame);
                }
                Ok(Answer::Done)
            }
            _ => Err(not_this_frame()),
        }
    }

    /// Hands a decision to whoever waits for it.
    fn decide(&self, frame: &Frame, decision: Decision) -> Result<Answer, Failure> {
        let waiting = self.waits.decisions.borrow_mut().remove(&frame.id);
        match waiting.map(|waiting| waiting.send(decision)) {
            Some(Ok(())) => Ok(Answer::Done),
            _ => Err(Failure::new(FailureKind::NotFound)),
        }
    }

    /// Hands a decision to whoever waits for it, or will.
    fn note_early(&self, frame: &Frame, decision: Decision) {
        if self.decide(frame, decision.clone()).is_err() {
            self.early.borrow_mut().insert(frame.id.clone(), decision);
        }
    }

    /// A recovery sheet was made, or used: pages that sent the person there go on.
    pub(crate) fn sheet_done(&self, is_it: impl Fn(&Kind) -> bool) {
        let frames: Vec<Frame> = {
            let all = self.frames.borrow();
            let mut sent_away = self.sent_away.borrow_mut();
            all.all()
                .filter(|frame| is_it(&frame.kind) && sent_away.remove(&frame.id))
                .cloned()
                .collect()
        };
        for frame in frames {
            self.note_early(&frame, Decision::Confirmed);
        }
    }

    /// Closes a frame after its answer has gone out.
    pub(crate) fn close_later(self: &Rc<Self>, frame: &Frame) {
        let (this, frame) = (Rc::clone(self), frame.clone());
        self.host.spawn(async move { this.close_frame(&frame) });
    }
}

/// Whether a person must have done something for a frame to ask this. A frame asks the rest by
/// itself, or because the page around it wants it.
fn shows_a_person(kind: &Kind, request: &Request) -> bool {
    match request {
        Request::Attachment { .. } | Request::Answer { .. } | Request::ImportKey => {
            matches!(kind, Kind::Reader { .. })
        }
        // Editors of the client API seal when the page says so.
        Request::SaveDraft(_)
        | Request::Encrypt(_)
        | Request::InsertPlain { .. }
        | Request::Discard => matches!(kind, Kind::Editor(_)),
        Request::AcceptKey { .. } | Request::Generate { .. } | Request::Confirm => true,
        Request::Hello { .. }
        | Request::Height { .. }
        | Request::Unlock
        | Request::Open { .. }
        | Request::Recipients { .. }
        | Request::Part(_)
        | Request::Cancel => false,
    }
}

fn not_this_frame() -> Failure {
    crate::failure::failed(FailureKind::NotAllowed, "not what this frame is for")
}
