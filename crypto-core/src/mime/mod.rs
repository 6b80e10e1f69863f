//! Mail as bytes: PGP/MIME and header protection (RFC 3156, RFC 9788), both ways.
//!
//! This module encrypts nothing and verifies nothing. It builds the bytes that are to be signed or
//! encrypted, wraps what comes back, and takes received mail apart again.
//!
//! The attacker writes mail: every byte of a received message is chosen by somebody else. So
//!
//! * what a message *is* gets decided at its root and nowhere else ([`inspect`]): an encrypted part
//!   deep in a tree is a file that nobody opens on its own, and plaintext never joins what came
//!   from outside (EFAIL);
//! * what is shown is what was verified: [`read`] is given the decrypted or signed bytes and looks
//!   at nothing else for text and files. Protected header fields win over outer ones as a whole,
//!   and outer fields are never called protected;
//! * lines are split at line ends only, parts and depth are counted before they are parsed, and
//!   every limit has its own error ([`Limits`]);
//! * names of files are made harmless ([`safe_file_name`]) and names of people that try to look
//!   like addresses are reported ([`Address::is_misleading`]).
//!
//! Outgoing, the attacker hides line ends in a name or a subject to add header fields of their
//! own. Addresses and message ids with such characters are refused, texts are cleaned.
//!
//! ```
//! use crypto_core::{ids::UnixTime, mime};
//! let mail = mime::OutgoingMail {
//!     from: mime::Address::new("Alice", "alice@example.org"),
//!     to: vec![mime::Address::new("Bob", "bob@example.net")],
//!     subject: "Dinner".into(),
//!     date: UnixTime(1_700_000_000),
//!     message_id: mime::make_message_id(&[7; 16], "example.org").unwrap(),
//!     text: "At eight?\n".into(),
//!     ..Default::default()
//! };
//! let payload = mime::build_payload(&mail).unwrap(); // to be signed and encrypted
//! let read = mime::read(&payload, Some(b"Subject: [...]\r\n\r\n"), &mime::Limits::DEFAULT).unwrap();
//! assert!(read.headers_protected);
//! assert_eq!(read.subject, "Dinner");
//! assert_eq!(read.text.as_deref(), Some("At eight?\n"));
//! ```

mod address;
mod body;
mod charsets;
mod compose;
mod entity;
mod fields;
mod fragment;
mod headers;
mod inspect;
mod names;
mod read;
mod sealed;
#[cfg(test)]
mod tests;
mod walk;

pub use address::Address;
pub use charsets::{MultiByteDecoder, set_multi_byte_decoder};
pub use compose::{
    BuildError, OutgoingMail, OutgoingPart, build_encrypted, build_payload, build_signed,
    make_message_id, payload_to_sign,
};
pub use entity::{Limits, ReadError};
pub use fragment::build_fragment;
pub use inspect::{Structure, inspect};
pub use names::safe_file_name;
pub use read::{Attachment, HeaderProtection, ReadMail, Warning, read, read_header};
pub use sealed::{is_sealed, sealed_payload, unwrap_sealed, wrap_sealed};
