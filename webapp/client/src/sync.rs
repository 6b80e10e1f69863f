//! Fetching mail: what is new is downloaded, opened once, and kept sealed on this device, so
//! that the next visit draws the list without asking anybody.

use crypto_core::vault::{Batch, Namespace};
use futures::stream::{self, StreamExt as _};
use serde::Deserialize;
use serde_json::json;

use crate::{
    client::{Client, Progress},
    error::ClientError,
    jmap,
    lines::{EmailMeta, apply_meta, blank, fill, role_from},
    local::{self, StoreRoom},
    ports::{HttpRequest, Method, Platform, Transport},
    session::{MAILBOXES_ID, Session, StoredSummary},
    view::{MailboxView, MessageSummary, Notice, Step},
};

/// Messages fetched and opened between two commits.
const BATCH: usize = 50;
/// The first messages of a long synchronisation.
const FIRST_BATCH: usize = 12;
/// Downloads under way at once.
const DOWNLOADS: usize = 6;
/// A message up to this size is kept on the device; a larger one is fetched when it is opened.
const KEEP_UP_TO: u64 = 1 << 20;
/// Ids asked for in one call; servers must take 500 (RFC 8620, section 2, allows less, and ours
/// says so in its session).
const IDS_A_CALL: usize = 250;

/// What the list needs of an email.
const PROPERTIES: [&str; 7] = [
    "id",
    "blobId",
    "threadId",
    "mailboxIds",
    "keywords",
    "size",
    "receivedAt",
];

#[derive(Deserialize)]
struct EmailGet {
    state: String,
    list: Vec<EmailMeta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EmailQuery {
    ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changes {
    new_state: String,
    has_more_changes: bool,
    created: Vec<String>,
    updated: Vec<String>,
    destroyed: Vec<String>,
}

#[derive(Deserialize)]
struct MailboxGet {
    list: Vec<MailboxMeta>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MailboxMeta {
    id: String,
    name: String,
    role: Option<String>,
    #[serde(default)]
    sort_order: u32,
    total_emails: u64,
    unread_emails: u64,
}

/// What a synchronisation found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Messages that are new on this device.
    pub new_messages: usize,
    /// True when anything shown has changed.
    pub changed: bool,
    /// What the person should be told.
    pub notices: Vec<Notice>,
}

impl<P: Platform> Client<P> {
    /// Brings this device up to date: objects, mailboxes, mail; sends what waits.
    ///
    /// # Errors
    /// [`ClientError::Offline`] and whatever the server answers; what was fetched until then
    /// stays.
    pub async fn sync(&self, progress: Progress<'_>) -> Result<SyncReport, ClientError> {
        let session = self.open_session()?;
        let mut report = SyncReport::default();
        self.load_lines(&session).await?;
        self.sync_both_ways(&session, &mut report).await?;
        self.sync_mailboxes(&session, &mut report).await?;
        self.sync_mail(&session, &mut report, progress).await?;
        Ok(report)
    }

    /// Brings keys, contacts and settings up to date, both ways, and nothing else. The directory of
    /// the server learns of a key in use that it does not know yet.
    ///
    /// # Errors
    /// As [`Client::sync`]; [`ClientError::NoServer`].
    pub async fn sync_objects(&self) -> Result<SyncReport, ClientError> {
        let session = self.open_session()?;
        let mut report = SyncReport::default();
        self.sync_both_ways(&session, &mut report).await?;
        self.check_directory(&session).await?;
        Ok(report)
    }

    async fn sync_both_ways(
        &self,
        session: &Session,
        report: &mut SyncReport,
    ) -> Result<(), ClientError> {
        let pulled = crate::objects::pull(&self.platform, session).await?;
        report.changed |= pulled.changed > 0;
        if pulled.store_full {
            report.notices.push(Notice::StorageFull);
        }
        if pulled.new_keys {
            self.load_keys(session).await?;
        }
        if pulled.refused > 0 {
            report.notices.push(Notice::StorageDamaged {
                objects: pulled.refused,
            });
        }
        crate::objects::push(&self.platform, session)
            .await
            .map(drop)
    }

    /// Waits for news from the server and calls `on_change` at each. Ends when the connection
    /// does, or when the client is locked.
    ///
    /// # Errors
    /// [`ClientError::Offline`] when the connection cannot be made.
    pub async fn watch(&self, on_change: &mut dyn FnMut()) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let token = match jmap::current_token(&session) {
            Some(token) => token,
            None => jmap::connect(&self.platform, &session).await?,
        };
        let request = HttpRequest {
            method: Method::Get,
            path: format!(
                "{}?types=*&closeafter=no&ping=30",
                wire::routes::JMAP_EVENTS
            ),
            token: Some(token),
            content_type: None,
            body: Vec::new(),
        };
        self.platform
            .transport()
            .events(request, &mut |data| {
                if session.closed.get() {
                    return false;
                }
                // A ping carries an interval, a state change names what changed.
                if data.contains("StateChange") {
                    on_change();
                }
                true
            })
            .await?;
        Ok(())
    }

    /// The mailboxes as last seen.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn mailboxes(&self) -> Result<Vec<MailboxView>, ClientError> {
        Ok(self.open_session()?.mailboxes.borrow().clone())
    }

