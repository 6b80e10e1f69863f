//! Unlocking with the engine's hashes.
//!
//! GnuPG and its contemporaries lock keys by hashing tens of megabytes of salt and passphrase,
//! once for each part of the key. In a browser WebCrypto does that many times as fast as wasm, so
//! it goes through the engine, in few large pieces. Everything else is as in
//! [`SecretCertificate::unlock`].

use futures::{StreamExt, stream};
use pgp::{
    packet::{SecretKey, SecretSubkey},
    types::{
        EncryptedSecretParams, KeyDetails, KeyVersion, Password, PlainSecretParams, S2kParams,
        SecretParams, StringToKey,
    },
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{
    Limits, SecretCertificate,
    container::cipher_of,
    error::UnlockError,
    locking::{check_s2k, is_stub},
    policy,
    secret::AnySecretKey,
};
use crate::{
    bulk::{BLOCK_LEN, BulkEngine, Cipher, HashKind},
    secret::Passphrase,
};

/// Bytes of salt and passphrase that are handed over together.
const PIECE: usize = 64 << 10;
/// Parts of a key that are opened side by side: as many as most keys have. A derivation may hold
/// tens of megabytes, and a sender of keys decides how many parts there are.
const AT_ONCE: usize = 2;
/// SHA-1, which guards the private numbers.
const CHECK_LEN: usize = 20;

impl SecretCertificate {
    /// Unlocks all private keys as [`SecretCertificate::unlock`] does, with hashes by the engine:
    /// in a browser several times as fast for keys that are locked as GnuPG 2.2 can read it.
    ///
    /// # Errors
    /// See [`UnlockError`]; the locked key stays usable for another try.
    pub async fn unlock_with(
        &self,
        engine: &impl BulkEngine,
        passphrase: &Passphrase,
        limits: &Limits,
    ) -> Result<Self, UnlockError> {
        if self.keys().all(|key| key.is_stub()) {
            return Err(UnlockError::SecretMissing);
        }
        let mut budget = limits.s2k_work_kib;
        for key in self.keys() {
            if let SecretParams::Encrypted(locked) = key.params()
                && !is_stub(key.params())
            {
                check_s2k(locked.string_to_key_params(), limits, &mut budget)?;
            }
        }
        // Each part has its own salt, so each costs a derivation of its own.
        let parts: Vec<_> = self
            .keys()
            .map(|key| open_any(engine, key, passphrase))
            .collect();
        let parts: Vec<_> = stream::iter(parts).buffered(AT_ONCE).collect().await;
        let mut primary = None;
        let mut subkeys = Vec::with_capacity(parts.len());
        for part in parts {
            match part? {
                Opened::Primary(key) => primary = Some(key),
                Opened::Subkey(key) => subkeys.push(*key),
            }
        }
        let primary = primary.ok_or(UnlockError::SecretMissing)?;
        let unlocked = Self::from_parts(self.certificate(), primary, subkeys);
        if unlocked.fits() {
            Ok(unlocked)
        } else {
            Err(UnlockError::Altered)
        }
    }
}

/// A way of locking that the engine takes part in: iterated, with AES and a check by SHA-1.
struct Iterated<'a> {
    cipher: Cipher,
    hash: HashKind,
    salt: &'a [u8; 8],
    count: usize,
    iv: [u8; BLOCK_LEN],
}

impl<'a> Iterated<'a> {
    /// `None` for what rPGP is left to judge and to do.
    fn of(locked: &'a EncryptedSecretParams, version: KeyVersion) -> Option<Self> {
        let S2kParams::Cfb { sym_alg, s2k, iv } = locked.string_to_key_params() else {
            return None;
        };
        let StringToKey::IteratedAndSalted {
            hash_alg,
            salt,
            count,
        } = s2k
        else {
            return None;
        };
        let cipher = cipher_of(*sym_alg)?;
        let hash = policy::hash_kind(*hash_alg)?;
        // One hash makes the whole key; version 6 has rules of its own.
        let enough = hash_alg.digest_size()? >= cipher.key_len();
        if version != KeyVersion::V4 || !enough {
            return None;
        }
        Some(Self {
            cipher,
            hash,
            salt,
            // RFC 9580, section 3.7.1.3.
            count: (16 + usize::from(count & 15)) << (usize::from(count >> 4) + 6),
            iv: iv.as_ref().try_into().ok()?,
        })
    }

