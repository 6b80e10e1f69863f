//! Randomness from `crypto.getRandomValues`.

use mail_client::ports::Entropy;
use rand::{SeedableRng, rngs::StdRng};

/// Makes generators seeded by the browser.
///
/// A generator of our own (ChaCha) instead of one call into JavaScript a nonce: sealing ten
/// thousand objects asks for twenty thousand of them.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebEntropy;

impl Entropy for WebEntropy {
    type Rng = StdRng;

    /// # Panics
    ///
    /// When the browser has no source of randomness; nothing may go on then.
    fn rng(&self) -> StdRng {
        StdRng::from_entropy()
    }
}
