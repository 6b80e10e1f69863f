//! The webmail.

pub mod protocol;
pub mod ui;
