//! `crypto-core` for JavaScript: the program inside the npm package `@letterlock/openpgp`.
//!
//! Conversions and typed errors, no logic. What people call is the TypeScript in `npm/src`, over
//! what is exported here; both are built together by `cargo xtask npm`, so nothing here needs to
//! stay compatible with anything but that.
//!
//! - Certificates and private keys are handles: JavaScript holds a number, the key stays in the
//!   program's memory and is wiped when the handle is freed.
//! - Requests are built by a [`request::Request`], because handles cannot travel in lists.
//! - An error is an `Error` with a `name`, a `code` and perhaps `details`; see [`failure`].
//! - Time comes in as seconds since 1970 from JavaScript's clock, randomness from
//!   `crypto.getRandomValues`.
//! - Small blocks of memory are wiped when they are given back, large buffers by their owners.
//!
//! Without the feature `full` nothing here touches a private key, and the linker leaves out all
//! that only those need.

pub mod armor;
pub mod certificate;
pub mod engine;
pub mod failure;
#[cfg(feature = "full")]
pub mod key;
#[cfg(feature = "measured")]
pub mod measured;
mod memory;
#[cfg(feature = "full")]
pub mod message;
pub mod request;
pub mod shapes;
#[cfg(feature = "full")]
pub mod sign;
#[cfg(feature = "full")]
pub mod stream;
pub mod verify;
