//! Keys and messages of our own, through the public interface: what works, and what is refused.

mod certificates;
mod common;
mod hostile;
mod properties;
mod roundtrip;
mod signed;
