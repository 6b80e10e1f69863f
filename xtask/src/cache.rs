//! Content hashes, and a small store for results that depend on bytes alone.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use data_encoding::{BASE64, HEXLOWER};
use sha2::{Digest, Sha256, Sha384};

use crate::paths;

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// The value of an `integrity` attribute (W3C Subresource Integrity).
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha384-{}", BASE64.encode(&Sha384::digest(bytes)))
}

/// Returns the stored bytes under `kind`/`key`, or makes and stores them.
///
/// # Errors
///
/// What `make` returns, and failures of the file system.
pub(crate) fn remembered(
    kind: &str,
    key: &str,
    make: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let path = folder(kind).join(key);
    if let Ok(bytes) = fs::read(&path) {
        return Ok(bytes);
    }
    let bytes = make()?;
    write_whole(&path, &bytes)?;
    Ok(bytes)
}

/// The folder of one kind of stored results.
pub(crate) fn folder(kind: &str) -> PathBuf {
    paths::own().join(kind)
}

/// Writes a file so that no reader ever sees half of it.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.persist(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}
