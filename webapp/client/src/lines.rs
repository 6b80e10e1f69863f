//! Lines of the message list: from what the server says and from the opened message.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    open::person,
    view::{MailboxRole, MessageSummary, Person, Protection, SignatureState, Verdict},
};

/// What the server says of an email.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EmailMeta {
    pub(crate) id: String,
    pub(crate) blob_id: String,
    pub(crate) thread_id: String,
    pub(crate) mailbox_ids: HashMap<String, bool>,
    #[serde(default)]
    pub(crate) keywords: HashMap<String, bool>,
    pub(crate) size: u64,
    pub(crate) received_at: String,
}

/// Fills a line from the opened message.
pub(crate) fn fill(summary: &mut MessageSummary, opened: &crate::open::OpenedMail) {
    summary.from = opened.mail.from.first().map(person).unwrap_or_default();
    summary.to = opened.mail.to.iter().map(person).collect();
    summary.subject = opened.mail.subject.clone();
    summary.preview = preview(opened.mail.text.as_deref().unwrap_or_default());
    summary.has_attachments = !opened.mail.attachments.is_empty();
    summary.verdict = opened.verdict.clone();
    summary.problem = None;
}

/// The first words on one line, at most 140 characters, without quotes.
fn preview(text: &str) -> String {
    let words = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('>'))
        .flat_map(str::split_whitespace);
    let mut out = String::new();
    let mut length = 0;
    for word in words {
        let more = word.chars().count() + usize::from(length > 0);
        if length + more > 140 {
            break;
        }
        if length > 0 {
            out.push(' ');
        }
        out.push_str(word);
        length += more;
    }
    out
}

/// A line of which nothing but its place is known.
pub(crate) fn blank(meta: &EmailMeta) -> MessageSummary {
    MessageSummary {
        id: meta.id.clone(),
        thread_id: meta.thread_id.clone(),
        mailbox_ids: Vec::new(),
        from: Person::default(),
        to: Vec::new(),
        subject: String::new(),
        preview: String::new(),
        received_at: 0,
        seen: false,
        flagged: false,
        answered: false,
        has_attachments: false,
        verdict: Verdict {
            protection: Protection::Open,
            signature: SignatureState::Unsigned,
            headers_protected: false,
        },
        problem: None,
    }
}

/// Takes over what the server knows: place, time, marks.
pub(crate) fn apply_meta(summary: &mut MessageSummary, meta: &EmailMeta) {
    let has = |keyword: &str| meta.keywords.get(keyword).copied().unwrap_or(false);
    summary.mailbox_ids = meta
        .mailbox_ids
        .iter()
        .filter(|(_, inside)| **inside)
        .map(|(id, _)| id.clone())
        .collect();
    summary.mailbox_ids.sort();
    summary.received_at = unix_time(&meta.received_at).unwrap_or(0);
    summary.seen = has("$seen");
    summary.flagged = has("$flagged");
    summary.answered = has("$answered");
}

/// Reads a UTCDate (RFC 8620, section 1.4).
fn unix_time(text: &str) -> Option<u64> {
    let date =
        mail_parser::DateTime::parse_rfc3339(text).filter(mail_parser::DateTime::is_valid)?;
    u64::try_from(date.to_timestamp()).ok()
}

/// A role by its name in the registry (RFC 8621, section 2).
pub(crate) fn role_from(role: Option<&str>) -> MailboxRole {
    match role {
        Some("inbox") => MailboxRole::Inbox,
        Some("sent") => MailboxRole::Sent,
        Some("drafts") => MailboxRole::Drafts,
        Some("archive") => MailboxRole::Archive,
        Some("trash") => MailboxRole::Trash,
        Some("junk") => MailboxRole::Junk,
        _ => MailboxRole::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previews_are_one_short_line_without_quotes() {
        assert_eq!(preview("Hello\n> quoted\n  world\n"), "Hello world");
        let long = preview(&"word ".repeat(100));
        assert!(
            long.chars().count() <= 140 && long.ends_with("word"),
            "{long}"
        );
    }

    #[test]
    fn dates_of_jmap_are_read() {
        assert_eq!(unix_time("1970-01-02T00:00:00Z"), Some(86_400));
        assert_eq!(unix_time("yesterday"), None);
    }
}
