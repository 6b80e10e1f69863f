//! Keyed hashes of Message-IDs, the only trace of them that is kept.

use mail_parser::HeaderValue;

use super::parse;
use crate::secret::ServerSecret;

/// As many ids are looked at; a message that names more is somebody's joke.
const MAX: usize = 64;

/// What stands for a message's own id and for those it refers to, nearest first.
pub(crate) fn references(secret: &ServerSecret, account: i64, message: &[u8]) -> Vec<[u8; 32]> {
    let Some(parsed) = parse::header(message) else {
        return Vec::new();
    };
    let own = parsed.message_id().map(str::to_owned).into_iter();
    let ids = own
        .chain(list(parsed.in_reply_to()))
        .chain(list(parsed.references()).into_iter().rev())
        .take(MAX);
    let mut hashes = Vec::new();
    for id in ids {
        let hash = secret.message_reference(account, &id);
        if !hashes.contains(&hash) {
            hashes.push(hash);
        }
    }
    hashes
}

fn list(value: &HeaderValue<'_>) -> Vec<String> {
    value
        .as_text_list()
        .map(|ids| ids.iter().map(|id| id.clone().into_owned()).collect())
        .unwrap_or_default()
}
