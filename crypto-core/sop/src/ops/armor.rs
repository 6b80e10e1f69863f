//! `armor` and `dearmor`.

use std::io;

use crypto_core::openpgp::{ArmorKind, armor, dearmor};
use sop::{
    Result,
    errors::Error,
    ops::{self, ArmorLabel, Ready},
};

use super::Done;
use crate::objects::read_all;

/// See [`ops::Armor`].
#[derive(Default)]
pub(crate) struct Armor {
    kind: Option<ArmorKind>,
}

impl<'s> ops::Armor<'s> for Armor {
    fn label(mut self: Box<Self>, label: ArmorLabel) -> Box<dyn ops::Armor<'s> + 's> {
        self.kind = match label {
            ArmorLabel::Auto => None,
            ArmorLabel::Sig => Some(ArmorKind::Signature),
            ArmorLabel::Key => Some(ArmorKind::PrivateKey),
            ArmorLabel::Cert => Some(ArmorKind::PublicKey),
            ArmorLabel::Message => Some(ArmorKind::Message),
        };
        self
    }

    fn data<'d>(
        self: Box<Self>,
        data: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        let data = read_all(data)?;
        // What is armored already stays as it is.
        let bytes = if data.trim_ascii_start().starts_with(b"-----BEGIN PGP ") {
            dearmor(&data).map_err(|_| Error::BadData)?;
            data
        } else {
            armor(&data, self.kind).map_err(|_| Error::BadData)?
        };
        Ok(Box::new(Done { bytes, result: () }))
    }
}

/// See [`ops::Dearmor`].
pub(crate) struct Dearmor;

impl<'s> ops::Dearmor<'s> for Dearmor {
    fn data<'d>(
        self: Box<Self>,
        data: &'d mut (dyn io::Read + Send + Sync),
    ) -> Result<Box<dyn Ready + 'd>>
    where
        's: 'd,
    {
        let data = read_all(data)?;
        if data.first().is_some_and(|first| first & 0x80 != 0) {
            return Err(Error::BadData);
        }
        let bytes = dearmor(&data).map_err(|_| Error::BadData)?;
        Ok(Box::new(Done { bytes, result: () }))
    }
}
