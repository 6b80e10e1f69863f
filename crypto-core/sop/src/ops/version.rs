//! `version`.

use sop::{
    Result,
    ops::{Version as VersionVerb, VersionInfo},
};

/// See [`VersionVerb`].
pub(crate) struct Version;

impl<'s> VersionVerb<'s> for Version {
    fn frontend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo {
            name: "letterlock-sop".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    fn backend(&self) -> Result<VersionInfo> {
        Ok(VersionInfo {
            name: "crypto-core".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        })
    }

    fn extended(&self) -> Result<String> {
        Ok("RFC 9580, RFC 9980 (ML-KEM-768 with X25519)\n\
            packets and public-key operations by rPGP, bulk data by RustCrypto"
            .to_owned())
    }
}
