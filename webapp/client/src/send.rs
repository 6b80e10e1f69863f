//! Sending: sealed in the client, laid sealed into the outbox first, handed to the server then.
//!
//! The order matters on bad days. A message is on this device, durable, before the server hears
//! of it; it leaves the outbox only when the server has said that it was delivered. When the
//! answer is lost, the next attempt finds the imported copy by its bytes (`alreadyExists`,
//! RFC 8621, section 4.8) and sees from its mailbox whether it went out.

use crypto_core::{
    keyring::EncryptFor,
    mime::{self, OutgoingMail, OutgoingPart, make_message_id},
    openpgp::{Audience, Certificate},
    vault::{Batch, Namespace, ObjectStore},
};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    account::normalize_address,
    client::{Client, Progress},
    error::ClientError,
    jmap, local,
    ports::{Entropy, Platform},
    session::Session,
    view::{MailboxRole, Outgoing, Person, RecipientState, SendOutcome, Step},
};

/// A message that waits in [`Namespace::Outbox`], ready to go.
#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    /// The finished, encrypted message.
    #[serde(with = "serde_bytes")]
    raw: Vec<u8>,
    /// Where it goes.
    recipients: Vec<String>,
    /// The email that is answered by it.
    in_reply_to: Option<String>,
    /// When it was handed over, Unix seconds.
    since: u64,
}

impl<P: Platform> Client<P> {
    /// Seals a message to its recipients and to oneself, signs it, and sends it.
    ///
    /// # Errors
    /// [`ClientError::NoKey`] or [`ClientError::KeyChanged`] before anything is sent;
    /// [`ClientError::BadInput`] without recipients; [`ClientError::TooLarge`]. When the server
    /// cannot be reached the answer is [`SendOutcome::Queued`], not an error.
    pub async fn send(
        &self,
        outgoing: &Outgoing,
        progress: Progress<'_>,
    ) -> Result<SendOutcome, ClientError> {
        let session = self.open_session()?;
        progress(Step::Sealing);
        let (recipients, certificates) = self.recipients(&session, outgoing).await?;
        let mail = self.outgoing_mail(&session, outgoing)?;
        let payload =
            mime::build_payload(&mail).map_err(|e| ClientError::BadInput(e.to_string()))?;
        let sealed = self.seal_message(&session, &payload, &certificates).await?;
        let raw = mime::build_encrypted(&mail, &sealed)
            .map_err(|e| ClientError::BadInput(e.to_string()))?;
        let id = mail.message_id.clone();
        let waiting = Waiting {
            raw,
            recipients,
            in_reply_to: outgoing.in_reply_to.clone(),
            since: self.now().0,
        };
        let _sending = self.sending.lock().await;
        let mut batch = Batch::default();
        local::put_cached(
            &self.platform,
            &session,
            &mut batch,
            Namespace::Outbox,
            &id,
            &waiting,
        )?;
        let stored = match self.platform.store().commit(batch).await {
            Ok(()) => true,
            // No room to be safe in: still better to send now than not at all.
            Err(crypto_core::vault::StoreError::Full) => false,
            Err(other) => return Err(other.into()),
        };
        progress(Step::Sending);
        match self.deliver(&session, &id, &waiting).await {
            Ok(()) => Ok(SendOutcome::Sent),
            Err(ClientError::Offline | ClientError::TooManyRequests) if stored => {
                Ok(SendOutcome::Queued)
            }
            Err(error) => {
                // The person has the text before them and decides; it must not go out later
                // behind their back.
                let mut batch = Batch::default();
                local::remove_cached(&session, &mut batch, Namespace::Outbox, &id);
                self.platform.store().commit(batch).await?;
                Err(error)
            }
        }
    }

    /// How many messages wait to be sent.
    ///
    /// # Errors
    /// [`ClientError::Locked`], store errors.
    pub async fn outbox_len(&self) -> Result<usize, ClientError> {
        let session = self.open_session()?;
        let loaded = local::load::<Waiting>(&self.platform, &session, Namespace::Outbox).await?;
        Ok(loaded.objects.len())
    }

    /// Sends what waits. Answers how many went out.
    ///
    /// # Errors
    /// [`ClientError::Offline`]; a message the server refuses stays and is the error.
    pub async fn flush_outbox(&self) -> Result<usize, ClientError> {
        let session = self.open_session()?;
        let _sending = self.sending.lock().await;
        let loaded = local::load::<Waiting>(&self.platform, &session, Namespace::Outbox).await?;
        let mut waiting: Vec<_> = loaded
            .objects
            .into_iter()
            .map(|(id, _, w)| (id.0, w))
            .collect();
        waiting.sort_by_key(|(_, w)| w.since);
        let mut sent = 0;
        for (id, message) in waiting {
            self.deliver(&session, &id, &message).await?;
            sent += 1;
        }
        Ok(sent)
    }

