//! The traits of random number generators, as the functions here take them.
//!
//! Hand in the operating system's generator, or one seeded from it. All secrecy of keys and
//! messages comes from it.

pub use rand::{CryptoRng, RngCore};
