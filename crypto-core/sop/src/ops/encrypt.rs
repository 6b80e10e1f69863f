//! `encrypt` and its profiles.

use std::io;

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{Audience, Certificate, SealRequest, SecretCertificate, seal},
    secret::{Passphrase, wipe},
};
use futures::executor::block_on;
use rand::rngs::OsRng;
use sop::{
    Password, Result, SessionKey,
    errors::Error,
    ops::{self, EncryptAs, Ready},
};

use super::{Done, require_text, sign::Signers};
use crate::{Certs, Keys, Sop, errors, passwords};

const PROFILES: [(&str, &str, Audience); 5] = [
    (
        "default",
        "read by the recipients' keys in any software; for passwords alone, by all software",
        Audience::Everyone,
    ),
    (
        "rfc4880",
        "classical keys and SEIPDv1, whatever the certificates announce",
        Audience::Classical,
    ),
    (
        "rfc9580",
        "as default, and SEIPDv2 for passwords alone",
        Audience::Modern,
    ),
    (
        "security",
        "post-quantum keys alone, where certificates offer them",
        Audience::PostQuantum,
    ),
    ("compatibility", "the same as rfc4880", Audience::Classical),
];

/// See [`ops::Encrypt`].
pub(crate) struct Encrypt<'s> {
    sop: &'s Sop,
    armor: bool,
    mode: EncryptAs,
    audience: Audience,
    signers: Signers<'s>,
    passwords: Vec<Passphrase>,
    recipients: Vec<Certificate>,
}

impl<'s> Encrypt<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            armor: true,
            mode: EncryptAs::Binary,
            audience: Audience::default(),
            signers: Signers::new(sop),
            passwords: Vec::new(),
            recipients: Vec::new(),
        }
    }
}

type EncryptVerb<'s> = dyn ops::Encrypt<'s, Sop, Certs<'s>, Keys<'s>> + 's;

impl<'s> ops::Encrypt<'s, Sop, Certs<'s>, Keys<'s>> for Encrypt<'s> {
    fn no_armor(mut self: Box<Self>) -> Box<EncryptVerb<'s>> {
        self.armor = false;
        self
    }

    fn list_profiles(&self) -> Vec<(String, String)> {
        PROFILES
            .iter()
            .map(|(name, what, _)| ((*name).to_owned(), (*what).to_owned()))
            .collect()
    }

    fn profile(mut self: Box<Self>, profile: &str) -> Result<Box<EncryptVerb<'s>>> {
        let (_, _, audience) = PROFILES
            .iter()
            .find(|(name, ..)| *name == profile)
            .ok_or(Error::UnsupportedProfile)?;
        self.audience = *audience;
        Ok(self)
    }

    fn mode(mut self: Box<Self>, mode: EncryptAs) -> Box<EncryptVerb<'s>> {
        self.mode = mode;
        self
    }

    fn sign_with_keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<EncryptVerb<'s>>> {
        self.signers.add_keys(keys);
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Box<EncryptVerb<'s>>> {
        self.signers.add_password(&password)?;
        Ok(self)
    }

    fn with_password(mut self: Box<Self>, password: Password) -> Result<Box<EncryptVerb<'s>>> {
        self.passwords.push(passwords::normalized(&password)?);
        Ok(self)
    }

    fn with_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<EncryptVerb<'s>>> {
        self.recipients.extend_from_slice(&certs.all);
        Ok(self)
    }

    fn plaintext<'d>(
        self: Box<Self>,
        plaintext: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready<Option<SessionKey>> + 'd>>
    where
        's: 'd,
    {
        let keys = self.signers.unlocked()?;
        let signers: Vec<&SecretCertificate> = keys.iter().collect();
        let recipients: Vec<&Certificate> = self.recipients.iter().collect();
        let passwords: Vec<&Passphrase> = self.passwords.iter().collect();
        let mut plaintext = crate::objects::read_all(plaintext)?;
        let mut request = SealRequest::new(self.sop.now);
        request.text = self.mode == EncryptAs::Text;
        if request.text {
            require_text(&plaintext)?;
        }
        request.recipients = &recipients;
        request.passwords = &passwords;
        request.signers = &signers;
        request.armor = self.armor;
        request.audience = self.audience;
        request.purpose = self.sop.purpose;
        let sealed = block_on(seal(&NativeEngine, &mut OsRng, &plaintext, &request))
            .map_err(errors::encrypt);
        wipe(&mut plaintext);
        let sealed = sealed?;
        let session_key =
            SessionKey::new(sealed.session_key.algorithm(), sealed.session_key.expose())?;
        Ok(Box::new(Done {
            bytes: sealed.message,
            result: Some(session_key),
        }))
    }
}
