//! Two people whose keys are known to everybody, and what they once signed or sealed.

use std::sync::OnceLock;

use crypto_core::{
    ids::UnixTime,
    openpgp::{Certificate, Limits, SecretCertificate},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// 2026-09-21, the "now" of all targets.
pub const NOW: UnixTime = UnixTime(1_790_000_000);

/// All that Ann and Bob ever signed. Whatever is shown as signed by them must be one of these.
pub const SIGNED: [&[u8]; 3] = [b"I owe you 5", b"two\nlines", b""];

/// What was sealed without a signature.
pub const SEALED: &[u8] = b"attack at dawn";

/// The password of messages sealed with one.
pub const PASSWORD: &str = "x";

/// Reproducible randomness.
pub fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// Version 6: X25519, Ed25519.
pub fn ann() -> &'static SecretCertificate {
    static ANN: OnceLock<SecretCertificate> = OnceLock::new();
    ANN.get_or_init(|| read(include_bytes!("../keys/ann-version-6.key")))
}

/// Version 4: Curve25519 and Ed25519 in their older encoding.
pub fn bob() -> &'static SecretCertificate {
    static BOB: OnceLock<SecretCertificate> = OnceLock::new();
    BOB.get_or_init(|| read(include_bytes!("../keys/bob-version-4.key")))
}

/// Both certificates.
pub fn both() -> &'static [Certificate; 2] {
    static BOTH: OnceLock<[Certificate; 2]> = OnceLock::new();
    BOTH.get_or_init(|| [ann().certificate(), bob().certificate()])
}

/// The usual limits, but for password derivation: a fuzzer is to try many inputs a second.
pub fn limits() -> Limits {
    Limits {
        s2k_memory_kib: 1 << 10,
        s2k_work_kib: 1 << 10,
        decompressed: 4 << 20,
        ..Limits::default()
    }
}

fn read(bytes: &[u8]) -> SecretCertificate {
    SecretCertificate::parse(bytes).expect("the keys in `keys` can be read")
}
