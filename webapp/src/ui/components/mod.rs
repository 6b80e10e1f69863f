//! The small parts every page is made of.

mod avatar;
mod dialog;
mod failure;
mod field;
mod notices;
mod passphrase;
mod progress;
mod toasts;
mod verdict;

pub(crate) use avatar::Avatar;
pub(crate) use dialog::Dialog;
pub(crate) use failure::FailureNote;
pub(crate) use field::{Field, value_of};
pub(crate) use notices::Notices;
pub(crate) use passphrase::{NewPassphrase, PassphraseFault, check as check_passphrase};
pub(crate) use progress::ProgressBar;
pub(crate) use toasts::Toasts;
pub(crate) use ui_kit::icon::{Glyph, IconButton, icon};
pub(crate) use verdict::{Verdict, protection_word, signature_word, words};
