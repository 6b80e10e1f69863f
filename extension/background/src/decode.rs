//! From a message to a request of one closed enum, with bounds on everything that is long.
//!
//! The functions take any deserializer, so that the browser's objects and a fuzzer's JSON go the
//! same way. A message that does not decode ends the connection; nothing of it is used.

use ext_protocol::{api, content, envelope::Call, frame, page, transfer};
use serde::{Deserialize, Deserializer};

/// The longest armored message: 64 MiB.
pub const ARMOR_LIMIT: usize = 64 * 1024 * 1024;
/// The longest text of a letter: 16 MiB.
pub const TEXT_LIMIT: usize = 16 * 1024 * 1024;
/// The longest key file or certificate, as text: 1 MiB and what base64 adds.
pub const KEYS_LIMIT: usize = 1_400_000;
/// The longest name, address, subject, password and the like.
pub const LINE_LIMIT: usize = 4096;
/// The most people in one list.
pub const PEOPLE_LIMIT: usize = 500;
/// The longest Autocrypt header field, in characters.
pub const AUTOCRYPT_LIMIT: usize = 10_240;
/// The most addresses in `validKeyForAddress`.
const LOOKUP_LIMIT: usize = 100;
/// The most attachments and files in one list.
const FILES_LIMIT: usize = 200;
/// A part in base64.
const PART_LIMIT: usize = transfer::PART_BYTES.div_ceil(3) * 4;

/// A message that is no request, or too long a one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It is none of the closed enum.
    #[error("not a request of this peer")]
    NotARequest,
    /// Something in it is longer than anything true.
    #[error("something is too long")]
    TooLong,
}

/// Decodes what a content script sent.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_content<'de, D: Deserializer<'de>>(
    message: D,
) -> Result<Call<content::Request>, DecodeError> {
    bounded(message, content_fits)
}

/// Decodes what a frame sent.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_frame<'de, D: Deserializer<'de>>(
    message: D,
) -> Result<Call<frame::Request>, DecodeError> {
    bounded(message, frame_fits)
}

/// Decodes what a page of ours sent.
///
/// # Errors
/// See [`DecodeError`].
pub fn decode_page<'de, D: Deserializer<'de>>(
    message: D,
) -> Result<Call<page::Request>, DecodeError> {
    // Our own pages speak for the person, whose files have their limit where they are put together.
    bounded(message, |request| match request {
        page::Request::Part(part) => part_fits(part),
        _ => true,
    })
}

/// For a fuzzer: all three, of the same JSON. Answers how many took it.
#[must_use]
pub fn decode_any(json: &[u8]) -> usize {
    let one = |took: bool| usize::from(took);
    let read = serde_json::Deserializer::from_slice;
    one(decode_content(&mut read(json)).is_ok())
        + one(decode_frame(&mut read(json)).is_ok())
        + one(decode_page(&mut read(json)).is_ok())
}

fn bounded<'de, R: Deserialize<'de>, D: Deserializer<'de>>(
    message: D,
    fits: impl Fn(&R) -> bool,
) -> Result<Call<R>, DecodeError> {
    let call = Call::<R>::deserialize(message).map_err(|_| DecodeError::NotARequest)?;
    if fits(&call.request) {
        Ok(call)
    } else {
        Err(DecodeError::TooLong)
    }
}

fn line(text: &str) -> bool {
    text.len() <= LINE_LIMIT
}

fn lines(texts: &[String], most: usize) -> bool {
    texts.len() <= most && texts.iter().all(|text| line(text))
}

fn part_fits(part: &transfer::Part) -> bool {
    part.data.0.len() <= PART_LIMIT
}

fn person(person: &ext_protocol::view::Person) -> bool {
    line(&person.name) && line(&person.address)
}

fn recipients(all: &content::Recipients) -> bool {
    let people = [&all.to, &all.cc, &all.bcc];
    people.iter().map(|list| list.len()).sum::<usize>() <= PEOPLE_LIMIT
        && people.into_iter().flatten().all(person)
}

