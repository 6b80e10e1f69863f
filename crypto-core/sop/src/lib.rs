//! The Stateless OpenPGP interface over `crypto-core`.
//!
//! [`Sop`] implements [`sop::SOP`], so that Rust programs written against that trait run on
//! Letterlock; the program `letterlock-sop` puts the command line of
//! draft-dkg-openpgp-stateless-cli in front of it. Here are no rules about keys and signatures:
//! those are `crypto-core`'s. What is here are the words of the draft, its objects (one file may
//! hold many certificates, armored or not) and its answers.
//!
//! ```
//! use letterlock_sop::Sop;
//! use sop::{SOP, Load, Save};
//!
//! # fn main() -> sop::Result<()> {
//! let sop = Sop::new();
//! let key = sop.generate_key()?.userid("Ann <ann@example.org>").generate()?;
//! let certificate = sop.extract_cert()?.keys(&key)?;
//! let (_, sealed) = sop.encrypt()?.with_certs(&certificate)?
//!     .plaintext(&mut &b"hello"[..])?.to_vec()?;
//! let (_, opened) = sop.decrypt()?.with_keys(&key)?
//!     .ciphertext(&mut sealed.as_slice())?.to_vec()?;
//! assert_eq!(opened, b"hello");
//! # Ok(())
//! # }
//! ```

mod errors;
mod objects;
mod ops;
mod passwords;

use std::cell::Cell;
use std::time::{SystemTime, UNIX_EPOCH};

use crypto_core::{
    ids::UnixTime,
    openpgp::{Limits, Purpose},
};
pub use errors::Precise;
pub use objects::{Certs, Keys, Sigs};
use sop::{SOP, ops as verbs};

/// The version of the draft that the verbs and exit codes follow.
pub const SPECIFICATION: &str = "~draft-dkg-openpgp-stateless-cli-14";

/// What a message may ask for: more than a mail in a browser, since files come this way too.
pub(crate) fn limits() -> Limits {
    Limits {
        decompressed: 1 << 30,
        ..Limits::default()
    }
}

/// Letterlock's implementation of Stateless OpenPGP.
#[derive(Debug)]
pub struct Sop {
    now: UnixTime,
    purpose: Purpose,
    precise: Cell<Option<Precise>>,
}

impl Default for Sop {
    fn default() -> Self {
        Self::new()
    }
}

impl Sop {
    /// Judges and signs at the time of this call.
    pub fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs());
        Self {
            now: UnixTime(now),
            purpose: Purpose::default(),
            precise: Cell::new(None),
        }
    }

    /// Encrypts for this purpose, which the trait has no word for.
    #[must_use]
    pub fn for_purpose(mut self, purpose: Purpose) -> Self {
        self.purpose = purpose;
        self
    }

    /// The draft's answer to the last failure, if [`sop::errors::Error`] has no name for it.
    pub fn precise_error(&self) -> Option<Precise> {
        self.precise.get()
    }
}

impl<'s> SOP<'s> for Sop {
    type Keys = Keys<'s>;
    type Certs = Certs<'s>;
    type Sigs = Sigs<'s>;

    fn spec_version(&'s self) -> &'static str {
        SPECIFICATION
    }

    fn sopv_version(&'s self) -> sop::Result<&'static str> {
        Ok("1.0")
    }

    fn version(&self) -> sop::Result<Box<dyn verbs::Version<'_>>> {
        Ok(Box::new(ops::version::Version))
    }

    fn generate_key(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::GenerateKey<'s, Self, Self::Keys> + 's>> {
        Ok(Box::new(ops::generate::GenerateKey::new(self)))
    }

    fn change_key_password(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::ChangeKeyPassword<'s, Self, Self::Keys> + 's>> {
        Ok(Box::new(ops::keys::ChangeKeyPassword::new(self)))
    }

    fn revoke_key(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::RevokeKey<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::keys::RevokeKey::new(self)))
    }

    fn extract_cert(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::ExtractCert<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::keys::ExtractCert(self)))
    }

    fn update_key(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::UpdateKey<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::keys::UpdateKey::new(self)))
    }

    fn merge_certs(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::MergeCerts<'s, Self, Self::Certs> + 's>> {
        Ok(Box::new(ops::certs::MergeCerts::new(self)))
    }

    fn certify_userid(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::CertifyUserID<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::certs::CertifyUserId::new(self)))
    }

    fn validate_userid(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::ValidateUserID<'s, Self, Self::Certs> + 's>> {
        Ok(Box::new(ops::certs::ValidateUserId::new(self)))
    }

    fn sign(&'s self) -> sop::Result<Box<dyn verbs::Sign<'s, Self, Self::Keys, Self::Sigs> + 's>> {
        Ok(Box::new(ops::sign::Sign::new(self)))
    }

    fn verify(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::Verify<'s, Self, Self::Certs, Self::Sigs> + 's>> {
        Ok(Box::new(ops::verify::Verify::new(self)))
    }

    fn encrypt(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::Encrypt<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::encrypt::Encrypt::new(self)))
    }

    fn decrypt(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::Decrypt<'s, Self, Self::Certs, Self::Keys> + 's>> {
        Ok(Box::new(ops::decrypt::Decrypt::new(self)))
    }

    fn armor(&'s self) -> sop::Result<Box<dyn verbs::Armor<'s> + 's>> {
        Ok(Box::new(ops::armor::Armor::default()))
    }

    fn dearmor(&'s self) -> sop::Result<Box<dyn verbs::Dearmor<'s> + 's>> {
        Ok(Box::new(ops::armor::Dearmor))
    }

    fn inline_detach(&'s self) -> sop::Result<Box<dyn verbs::InlineDetach<'s, Self::Sigs> + 's>> {
        Ok(Box::new(ops::verify::InlineDetach(self)))
    }

    fn inline_verify(
        &'s self,
    ) -> sop::Result<Box<dyn verbs::InlineVerify<'s, Self, Self::Certs> + 's>> {
        Ok(Box::new(ops::verify::InlineVerify::new(self)))
    }

    fn inline_sign(&'s self) -> sop::Result<Box<dyn verbs::InlineSign<'s, Self, Self::Keys> + 's>> {
        Ok(Box::new(ops::sign::InlineSign::new(self)))
    }
}
