//! What `idna` asks of Unicode, answered without Unicode's tables, which weigh more than all of a
//! message's way through the HTML cleaner. `idna` is made for this: its back end is a crate of its
//! own, to be replaced.
//!
//! A host name in letters beyond ASCII is taken as written, in lower case. That is enough for the
//! one question `url` answers here, which scheme an address has. Where such a link leads is told
//! and followed by the browser, which reads the address as it stands in the message, knows all of
//! the rules, and shows letters that look like others as `xn--`. What compares origins compares
//! those that the browser gives, which are ASCII.
//!
//! # Security
//! Nothing may take a host from `url` to show it or to trust it.

#![no_std]

/// Kinds of joining; there is one.
#[derive(Clone, Copy, Debug)]
pub struct JoiningType;

/// A set of them.
#[derive(Clone, Copy, Debug)]
pub struct JoiningTypeMask;

/// Any joining will do.
pub const LEFT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask;
/// Any joining will do.
pub const RIGHT_OR_DUAL_JOINING_MASK: JoiningTypeMask = JoiningTypeMask;

impl JoiningType {
    /// The set of this one.
    pub fn to_mask(self) -> JoiningTypeMask {
        JoiningTypeMask
    }

    /// Never looked past.
    pub fn is_transparent(self) -> bool {
        false
    }
}

impl JoiningTypeMask {
    /// Always.
    pub fn intersects(self, _: Self) -> bool {
        true
    }
}

/// Directions of writing; there is one.
#[derive(Clone, Copy, Debug)]
pub struct BidiClass;

/// A set of directions.
#[derive(Clone, Copy, Debug)]
pub struct BidiClassMask(bool);

/// What would make a name a bidirectional one: nothing.
pub const RTL_MASK: BidiClassMask = BidiClassMask(false);
/// Every direction.
pub const FIRST_BC_MASK: BidiClassMask = BidiClassMask(true);
/// Every direction.
pub const LAST_LTR_MASK: BidiClassMask = BidiClassMask(true);
/// Every direction.
pub const LAST_RTL_MASK: BidiClassMask = BidiClassMask(true);
/// Every direction.
pub const MIDDLE_LTR_MASK: BidiClassMask = BidiClassMask(true);
/// Every direction.
pub const MIDDLE_RTL_MASK: BidiClassMask = BidiClassMask(true);

impl BidiClass {
    /// The set of this one.
    pub fn to_mask(self) -> BidiClassMask {
        BidiClassMask(true)
    }

    /// Always.
    pub fn is_ltr(self) -> bool {
        true
    }

    /// Never.
    pub fn is_nonspacing_mark(self) -> bool {
        false
    }

    /// Never.
    pub fn is_european_number(self) -> bool {
        false
    }

    /// Never.
    pub fn is_arabic_number(self) -> bool {
        false
    }
}

impl BidiClassMask {
    /// Whether one direction is in both.
    pub fn intersects(self, other: Self) -> bool {
        self.0 && other.0
    }
}

/// What `idna` asks.
#[derive(Debug, Default)]
pub struct Adapter;

impl Adapter {
    /// The only one.
    pub const fn new() -> Self {
        Self
    }

    /// Joiners may stand anywhere.
    pub fn is_virama(&self, _: char) -> bool {
        true
    }

    /// Marks may stand anywhere.
    pub fn is_mark(&self, _: char) -> bool {
        false
    }

    /// See [`BidiClass`].
    pub fn bidi_class(&self, _: char) -> BidiClass {
        BidiClass
    }

    /// See [`JoiningType`].
    pub fn joining_type(&self, _: char) -> JoiningType {
        JoiningType
    }

    /// Lower case.
    pub fn map_normalize<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        characters.flat_map(char::to_lowercase)
    }

    /// As it is.
    pub fn normalize_validate<'a, I: Iterator<Item = char> + 'a>(
        &'a self,
        characters: I,
    ) -> impl Iterator<Item = char> + 'a {
        characters
    }
}
