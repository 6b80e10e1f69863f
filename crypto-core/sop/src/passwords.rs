//! Passwords as the draft has them: made clean when something is locked, tried as they are too
//! when something is unlocked.

use crypto_core::{
    openpgp::{Limits, SecretCertificate},
    secret::Passphrase,
};
use sop::{Password, Result, errors::Error, plumbing::PasswordsAreHumanReadable};

use crate::errors;

/// The form to lock something with.
pub(crate) fn normalized(password: &Password) -> Result<Passphrase> {
    match std::str::from_utf8(password.normalized()) {
        Ok(text) if !text.is_empty() => Ok(Passphrase::new(text.to_owned())),
        _ => Err(Error::PasswordNotHumanReadable),
    }
}

/// Passwords that may unlock something.
#[derive(Default)]
pub(crate) struct Passwords(Vec<Passphrase>);

impl Passwords {
    /// Takes a password in, in all its forms that are text. One that has none opens nothing here,
    /// and is not left out silently.
    pub(crate) fn add(&mut self, password: &Password) -> Result<()> {
        let before = self.0.len();
        for form in password.variants() {
            if let Ok(text) = std::str::from_utf8(form) {
                self.0.push(Passphrase::new(text.to_owned()));
            }
        }
        if self.0.len() == before {
            return Err(Error::PasswordNotHumanReadable);
        }
        Ok(())
    }

    pub(crate) fn all(&self) -> Vec<&Passphrase> {
        self.0.iter().collect()
    }

    /// Unlocks what these passwords open.
    pub(crate) fn unlock(&self, key: &SecretCertificate) -> Result<SecretCertificate> {
        if !key.is_locked() || self.0.is_empty() {
            return Ok(key.clone());
        }
        key.unlock_each(&self.all(), &Limits::default())
            .map_err(errors::unlock)
    }

    /// The password that opens the primary key, if it is locked.
    pub(crate) fn of_primary(&self, key: &SecretCertificate) -> Result<Option<&Passphrase>> {
        if !key.is_primary_locked() {
            return Ok(None);
        }
        for password in &self.0 {
            let tried = key
                .unlock_each(&[password], &Limits::default())
                .map_err(errors::unlock)?;
            if !tried.is_primary_locked() {
                return Ok(Some(password));
            }
        }
        Err(Error::KeyIsProtected)
    }

    /// Unlocks a key as a whole.
    pub(crate) fn unlock_all(&self, key: &SecretCertificate) -> Result<SecretCertificate> {
        let unlocked = self.unlock(key)?;
        if unlocked.is_locked() {
            Err(Error::KeyIsProtected)
        } else {
            Ok(unlocked)
        }
    }
}
