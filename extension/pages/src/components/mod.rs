//! The small parts that frames and pages are made of: what the webmail draws alike comes from the
//! kit.

mod failure;
mod message;
mod switch;

pub(crate) use failure::FailureNote;
pub(crate) use message::{LetterHead, MessageBody};
pub(crate) use switch::Switch;
pub(crate) use ui_kit::avatar::Avatar;
pub(crate) use ui_kit::dialog::Dialog;
pub(crate) use ui_kit::field::{Field, input_value, value_of};
pub(crate) use ui_kit::progress::Busy;
pub(crate) use ui_kit::verdict::{VerdictLine, protection_word, signature_word};
