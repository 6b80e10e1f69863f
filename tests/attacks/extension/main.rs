//! Attacks on the extension, one folder each.
