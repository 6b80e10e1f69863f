//! What the webmail and the extension's pages draw alike.
//!
//! | module | what |
//! |---|---|
//! | [`address`] | what was typed or pasted as recipients |
//! | [`avatar`] | a sheet with the first letter of a name |
//! | [`chips`] | the row of recipients, each with the state of its key |
//! | [`dialog`] | a question that waits for its answer |
//! | [`dom`] | the few places where a page touches the browser directly |
//! | [`entry`] | the sheet that first pages are written on |
//! | [`field`] | a labelled input |
//! | [`files`] | files that go along: their list, what may run, safe names |
//! | [`mod@format`] | names, dates, numbers, sizes and fingerprints as the reader's language writes them |
//! | [`icon`] | the drawings |
//! | [`letter`] | mail in its sandboxed frame, plain text with links and quotes |
//! | [`lookalike`] | addresses whose letters may be taken for others |
//! | [`message`] | an opened message's words, its pictures and the question about its links |
//! | [`note`] | what went wrong and what to do |
//! | [`progress`] | long work |
//! | [`strength`] | how long a passphrase would resist |
//! | [`texts`] | Fluent catalogues and the choice of a language |
//! | [`verdict`] | the line above a message: how it was protected, who signed |
//!
//! # Security
//! Nothing here holds keys. [`letter`] is the one place where HTML of strangers meets a document.

pub mod address;
pub mod avatar;
pub mod chips;
pub mod dialog;
pub mod dom;
pub mod entry;
pub mod field;
pub mod files;
pub mod format;
pub mod icon;
pub mod letter;
pub mod lookalike;
pub mod message;
pub mod note;
pub mod progress;
pub mod strength;
pub mod texts;
pub mod verdict;
