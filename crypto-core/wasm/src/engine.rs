//! What the platform gives: an engine for bulk data, and randomness.

use std::rc::Rc;

use crypto_webcrypto::WebCryptoEngine;

thread_local! {
    static ENGINE: Rc<WebCryptoEngine> = Rc::new(WebCryptoEngine::new());
}

/// The engine over WebCrypto; looked up once.
pub(crate) fn engine() -> Rc<WebCryptoEngine> {
    ENGINE.with(Rc::clone)
}

/// A generator seeded by the platform, for one operation.
///
/// One call into JavaScript an operation instead of one for each number.
///
/// # Panics
/// When the platform has no source of randomness; nothing may go on then.
#[cfg(feature = "full")]
pub(crate) fn rng() -> rand::rngs::StdRng {
    use rand::SeedableRng;
    rand::rngs::StdRng::from_entropy()
}
