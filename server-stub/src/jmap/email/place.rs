//! Where an email lies and how it is marked: mailboxes and keywords, whole or as a patch.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::{
    ids::Kind,
    jmap::{context::Context, error::SetError},
    store::mailboxes::MailboxRow,
};

/// The most keywords of one email.
const MAX_KEYWORDS: usize = 100;

/// Mailboxes and keywords of an email.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) mailboxes: BTreeSet<i64>,
    pub(super) keywords: BTreeSet<String>,
}

/// True for a keyword in lower case (RFC 8621, section 4.1.1).
pub(super) fn is_keyword(text: &str) -> bool {
    (1..=255).contains(&text.len())
        && text
            .bytes()
            .all(|b| (0x21..=0x7e).contains(&b) && !b"(){]%*\"\\".contains(&b))
}

impl Place {
    /// Reads `mailboxIds` and `keywords` as a whole.
    pub(super) fn read(
        context: &Context<'_>,
        all: &[MailboxRow],
        mailboxes: Option<&Value>,
        keywords: Option<&Value>,
    ) -> Result<Self, SetError> {
        let mut place = Self::default();
        if let Some(mailboxes) = mailboxes {
            place.set_mailboxes(context, all, mailboxes)?;
        }
        if let Some(keywords) = keywords.filter(|value| !value.is_null()) {
            place.set_keywords(keywords)?;
        }
        place.check()?;
        Ok(place)
    }

    /// Applies an update: whole properties, or single entries by path.
    pub(super) fn patch(
        &mut self,
        context: &Context<'_>,
        all: &[MailboxRow],
        patch: &Map<String, Value>,
    ) -> Result<(), SetError> {
        for (path, value) in patch {
            match path.split_once('/') {
                None if path == "mailboxIds" => self.set_mailboxes(context, all, value)?,
                None if path == "keywords" => self.set_keywords(value)?,
                Some((property, _)) if patch.contains_key(property) => {
                    let why = "the property and a path into it cannot both be given";
                    return Err(SetError::with("invalidPatch", why));
                }
                Some(("mailboxIds", id)) => {
                    let mailbox = find(context, all, &unescape(id));
                    let mailbox = mailbox.ok_or_else(|| no_mailbox(path))?;
                    if is_set(path, value)? {
                        self.mailboxes.insert(mailbox);
                    } else {
                        self.mailboxes.remove(&mailbox);
                    }
                }
                Some(("keywords", keyword)) => {
                    let keyword = unescape(keyword).to_ascii_lowercase();
                    if !is_keyword(&keyword) {
                        return Err(SetError::property(path, "is not a keyword"));
                    }
                    if is_set(path, value)? {
                        self.keywords.insert(keyword);
                    } else {
                        self.keywords.remove(&keyword);
                    }
                }
                _ => return Err(SetError::property(path, "cannot be changed")),
            }
        }
        self.check()
    }

    fn set_mailboxes(
        &mut self,
        context: &Context<'_>,
        all: &[MailboxRow],
        value: &Value,
    ) -> Result<(), SetError> {
        self.mailboxes.clear();
        for id in entries("mailboxIds", value)? {
            let mailbox = find(context, all, id).ok_or_else(|| no_mailbox("mailboxIds"))?;
            self.mailboxes.insert(mailbox);
        }
        Ok(())
    }

    fn set_keywords(&mut self, value: &Value) -> Result<(), SetError> {
        self.keywords.clear();
        for keyword in entries("keywords", value)? {
            let keyword = keyword.to_ascii_lowercase();
            if !is_keyword(&keyword) {
                return Err(SetError::property(
                    "keywords",
                    "one of them is not a keyword",
                ));
            }
            self.keywords.insert(keyword);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), SetError> {
        if self.mailboxes.is_empty() {
            return Err(SetError::property(
                "mailboxIds",
                "an email is in one mailbox at least",
            ));
        }
        if self.keywords.len() > MAX_KEYWORDS {
            return Err(SetError::with(
                "tooManyKeywords",
                "an email has at most 100 keywords",
            ));
        }
        Ok(())
    }
}

fn find(context: &Context<'_>, all: &[MailboxRow], id: &str) -> Option<i64> {
    let number = context.resolve_id(Kind::Mailbox, id)?;
    all.iter().any(|row| row.id == number).then_some(number)
}

fn no_mailbox(property: &str) -> SetError {
    SetError::property(property, "there is no such mailbox")
}

/// The keys of a set written as an object whose values are all true.
fn entries<'a>(
    property: &str,
    value: &'a Value,
) -> Result<impl Iterator<Item = &'a String>, SetError> {
    let map = value
        .as_object()
        .filter(|map| map.values().all(|value| *value == Value::Bool(true)))
        .ok_or_else(|| SetError::property(property, "must map names to true"))?;
    Ok(map.keys())
}

fn is_set(path: &str, value: &Value) -> Result<bool, SetError> {
    match value {
        Value::Bool(true) => Ok(true),
        Value::Null => Ok(false),
        _ => Err(SetError::property(path, "must be true or null")),
    }
}

fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_plain_ascii() {
        assert!(is_keyword("$seen") && is_keyword("a/b"));
        for wrong in ["", "a b", "a(b", "ä", "a\"b", "a\n", "a]b"] {
            assert!(!is_keyword(wrong), "{wrong}");
        }
    }
}
