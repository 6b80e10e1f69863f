//! A small Letterlock server: accounts, JMAP, sealed storage, delivery and a key directory.
//!
//! The server never sees a passphrase, a private key or a stored plaintext. Mail that is handed
//! in passes through its memory, is sealed to the owner's certificate with its headers, and only
//! then touches the disk; envelopes are forgotten after delivery.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use server_stub::{AppState, Config, app, serve};
//! let state = AppState::open(Config::new("data", "example.org")).await?;
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! serve(listener, app(state.clone()), &state, std::future::pending()).await;
//! # Ok(()) }
//! ```
//!
//! | module | what it is for |
//! |---|---|
//! | `config` | what an operator decides |
//! | `app`, `serve` | the router with its bounds and headers; the accept loop |
//! | `session` | who asks: bearer tokens and their scopes |
//! | `routes` | accounts, login, directory: everything but JMAP |
//! | `jmap` | RFC 8620 and RFC 8621, one file a data type and method |
//! | `mail` | sealing, threads by keyed hashes, delivery |
//! | `store` | everything at rest; one file a table group |
//! | `webmail` | the static webmail with its headers |

mod addresses;
mod app;
mod config;
mod gates;
mod handshakes;
mod headers;
mod ids;
mod jmap;
mod mail;
mod problem;
mod push;
mod routes;
mod secret;
mod serve;
mod session;
mod state;
mod store;
mod tokens;
mod uploads;
mod webmail;

pub use app::app;
pub use config::{Clock, Config, Limits, Rate, Rates};
pub use serve::serve;
pub use state::{AppState, OpenError, TokenError};
