//! The pages: entering, reading, writing, settings.

mod compose;
mod entry;
mod log_in;
mod mail;
mod no_server;
mod settings;
mod sign_up;
mod unlock;
mod welcome;

pub(crate) use compose::Compose;
pub(crate) use entry::{Fault, Starting};
pub(crate) use log_in::LogIn;
pub(crate) use mail::Mail;
pub(crate) use no_server::NoServer;
pub(crate) use settings::Settings;
pub(crate) use sign_up::SignUp;
pub(crate) use unlock::Unlock;
pub(crate) use welcome::Welcome;
