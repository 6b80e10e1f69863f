//! A passphrase becomes two secrets: one for login, one that unlocks the vault.
//!
//! ```text
//! passphrase, salt --Argon2id--> stretched key --HKDF--> login secret  (SRP's password)
//!                                              \-HKDF--> unlock key    (wraps the vault key)
//! ```
//!
//! The attacker holds the server, with the salt, the cost and the SRP verifier. He can guess
//! passphrases at the price of one Argon2id each, so [`KdfParameters`] has a floor that a server
//! cannot lower, and a ceiling so that it cannot freeze the client either. Neither derived secret
//! tells anything about the other (RFC 5869, section 3.2).
//!
//! ```
//! use crypto_core::{kdf::{KdfParameters, derive_stretched_key}, secret::Passphrase};
//! let cost = KdfParameters::new(32 * 1024, 4, 1)?;
//! let passphrase = Passphrase::new("correct horse battery staple".to_owned());
//! let key = derive_stretched_key(&passphrase, &[7; 16], &cost)?;
//! assert_ne!(key.login_secret().expose(), key.unlock_key().expose());
//! # Ok::<(), crypto_core::kdf::KdfError>(())
//! ```

use argon2::{Algorithm, Argon2, Block, Params, Version};
use hkdf_013::Hkdf;
use serde::{Deserialize, Serialize};
use sha2_011::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::secret::{Passphrase, Secret};

/// Salt of Argon2id and SRP: 16 random bytes an account, new with each passphrase.
pub type Salt = [u8; 16];

const LOGIN_LABEL: &[u8] = b"letterlock/1 login";
const UNLOCK_LABEL: &[u8] = b"letterlock/1 unlock";

/// The cost of Argon2id, within the bounds this client accepts.
///
/// Memory 32 MiB to 256 MiB, 1 to 10 passes, 1 to 4 lanes, and memory times passes at least
/// 128 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Cost", into = "Cost")]
pub struct KdfParameters(Cost);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl KdfParameters {
    /// 64 MiB, 3 passes, 1 lane: the second recommendation of RFC 9106, section 4, on one lane
    /// because a browser's worker has one thread.
    pub const DEFAULT: Self = Self(Cost {
        memory_kib: 64 * 1024,
        passes: 3,
        lanes: 1,
    });

    const MEMORY_KIB: std::ops::RangeInclusive<u32> = 32 * 1024..=256 * 1024;
    const PASSES: std::ops::RangeInclusive<u32> = 1..=10;
    const LANES: std::ops::RangeInclusive<u32> = 1..=4;
    const MIN_WORK_KIB: u32 = 128 * 1024;

    /// Checks a cost that somebody else named.
    ///
    /// # Errors
    ///
    /// [`KdfError::TooCheap`] and [`KdfError::TooDear`] when a value lies outside the bounds.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Result<Self, KdfError> {
        if memory_kib > *Self::MEMORY_KIB.end()
            || passes > *Self::PASSES.end()
            || lanes > *Self::LANES.end()
        {
            return Err(KdfError::TooDear);
        }
        if memory_kib < *Self::MEMORY_KIB.start()
            || passes < *Self::PASSES.start()
            || lanes < *Self::LANES.start()
            || memory_kib.saturating_mul(passes) < Self::MIN_WORK_KIB
        {
            return Err(KdfError::TooCheap);
        }
        Ok(Self(Cost {
            memory_kib,
            passes,
            lanes,
        }))
    }

    /// Memory in KiB.
    #[must_use]
    pub fn memory_kib(&self) -> u32 {
        self.0.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub fn passes(&self) -> u32 {
        self.0.passes
    }

    /// Lanes.
    #[must_use]
    pub fn lanes(&self) -> u32 {
        self.0.lanes
    }
}

impl Default for KdfParameters {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl TryFrom<Cost> for KdfParameters {
    type Error = KdfError;

