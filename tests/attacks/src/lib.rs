//! Known attacks on OpenPGP mail, a folder a case; see `README.md`. The cases are in `main.rs`;
//! here is what they share that is worth a module of its own.

pub mod memory;
