//! What the webmail and the extension's pages draw alike.
//!
//! | module | what |
//! |---|---|
//! | [`dom`] | the few places where a page touches the browser directly |
//! | [`mod@format`] | dates, numbers, sizes and fingerprints as the reader's language writes them |
//! | [`icon`] | the drawings |
//! | [`letter`] | mail in its sandboxed frame, plain text with links and quotes |
//! | [`texts`] | Fluent catalogues and the choice of a language |
//!
//! # Security
//! Nothing here holds keys. [`letter`] is the one place where HTML of strangers meets a document.

pub mod dom;
pub mod format;
pub mod icon;
pub mod letter;
pub mod texts;
