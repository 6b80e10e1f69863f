//! The webmail.

pub mod meter;
pub mod protocol;
pub mod ui;
pub mod worker;