    /// The certificates of all recipients, or an error that names those without.
    async fn recipients(
        &self,
        session: &Session,
        outgoing: &Outgoing,
    ) -> Result<(Vec<String>, Vec<Certificate>), ClientError> {
        let mut addresses = Vec::new();
        let mut missing = Vec::new();
        for person in outgoing.to.iter().chain(&outgoing.cc) {
            match normalize_address(&person.address) {
                Some(address) if !addresses.contains(&address) => addresses.push(address),
                Some(_) => {}
                None => missing.push(person.address.clone()),
            }
        }
        if addresses.is_empty() && missing.is_empty() {
            return Err(ClientError::BadInput("Add at least one recipient.".into()));
        }
        let mut certificates = Vec::new();
        for address in &addresses {
            match self.recipient(address).await? {
                RecipientState::Ready { .. } => {}
                RecipientState::KeyChanged { .. } => {
                    return Err(ClientError::KeyChanged(address.clone()));
                }
                RecipientState::Unknown => return Err(ClientError::Offline),
                _ => {
                    missing.push(address.clone());
                    continue;
                }
            }
            match self.certificate_for(session, address).await? {
                Some(certificate) => {
                    self.remember(session, address, &certificate, "", None)
                        .await?;
                    certificates.push(certificate);
                }
                None => missing.push(address.clone()),
            }
        }
        if missing.is_empty() {
            Ok((addresses, certificates))
        } else {
            Err(ClientError::NoKey(missing))
        }
    }

    fn outgoing_mail(
        &self,
        session: &Session,
        outgoing: &Outgoing,
    ) -> Result<OutgoingMail, ClientError> {
        let me = session.me();
        let domain = me.address.rsplit('@').next().unwrap_or("localhost");
        let mut random = [0; 16];
        self.platform.entropy().rng().fill_bytes(&mut random);
        let message_id =
            make_message_id(&random, domain).map_err(|e| ClientError::Internal(e.to_string()))?;
        let answered = outgoing
            .in_reply_to
            .as_ref()
            .and_then(|id| session.threads.borrow().get(id).cloned());
        let (in_reply_to, references) = match answered {
            Some((message_id, mut references)) => {
                references.push(message_id.clone());
                (Some(message_id), references)
            }
            None => (None, Vec::new()),
        };
        let address = |p: &Person| mime::Address::new(p.name.clone(), p.address.trim());
        Ok(OutgoingMail {
            from: address(&me),
            to: outgoing.to.iter().map(address).collect(),
            cc: outgoing.cc.iter().map(address).collect(),
            subject: outgoing.subject.clone(),
            date: self.now(),
            message_id,
            in_reply_to,
            references,
            text: outgoing.text.clone(),
            html: None,
            attachments: outgoing
                .attachments
                .iter()
                .map(|a| OutgoingPart {
                    name: a.name.clone(),
                    media_type: a.media_type.clone(),
                    data: a.data.clone(),
                })
                .collect(),
        })
    }

    /// Encrypts to the recipients and oneself, signed with one's own key.
    async fn seal_message(
        &self,
        session: &Session,
        payload: &[u8],
        certificates: &[Certificate],
    ) -> Result<Vec<u8>, ClientError> {
        let own = session.own_certificate().ok_or(ClientError::Locked)?;
        let slot = session
            .own_slot
            .borrow()
            .clone()
            .ok_or(ClientError::Locked)?;
        let mut recipients: Vec<&Certificate> = vec![&own];
        recipients.extend(
            certificates
                .iter()
                .filter(|c| c.fingerprint() != own.fingerprint()),
        );
        let keyring = session.keyring.borrow().clone();
        let for_whom = EncryptFor {
            recipients: &recipients,
            passwords: &[],
            signer: Some(&slot),
            now: self.now(),
            armor: true,
        };
        // Their owners' private keys are in Letterlock, which reads what goes to the post-quantum
        // key alone. To both keys of a certificate, it would be no better protected against
        // whoever records it today than by the classical one.
        keyring
            .encrypt_to(
                self.platform.engine(),
                &mut self.platform.entropy().rng(),
                payload,
                &for_whom,
                Audience::PostQuantum,
            )
            .await
            .map_err(|e| ClientError::CannotOpen(format!("The message could not be sealed: {e}.")))
    }