    /// The messages of a mailbox, newest first.
    ///
    /// # Errors
    /// [`ClientError::Locked`].
    pub fn messages(&self, mailbox_id: &str) -> Result<Vec<MessageSummary>, ClientError> {
        let session = self.open_session()?;
        let summaries = session.summaries.borrow();
        let mut found: Vec<_> = summaries
            .values()
            .filter(|s| s.summary.mailbox_ids.iter().any(|m| m == mailbox_id))
            .map(|s| s.summary.clone())
            .collect();
        found.sort_by(|a, b| (b.received_at, &b.id).cmp(&(a.received_at, &a.id)));
        Ok(found)
    }

    pub(crate) async fn sync_mailboxes(
        &self,
        session: &Session,
        report: &mut SyncReport,
    ) -> Result<(), ClientError> {
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![(
                "Mailbox/get",
                json!({"accountId": session.account_id(), "ids": null}),
                "0",
            )],
        )
        .await?;
        let mut got: MailboxGet = answers.take("0", "Mailbox/get")?;
        got.list
            .sort_by(|a, b| (a.sort_order, &a.name).cmp(&(b.sort_order, &b.name)));
        let views: Vec<MailboxView> = got
            .list
            .into_iter()
            .map(|m| MailboxView {
                id: m.id,
                name: m.name,
                role: role_from(m.role.as_deref()),
                total: m.total_emails,
                unread: m.unread_emails,
            })
            .collect();
        if *session.mailboxes.borrow() != views {
            report.changed = true;
            let mut batch = Batch::default();
            local::put_cached(
                &self.platform,
                session,
                &mut batch,
                Namespace::State,
                MAILBOXES_ID,
                &views,
            )?;
            session.mailboxes.replace(views);
            self.keep(session, batch, report).await?;
        }
        Ok(())
    }

    async fn sync_mail(
        &self,
        session: &Session,
        report: &mut SyncReport,
        progress: Progress<'_>,
    ) -> Result<(), ClientError> {
        let since = session.sync.borrow().email.clone();
        let (wanted, destroyed, state) = if since.is_empty() {
            self.everything(session).await?
        } else {
            match self.changes(session, since).await {
                Err(error) if jmap::must_start_over(&error) => self.everything(session).await?,
                other => other?,
            }
        };
        self.forget(session, &destroyed, report).await?;
        let total = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        let mut done = 0;
        for ids in wanted.chunks(IDS_A_CALL) {
            let metas = self.metas(session, ids).await?;
            // What a screen shows comes first, so that something is to be seen at once.
            let first = if done == 0 { FIRST_BATCH } else { 0 };
            let (first, rest) = metas.split_at(first.min(metas.len()));
            for some in first.chunks(FIRST_BATCH).chain(rest.chunks(BATCH)) {
                self.take_up(session, some, report).await?;
                done += u32::try_from(some.len()).unwrap_or(0);
                if total > 1 {
                    progress(Step::Synchronising { done, of: total });
                }
                if session.closed.get() {
                    return Err(ClientError::Locked);
                }
            }
        }
        let mut sync = session.sync.borrow().clone();
        if sync.email != state {
            sync.email = state;
            let mut batch = Batch::default();
            local::put_sync(&self.platform, session, &mut batch, &sync)?;
            session.sync.replace(sync);
            self.keep(session, batch, report).await?;
        }
        Ok(())
    }

    /// Every message of the account, newest first; what is here and no longer there is gone.
    async fn everything(
        &self,
        session: &Session,
    ) -> Result<(Vec<String>, Vec<String>, String), ClientError> {
        let account = session.account_id();
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![("Email/get", json!({"accountId": account, "ids": []}), "s")],
        )
        .await?;
        // The state before the query: whatever comes in between shows up as a change later.
        let state = answers.take::<EmailGet>("s", "Email/get")?.state;
        let mut ids: Vec<String> = Vec::new();
        loop {
            let mut answers = jmap::call(
                &self.platform,
                session,
                vec![(
                    "Email/query",
                    json!({
                        "accountId": account,
                        "sort": [{"property": "receivedAt", "isAscending": false}],
                        "position": ids.len(),
                        "limit": IDS_A_CALL,
                    }),
                    "q",
                )],
            )
            .await?;
            let page: EmailQuery = answers.take("q", "Email/query")?;
            let got = page.ids.len();
            ids.extend(page.ids);
            if got == 0 {
                break;
            }
        }
        let there: std::collections::HashSet<&String> = ids.iter().collect();
        let gone = session
            .summaries
            .borrow()
            .keys()
            .filter(|id| !there.contains(id))
            .cloned()
            .collect();
        Ok((ids, gone, state))
    }

    async fn changes(
        &self,
        session: &Session,
        mut since: String,
    ) -> Result<(Vec<String>, Vec<String>, String), ClientError> {
        let (mut wanted, mut destroyed) = (Vec::new(), Vec::new());
        loop {
            let mut answers = jmap::call(
                &self.platform,
                session,
                vec![(
                    "Email/changes",
                    json!({"accountId": session.account_id(), "sinceState": since, "maxChanges": IDS_A_CALL}),
                    "0",
                )],
            )
            .await?;
            let changes: Changes = answers.take("0", "Email/changes")?;
            wanted.extend(changes.created);
            wanted.extend(changes.updated);
            destroyed.extend(changes.destroyed);
            let stuck = changes.new_state == since;
            since = changes.new_state;
            if !changes.has_more_changes || stuck {
                return Ok((wanted, destroyed, since));
            }
        }
    }

    async fn metas(
        &self,
        session: &Session,
        ids: &[String],
    ) -> Result<Vec<EmailMeta>, ClientError> {
        let mut answers = jmap::call(
            &self.platform,
            session,
            vec![(
                "Email/get",
                json!({"accountId": session.account_id(), "ids": ids, "properties": PROPERTIES}),
                "0",
            )],
        )
        .await?;
        Ok(answers.take::<EmailGet>("0", "Email/get")?.list)
    }

    /// Downloads and opens what is new, updates flags of what is known, commits once.
    async fn take_up(
        &self,
        session: &Session,
        metas: &[EmailMeta],
        report: &mut SyncReport,
    ) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        let mut lines = Vec::with_capacity(metas.len());
        let fresh = |meta: &&EmailMeta| {
            session
                .summaries
                .borrow()
                .get(&meta.id)
                .is_none_or(|s| s.blob_id != meta.blob_id || s.summary.problem.is_some())
        };
        let (new, known): (Vec<&EmailMeta>, Vec<&EmailMeta>) = metas.iter().partition(fresh);
        let downloads = stream::iter(new)
            .map(|meta| async move {
                (
                    meta,
                    jmap::download(&self.platform, session, &meta.blob_id).await,
                )
            })
            .buffered(DOWNLOADS);
        futures::pin_mut!(downloads);
        // Opened as they come: the network works on while this one does.
        while let Some((meta, download)) = downloads.next().await {
            let stored = match download {
                // Destroyed between the list and the download.
                Err(ClientError::NotFound) => continue,
                other => other?,
            };
            let line = self.first_look(session, meta, &stored, &mut batch).await?;
            report.new_messages += 1;
            lines.push(line);
        }
        for meta in known {
            let line = session.summaries.borrow().get(&meta.id).cloned();
            if let Some(mut line) = line {
                apply_meta(&mut line.summary, meta);
                lines.push(line);
            }
        }
        for line in lines {
            let id = line.summary.id.clone();
            if session.summaries.borrow().get(&id) == Some(&line) {
                continue;
            }
            report.changed = true;
            local::put_cached(
                &self.platform,
                session,
                &mut batch,
                Namespace::Summary,
                &id,
                &line,
            )?;
            session.summaries.borrow_mut().insert(id, line);
        }
        self.keep(session, batch, report).await
    }

    /// Opens a downloaded message for its line in the list.
    async fn first_look(
        &self,
        session: &Session,
        meta: &EmailMeta,
        stored: &[u8],
        batch: &mut Batch,
    ) -> Result<StoredSummary, ClientError> {
        let mut summary = blank(meta);
        apply_meta(&mut summary, meta);
        match self.unwrap(session, stored).await {
            Ok(raw) => {
                if meta.size <= KEEP_UP_TO {
                    local::put_cached(
                        &self.platform,
                        session,
                        batch,
                        Namespace::Message,
                        &meta.id,
                        &*raw,
                    )?;
                }
                match self.open_raw(session, &meta.id, &raw).await {
                    Ok(opened) => fill(&mut summary, &opened),
                    Err(ClientError::CannotOpen(why)) => summary.problem = Some(why),
                    Err(other) => return Err(other),
                }
            }
            Err(ClientError::CannotOpen(why)) => summary.problem = Some(why),
            Err(other) => return Err(other),
        }
        Ok(StoredSummary {
            summary,
            blob_id: meta.blob_id.clone(),
            size: meta.size,
        })
    }

    async fn forget(
        &self,
        session: &Session,
        ids: &[String],
        report: &mut SyncReport,
    ) -> Result<(), ClientError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        for id in ids {
            if session.summaries.borrow_mut().remove(id).is_some() {
                report.changed = true;
            }
            local::remove_cached(session, &mut batch, Namespace::Summary, id);
            local::remove_cached(session, &mut batch, Namespace::Message, id);
        }
        self.keep(session, batch, report).await
    }

    async fn keep(
        &self,
        session: &Session,
        batch: Batch,
        report: &mut SyncReport,
    ) -> Result<(), ClientError> {
        if batch.put.is_empty() && batch.delete.is_empty() {
            return Ok(());
        }
        if local::commit_cache(&self.platform, batch).await? == StoreRoom::Full {
            session.unkept.set(true);
            if !report.notices.contains(&Notice::StorageFull) {
                report.notices.push(Notice::StorageFull);
            }
        }
        Ok(())
    }
}