    /// The private numbers with what guards them.
    async fn open(
        &self,
        engine: &impl BulkEngine,
        data: &[u8],
        passphrase: &Passphrase,
    ) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
        let key = self.derive(engine, passphrase).await?;
        let mut plaintext = Zeroizing::new(data.to_vec());
        engine
            .cfb_decrypt(self.cipher, &key, &self.iv, &mut plaintext)
            .await
            .map_err(|_| UnlockError::WrongPassphrase)?;
        let length = plaintext
            .len()
            .checked_sub(CHECK_LEN)
            .ok_or(UnlockError::WrongPassphrase)?;
        let (numbers, check) = plaintext.split_at(length);
        let expected = engine
            .hash(HashKind::Sha1, &[numbers])
            .await
            .map_err(|_| UnlockError::WrongPassphrase)?;
        if !bool::from(expected.ct_eq(check)) {
            return Err(UnlockError::WrongPassphrase);
        }
        plaintext.truncate(length);
        Ok(plaintext)
    }

    async fn derive(
        &self,
        engine: &impl BulkEngine,
        passphrase: &Passphrase,
    ) -> Result<Zeroizing<Vec<u8>>, UnlockError> {
        let passphrase = passphrase.expose().as_bytes();
        let unit_len = self.salt.len() + passphrase.len();
        let times = PIECE.div_ceil(unit_len);
        let mut piece = Zeroizing::new(Vec::with_capacity(times * unit_len));
        for _ in 0..times {
            piece.extend_from_slice(self.salt);
            piece.extend_from_slice(passphrase);
        }
        // All of salt and passphrase at least once.
        let count = self.count.max(unit_len);
        let mut parts: Vec<&[u8]> = vec![piece.as_slice(); count / piece.len()];
        parts.extend(piece.get(..count % piece.len()));
        let mut key = engine
            .hash(self.hash, &parts)
            .await
            .map(Zeroizing::new)
            .map_err(|_| UnlockError::WrongPassphrase)?;
        key.truncate(self.cipher.key_len());
        Ok(key)
    }
}

/// What a part of a key needs, or `None` if it is unlocked already or left out.
async fn open_part(
    engine: &impl BulkEngine,
    params: &SecretParams,
    public: &impl KeyDetails,
    passphrase: &Passphrase,
) -> Result<Option<Result<SecretParams, Password>>, UnlockError> {
    let SecretParams::Encrypted(locked) = params else {
        return Ok(None);
    };
    if is_stub(params) {
        return Ok(None);
    }
    let Some(iterated) = Iterated::of(locked, public.version()) else {
        return Ok(Some(Err(Password::from(passphrase.expose()))));
    };
    let numbers = iterated.open(engine, locked.data(), passphrase).await?;
    let plain = PlainSecretParams::try_from_reader_no_checksum(
        numbers.as_slice(),
        public.version(),
        public.algorithm(),
        public.public_params(),
    )
    .map_err(|_| UnlockError::WrongPassphrase)?;
    Ok(Some(Ok(SecretParams::Plain(plain))))
}

/// An opened part of a key.
enum Opened {
    Primary(Box<SecretKey>),
    Subkey(Box<SecretSubkey>),
}

async fn open_any(
    engine: &impl BulkEngine,
    key: AnySecretKey<'_>,
    passphrase: &Passphrase,
) -> Result<Opened, UnlockError> {
    Ok(match key {
        AnySecretKey::Primary(key) => {
            Opened::Primary(Box::new(open_primary(engine, key, passphrase).await?))
        }
        AnySecretKey::Subkey(key) => {
            Opened::Subkey(Box::new(open_subkey(engine, key, passphrase).await?))
        }
    })
}

async fn open_primary(
    engine: &impl BulkEngine,
    key: &SecretKey,
    passphrase: &Passphrase,
) -> Result<SecretKey, UnlockError> {
    let wrong = |_| UnlockError::WrongPassphrase;
    match open_part(engine, key.secret_params(), key.public_key(), passphrase).await? {
        None => Ok(key.clone()),
        Some(Ok(params)) => SecretKey::new(key.public_key().clone(), params).map_err(wrong),
        Some(Err(password)) => {
            let mut key = key.clone();
            key.remove_password(&password).map_err(wrong)?;
            Ok(key)
        }
    }
}

