//! Using some keys of a keyring only, keeping readers unnamed, and backing keys up.

use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{EncryptFor, Keyring, OpenWith, SlotError, SlotId};
use crate::{
    bulk::BulkEngine,
    ids::UnixTime,
    openpgp::{
        self, Certificate, DecryptError, DecryptRequest, EncryptError, EncryptRequest, LockError,
        Opened, RevocationReason,
    },
    secret::Passphrase,
};

impl Keyring {
    /// Opens a message with these keys and no others, so that whoever may use some of them learns
    /// nothing by the rest. Their certificates are among the verifiers.
    ///
    /// # Errors
    ///
    /// See [`DecryptError`].
    pub async fn decrypt_with(
        &self,
        slots: &[SlotId],
        engine: &impl BulkEngine,
        message: &[u8],
        with: &OpenWith<'_>,
    ) -> Result<Opened, DecryptError> {
        let chosen: Vec<_> = slots
            .iter()
            .filter_map(|slot| self.slots.get(slot))
            .collect();
        let keys: Vec<_> = chosen.iter().map(|slot| &slot.key).collect();
        let own = chosen.iter().map(|slot| &slot.certificate);
        let verifiers: Vec<_> = with.verifiers.iter().copied().chain(own).collect();
        let request = DecryptRequest {
            keys: &keys,
            passwords: with.passwords,
            verifiers: &verifiers,
            limits: with.limits,
            now: with.now,
        };
        openpgp::decrypt(engine, message, &request).await
    }

    /// As [`Keyring::encrypt`], with further recipients that the message does not name; see
    /// [`openpgp::encrypt_hiding`].
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`EncryptError`].
    pub async fn encrypt_hiding(
        &self,
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        plaintext: &[u8],
        for_whom: &EncryptFor<'_>,
        hidden: &[&Certificate],
    ) -> Result<Vec<u8>, SlotError<EncryptError>> {
        let signer = for_whom.signer.map(|slot| self.key(slot)).transpose()?;
        let request = EncryptRequest {
            recipients: for_whom.recipients,
            passwords: for_whom.passwords,
            signer,
            now: for_whom.now,
            armor: for_whom.armor,
        };
        openpgp::encrypt_hiding(engine, rng, plaintext, &request, hidden)
            .await
            .map_err(SlotError::Failed)
    }

    /// All private keys of these slots, one after the other as any OpenPGP program reads them, in
    /// an armored message under a password.
    ///
    /// # Security
    ///
    /// The password must be random: the keys inside are not locked once more.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`EncryptError`].
    pub async fn back_up(
        &self,
        slots: &[SlotId],
        engine: &impl BulkEngine,
        rng: &mut (impl RngCore + CryptoRng),
        password: &Passphrase,
        now: UnixTime,
    ) -> Result<String, SlotError<EncryptError>> {
        let keys = slots
            .iter()
            .map(|slot| self.key(slot).map(|key| key.to_bytes()))
            .collect::<Result<Vec<_>, _>>()?;
        // Large enough from the start, so that growing leaves no copy behind.
        let length = keys.iter().map(|key| key.len()).sum();
        let mut all = Zeroizing::new(Vec::with_capacity(length));
        for key in &keys {
            all.extend_from_slice(key);
        }
        let request = EncryptRequest {
            recipients: &[],
            passwords: &[password],
            signer: None,
            now,
            armor: true,
        };
        let sealed = openpgp::encrypt(engine, rng, &all, &request)
            .await
            .map_err(SlotError::Failed)?;
        Ok(String::from_utf8_lossy(&sealed).into_owned())
    }

    /// A revocation of a slot's key that says why, armored.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`LockError`].
    pub fn revocation_because(
        &self,
        slot: &SlotId,
        reason: RevocationReason,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, SlotError<LockError>> {
        self.key(slot)?
            .revocation_because(reason, now, rng)
            .map_err(SlotError::Failed)
    }

    /// A slot's key with a newer version of its certificate, ready for the vault; the slot itself
    /// changes when the stored object is read again.
    ///
    /// # Errors
    ///
    /// See [`SlotError`] and [`openpgp::MergeError`].
    pub fn with_certificate(
        &self,
        slot: &SlotId,
        newer: &Certificate,
    ) -> Result<Zeroizing<Vec<u8>>, SlotError<openpgp::MergeError>> {
        let key = self
            .key(slot)?
            .with_certificate(newer)
            .map_err(SlotError::Failed)?;
        Ok(key.to_bytes())
    }
}
