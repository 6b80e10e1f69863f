//! The small parts that frames and pages are made of.

mod busy;
mod confirm;
mod failure;
mod field;
mod message;
mod people;
mod switch;
mod verdict;

pub(crate) use busy::Busy;
pub(crate) use confirm::Confirm;
pub(crate) use failure::FailureNote;
pub(crate) use field::{Field, input_value, value_of};
pub(crate) use message::{LetterHead, MessageBody};
pub(crate) use people::Avatar;
pub(crate) use switch::Switch;
pub(crate) use verdict::{VerdictLine, protection_word, signature_word};
