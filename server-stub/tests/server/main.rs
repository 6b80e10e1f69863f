//! The whole server, asked as clients ask it: in process for nearly everything, over a real
//! socket where connections matter.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod accounts;
mod at_rest;
mod bounds;
mod directory;
mod drafts;
mod email;
mod jmap;
mod kit;
mod mailbox;
mod objects;
mod push;
mod queries;
mod sending;
mod socket;
mod webmail;
