//! The webmail.

pub mod protocol;
