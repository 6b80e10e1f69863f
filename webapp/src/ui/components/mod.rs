//! The small parts every page is made of: what the extension draws alike comes from the kit.

mod failure;
mod notices;
mod passphrase;
mod progress;
mod toasts;

pub(crate) use failure::FailureNote;
pub(crate) use notices::Notices;
pub(crate) use passphrase::{NewPassphrase, PassphraseFault, check as check_passphrase};
pub(crate) use progress::ProgressBar;
pub(crate) use toasts::Toasts;
pub(crate) use ui_kit::avatar::Avatar;
pub(crate) use ui_kit::dialog::Dialog;
pub(crate) use ui_kit::field::{Field, value_of};
pub(crate) use ui_kit::icon::{Glyph, IconButton, icon};
pub(crate) use ui_kit::verdict::{VerdictLine, protection_word, signature_word, words};
