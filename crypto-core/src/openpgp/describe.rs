//! What a certificate is made of, in the field's words, for those who ask.

use pgp::types::{KeyDetails, PublicParams};

use super::{Certificate, policy};
use crate::ids::Fingerprint;

impl Certificate {
    /// The fingerprints of all its keys, the primary one first.
    pub fn fingerprints(&self) -> Vec<Fingerprint> {
        let subkeys = self.subkeys.iter();
        std::iter::once(self.fingerprint())
            .chain(subkeys.map(|subkey| policy::fingerprint(&subkey.key)))
            .collect()
    }

    /// The algorithms of its keys, the primary one first, each once: `Ed25519, X25519`.
    pub fn algorithms(&self) -> String {
        let primary = algorithm(self.primary.public_params());
        let subkeys = self
            .subkeys
            .iter()
            .map(|subkey| algorithm(subkey.key.public_params()));
        let mut names: Vec<String> = Vec::new();
        for name in std::iter::once(primary).chain(subkeys) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }
}

fn algorithm(params: &PublicParams) -> String {
    let named = |name: &str| name.to_owned();
    match params {
        PublicParams::RSA(_) => named("RSA"),
        PublicParams::DSA(_) => named("DSA"),
        PublicParams::Elgamal(_) => named("ElGamal"),
        PublicParams::ECDSA(key) => format!("ECDSA {}", key.curve().name()),
        PublicParams::ECDH(key) => match key.curve().name() {
            "Curve25519Legacy" => named("X25519"),
            other => format!("ECDH {other}"),
        },
        PublicParams::EdDSALegacy(_) | PublicParams::Ed25519(_) => named("Ed25519"),
        PublicParams::X25519(_) => named("X25519"),
        PublicParams::X448(_) => named("X448"),
        PublicParams::Ed448(_) => named("Ed448"),
        #[cfg(feature = "pqc")]
        PublicParams::MlKem768X25519(_) => named("ML-KEM-768 + X25519"),
        #[cfg(feature = "pqc")]
        PublicParams::MlKem1024X448(_) => named("ML-KEM-1024 + X448"),
        #[cfg(feature = "pqc")]
        PublicParams::MlDsa65Ed25519(_) => named("ML-DSA-65 + Ed25519"),
        #[cfg(feature = "pqc")]
        PublicParams::MlDsa87Ed448(_) => named("ML-DSA-87 + Ed448"),
        _ => named("?"),
    }
}
