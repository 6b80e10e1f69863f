//! What happens to a message before it touches the disk.

pub(crate) mod deliver;
pub(crate) mod outgoing;
pub(crate) mod parse;
pub(crate) mod references;
pub(crate) mod seal;
