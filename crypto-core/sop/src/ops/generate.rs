//! `generate-key` and its profiles.

use crypto_core::{
    openpgp::{GenerateOptions, Profile, SecretCertificate, generate_with},
    secret::Passphrase,
};
use rand::rngs::OsRng;
use sop::{Password, Result, errors::Error, ops::GenerateKey as GenerateKeyVerb};

use crate::{Keys, Sop, errors, passwords};

/// Name, what it is, the core's profile, and whether post-quantum keys are left out.
const PROFILES: [(&str, &str, Profile, bool); 4] = [
    (
        "default",
        "version 4, read by all; with an added key that withstands quantum computers",
        Profile::Compatible,
        false,
    ),
    (
        "rfc4880",
        "version 4, classical algorithms only",
        Profile::Compatible,
        true,
    ),
    (
        "rfc9580",
        "version 6, Ed25519 and X25519",
        Profile::Modern,
        false,
    ),
    (
        "rfc9980",
        "version 6, Ed25519, and ML-KEM-768 with X25519",
        Profile::PostQuantum,
        false,
    ),
];

/// Other names for the same, which the draft suggests.
const ALIASES: [(&str, &str); 3] = [
    ("compatibility", "default"),
    ("performance", "rfc9580"),
    ("security", "rfc9980"),
];

/// See [`GenerateKeyVerb`].
pub(crate) struct GenerateKey<'s> {
    sop: &'s Sop,
    profile: Profile,
    classical: bool,
    signing_only: bool,
    password: Option<Passphrase>,
    user_ids: Vec<String>,
}

impl<'s> GenerateKey<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            profile: Profile::Compatible,
            classical: false,
            signing_only: false,
            password: None,
            user_ids: Vec::new(),
        }
    }
}

impl<'s> GenerateKeyVerb<'s, Sop, Keys<'s>> for GenerateKey<'s> {
    fn list_profiles(&self) -> Vec<(String, String)> {
        PROFILES
            .iter()
            .map(|(name, what, ..)| ((*name).to_owned(), (*what).to_owned()))
            .chain(
                ALIASES
                    .iter()
                    .map(|(name, of)| ((*name).to_owned(), format!("the same as {of}"))),
            )
            .collect()
    }

    fn profile(
        mut self: Box<Self>,
        profile: &str,
    ) -> Result<Box<dyn GenerateKeyVerb<'s, Sop, Keys<'s>> + 's>> {
        let name = ALIASES
            .iter()
            .find(|(alias, _)| *alias == profile)
            .map_or(profile, |(_, of)| of);
        let (_, _, kind, classical) = PROFILES
            .iter()
            .find(|(known, ..)| *known == name)
            .ok_or(Error::UnsupportedProfile)?;
        self.profile = *kind;
        self.classical = *classical;
        Ok(self)
    }

    fn signing_only(mut self: Box<Self>) -> Box<dyn GenerateKeyVerb<'s, Sop, Keys<'s>> + 's> {
        self.signing_only = true;
        self
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<dyn GenerateKeyVerb<'s, Sop, Keys<'s>> + 's>> {
        self.password = Some(passwords::normalized(&password)?);
        Ok(self)
    }

    fn userid(
        mut self: Box<Self>,
        userid: &str,
    ) -> Box<dyn GenerateKeyVerb<'s, Sop, Keys<'s>> + 's> {
        self.user_ids.push(userid.to_owned());
        self
    }

    fn generate(self: Box<Self>) -> Result<Keys<'s>> {
        let user_ids: Vec<&str> = self.user_ids.iter().map(String::as_str).collect();
        let mut options = GenerateOptions::new(self.profile, &user_ids, self.sop.now);
        options.signing_only = self.signing_only;
        options.classical = self.classical;
        let key = generate_with(&options, &mut OsRng)
            .map_err(|_| Error::UnspecifiedFailure)?
            .secret;
        let key = match &self.password {
            Some(password) => locked(&key, password)?,
            None => key,
        };
        Ok(Keys::new(self.sop, vec![key]))
    }
}

/// The same key, locked.
pub(crate) fn locked(key: &SecretCertificate, password: &Passphrase) -> Result<SecretCertificate> {
    let armored = key
        .export_locked(password, &mut OsRng)
        .map_err(errors::lock)?;
    SecretCertificate::parse(armored.as_bytes()).map_err(errors::import)
}