    /// Hands a finished message to the server and removes it from the outbox.
    async fn deliver(
        &self,
        session: &Session,
        id: &str,
        waiting: &Waiting,
    ) -> Result<(), ClientError> {
        let (drafts, sent) = self.sending_mailboxes(session).await?;
        let blob = jmap::upload(
            &self.platform,
            session,
            "message/rfc822",
            waiting.raw.clone(),
        )
        .await?;
        let account = session.account_id();
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![
                (
                    "Identity/get",
                    json!({"accountId": account, "ids": null}),
                    "i",
                ),
                (
                    "Email/import",
                    json!({
                        "accountId": account,
                        "emails": {"m": {
                            "blobId": blob,
                            "mailboxIds": {drafts.as_str(): true},
                            "keywords": {"$seen": true, "$draft": true},
                        }},
                    }),
                    "m",
                ),
            ],
        )
        .await?;
        let identities: Value = answers.take("i", "Identity/get")?;
        let identity = identities
            .pointer("/list/0/id")
            .and_then(Value::as_str)
            .ok_or_else(|| ClientError::Protocol("no identity".into()))?
            .to_owned();
        let imported: Value = answers.take("m", "Email/import")?;
        let email_id = match imported.pointer("/created/m/id").and_then(Value::as_str) {
            Some(new) => new.to_owned(),
            None => {
                let existing = imported
                    .pointer("/notCreated/m/existingId")
                    .and_then(Value::as_str)
                    .ok_or_else(|| set_error("Email/import", imported.pointer("/notCreated/m")))?
                    .to_owned();
                if self.is_in(session, &existing, &sent).await? {
                    return self.sent(session, id, waiting).await;
                }
                existing
            }
        };
        self.submit(session, &email_id, &identity, waiting, &drafts, &sent)
            .await?;
        self.sent(session, id, waiting).await
    }

    async fn submit(
        &self,
        session: &Session,
        email_id: &str,
        identity: &str,
        waiting: &Waiting,
        drafts: &str,
        sent: &str,
    ) -> Result<(), ClientError> {
        let account = session.account_id();
        let from = session.header.borrow().address.clone();
        let recipients: Vec<Value> = waiting
            .recipients
            .iter()
            .map(|r| json!({"email": r}))
            .collect();
        let mut patch = serde_json::Map::new();
        patch.insert(format!("mailboxIds/{drafts}"), Value::Null);
        patch.insert(format!("mailboxIds/{sent}"), json!(true));
        patch.insert("keywords/$draft".into(), Value::Null);
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![(
                "EmailSubmission/set",
                json!({
                    "accountId": account,
                    "create": {"s": {
                        "emailId": email_id,
                        "identityId": identity,
                        "envelope": {"mailFrom": {"email": from}, "rcptTo": recipients},
                    }},
                    "onSuccessUpdateEmail": {"#s": patch},
                }),
                "s",
            )],
        )
        .await?;
        let submitted: Value = answers.take("s", "EmailSubmission/set")?;
        if submitted
            .pointer("/created/s")
            .is_some_and(|v| !v.is_null())
        {
            return Ok(());
        }
        // The copy in Drafts would look like unfinished work.
        let _best_effort = jmap::call(
            &self.platform,
            session,
            vec![(
                "Email/set",
                json!({"accountId": account, "destroy": [email_id]}),
                "d",
            )],
        )
        .await;
        Err(set_error(
            "EmailSubmission/set",
            submitted.pointer("/notCreated/s"),
        ))
    }

    async fn is_in(
        &self,
        session: &Session,
        email_id: &str,
        mailbox: &str,
    ) -> Result<bool, ClientError> {
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![(
                "Email/get",
                json!({
                    "accountId": session.account_id(),
                    "ids": [email_id],
                    "properties": ["id", "mailboxIds"],
                }),
                "g",
            )],
        )
        .await?;
        let got: Value = answers.take("g", "Email/get")?;
        Ok(got
            .pointer("/list/0/mailboxIds")
            .and_then(|m| m.get(mailbox))
            .and_then(Value::as_bool)
            .unwrap_or(false))
    }

    /// The message is on its way: it leaves the outbox.
    async fn sent(
        &self,
        session: &Session,
        id: &str,
        waiting: &Waiting,
    ) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        local::remove_cached(session, &mut batch, Namespace::Outbox, id);
        self.platform.store().commit(batch).await?;
        if let Some(answered) = &waiting.in_reply_to {
            // A mark of convenience: that it fails does not make the message unsent.
            let _best_effort = self
                .set_keywords(session, answered, &[("$answered", true)])
                .await;
        }
        Ok(())
    }

    async fn sending_mailboxes(&self, session: &Session) -> Result<(String, String), ClientError> {
        if session.mailboxes.borrow().is_empty() {
            self.sync_mailboxes(session, &mut crate::sync::SyncReport::default())
                .await?;
        }
        let find = |role| {
            session
                .mailboxes
                .borrow()
                .iter()
                .find(|m| m.role == role)
                .map(|m| m.id.clone())
                .ok_or_else(|| ClientError::Protocol(format!("no {role:?} mailbox")))
        };
        Ok((find(MailboxRole::Drafts)?, find(MailboxRole::Sent)?))
    }
}

/// A JMAP SetError as ours.
pub(crate) fn set_error(method: &str, error: Option<&Value>) -> ClientError {
    let kind = error
        .and_then(|e| e.get("type"))
        .and_then(Value::as_str)
        .unwrap_or("?");
    match kind {
        "tooLarge" | "overQuota" => ClientError::TooLarge,
        "rateLimit" => ClientError::TooManyRequests,
        "notFound" => ClientError::NotFound,
        "invalidRecipients" => {
            let who = error
                .and_then(|e| e.get("invalidRecipients"))
                .and_then(Value::as_array)
                .map(|a| {
                    a.iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect()
                })
                .unwrap_or_default();
            ClientError::NoKey(who)
        }
        _ => ClientError::Protocol(format!("{method}: {kind}")),
    }
}
