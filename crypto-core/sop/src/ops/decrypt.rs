//! `decrypt`.

use std::{io, time::SystemTime};

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{DecryptRequest, SecretCertificate, SessionSecret, open_message},
};
use futures::executor::block_on;
use sop::{
    Password, Result, SessionKey,
    errors::Error,
    ops::{self, Ready, Verification},
};

use super::{Done, verify::Verifiers};
use crate::{Certs, Keys, Sop, errors, objects::read_all, passwords::Passwords};

/// See [`ops::Decrypt`].
pub(crate) struct Decrypt<'s> {
    sop: &'s Sop,
    verifiers: Verifiers,
    session_keys: Vec<SessionSecret>,
    passwords: Passwords,
    keys: Vec<SecretCertificate>,
    key_passwords: Passwords,
}

impl<'s> Decrypt<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            verifiers: Verifiers::new(),
            session_keys: Vec::new(),
            passwords: Passwords::default(),
            keys: Vec::new(),
            key_passwords: Passwords::default(),
        }
    }
}

type DecryptVerb<'s> = dyn ops::Decrypt<'s, Sop, Certs<'s>, Keys<'s>> + 's;

impl<'s> ops::Decrypt<'s, Sop, Certs<'s>, Keys<'s>> for Decrypt<'s> {
    fn verify_not_before(mut self: Box<Self>, time: SystemTime) -> Box<DecryptVerb<'s>> {
        self.verifiers.not_before(time);
        self
    }

    fn verify_not_after(mut self: Box<Self>, time: SystemTime) -> Box<DecryptVerb<'s>> {
        self.verifiers.not_after(time);
        self
    }

    fn verify_with_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<DecryptVerb<'s>>> {
        self.verifiers.add(certs);
        Ok(self)
    }

    fn with_session_key(mut self: Box<Self>, key: SessionKey) -> Result<Box<DecryptVerb<'s>>> {
        let secret = SessionSecret::new(key.algorithm(), key.key().to_vec());
        self.session_keys.push(secret);
        Ok(self)
    }

    fn with_password(mut self: Box<Self>, password: Password) -> Result<Box<DecryptVerb<'s>>> {
        self.passwords.add(&password)?;
        Ok(self)
    }

    fn with_keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<DecryptVerb<'s>>> {
        self.keys.extend_from_slice(&keys.all);
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Box<DecryptVerb<'s>>> {
        self.key_passwords.add(&password)?;
        Ok(self)
    }

    /// Everything is authenticated before the first byte is handed to the writer.
    fn ciphertext<'d>(
        self: Box<Self>,
        ciphertext: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready<(Option<SessionKey>, Vec<Verification>)> + 'd>>
    where
        's: 'd,
    {
        let mut keys = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            keys.push(self.key_passwords.unlock(key)?);
        }
        let keys: Vec<&SecretCertificate> = keys.iter().collect();
        let passwords = self.passwords.all();
        let session_keys: Vec<&SessionSecret> = self.session_keys.iter().collect();
        let verifiers = self.verifiers.certificates();
        if keys.is_empty() && passwords.is_empty() && session_keys.is_empty() {
            return Err(Error::MissingArg);
        }
        let message = read_all(ciphertext)?;
        let limits = crate::limits();
        let request = DecryptRequest {
            keys: &keys,
            passwords: &passwords,
            verifiers: &verifiers,
            limits: &limits,
            now: self.sop.now,
        };
        let reading = open_message(&NativeEngine, &message, &request, &session_keys);
        let mut reading = block_on(reading).map_err(errors::decrypt)?;
        let verifications = self.verifiers.verifications(&reading.signatures)?;
        let session_key = reading
            .session_key
            .map(|key| SessionKey::new(key.algorithm(), key.expose()))
            .transpose()?;
        Ok(Box::new(Done {
            bytes: std::mem::take(&mut *reading.data),
            result: (session_key, verifications),
        }))
    }
}
