//! Telling what plaintext is: a letter, a MIME entity, a file; and armor from what pages put
//! around it.

use crypto_core::{mime, openpgp::DecryptError};
use mail_parser::{HeaderName, MessageParser, MimeHeaders};

use crate::{error::ClientError, files::plain_name};

/// The longest header section of an entity, in bytes.
const MAX_HEAD: usize = 64 << 10;

/// True for a name that says that a file was encrypted, rather than a message: pages give PGP/MIME
/// parts names of their own.
pub(crate) fn is_file_name(name: &str) -> bool {
    const MESSAGES: [&str; 8] = [
        "encrypted.asc",
        "openpgp encrypted message.asc",
        "openpgp_encrypted_message.asc",
        "message.asc",
        "msg.asc",
        "noname",
        "unnamed",
        "pgpmime.asc",
    ];
    let lower = name.trim().to_ascii_lowercase();
    let is_message =
        lower.is_empty() || MESSAGES.contains(&lower.as_str()) || lower.starts_with("att0");
    let plain = plain_name(&lower);
    !is_message && (plain.contains('.') || lower.ends_with(".pgp") || lower.ends_with(".gpg"))
}

/// True when plaintext is a MIME entity: every line of its head is a header field, and one of
/// them is a Content-Type that only programs write.
pub(crate) fn is_entity(bytes: &[u8]) -> bool {
    let within = bytes.get(..bytes.len().min(MAX_HEAD)).unwrap_or_default();
    let text = String::from_utf8_lossy(within);
    let mut head = String::new();
    for line in text.split_inclusive('\n') {
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            break;
        }
        let folded = line.starts_with([' ', '\t']) && !head.is_empty();
        let is_field = line.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_graphic())
        });
        if !folded && !is_field {
            return false;
        }
        head.push_str(line);
    }
    head.push_str("\r\n");
    let Some(message) = MessageParser::default().parse_headers(head.as_bytes()) else {
        return false;
    };
    let Some(part) = message.parts.first() else {
        return false;
    };
    let has = |name: HeaderName<'_>| part.headers.iter().any(|header| header.name == name);
    part.content_type().is_some_and(|kind| {
        kind.subtype().is_some()
            && (kind.ctype().eq_ignore_ascii_case("multipart")
                || kind.attribute("hp").is_some()
                || kind.attribute("protected-headers").is_some()
                || has(HeaderName::MimeVersion)
                || has(HeaderName::ContentTransferEncoding))
    })
}

/// Text without the marks of a quote in front of its armor.
pub(crate) fn unquoted(text: &str) -> String {
    let prefix = text.lines().find_map(|line| {
        let (prefix, rest) = line.split_once("-----BEGIN PGP ")?;
        let is_quote = prefix.chars().all(|c| c == '>' || c == ' ' || c == '\t');
        (is_quote && rest.trim_end().ends_with("-----")).then(|| prefix.to_owned())
    });
    match prefix {
        Some(prefix) if !prefix.is_empty() => {
            let bare = prefix.trim_end();
            let lines = text.lines().map(|line| {
                line.strip_prefix(prefix.as_str())
                    .or_else(|| line.strip_prefix(bare))
                    .unwrap_or(line)
            });
            lines.collect::<Vec<_>>().join("\n")
        }
        _ => text.to_owned(),
    }
}

/// Why a message was not read.
pub(crate) fn read_error(error: mime::ReadError) -> ClientError {
    match error {
        mime::ReadError::TooLarge(_) => ClientError::TooLarge,
        mime::ReadError::NotMail => ClientError::WrongKind("there is no message in it"),
        other => ClientError::CannotOpen(other.to_string()),
    }
}

/// Why a message did not open.
pub(crate) fn decrypt_error(error: DecryptError, with_password: bool) -> ClientError {
    match error {
        DecryptError::NotForUs { password: true, .. } if !with_password => {
            ClientError::PasswordNeeded
        }
        DecryptError::NotForUs { .. } | DecryptError::Locked(_) => ClientError::NoSecretKey,
        DecryptError::WrongPassword => ClientError::WrongPassphrase,
        DecryptError::Damaged | DecryptError::NoIntegrity | DecryptError::Malformed(_) => {
            ClientError::Damaged
        }
        DecryptError::NotEncrypted => ClientError::WrongKind("there is no message in it"),
        DecryptError::LimitExceeded(_) => ClientError::TooLarge,
        other => ClientError::CannotOpen(format!("This message cannot be opened: {other}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_entity, is_file_name, unquoted};

    #[test]
    fn entities_are_told_from_text() {
        for entity in [
            "Content-Type: multipart/mixed; boundary=x\r\n\r\n--x",
            "Subject: a\nContent-Type: text/plain; protected-headers=\"v1\"\n\nhello",
            "Content-Type: text/html;\r\n charset=utf-8\r\nMIME-Version: 1.0\r\n\r\n<p>",
        ] {
            assert!(is_entity(entity.as_bytes()), "{entity}");
        }
        for text in [
            "",
            "hello",
            "Note: bring the map\n\nBob",
            "Content-Type: what is it?\n\nhello",
            "Hello,\nContent-Type: multipart/mixed; boundary=x\n\n",
            "\nContent-Type: multipart/mixed; boundary=x\n\n",
        ] {
            assert!(!is_entity(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn quotes_are_taken_off() {
        let quoted =
            "On Monday:\n> -----BEGIN PGP MESSAGE-----\n>\n> AAAA\n> -----END PGP MESSAGE-----";
        let text = unquoted(quoted);
        assert!(text.contains("\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END"));
        let plain = "a\n-----BEGIN PGP MESSAGE-----\n\nAAAA";
        assert_eq!(unquoted(plain), plain);
    }

    #[test]
    fn files_are_told_from_messages_by_their_names() {
        for file in ["plan.pdf.pgp", "notes.txt.asc", "archive.gpg"] {
            assert!(is_file_name(file), "{file}");
        }
        for message in ["encrypted.asc", "noname", "", "ATT00001.bin", "letter.asc"] {
            assert!(!is_file_name(message), "{message}");
        }
    }
}
