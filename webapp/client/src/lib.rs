//! The headless mail client.

pub mod ports;
pub mod view;
