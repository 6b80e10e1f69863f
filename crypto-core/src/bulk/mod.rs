//! The port through which bulk data is encrypted, decrypted and hashed.

/// Placeholder until the engine's methods are written.
#[allow(async_fn_in_trait)]
pub trait BulkEngine {}
