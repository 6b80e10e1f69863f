//! Reading a message and changing what is known about it.

use std::collections::HashMap;

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use crypto_core::{
    mime::Attachment,
    vault::{Batch, Namespace},
};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    client::Client,
    error::ClientError,
    jmap,
    lines::fill,
    local,
    open::{OpenedMail, person},
    ports::Platform,
    send::set_error,
    session::{Session, StoredSummary},
    view::{AttachmentInfo, MessageView},
};

/// A file out of a message.
pub struct AttachmentFile {
    /// A safe file name.
    pub name: String,
    /// Media type.
    pub media_type: String,
    /// The bytes.
    pub data: Vec<u8>,
}

impl<P: Platform> Client<P> {
    /// Opens a message, from this device if it is here.
    ///
    /// # Errors
    /// [`ClientError::CannotOpen`] with a sentence for the person; [`ClientError::NotFound`];
    /// [`ClientError::Offline`] when it is not on this device.
    pub async fn read(&self, id: &str) -> Result<MessageView, ClientError> {
        let session = self.open_session()?;
        let (mut stored, opened) = self.open_stored(&session, id).await?;
        fill(&mut stored.summary, &opened);
        let view = MessageView {
            summary: stored.summary.clone(),
            cc: opened.mail.cc.iter().map(person).collect(),
            reply_to: opened.mail.reply_to.iter().map(person).collect(),
            date: opened.mail.date.map(|d| d.0),
            text: opened.mail.text.clone(),
            html: opened.mail.html.clone(),
            inline_pictures: inline_pictures(&opened),
            attachments: opened
                .mail
                .attachments
                .iter()
                .enumerate()
                .map(|(index, a)| AttachmentInfo {
                    index,
                    name: a.name.clone(),
                    media_type: a.media_type.clone(),
                    size: a.data.len() as u64,
                })
                .collect(),
            message_id: opened.mail.message_id.clone().unwrap_or_default(),
            references: opened.mail.references.clone(),
        };
        session.threads.borrow_mut().insert(
            id.to_owned(),
            (view.message_id.clone(), view.references.clone()),
        );
        let changed = session
            .summaries
            .borrow_mut()
            .insert(id.to_owned(), stored.clone())
            .is_none_or(|old| old != stored);
        if changed {
            let mut batch = Batch::default();
            local::put_cached(
                &self.platform,
                &session,
                &mut batch,
                Namespace::Summary,
                id,
                &stored,
            )?;
            local::commit_cache(&self.platform, batch).await?;
        }
        Ok(view)
    }

    /// The bytes of an attachment.
    ///
    /// # Errors
    /// As [`Client::read`].
    pub async fn attachment(&self, id: &str, index: usize) -> Result<AttachmentFile, ClientError> {
        let session = self.open_session()?;
        let (_, opened) = self.open_stored(&session, id).await?;
        opened
            .mail
            .attachments
            .into_iter()
            .nth(index)
            .map(|a| AttachmentFile {
                name: a.name,
                media_type: a.media_type,
                data: a.data,
            })
            .ok_or(ClientError::NotFound)
    }

    /// Marks read or unread, starred or not; `None` leaves a mark as it is.
    ///
    /// # Errors
    /// [`ClientError::Offline`], [`ClientError::NotFound`].
    pub async fn set_flags(
        &self,
        id: &str,
        seen: Option<bool>,
        flagged: Option<bool>,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let keywords: Vec<(&str, bool)> = [("$seen", seen), ("$flagged", flagged)]
            .into_iter()
            .filter_map(|(keyword, set)| Some((keyword, set?)))
            .collect();
        self.set_keywords(&session, id, &keywords).await?;
        self.alter(&session, id, |line| {
            line.summary.seen = seen.unwrap_or(line.summary.seen);
            line.summary.flagged = flagged.unwrap_or(line.summary.flagged);
        })
        .await
    }