    fn try_from(cost: Cost) -> Result<Self, KdfError> {
        Self::new(cost.memory_kib, cost.passes, cost.lanes)
    }
}

impl From<KdfParameters> for Cost {
    fn from(parameters: KdfParameters) -> Self {
        parameters.0
    }
}

/// Why a passphrase could not be stretched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KdfError {
    /// The cost is below this client's floor: a server may be trying to make guessing cheap.
    #[error("the key derivation parameters are weaker than this client accepts")]
    TooCheap,
    /// The cost is above this client's ceiling: a server may be trying to freeze the client.
    #[error("the key derivation parameters cost more than this client accepts")]
    TooDear,
    /// The memory could not be had.
    #[error("not enough memory to stretch the passphrase")]
    OutOfMemory,
    /// The passphrase is longer than 4 GiB.
    #[error("the passphrase is too long")]
    TooLong,
}

/// What Argon2id makes of a passphrase; it leaves this module only through HKDF.
#[derive(Debug)]
pub struct StretchedKey(Secret<[u8; 32]>);

/// Unlocks the vault: the key under which [`crate::vault::VaultKey`] is wrapped.
#[derive(Clone, Debug)]
pub struct UnlockKey(Secret<[u8; 32]>);

impl UnlockKey {
    /// Lends the key.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// Takes a key that was kept elsewhere, such as in a test.
    #[must_use]
    pub fn from_bytes(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }
}

impl StretchedKey {
    /// Takes a key that was stretched elsewhere, such as in an instance of this program that is
    /// thrown away with its 64 MiB.
    #[must_use]
    pub fn from_bytes(bytes: Secret<[u8; 32]>) -> Self {
        Self(bytes)
    }

    /// Lends the key, for handing it over between two instances of this program.
    #[must_use]
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// SRP's password. Whoever has it can log in, and can open nothing.
    #[must_use]
    pub fn login_secret(&self) -> Secret<[u8; 32]> {
        self.expand(LOGIN_LABEL)
    }

    /// Opens the vault's key. Whoever has it can open what is stored, and cannot log in.
    #[must_use]
    pub fn unlock_key(&self) -> UnlockKey {
        UnlockKey(self.expand(UNLOCK_LABEL))
    }

    fn expand(&self, label: &[u8]) -> Secret<[u8; 32]> {
        derive_key(self.0.expose(), label)
    }
}

/// HKDF-SHA-256 without salt, one block out (RFC 5869).
pub(crate) fn derive_key(input: &[u8; 32], label: &[u8]) -> Secret<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    // Cannot fail: 32 bytes are one block, the limit is 255.
    let filled = Hkdf::<Sha256>::new(None, input).expand(label, out.as_mut_slice());
    debug_assert!(filled.is_ok());
    Secret::new(*out)
}

