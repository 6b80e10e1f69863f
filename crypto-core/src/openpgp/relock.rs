//! Private keys whose parts are locked by different passphrases, and keys in the clear.

use pgp::{
    armor::BlockType,
    types::{KeyDetails, Password, SecretParams},
};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    Limits, SecretCertificate,
    armor::{self, Readers},
    error::{LockError, UnlockError},
    locking::{check_s2k, is_stub, locking},
};
use crate::secret::Passphrase;

impl SecretCertificate {
    /// Unlocks every private key that one of the passphrases opens, and checks that each fits
    /// its public part. What none opens stays locked: see [`SecretCertificate::is_locked`].
    ///
    /// # Errors
    /// [`UnlockError::Altered`] and [`UnlockError::LimitExceeded`].
    pub fn unlock_each(
        &self,
        passphrases: &[&Passphrase],
        limits: &Limits,
    ) -> Result<Self, UnlockError> {
        let mut budget = limits.s2k_work_kib;
        let mut unlocked = self.clone();
        let (_, primary, subkeys) = unlocked.parts_mut();
        for passphrase in passphrases {
            let password = Password::from(passphrase.expose());
            if may_try(primary.secret_params(), limits, &mut budget)? {
                // A wrong passphrase leaves it as it is.
                let _ = primary.remove_password(&password);
            }
            for subkey in subkeys.iter_mut() {
                if may_try(subkey.secret_params(), limits, &mut budget)? {
                    let _ = subkey.remove_password(&password);
                }
            }
        }
        if unlocked.fits() {
            Ok(unlocked)
        } else {
            Err(UnlockError::Altered)
        }
    }

    /// The same private keys with what `changed`, an unlocked copy of them, has got since: a
    /// newer certificate and new subkeys. Those are locked by `lock` if it is given.
    ///
    /// # Errors
    /// See [`LockError`].
    pub fn with_additions(
        &self,
        changed: &Self,
        lock: Option<&Passphrase>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, LockError> {
        let mut updated = self.clone();
        let (certificate, _, subkeys) = updated.parts_mut();
        *certificate = changed.certificate();
        for added in changed.subkeys() {
            let print = added.fingerprint();
            if subkeys.iter().any(|known| known.fingerprint() == print) {
                continue;
            }
            let mut added = added.clone();
            if let Some(lock) = lock {
                let s2k = locking(added.version(), rng);
                added
                    .set_password_with_s2k(&Password::from(lock.expose()), s2k)
                    .map_err(|error| LockError::Internal(error.to_string()))?;
            }
            subkeys.push(added);
        }
        Ok(updated)
    }

    /// True if no private part is in the file: they are on a card or were left out.
    pub fn is_elsewhere(&self) -> bool {
        self.all_params().all(is_stub)
    }

    /// True if the primary key needs a passphrase.
    pub fn is_primary_locked(&self) -> bool {
        let params = self.primary().secret_params();
        params.is_encrypted() && !is_stub(params)
    }

    /// The armored form as it is: unlocked keys are written in the clear.
    pub fn to_armor(&self) -> Zeroizing<Vec<u8>> {
        let readers = Readers::of(self.public().primary.version());
        let bytes = self.to_bytes();
        Zeroizing::new(armor::write(&bytes, BlockType::PrivateKey, readers))
    }
}

/// True if it is locked in a way that a passphrase may open.
fn may_try(params: &SecretParams, limits: &Limits, budget: &mut u64) -> Result<bool, UnlockError> {
    match params {
        SecretParams::Encrypted(locked) if !is_stub(params) => {
            match check_s2k(locked.string_to_key_params(), limits, budget) {
                Ok(()) => Ok(true),
                Err(UnlockError::Unsupported(_)) => Ok(false),
                Err(error) => Err(error),
            }
        }
        _ => Ok(false),
    }
}