async fn open_subkey(
    engine: &impl BulkEngine,
    key: &SecretSubkey,
    passphrase: &Passphrase,
) -> Result<SecretSubkey, UnlockError> {
    let wrong = |_| UnlockError::WrongPassphrase;
    match open_part(engine, key.secret_params(), key.public_key(), passphrase).await? {
        None => Ok(key.clone()),
        Some(Ok(params)) => SecretSubkey::new(key.public_key().clone(), params).map_err(wrong),
        Some(Err(password)) => {
            let mut key = key.clone();
            key.remove_password(&password).map_err(wrong)?;
            Ok(key)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, future, task::Poll};

    use futures::executor::block_on;
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        bulk::{BulkError, ChunkStream, NativeEngine},
        ids::UnixTime,
        openpgp::{Profile, UserId, generate},
    };

    #[test]
    fn both_ways_of_unlocking_agree() {
        let mut rng = StdRng::seed_from_u64(1);
        let limits = Limits::default();
        let id = [UserId::new("Ann", "ann@example.org")];
        for profile in [Profile::Compatible, Profile::Modern] {
            let key = generate(profile, &id, UnixTime(1_700_000_000), &mut rng)
                .unwrap()
                .secret;
            for text in ["x", "correct horse battery staple", &"long ".repeat(50)] {
                let passphrase = Passphrase::new(text.to_owned());
                let armored = key.export_locked(&passphrase, &mut rng).unwrap();
                let locked = SecretCertificate::parse(armored.as_bytes()).unwrap();
                let unlocked = block_on(locked.unlock_with(&NativeEngine, &passphrase, &limits));
                let unlocked = unlocked.unwrap();
                assert!(!unlocked.is_locked());
                assert_eq!(unlocked.to_bytes(), key.to_bytes());
                let wrong = Passphrase::new(format!("{text}x"));
                let refused = block_on(locked.unlock_with(&NativeEngine, &wrong, &limits));
                assert_eq!(refused.unwrap_err(), UnlockError::WrongPassphrase);
                // Argon2 in an unoptimised build is slow, and the same for every passphrase.
                if profile == Profile::Modern {
                    break;
                }
            }
            let again = block_on(key.unlock_with(
                &NativeEngine,
                &Passphrase::new("any".to_owned()),
                &limits,
            ));
            assert_eq!(again.unwrap().to_bytes(), key.to_bytes());
        }
    }

    /// Counts the hashes that are under way, which all take a while.
    #[derive(Default)]
    struct Slow {
        now: Cell<usize>,
        most: Cell<usize>,
    }

    impl BulkEngine for Slow {
        async fn seal_chunks(
            &self,
            _: &ChunkStream<'_>,
            _: u64,
            _: &[u8],
            _: &mut Vec<u8>,
        ) -> Result<(), BulkError> {
            Err(BulkError::Platform)
        }

        async fn open_chunks(
            &self,
            _: &ChunkStream<'_>,
            _: u64,
            _: &[u8],
            _: &mut Zeroizing<Vec<u8>>,
        ) -> Result<(), BulkError> {
            Err(BulkError::Platform)
        }

        async fn cfb_encrypt(
            &self,
            _: Cipher,
            _: &[u8],
            _: &[u8; BLOCK_LEN],
            _: &mut [u8],
        ) -> Result<(), BulkError> {
            Err(BulkError::Platform)
        }

        async fn cfb_decrypt(
            &self,
            _: Cipher,
            _: &[u8],
            _: &[u8; BLOCK_LEN],
            _: &mut [u8],
        ) -> Result<(), BulkError> {
            Err(BulkError::Platform)
        }

        async fn hash(&self, _: HashKind, _: &[&[u8]]) -> Result<Vec<u8>, BulkError> {
            self.now.set(self.now.get() + 1);
            self.most.set(self.most.get().max(self.now.get()));
            let mut waited = false;
            future::poll_fn(|context| {
                if waited {
                    return Poll::Ready(());
                }
                waited = true;
                context.waker().wake_by_ref();
                Poll::Pending
            })
            .await;
            self.now.set(self.now.get() - 1);
            Err(BulkError::Platform)
        }
    }

    #[test]
    fn a_key_of_many_parts_is_opened_two_at_a_time() {
        let mut rng = StdRng::seed_from_u64(2);
        let id = [UserId::new("Ann", "ann@example.org")];
        let made = generate(Profile::Compatible, &id, UnixTime(1_700_000_000), &mut rng);
        let passphrase = Passphrase::new("x".to_owned());
        let armored = made
            .unwrap()
            .secret
            .export_locked(&passphrase, &mut rng)
            .unwrap();
        let locked = SecretCertificate::parse(armored.as_bytes()).unwrap();
        let mut primary = None;
        let mut subkeys = Vec::new();
        for key in locked.keys() {
            match key {
                AnySecretKey::Primary(key) => primary = Some(Box::new(key.clone())),
                AnySecretKey::Subkey(key) => subkeys = vec![key.clone(); 9],
            }
        }
        let locked = SecretCertificate::from_parts(locked.certificate(), primary.unwrap(), subkeys);
        let engine = Slow::default();
        let limits = Limits {
            s2k_work_kib: u64::MAX,
            ..Limits::default()
        };
        let refused = block_on(locked.unlock_with(&engine, &passphrase, &limits));
        assert_eq!(refused.unwrap_err(), UnlockError::WrongPassphrase);
        assert_eq!(engine.most.get(), 2);
        assert_eq!(engine.now.get(), 0);
    }
}
