//! Letterlock's core: everything that touches a secret, and nothing that touches the world.
//!
//! The crate performs no I/O, reads no clock and makes no randomness: time, random number
//! generators, storage and the engine for bulk data are handed in. It therefore runs unchanged
//! in a browser's worker, in an extension's background, on a server and in a test.
//!
//! | module | what it is for |
//! |---|---|
//! | [`everyday`] | the five everyday jobs, the short and safe way |
//! | [`openpgp`] | certificates, messages, signatures, verdicts (RFC 9580, RFC 9980) |
//! | [`bulk`] | the port through which bulk data is encrypted and hashed |
//! | [`mime`] | PGP/MIME and header protection (RFC 3156, RFC 9788) |
//! | [`kdf`] | a passphrase becomes one secret for login and one for unlocking |
//! | [`srp`] | login without the server learning the passphrase (RFC 5054) |
//! | [`vault`] | every stored object sealed on its own |
//! | [`keyring`] | locked and unlocked private keys, named by slot |
//!
//! # What may change
//!
//! Errors, profiles and results are `#[non_exhaustive]`: they grow without breaking anybody.
//! Verdicts ([`openpgp::SignatureVerdict`], [`openpgp::CertificateStatus`], [`mime::Structure`]) and
//! the algorithms of [`bulk`] are exhaustive on purpose: whoever judges by a verdict, or computes
//! for an algorithm, must be told by the compiler when there is a new one. Requests are plain
//! structs; a new field in one is a new major version.
//!
//! Types of other crates in the interface are these, and no others: the traits of [`random`],
//! [`secret::Zeroizing`] and [`secret::Zeroize`], and serde's traits on the types of [`ids`] and
//! [`keyring::SlotId`]. Use them from here, and their versions fit.

pub mod bulk;
pub mod everyday;
mod hex;
pub mod ids;
pub mod kdf;
pub mod keyring;
pub mod mime;
pub mod openpgp;
pub mod random;
pub mod secret;
pub mod srp;
pub mod vault;
