//! Values that must not be seen: wiped from memory when dropped, and silent when printed.
//!
//! The attacker here is our own carelessness: a secret that ends in a log line, an error text or
//! a serialised struct. So [`Secret`] has no `Serialize`, no `Display` and a `Debug` that says
//! only that something is there.
//!
//! ```
//! use crypto_core::secret::Passphrase;
//! let passphrase = Passphrase::new("correct horse battery staple".to_owned());
//! assert_eq!(format!("{passphrase:?}"), "Passphrase(..)");
//! ```

use std::fmt;

use subtle::ConstantTimeEq;
pub use zeroize::{Zeroize, Zeroizing};

/// A value that is wiped on drop and never printed.
pub struct Secret<T: Zeroize>(Zeroizing<T>);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of a secret value.
    pub fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Lends the value to code that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize + Clone> Clone for Secret<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<const N: usize> PartialEq for Secret<[u8; N]> {
    /// Compares in constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for Secret<[u8; N]> {}

/// Wipes a buffer, all of its capacity, and gives its memory back.
///
/// For large buffers: `Zeroizing` writes byte by byte, which takes longer than the encryption of
/// what it wipes. Afterwards nothing is left for it to do.
///
/// ```
/// # use zeroize::Zeroizing;
/// let mut plaintext = Zeroizing::new(vec![1u8; 1 << 20]);
/// crypto_core::secret::wipe(&mut plaintext);
/// assert_eq!(plaintext.capacity(), 0);
/// ```
pub fn wipe(buffer: &mut Vec<u8>) {
    let mut taken = std::mem::take(buffer);
    wipe_in_place(&mut taken);
}

/// Wipes a buffer, all of its capacity, and leaves it empty, to be used again.
pub(crate) fn wipe_in_place(buffer: &mut Vec<u8>) {
    buffer.clear();
    // One fill of the whole allocation, which never grows here; the barrier makes the compiler
    // believe that somebody looks.
    buffer.resize(buffer.capacity(), 0);
    zeroize::optimization_barrier(buffer.as_slice());
    buffer.clear();
}

/// What a person types to prove who they are.
///
/// The text is used as it was typed, in UTF-8; callers normalise (NFC) at the keyboard if they
/// normalise at all.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes ownership of a passphrase.
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// Lends the text to code that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when nothing was typed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing() {
        let shown = format!(
            "{:?} {:?}",
            Secret::new([0x41u8; 4]),
            Passphrase::new("AAAA".into())
        );
        assert_eq!(shown, "Secret(..) Passphrase(..)");
    }

    #[test]
    fn wiping_reaches_the_whole_capacity() {
        let mut buffer = Vec::with_capacity(100);
        buffer.extend_from_slice(&[7; 90]);
        buffer.truncate(10);
        let capacity = buffer.capacity();
        wipe_in_place(&mut buffer);
        assert!(buffer.is_empty());
        assert_eq!(buffer.capacity(), capacity);
        // Growing within the capacity shows what is there: zeros, written by us or before.
        buffer.resize(capacity, 0);
        assert_eq!(buffer, vec![0; capacity]);
        wipe(&mut buffer);
        assert_eq!(buffer.capacity(), 0);
    }

    #[test]
    fn equality_looks_at_every_byte() {
        let a = Secret::new([1u8, 2, 3]);
        assert_eq!(a, Secret::new([1, 2, 3]));
        assert_ne!(a, Secret::new([1, 2, 4]));
    }
}
