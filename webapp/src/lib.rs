//! The webmail.

pub mod protocol;
pub mod ui;
pub mod worker;
