//! Zip archives that are the same to the bit whenever their content is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;

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

/// Packs folders, each sorted and all with the earliest time a zip can name.
///
/// Nearly every file is in the packages of both families; it is compressed once. That is done on
/// all cores, which changes no byte: what belongs where is fixed by names, not by who is done first.
///
/// # Errors
/// When an archive would be larger than a zip may be.
pub(crate) fn pack<const COUNT: usize>(folders: [&Files; COUNT]) -> Result<[Vec<u8>; COUNT]> {
    let compressed = compress_each(folders.iter().flat_map(|files| files.values()))?;
    let mut archives = [const { Vec::new() }; COUNT];
    for (archive, files) in archives.iter_mut().zip(folders) {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, bytes) in files {
            let single = compressed.get(bytes.as_slice()).context("not compressed")?;
            let mut single = ZipArchive::new(Cursor::new(single.as_slice()))?;
            writer.raw_copy_file_rename(single.by_index_raw(0)?, path)?;
        }
        *archive = writer.finish()?.into_inner();
    }
    Ok(archives)
}

/// Archives of one file each, by what is in it.
fn compress_each<'a>(
    contents: impl Iterator<Item = &'a Vec<u8>>,
) -> Result<BTreeMap<&'a [u8], Vec<u8>>> {
    let distinct: BTreeSet<&[u8]> = contents.map(Vec::as_slice).collect();
    let mut queue: Vec<&[u8]> = distinct.into_iter().collect();
    // Taken from the end, the longest first: at the end nobody waits for a long one.
    queue.sort_by_key(|bytes| bytes.len());
    let queue = Mutex::new(queue);
    let work = || {
        let mut done = Vec::new();
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let Some(bytes) = next else {
                return anyhow::Ok(done);
            };
            done.push((bytes, compress(bytes)?));
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let mut all = BTreeMap::new();
    thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        for worker in running {
            let done = worker.join();
            all.extend(done.map_err(|_| anyhow::anyhow!("a compressing thread failed"))??);
        }
        Ok(all)
    })
}

fn compress(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(LEVEL))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    writer.start_file("file", options)?;
    writer.write_all(bytes)?;
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
        let [first] = pack([&files()]).unwrap();
        let mut more = files();
        more.insert("a.js".to_owned(), vec![7; 5000]);
        // Whatever is packed beside it, and whatever is in a package twice.
        let [other, again] = pack([&more, &files()]).unwrap();
        assert_eq!(first, again);
        assert_eq!(unpack(&first).unwrap(), files());
        assert_eq!(unpack(&other).unwrap(), more);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let [mut archive] = pack([&files()]).unwrap();
        // Inside the compressed data of the first entry.
        let position = 30 + "icons/16.png".len() + 3;
        archive[position] ^= 0x10;
        assert!(unpack(&archive).is_err());
    }
}
