//! Whole messages: built and read back, quoted from RFC 9788, and made to deceive.

mod hostile;
mod limits;
mod rfc9788;
mod round_trip;
mod sealed;

use super::*;
use crate::ids::UnixTime;

/// What stands around a payload when its own outer fields do not matter.
const OUTER: &[u8] = b"From: <outer@example.org>\r\nSubject: [...]\r\n\r\n";

const ARMOR: &[u8] =
    b"-----BEGIN PGP MESSAGE-----\n\nhF4DAAAAAAAAAAA=\n=AAAA\n-----END PGP MESSAGE-----\n";

const SIGNATURE: &[u8] =
    b"-----BEGIN PGP SIGNATURE-----\n\nwsAAAA==\n=AAAA\n-----END PGP SIGNATURE-----\n";

fn letter() -> OutgoingMail {
    OutgoingMail {
        from: Address::new("Alice Exämple", "alice@example.org"),
        to: vec![Address::new("Bob", "bob@example.net")],
        cc: vec![Address::new("", "carol@example.com")],
        subject: "Pläne für Freitag".into(),
        date: UnixTime(1_700_000_000),
        message_id: "0123@example.org".into(),
        in_reply_to: Some("parent@example.net".into()),
        references: vec!["root@example.net".into(), "parent@example.net".into()],
        text: "Hallo Bob,\n\nbis Freitag. \n".into(),
        html: None,
        attachments: Vec::new(),
    }
}

fn string(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Header block with folds undone.
fn header_of(message: &[u8]) -> String {
    let text = string(message);
    let (header, _) = text.split_once("\r\n\r\n").unwrap();
    header.replace("\r\n ", " ").replace("\r\n\t", " ")
}

fn read_alone(raw: &str) -> ReadMail {
    read(raw.as_bytes(), None, &Limits::DEFAULT).unwrap()
}

fn read_inside(payload: &str) -> ReadMail {
    read(payload.as_bytes(), Some(OUTER), &Limits::DEFAULT).unwrap()
}