    /// Moves a message to one mailbox.
    ///
    /// # Errors
    /// [`ClientError::Offline`], [`ClientError::NotFound`].
    pub async fn move_to(&self, id: &str, mailbox_id: &str) -> Result<(), ClientError> {
        let session = self.open_session()?;
        self.update_email(&session, id, json!({"mailboxIds": {mailbox_id: true}}))
            .await?;
        self.alter(&session, id, |line| {
            line.summary.mailbox_ids = vec![mailbox_id.to_owned()];
        })
        .await
    }

    pub(crate) async fn set_keywords(
        &self,
        session: &Session,
        id: &str,
        keywords: &[(&str, bool)],
    ) -> Result<(), ClientError> {
        let mut patch = serde_json::Map::new();
        for (keyword, set) in keywords {
            let value = if *set { json!(true) } else { Value::Null };
            patch.insert(format!("keywords/{keyword}"), value);
        }
        self.update_email(session, id, Value::Object(patch)).await
    }

    async fn update_email(
        &self,
        session: &Session,
        id: &str,
        patch: Value,
    ) -> Result<(), ClientError> {
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![(
                "Email/set",
                json!({"accountId": session.account_id(), "update": {id: patch}}),
                "0",
            )],
        )
        .await?;
        let done: Value = answers.take("0", "Email/set")?;
        match done.get("notUpdated").and_then(|n| n.get(id)) {
            None => Ok(()),
            error => Err(set_error("Email/set", error)),
        }
    }

    /// Changes a line of the list here, as the server has changed it there.
    async fn alter(
        &self,
        session: &Session,
        id: &str,
        change: impl FnOnce(&mut StoredSummary),
    ) -> Result<(), ClientError> {
        let line = session.summaries.borrow().get(id).cloned();
        let Some(mut line) = line else {
            return Ok(());
        };
        change(&mut line);
        session
            .summaries
            .borrow_mut()
            .insert(id.to_owned(), line.clone());
        let mut batch = Batch::default();
        local::put_cached(
            &self.platform,
            session,
            &mut batch,
            Namespace::Summary,
            id,
            &line,
        )?;
        local::commit_cache(&self.platform, batch).await.map(drop)
    }

    async fn open_stored(
        &self,
        session: &Session,
        id: &str,
    ) -> Result<(StoredSummary, OpenedMail), ClientError> {
        let stored = session.summaries.borrow().get(id).cloned();
        let stored = stored.ok_or(ClientError::NotFound)?;
        let kept: Option<Vec<u8>> =
            local::get(&self.platform, session, Namespace::Message, id).await?;
        let raw = match kept {
            Some(raw) => Zeroizing::new(raw),
            None => {
                let bytes = jmap::download(&self.platform, session, &stored.blob_id).await?;
                self.unwrap(session, &bytes).await?
            }
        };
        let opened = self.open_raw(session, id, &raw).await?;
        Ok((stored, opened))
    }
}

/// Pictures up to this size are shown inside the HTML.
const INLINE_UP_TO: usize = 2 << 20;

/// The pictures that HTML can name by Content-ID (RFC 2392).
fn inline_pictures(opened: &OpenedMail) -> HashMap<String, String> {
    pictures(opened.mail.html.is_some(), &opened.mail.attachments)
}

/// Of these files, the pictures that HTML can name, as `data:` URLs.
pub(crate) fn pictures(has_html: bool, files: &[Attachment]) -> HashMap<String, String> {
    if !has_html {
        return HashMap::new();
    }
    files
        .iter()
        .filter(|a| {
            a.data.len() <= INLINE_UP_TO
                && matches!(
                    a.media_type.as_str(),
                    "image/png" | "image/jpeg" | "image/gif" | "image/webp"
                )
        })
        .filter_map(|a| {
            let data = BASE64.encode(&a.data);
            Some((
                a.content_id.clone()?,
                format!("data:{};base64,{data}", a.media_type),
            ))
        })
        .collect()
}