fn content_fits(request: &content::Request) -> bool {
    use content::Request as R;
    match request {
        R::Hello | R::AsksApi => true,
        R::OpenReader {
            source,
            sender,
            message_id,
            message,
        } => {
            let source = match source {
                content::Source::Inline { armored } => armored.len() <= ARMOR_LIMIT,
                content::Source::Attachments { attachments } => {
                    attachments.len() <= FILES_LIMIT
                        && attachments
                            .iter()
                            .all(|one| line(&one.name) && line(&one.media_type))
                }
            };
            source && person(sender) && line(message_id) && line(message)
        }
        R::OpenEditor(opening) => {
            line(&opening.from)
                && recipients(&opening.recipients)
                && line(&opening.subject)
                && opening.typed.len() <= TEXT_LIMIT
                && opening.draft_key.len() <= 200
                && opening.quote.as_deref().is_none_or(line)
        }
        R::Recipients {
            frame,
            recipients: all,
            draft_key,
        } => line(frame) && recipients(all) && line(draft_key),
        R::Closed { frame } | R::Fetched { frame, .. } => line(frame),
        R::Part(part) => part_fits(part),
        R::Inserted { frame, failed } => line(frame) && lines(failed, 20),
        R::Autocrypt { header, from, .. } => header.len() <= AUTOCRYPT_LIMIT && line(from),
        R::SelfTest(test) => {
            line(&test.provider)
                && lines(&test.missing, 100)
                && lines(&test.fallbacks, 100)
                && lines(&test.found, 100)
        }
        R::Api { call } => api_fits(call),
    }
}

fn api_fits(call: &api::Call) -> bool {
    use api::Call as C;
    match call {
        C::GetKeyring { keyring }
        | C::CreateKeyring { keyring }
        | C::KeyBackup { keyring }
        | C::RestoreBackup { keyring } => line(keyring),
        C::ValidKeyForAddress { keyring, addresses } => {
            line(keyring) && lines(addresses, LOOKUP_LIMIT)
        }
        C::ExportOwnPublicKey { keyring, address } => line(keyring) && line(address),
        C::ImportPublicKey { keyring, armored } => line(keyring) && armored.len() <= KEYS_LIMIT,
        C::HasPrivateKey {
            keyring,
            fingerprint,
            address,
        } => {
            line(keyring)
                && fingerprint.as_deref().is_none_or(line)
                && address.as_deref().is_none_or(line)
        }
        C::AdditionalHeaders { keyring, from } => line(keyring) && line(from),
        C::ProcessAutocrypt {
            keyring,
            autocrypt,
            from,
            ..
        } => line(keyring) && autocrypt.len() <= AUTOCRYPT_LIMIT && line(from),
        C::Display {
            keyring,
            armored,
            sender,
        } => line(keyring) && armored.len() <= ARMOR_LIMIT && line(sender),
        C::Editor { keyring, options } => {
            let text = |text: &Option<String>| text.as_ref().is_none_or(|t| t.len() <= TEXT_LIMIT);
            let armor =
                |armor: &Option<String>| armor.as_ref().is_none_or(|a| a.len() <= ARMOR_LIMIT);
            line(keyring)
                && armor(&options.armored_draft)
                && text(&options.predefined_text)
                && armor(&options.quoted_mail)
                && text(&options.quoted_mail_header)
        }
        C::Encrypt { frame, recipients } => line(frame) && lines(recipients, PEOPLE_LIMIT),
        C::CreateDraft { frame }
        | C::Generate { frame }
        | C::GenerateConfirmed { frame, .. }
        | C::WaitFor { frame } => line(frame),
        C::KeyGen { keyring, user_ids } => {
            line(keyring)
                && user_ids.len() <= 20
                && user_ids
                    .iter()
                    .all(|one| line(&one.email) && line(&one.full_name))
        }
        C::OpenSettings => true,
    }
}

fn frame_fits(request: &frame::Request) -> bool {
    use frame::Request as R;
    let password = |password: &Option<String>| password.as_deref().is_none_or(line);
    match request {
        R::Hello { token, parent } => line(token) && parent.as_deref().is_none_or(line),
        R::Open {
            password: given, ..
        } => password(given),
        R::Recipients { addresses } => lines(addresses, PEOPLE_LIMIT),
        R::AcceptKey {
            address,
            fingerprint,
        } => line(address) && line(fingerprint),
        R::SaveDraft(draft) => draft_fits(draft),
        R::Encrypt(outgoing) => {
            draft_fits(&outgoing.draft)
                && recipients(&outgoing.recipients)
                && password(&outgoing.password)
        }
        R::Part(part) => part_fits(part),
        R::InsertPlain { text, subject } => text.len() <= TEXT_LIMIT && line(subject),
        R::Generate { name } => line(name),
        R::Height { .. }
        | R::Unlock
        | R::Attachment { .. }
        | R::Answer { .. }
        | R::ImportKey
        | R::Discard
        | R::Confirm
        | R::Cancel => true,
    }
}

