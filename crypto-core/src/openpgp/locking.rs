//! How private keys are locked by a passphrase, and what unlocking may cost.

use pgp::types::{KeyVersion, S2kParams, SecretParams, StringToKey};
use rand::{CryptoRng, RngCore};

use super::{Limits, error::UnlockError};

/// True if a private part is only a placeholder: the key is on a card, or was kept back
/// (GnuPG's private way of locking).
pub(super) fn is_stub(params: &SecretParams) -> bool {
    match params {
        SecretParams::Plain(_) => false,
        SecretParams::Encrypted(locked) => matches!(
            locked.string_to_key_params(),
            S2kParams::Cfb {
                s2k: StringToKey::Private { .. },
                ..
            } | S2kParams::MalleableCfb {
                s2k: StringToKey::Private { .. },
                ..
            }
        ),
    }
}

/// Refuses ways of locking that are unknown or would need too much memory or time.
pub(super) fn check_s2k(
    params: &S2kParams,
    limits: &Limits,
    budget: &mut u64,
) -> Result<(), UnlockError> {
    match params {
        S2kParams::Aead { s2k, .. }
        | S2kParams::Cfb { s2k, .. }
        | S2kParams::MalleableCfb { s2k, .. } => {
            if spend(s2k, limits, budget) {
                Ok(())
            } else {
                Err(UnlockError::LimitExceeded)
            }
        }
        S2kParams::Unprotected => Ok(()),
        S2kParams::LegacyCfb { .. } => Err(UnlockError::Unsupported(
            "a passphrase hashed once with MD5".to_owned(),
        )),
    }
}

/// Takes what a derivation costs off the budget; false if it costs too much.
pub(super) fn spend(s2k: &StringToKey, limits: &Limits, budget: &mut u64) -> bool {
    /// More lanes than any sender uses.
    const MAX_LANES: u8 = 16;
    let cost = match s2k {
        StringToKey::Argon2 { t, p, m_enc, .. } => {
            let memory_kib = 1u32.checked_shl(u32::from(*m_enc)).unwrap_or(u32::MAX);
            if memory_kib > limits.s2k_memory_kib || *p > MAX_LANES {
                return false;
            }
            u64::from(memory_kib) * u64::from(*t)
        }
        // At most 62 MiB are hashed: about as long as this much Argon2.
        StringToKey::IteratedAndSalted { .. } => 64 << 10,
        _ => 1,
    };
    match budget.checked_sub(cost) {
        Some(left) => {
            *budget = left;
            true
        }
        None => false,
    }
}

/// How exported keys are locked: Argon2 with authenticated encryption for version 6
/// (RFC 9580, section 3.7.2.1), and for version 4 what GnuPG 2.2 can read.
pub(super) fn locking(version: KeyVersion, rng: &mut (impl RngCore + CryptoRng)) -> S2kParams {
    match S2kParams::new_default(&mut *rng, version) {
        S2kParams::Cfb { sym_alg, s2k, iv } => {
            let StringToKey::IteratedAndSalted { hash_alg, salt, .. } = s2k else {
                return S2kParams::Cfb { sym_alg, s2k, iv };
            };
            /// The largest count there is: 62 MiB are hashed.
            const COUNT: u8 = 255;
            let s2k = StringToKey::IteratedAndSalted {
                hash_alg,
                salt,
                count: COUNT,
            };
            S2kParams::Cfb { sym_alg, s2k, iv }
        }
        other => other,
    }
}
