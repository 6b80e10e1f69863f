//! Zip archives that are the same to the bit whenever their content is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// Files of a package: path with `/`, and bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Everything above flate2's 9 is zopfli: slower to write, 4 per cent smaller, read by everybody.
const LEVEL: i64 = 24;

/// Reads a folder.
///
/// # Errors
/// Failures of the file system, and names that are not UTF-8.
pub(crate) fn read_folder(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    collect(folder, "", &mut files).with_context(|| format!("cannot read {}", folder.display()))?;
    if !files.contains_key("manifest.json") {
        bail!("{} holds no manifest.json", folder.display());
    }
    Ok(files)
}

fn collect(folder: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|name| anyhow::anyhow!("{} is no readable name", name.display()))?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else {
            files.insert(path, fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// Packs files, sorted, all with the earliest time a zip can name.
///
/// # Errors
/// When the archive would be larger than a zip may be.
pub(crate) fn pack(files: &Files) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644);
        writer.start_file(path.as_str(), options)?;
        writer.write_all(bytes)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Opens an archive completely, which checks every checksum in it.
///
/// # Errors
/// When it is damaged, or holds what no package of ours holds.
pub(crate) fn unpack(archive: &[u8]) -> Result<Files> {
    /// No package of ours is near it; a bomb is stopped.
    const LARGEST: u64 = 64 << 20;
    let mut zip = ZipArchive::new(Cursor::new(archive)).context("this is no readable zip")?;
    let mut files = Files::new();
    let mut sum = 0;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index)?;
        let name = entry.name()?.into_owned();
        if entry.enclosed_name().is_none() || entry.is_dir() {
            bail!("it holds {name:?}, which no package of ours does");
        }
        sum += entry.size();
        if sum > LARGEST {
            bail!("it unpacks to more than {} MiB", LARGEST >> 20);
        }
        let mut bytes = Vec::new();
        std::io::copy(&mut std::io::Read::take(&mut entry, LARGEST), &mut bytes)
            .with_context(|| format!("{name} is damaged"))?;
        if files.insert(name.clone(), bytes).is_some() {
            bail!("it holds {name} twice");
        }
    }
    if !files.contains_key("manifest.json") {
        bail!("it holds no manifest.json");
    }
    Ok(files)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn files() -> Files {
        Files::from([
            ("manifest.json".to_owned(), b"{}".to_vec()),
            ("icons/16.png".to_owned(), vec![7; 5000]),
        ])
    }

    #[test]
    fn the_same_files_give_the_same_bytes_and_come_back() {
        let first = pack(&files()).unwrap();
        assert_eq!(first, pack(&files()).unwrap());
        assert_eq!(unpack(&first).unwrap(), files());
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let mut archive = pack(&files()).unwrap();
        // Inside the compressed data of the first entry.
        let position = 30 + "icons/16.png".len() + 3;
        archive[position] ^= 0x10;
        assert!(unpack(&archive).is_err());
    }
}