fn draft_fits(draft: &frame::Draft) -> bool {
    line(&draft.subject)
        && draft.text.len() <= TEXT_LIMIT
        && draft
            .html
            .as_ref()
            .is_none_or(|html| html.len() <= TEXT_LIMIT)
        && draft.files.len() <= FILES_LIMIT
        && draft
            .files
            .iter()
            .all(|file| line(&file.name) && line(&file.media_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn content(value: Value) -> Result<(), DecodeError> {
        decode_content(value).map(drop)
    }

    #[test]
    fn requests_of_the_peer_are_taken() {
        for request in [
            json!({"type": "hello"}),
            json!({"type": "api", "call": {"method": "getKeyring", "keyring": ""}}),
            json!({"type": "closed", "frame": "x"}),
            json!({"type": "api", "call": {"method": "editor", "keyring": "", "options": {
                "quota": null, "signMsg": true, "armoredDraft": null, "predefinedText": "x",
                "quotedMail": null, "quotedMailIndent": null, "quotedMailHeader": null,
                "keepAttachments": false}}}),
        ] {
            let call = json!({"id": 1, "request": request});
            assert!(content(call.clone()).is_ok(), "{call}");
        }
    }

    #[test]
    fn a_content_script_cannot_speak_as_a_page_or_a_frame() {
        for request in [
            json!({"type": "unlock", "passphrase": "x"}),
            json!({"type": "status"}),
            json!({"type": "lock"}),
            json!({"type": "open", "remote": false, "password": null}),
            json!({"type": "confirm"}),
            json!({"type": "exportPrivateKey", "fingerprint": "A", "passphrase": "x",
                   "exportPassphrase": "y"}),
        ] {
            let call = json!({"id": 1, "request": request});
            assert_eq!(
                content(call.clone()),
                Err(DecodeError::NotARequest),
                "{call}"
            );
        }
    }

    #[test]
    fn prototypes_and_strangers_in_objects_are_refused() {
        for text in [
            r#"{"id":1,"request":{"type":"hello"},"__proto__":{"x":1}}"#,
            r#"{"id":1,"request":{"type":"closed","frame":"x","__proto__":{"admin":true}}}"#,
            r#"{"id":1,"request":{"type":"api","call":{"method":"getKeyring","keyring":"","__proto__":{}}}}"#,
            r#"{"id":1,"request":{"type":"api","call":{"method":"constructor","keyring":""}}}"#,
            r#"{"id":1,"request":{"type":"__proto__"}}"#,
            r#"{"id":-1,"request":{"type":"hello"}}"#,
            r#"{"id":4294967296,"request":{"type":"hello"}}"#,
            r#"[1,[]]"#,
        ] {
            let read = decode_content(&mut serde_json::Deserializer::from_str(text));
            assert_eq!(read.map(drop), Err(DecodeError::NotARequest), "{text}");
        }
    }

    #[test]
    fn what_stands_beside_a_request_without_fields_is_dropped() {
        // serde does not look at it; nothing of it is kept.
        let text = r#"{"id":1,"request":{"type":"hello","__proto__":{"admin":true}}}"#;
        let call = decode_content(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert!(matches!(call.request, content::Request::Hello));
    }

    #[test]
    fn lengths_are_bounded() {
        let long = "x".repeat(LINE_LIMIT + 1);
        let many: Vec<String> = vec!["a@b.c".into(); LOOKUP_LIMIT + 1];
        for request in [
            json!({"type": "closed", "frame": long}),
            json!({"type": "api", "call": {"method": "createKeyring", "keyring": long}}),
            json!({"type": "api", "call": {"method": "validKeyForAddress", "keyring": "", "addresses": many}}),
            json!({"type": "api", "call": {"method": "processAutocrypt", "keyring": "",
                   "autocrypt": "x".repeat(AUTOCRYPT_LIMIT + 1), "from": "a@b.c", "date": 1}}),
            json!({"type": "part", "file": 1, "data": "A".repeat(PART_LIMIT + 1), "last": true}),
        ] {
            let call = json!({"id": 1, "request": request});
            assert_eq!(content(call), Err(DecodeError::TooLong));
        }
    }

    #[test]
    fn the_fuzzers_door_takes_anything() {
        assert_eq!(decode_any(b""), 0);
        assert_eq!(decode_any(br#"{"id":1,"request":{"type":"hello"}}"#), 1);
        assert_eq!(decode_any(&[0xff; 64]), 0);
    }
}
