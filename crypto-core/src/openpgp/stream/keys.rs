//! What a stream is opened with: copies, because a stream outlives the call that began it.

use super::envelope::Head;
use crate::{
    ids::UnixTime,
    openpgp::{
        Certificate, DecryptRequest, Limits, SecretCertificate,
        container::SessionKey,
        decrypt::{Found, Search},
        error::DecryptError,
        session::SessionPackets,
    },
    secret::Passphrase,
};

/// A request's keys, passwords and limits. The secrets in it are wiped on drop.
pub(super) struct Keys {
    keys: Vec<SecretCertificate>,
    passwords: Vec<Passphrase>,
    pub(super) limits: Limits,
}

/// By what to judge.
pub(super) struct Judges {
    pub(super) verifiers: Vec<Certificate>,
    pub(super) now: UnixTime,
}

impl Judges {
    pub(super) fn of(request: &DecryptRequest<'_>) -> Self {
        Self {
            verifiers: request.verifiers.iter().map(|one| (*one).clone()).collect(),
            now: request.now,
        }
    }
}

/// A session key that may be the right one, and the certificate it was encrypted to.
pub(super) struct Opener {
    pub(super) key: SessionKey,
    pub(super) recipient: Option<Certificate>,
}

impl Keys {
    pub(super) fn of(request: &DecryptRequest<'_>) -> Self {
        Self {
            keys: request.keys.iter().map(|key| (*key).clone()).collect(),
            passwords: request
                .passwords
                .iter()
                .map(|password| (*password).clone())
                .collect(),
            limits: *request.limits,
        }
    }

    /// The certificates of the private keys.
    pub(super) fn certificates(&self) -> Vec<Certificate> {
        self.keys
            .iter()
            .map(SecretCertificate::certificate)
            .collect()
    }

    /// Every session key there is, at least one: which of them is right shows in the data.
    pub(super) fn openers(
        &self,
        packets: &mut SessionPackets,
        head: &Head,
    ) -> Result<Vec<Opener>, DecryptError> {
        let container = head.container();
        packets.keep_aligned(&container);
        let keys: Vec<&SecretCertificate> = self.keys.iter().collect();
        let passwords: Vec<&Passphrase> = self.passwords.iter().collect();
        let mut search = Search::new(&self.limits);
        let mut openers = Vec::new();
        for candidate in packets.candidates(&keys, &passwords) {
            if let Some(Found { key, owner }) = search.attempt(&candidate, &container)? {
                openers.push(Opener {
                    key,
                    recipient: owner.map(SecretCertificate::certificate),
                });
            }
        }
        if openers.is_empty() {
            return Err(search.failure(packets, !passwords.is_empty()));
        }
        Ok(openers)
    }
}
