//! Verbs about certificates: `merge-certs`, `certify-userid`, `validate-userid`.

use std::time::{SystemTime, UNIX_EPOCH};

use crypto_core::{
    ids::UnixTime,
    openpgp::{Certificate, SecretCertificate, UserIdMatch},
};
use rand::rngs::OsRng;
use sop::{Password, Result, errors::Error, ops};

use crate::{Certs, Keys, Sop, passwords::Passwords};

/// See [`ops::MergeCerts`].
pub(crate) struct MergeCerts<'s> {
    sop: &'s Sop,
    updates: Vec<Certificate>,
}

impl<'s> MergeCerts<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        let updates = Vec::new();
        Self { sop, updates }
    }
}

impl<'s> ops::MergeCerts<'s, Sop, Certs<'s>> for MergeCerts<'s> {
    fn merge_updates(
        mut self: Box<Self>,
        updates: &Certs<'s>,
    ) -> Result<Box<dyn ops::MergeCerts<'s, Sop, Certs<'s>> + 's>> {
        self.updates.extend_from_slice(&updates.all);
        Ok(self)
    }

    /// Updates for certificates that are not among `certs` are left out; duplicates are united.
    fn merge(self: Box<Self>, certs: &Certs<'s>) -> Result<Certs<'s>> {
        let mut merged: Vec<Certificate> = Vec::new();
        for certificate in &certs.all {
            let print = certificate.fingerprint();
            match merged.iter_mut().find(|known| known.fingerprint() == print) {
                Some(known) => {
                    *known = known.merge(certificate).map_err(|_| Error::BadData)?;
                }
                None => merged.push(certificate.clone()),
            }
        }
        for known in &mut merged {
            for update in &self.updates {
                if update.fingerprint() == known.fingerprint() {
                    *known = known.merge(update).map_err(|_| Error::BadData)?;
                }
            }
        }
        Ok(Certs::new(self.sop, merged))
    }
}

/// See [`ops::CertifyUserID`].
pub(crate) struct CertifyUserId<'s> {
    sop: &'s Sop,
    user_ids: Vec<String>,
    passwords: Passwords,
    unbound: bool,
    keys: Vec<SecretCertificate>,
}

impl<'s> CertifyUserId<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            sop,
            user_ids: Vec::new(),
            passwords: Passwords::default(),
            unbound: false,
            keys: Vec::new(),
        }
    }
}

type CertifyVerb<'s> = dyn ops::CertifyUserID<'s, Sop, Certs<'s>, Keys<'s>> + 's;

impl<'s> ops::CertifyUserID<'s, Sop, Certs<'s>, Keys<'s>> for CertifyUserId<'s> {
    fn userid(mut self: Box<Self>, userid: String) -> Box<CertifyVerb<'s>> {
        self.user_ids.push(userid);
        self
    }

    fn with_key_password(mut self: Box<Self>, password: Password) -> Result<Box<CertifyVerb<'s>>> {
        self.passwords.add(&password)?;
        Ok(self)
    }

    fn no_require_self_sig(mut self: Box<Self>) -> Box<CertifyVerb<'s>> {
        self.unbound = true;
        self
    }

    fn keys(mut self: Box<Self>, keys: &Keys<'s>) -> Result<Box<CertifyVerb<'s>>> {
        self.keys.extend_from_slice(&keys.all);
        Ok(self)
    }

    fn certify(self: Box<Self>, certs: &Certs<'s>) -> Result<Certs<'s>> {
        if self.keys.is_empty() || self.user_ids.is_empty() {
            return Err(Error::MissingArg);
        }
        let user_ids: Vec<&str> = self.user_ids.iter().map(String::as_str).collect();
        let mut certified = certs.all.clone();
        for key in &self.keys {
            let key = self.passwords.unlock(key)?;
            for certificate in &mut certified {
                *certificate = key
                    .certify(
                        certificate,
                        &user_ids,
                        self.unbound,
                        self.sop.now,
                        &mut OsRng,
                    )
                    .map_err(|error| self.sop.certify_error(error))?;
            }
        }
        Ok(Certs::new(self.sop, certified))
    }
}

/// See [`ops::ValidateUserID`].
pub(crate) struct ValidateUserId<'s> {
    at: UnixTime,
    authorities: Vec<Certificate>,
    targets: Vec<Certificate>,
    sop: std::marker::PhantomData<&'s Sop>,
}

impl<'s> ValidateUserId<'s> {
    pub(crate) fn new(sop: &'s Sop) -> Self {
        Self {
            at: sop.now,
            authorities: Vec::new(),
            targets: Vec::new(),
            sop: std::marker::PhantomData,
        }
    }

    /// All certificates must have it, each vouched for.
    fn validate(&self, user_id: UserIdMatch<'_>) -> Result<()> {
        let authorities: Vec<&Certificate> = self.authorities.iter().collect();
        let all = self
            .targets
            .iter()
            .all(|target| target.is_vouched_for(user_id, &authorities, self.at));
        if all && !self.targets.is_empty() {
            Ok(())
        } else {
            Err(Error::CertUseridNoMatch)
        }
    }
}

type ValidateVerb<'s> = dyn ops::ValidateUserID<'s, Sop, Certs<'s>> + 's;

impl<'s> ops::ValidateUserID<'s, Sop, Certs<'s>> for ValidateUserId<'s> {
    fn trust_roots(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<ValidateVerb<'s>>> {
        self.authorities.extend_from_slice(&certs.all);
        Ok(self)
    }

    fn target_certs(mut self: Box<Self>, certs: &Certs<'s>) -> Result<Box<ValidateVerb<'s>>> {
        self.targets.extend_from_slice(&certs.all);
        Ok(self)
    }

    fn validate_at(mut self: Box<Self>, at: SystemTime) -> Result<Box<ValidateVerb<'s>>> {
        self.at = unix(at);
        Ok(self)
    }

    fn userid(self: Box<Self>, userid: &str) -> Result<()> {
        self.validate(UserIdMatch::Text(userid))
    }

    fn email(self: Box<Self>, email: &str) -> Result<()> {
        self.validate(UserIdMatch::Address(email))
    }
}

/// Times before 1970 are the beginning.
pub(crate) fn unix(time: SystemTime) -> UnixTime {
    UnixTime(
        time.duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    )
}
