//! What native tests share: a real server in the same process, devices that can be closed and
//! opened again, and the bad days a test asks for.
//!
//! Nothing here is a stand-in for the thing under test: the server is the real router over a
//! real SQLite file, the client is the real client. Only the wire between them, the clock and
//! the randomness belong to the test.

mod device;
pub mod http;
mod server;
mod web;

pub use device::{Device, FixedClock, SeededEntropy, TestPlatform};
pub use server::{Cut, InProcess, TestServer};
pub use web::{LocalWeb, Stranger, Strangers};

/// The domain of the test server.
pub const DOMAIN: &str = "letterlock.test";

/// Drops progress on the floor.
pub fn silent(_: mail_client::view::Step) {}
