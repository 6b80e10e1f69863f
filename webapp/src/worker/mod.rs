//! The worker that holds the keys: it runs the headless mail client and answers the page.
//!
//! The page's attacker is a script that got into it. It can ask for what a person could ask for
//! while the account is unlocked, but it cannot take a key: no request answers with one.

mod background;
mod dispatch;
mod failure;
mod link;
mod mail;
mod meter;
mod platform;

pub use link::start;
pub use mail::Mail;
pub use platform::{WebPlatform, open_named};
