//! The ports of `mail-client` and `crypto-core` for browsers, one file a port.
//!
//! | module | port |
//! |---|---|
//! | [`fetch`] | `mail_client::ports::Transport`: HTTP and server-sent events |
//! | [`web`] | `mail_client::ports::WebFetch`: strangers' servers, such as key directories |
//! | [`store`] | `crypto_core::vault::ObjectStore`: sealed objects in IndexedDB |
//! | [`clock`] | `mail_client::ports::Clock` |
//! | [`entropy`] | `mail_client::ports::Entropy` |
//! | [`charsets`] | tables for reading mail in charsets of many bytes |
//! | [`tabs`] | what tabs of one browser tell each other, and which of them synchronises |
//! | [`persistence`] | asking the browser to keep what is stored |
//!
//! Everything works in a dedicated worker and in a page alike. The parts that can be wrong
//! without a browser (packing of segments, decoding of events) know no browser and are tested
//! natively; the examples `store-contract` and `bench` run the rest in real ones.

pub mod charsets;
pub mod clock;
mod database;
pub mod entropy;
pub mod fetch;
pub mod persistence;
mod segment;
mod sse;
pub mod store;
pub mod tabs;
pub mod web;

pub use clock::WebClock;
pub use entropy::WebEntropy;
pub use fetch::FetchTransport;
pub use store::IndexedDbStore;
pub use tabs::{TabLock, TabNews, Tabs};
pub use web::FetchWeb;
