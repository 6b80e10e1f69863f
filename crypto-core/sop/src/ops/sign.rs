//! `sign` and `inline-sign`.

use std::io;

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{SecretCertificate, SignRequest, sign_all_detached, sign_cleartext_all, sign_inline},
};
use futures::executor::block_on;
use rand::rngs::OsRng;
use sop::{
    Password, Result,
    errors::Error,
    ops::{self, InlineSignAs, Micalg, Ready, SignAs},
};

use super::{Done, require_text};
use crate::{Keys, Precise, Sigs, Sop, errors, objects::read_all, passwords::Passwords};

/// Who signs.
pub(crate) struct Signers<'s> {
    sop: &'s Sop,
    keys: Vec<SecretCertificate>,
    passwords: Passwords,
}

impl<'s> Signers<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            keys: Vec::new(),
            passwords: Passwords::default(),
        }
    }

    pub(crate) fn add_keys(&mut self, keys: &Keys<'s>) {
        self.keys.extend_from_slice(&keys.all);
    }

    pub(crate) fn add_password(&mut self, password: &Password) -> Result<()> {
        self.passwords.add(password)
    }

    pub(crate) fn unlocked(&self) -> Result<Vec<SecretCertificate>> {
        let mut unlocked = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            if key.is_elsewhere() {
                return Err(self.sop.precise(Precise::NoHardwareKeyFound));
            }
            unlocked.push(self.passwords.unlock(key)?);
        }
        Ok(unlocked)
    }
}

/// See [`ops::Sign`].
pub(crate) struct Sign<'s> {
    signers: Signers<'s>,
    mode: SignAs,
}

impl<'s> Sign<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            signers: Signers::new(sop),
            mode: SignAs::Binary,
        }
    }
}

type SignVerb<'s> = dyn ops::Sign<'s, Sop, Keys<'s>, Sigs<'s>> + 's;

impl<'s> ops::Sign<'s, Sop, Keys<'s>, Sigs<'s>> for Sign<'s> {
    fn mode(mut self: Box<Self>, mode: SignAs) -> Box<SignVerb<'s>> {
        self.mode = mode;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<SignVerb<'s>>> {
        self.signers.add_keys(keys);
        Ok(self)
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Box<SignVerb<'s>>> {
        self.signers.add_password(&password)?;
        Ok(self)
    }

    fn data(
        self: Box<Self>,
        data: &mut (dyn io::Read + Send + Sync),
    ) -> Result<(Micalg, Sigs<'s>)> {
        let sop = self.signers.sop;
        let keys = self.signers.unlocked()?;
        let signers: Vec<&SecretCertificate> = keys.iter().collect();
        if signers.is_empty() {
            return Err(Error::MissingArg);
        }
        let data = read_all(data)?;
        let mut request = SignRequest::new(&signers, sop.now);
        request.armor = false;
        request.text = self.mode == SignAs::Text;
        if request.text {
            require_text(&data)?;
        }
        let made = block_on(sign_all_detached(
            &NativeEngine,
            &mut OsRng,
            &data,
            &request,
        ))
        .map_err(errors::sign)?;
        let micalg = made
            .micalg
            .map_or(Micalg::Unknown(String::new()), |name| known(&name));
        Ok((micalg, Sigs::new(sop, made.signatures)))
    }
}

/// The trait's word for `pgp-...`.
fn known(name: &str) -> Micalg {
    match name {
        "pgp-sha1" => Micalg::SHA1,
        "pgp-sha224" => Micalg::SHA224,
        "pgp-sha256" => Micalg::SHA256,
        "pgp-sha384" => Micalg::SHA384,
        "pgp-sha512" => Micalg::SHA512,
        other => Micalg::Unknown(other.trim_start_matches("pgp-").to_owned()),
    }
}

/// See [`ops::InlineSign`].
pub(crate) struct InlineSign<'s> {
    signers: Signers<'s>,
    mode: InlineSignAs,
    armor: bool,
}

impl<'s> InlineSign<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            signers: Signers::new(sop),
            mode: InlineSignAs::Binary,
            armor: true,
        }
    }
}

type InlineSignVerb<'s> = dyn ops::InlineSign<'s, Sop, Keys<'s>> + 's;

impl<'s> ops::InlineSign<'s, Sop, Keys<'s>> for InlineSign<'s> {
    fn no_armor(mut self: Box<Self>) -> Box<InlineSignVerb<'s>> {
        self.armor = false;
        self
    }

    fn mode(mut self: Box<Self>, mode: InlineSignAs) -> Box<InlineSignVerb<'s>> {
        self.mode = mode;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<InlineSignVerb<'s>>> {
        self.signers.add_keys(keys);
        Ok(self)
    }

    fn with_key_password(
        mut self: Box<Self>,
        password: Password,
    ) -> Result<Box<InlineSignVerb<'s>>> {
        self.signers.add_password(&password)?;
        Ok(self)
    }

    fn data<'d>(
        self: Box<Self>,
        data: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        if self.mode == InlineSignAs::ClearSigned && !self.armor {
            return Err(Error::IncompatibleOptions);
        }
        let keys = self.signers.unlocked()?;
        let signers: Vec<&SecretCertificate> = keys.iter().collect();
        if signers.is_empty() {
            return Err(Error::MissingArg);
        }
        let data = read_all(data)?;
        let mut request = SignRequest::new(&signers, self.signers.sop.now);
        request.armor = self.armor;
        request.text = self.mode != InlineSignAs::Binary;
        let text = if request.text {
            Some(require_text(&data)?)
        } else {
            None
        };
        let bytes = match (self.mode, text) {
            (InlineSignAs::ClearSigned, Some(text)) => {
                let engine = &NativeEngine;
                block_on(sign_cleartext_all(engine, &mut OsRng, text, &request))
                    .map_err(errors::sign)?
                    .into_bytes()
            }
            _ => {
                let engine = &NativeEngine;
                block_on(sign_inline(engine, &mut OsRng, &data, &request)).map_err(errors::sign)?
            }
        };
        Ok(Box::new(Done { bytes, result: () }))
    }
}
