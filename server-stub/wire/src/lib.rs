//! What crosses the network between a Letterlock client and its server.
//!
//! | module | what it holds |
//! |---|---|
//! | [`routes`] | the paths, in one place |
//! | [`auth`] | registration, SRP login, passphrase change |
//! | [`directory`] | looking up another account's certificate |
//! | [`jmap`] | the parts of RFC 8620 and RFC 8621 both sides use |
//! | [`objects`] | sealed objects under a vendor capability of JMAP |
//! | [`problem`] | errors of the plain HTTP routes (RFC 9457) |
//!
//! Bytes are base64url without padding (RFC 4648, section 5) unless a type says otherwise.

pub mod auth;
pub mod bytes;
pub mod directory;
pub mod jmap;
pub mod objects;
pub mod problem;
pub mod routes;

pub use bytes::Base64Bytes;
