//! Verbs about one's own keys: `change-key-password`, `revoke-key`, `extract-cert`, `update-key`.

use crypto_core::{
    openpgp::{Certificate, CertifyError, SecretCertificate, UpdateOptions},
    secret::Passphrase,
};
use rand::rngs::OsRng;
use sop::{Password, Result, errors::Error, ops};

use super::generate::locked;
use crate::{
    Certs, Keys, Sop, errors,
    passwords::{self, Passwords},
};

/// See [`ops::ChangeKeyPassword`].
pub(crate) struct ChangeKeyPassword<'s> {
    sop: &'s Sop,
    new: Option<Passphrase>,
    old: Passwords,
}

impl<'s> ChangeKeyPassword<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            new: None,
            old: Passwords::default(),
        }
    }
}

impl<'s> ops::ChangeKeyPassword<'s, Sop, Keys<'s>> for ChangeKeyPassword<'s> {
    fn new_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn ops::ChangeKeyPassword<'s, Sop, Keys<'s>> + 's>> {
        self.new = Some(passwords::normalized(&password)?);
        Ok(self)
    }

    fn old_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn ops::ChangeKeyPassword<'s, Sop, Keys<'s>> + 's>> {
        self.old.add(&password)?;
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Keys<'s>> {
        let mut changed = Vec::with_capacity(keys.all.len());
        for key in &keys.all {
            let unlocked = self.old.unlock_all(key)?;
            changed.push(match &self.new {
                Some(password) => locked(&unlocked, password)?,
                None => unlocked,
            });
        }
        Ok(Keys::new(self.sop, changed))
    }
}

/// See [`ops::RevokeKey`].
pub(crate) struct RevokeKey<'s> {
    sop: &'s Sop,
    passwords: Passwords,
}

impl<'s> RevokeKey<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            passwords: Passwords::default(),
        }
    }
}

impl<'s> ops::RevokeKey<'s, Sop, Certs<'s>, Keys<'s>> for RevokeKey<'s> {
    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn ops::RevokeKey<'s, Sop, Certs<'s>, Keys<'s>> + 's>> {
        self.passwords.add(&password)?;
        Ok(self)
    }

    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Certs<'s>> {
        let mut revoked = Vec::with_capacity(keys.all.len());
        for key in &keys.all {
            let key = self.passwords.unlock(key)?;
            let revocation = key
                .make_revocation(self.sop.now, &mut OsRng)
                .map_err(errors::lock)?;
            let certificate = key
                .certificate()
                .revoke(revocation.as_bytes())
                .map_err(|_| Error::UnspecifiedFailure)?;
            revoked.push(certificate.only_revocations());
        }
        Ok(Certs::new(self.sop, revoked))
    }
}

/// See [`ops::ExtractCert`].
pub(crate) struct ExtractCert<'s>(pub(crate) &'s Sop);

impl<'s> ops::ExtractCert<'s, Sop, Certs<'s>, Keys<'s>> for ExtractCert<'s> {
    fn keys(self: Box<Self>, keys: &Keys<'s>) -> Result<Certs<'s>> {
        let all = keys.all.iter().map(SecretCertificate::certificate);
        Ok(Certs::new(self.0, all.collect()))
    }
}

/// See [`ops::UpdateKey`].
pub(crate) struct UpdateKey<'s> {
    sop: &'s Sop,
    options: UpdateOptions,
    passwords: Passwords,
    updates: Vec<Certificate>,
}

impl<'s> UpdateKey<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            options: UpdateOptions::new(sop.now),
            passwords: Passwords::default(),
            updates: Vec::new(),
        }
    }
}

impl<'s> ops::UpdateKey<'s, Sop, Certs<'s>, Keys<'s>> for UpdateKey<'s> {
    fn signing_only(
        mut self: Box<Self>,
    ) -> Box<dyn ops::UpdateKey<'s, Sop, Certs<'s>, Keys<'s>> + 's> {
        self.options.signing_only = true;
        self
    }

    fn no_added_capabilities(
        mut self: Box<Self>,
    ) -> Box<dyn ops::UpdateKey<'s, Sop, Certs<'s>, Keys<'s>> + 's> {
        self.options.no_added_capabilities = true;
        self
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn ops::UpdateKey<'s, Sop, Certs<'s>, Keys<'s>> + 's>> {
        self.passwords.add(&password)?;
        Ok(self)
    }

    fn merge_updates(
        mut self: Box<Self>,
        updates: &Certs<'s>,
    ) -> Result<Box<dyn ops::UpdateKey<'s, Sop, Certs<'s>, Keys<'s>> + 's>> {
        self.updates.extend_from_slice(&updates.all);
        Ok(self)
    }

    fn update(self: Box<Self>, keys: &Keys<'s>) -> Result<Keys<'s>> {
        let mut updated = Vec::with_capacity(keys.all.len());
        for key in &keys.all {
            let mut merged = key.clone();
            for update in &self.updates {
                if update.fingerprint() == key.fingerprint() {
                    merged = merged
                        .with_certificate(update)
                        .map_err(|_| Error::BadData)?;
                }
            }
            let unlocked = self.passwords.unlock(&merged)?;
            let changed =
                unlocked
                    .updated(&self.options, &mut OsRng)
                    .map_err(|error| match error {
                        CertifyError::Locked => Error::KeyIsProtected,
                        CertifyError::CannotCertify(_) => Error::PrimaryKeyBad,
                        _ => Error::UnspecifiedFailure,
                    })?;
            // It leaves as it came: what was locked stays locked as it was.
            let lock = self.passwords.of_primary(&merged)?;
            let added = merged
                .with_additions(&changed, lock, &mut OsRng)
                .map_err(errors::lock)?;
            updated.push(added);
        }
        Ok(Keys::new(self.sop, updated))
    }
}
