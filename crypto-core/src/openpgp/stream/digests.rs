//! The hashes of one content, for all signatures over it.

use pgp::packet::{OnePassSignature, Signature, SignatureConfig};

use crate::openpgp::signature::{NoDigest, Running};

/// Hashes under way; signatures that hash the same share one.
#[derive(Default)]
pub(super) struct Digests(Vec<Running>);

impl Digests {
    /// For the signatures that are announced in front of the content, or stand there themselves.
    pub(super) fn of(
        announced: &[Option<OnePassSignature>],
        in_front: &[Option<Signature>],
    ) -> Self {
        let announced = announced.iter().flatten().filter_map(Running::of_announced);
        let in_front = in_front
            .iter()
            .flatten()
            .filter_map(|signature| Running::of_config(signature.config()?).ok());
        let mut all: Vec<Running> = Vec::new();
        for one in announced.chain(in_front) {
            if !all.iter().any(|known| known.is_like(&one)) {
                all.push(one);
            }
        }
        Self(all)
    }

    pub(super) fn update(&mut self, data: &[u8]) {
        for one in &mut self.0 {
            one.update(data);
        }
    }

    /// The digest that a signature signs.
    pub(super) fn digest(&self, config: &SignatureConfig) -> Result<Vec<u8>, NoDigest> {
        match self.0.iter().find(|one| one.fits(config)) {
            Some(one) => one.digest(config),
            // Says whether the algorithm or the packet is at fault.
            None => Err(Running::of_config(config)
                .err()
                .unwrap_or(NoDigest::Malformed)),
        }
    }
}