/// Stretches a passphrase with Argon2id version 1.3 (RFC 9106).
///
/// Takes 0.2 to 0.4 s and 64 MiB at the default cost.
///
/// # Errors
///
/// [`KdfError::OutOfMemory`] when the memory cannot be had; the allocation is tried, not assumed.
pub fn derive_stretched_key(
    passphrase: &Passphrase,
    salt: &Salt,
    parameters: &KdfParameters,
) -> Result<StretchedKey, KdfError> {
    let params = Params::new(
        parameters.memory_kib(),
        parameters.passes(),
        parameters.lanes(),
        Some(32),
    )
    .map_err(|_| KdfError::TooDear)?;
    let mut memory = Memory::reserve(params.block_count())?;
    let mut out = Zeroizing::new([0; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(
            passphrase.expose().as_bytes(),
            salt,
            out.as_mut_slice(),
            &mut memory.0,
        )
        .map_err(|_| KdfError::TooLong)?;
    Ok(StretchedKey(Secret::new(*out)))
}

/// Argon2's working memory, wiped on drop: its last blocks give the key.
struct Memory(Vec<Block>);

impl Memory {
    fn reserve(blocks: usize) -> Result<Self, KdfError> {
        let mut memory = Vec::new();
        memory
            .try_reserve_exact(blocks)
            .map_err(|_| KdfError::OutOfMemory)?;
        memory.resize(blocks, Block::default());
        Ok(Self(memory))
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        for block in &mut self.0 {
            block.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use argon2::{AssociatedData, ParamsBuilder};
    use data_encoding::HEXLOWER;

    #[test]
    fn argon2id_gives_the_vector_of_rfc_9106_section_5_3() {
        let params = ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(AssociatedData::new(&[4; 12]).unwrap())
            .output_len(32)
            .build()
            .unwrap();
        let argon =
            Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut out = [0; 32];
        argon
            .hash_password_into(&[1; 32], &[2; 16], &mut out)
            .unwrap();
        assert_eq!(
            HEXLOWER.encode(&out),
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
        );
    }

    /// Frozen on 2026-11-21: whoever changes this locks every account out.
    #[test]
    fn the_two_secrets_of_a_passphrase_never_change() {
        let key = derive_stretched_key(
            &Passphrase::new("correct horse battery staple".into()),
            b"0123456789abcdef",
            &KdfParameters::DEFAULT,
        )
        .unwrap();
        assert_eq!(
            HEXLOWER.encode(key.login_secret().expose()),
            "a7a6e9728ac785e0a8d6d70d34cf74a023d8293cfb00ae9053b825868af0dcb8"
        );
        assert_eq!(
            HEXLOWER.encode(key.unlock_key().expose()),
            "6bdfba25e2a1f851a1a7abd8ccd9bcc5f8a21709e4503f54da7087834c4d85d4"
        );
    }

    #[test]
    fn every_input_matters() {
        let cost = KdfParameters::new(32 * 1024, 4, 1).unwrap();
        let stretch = |text: &str, salt: &Salt, cost: &KdfParameters| {
            derive_stretched_key(&Passphrase::new(text.into()), salt, cost)
                .unwrap()
                .login_secret()
        };
        let base = stretch("a", &[0; 16], &cost);
        assert_eq!(base, stretch("a", &[0; 16], &cost));
        assert_ne!(base, stretch("b", &[0; 16], &cost));
        assert_ne!(base, stretch("a", &[1; 16], &cost));
        let dearer = KdfParameters::new(32 * 1024, 5, 1).unwrap();
        assert_ne!(base, stretch("a", &[0; 16], &dearer));
    }

    #[test]
    fn a_server_can_neither_lower_nor_explode_the_cost() {
        for (memory, passes, lanes) in [
            (0, 3, 1),
            (32 * 1024 - 1, 10, 1),
            (64 * 1024, 1, 1),
            (127 * 1024, 1, 1),
            (32 * 1024, 3, 1),
            (64 * 1024, 0, 1),
            (64 * 1024, 3, 0),
        ] {
            assert_eq!(
                KdfParameters::new(memory, passes, lanes),
                Err(KdfError::TooCheap)
            );
        }
        for (memory, passes, lanes) in [
            (256 * 1024 + 1, 1, 1),
            (u32::MAX, 1, 1),
            (64 * 1024, 11, 1),
            (64 * 1024, u32::MAX, 1),
            (64 * 1024, 3, 5),
        ] {
            assert_eq!(
                KdfParameters::new(memory, passes, lanes),
                Err(KdfError::TooDear)
            );
        }
        for (memory, passes, lanes) in [(32 * 1024, 4, 1), (128 * 1024, 1, 4), (256 * 1024, 10, 4)]
        {
            assert!(KdfParameters::new(memory, passes, lanes).is_ok());
        }
    }

    #[test]
    fn stored_parameters_are_checked_again_when_read() {
        let json = serde_json::to_string(&KdfParameters::DEFAULT).unwrap();
        assert_eq!(
            serde_json::from_str::<KdfParameters>(&json).unwrap(),
            KdfParameters::DEFAULT
        );
        let cheap = json.replace("65536", "1024");
        assert!(serde_json::from_str::<KdfParameters>(&cheap).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        let key = StretchedKey(Secret::new([0x41; 32]));
        assert_eq!(
            format!("{key:?} {:?}", key.unlock_key()),
            "StretchedKey(Secret(..)) UnlockKey(Secret(..))"
        );
    }
}
