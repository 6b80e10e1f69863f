//! Shared by the tests: a fixed time, seeded randomness, keys, shorter calls.

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        Certificate, DecryptError, DecryptRequest, EncryptRequest, Limits, Opened, Profile,
        SecretCertificate, SignatureVerdict, UserId, decrypt, encrypt, generate,
    },
    secret::Passphrase,
};
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// 2026-09-21, the "now" of all tests.
pub(crate) const NOW: UnixTime = UnixTime(1_790_000_000);
pub(crate) const DAY: u64 = 86_400;

pub(crate) const PROFILES: [Profile; 3] =
    [Profile::Compatible, Profile::Modern, Profile::PostQuantum];

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// A key made a day before [`NOW`].
pub(crate) fn key(profile: Profile, name: &str) -> SecretCertificate {
    let id = UserId::new(name, format!("{}@example.org", name.to_ascii_lowercase()));
    let seed = name.bytes().map(u64::from).sum::<u64>() + profile as u64;
    let created = UnixTime(NOW.0 - DAY);
    generate(profile, &[id], created, &mut rng(seed))
        .unwrap()
        .secret
}

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// Encrypts, binary.
pub(crate) fn seal(
    plaintext: &[u8],
    recipients: &[&Certificate],
    signer: Option<&SecretCertificate>,
) -> Vec<u8> {
    block_on(encrypt(
        &NativeEngine,
        &mut rng(7),
        plaintext,
        &EncryptRequest {
            recipients,
            passwords: &[],
            signer,
            now: NOW,
            armor: false,
        },
    ))
    .unwrap()
}

/// Decrypts with the default limits at [`NOW`].
pub(crate) fn open(
    message: &[u8],
    keys: &[&SecretCertificate],
    verifiers: &[&Certificate],
) -> Result<Opened, DecryptError> {
    open_at(message, keys, verifiers, NOW)
}

pub(crate) fn open_at(
    message: &[u8],
    keys: &[&SecretCertificate],
    verifiers: &[&Certificate],
    now: UnixTime,
) -> Result<Opened, DecryptError> {
    block_on(decrypt(
        &NativeEngine,
        message,
        &DecryptRequest {
            keys,
            passwords: &[],
            verifiers,
            limits: &Limits::default(),
            now,
        },
    ))
}

pub(crate) fn is_good(verdict: &SignatureVerdict, signer: &SecretCertificate) -> bool {
    matches!(verdict, SignatureVerdict::Good { signer: found, at }
        if *found == signer.fingerprint() && *at == NOW)
}
