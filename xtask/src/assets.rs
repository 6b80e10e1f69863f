//! Puts the static site together.
//!
//! Every file below `assets/` carries the hash of its content in its name, so
//! it can be cached for ever and never be a stale half of another build. Sources
//! name each other by tokens: `__BOOT_JS__` stands for the final file name of
//! `boot.js`, `__BOOT_JS_INTEGRITY__` for its integrity value. A file is
//! finished after those it names, so two files cannot name each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::{bindgen, cache};

/// How many characters of the content's hash go into a name.
const HASH_CHARACTERS: usize = 16;
/// Files smaller than this are not worth a second copy.
const SMALLEST_COMPRESSED: usize = 256;

/// A source file of the site.
pub(crate) struct Source {
    /// Its name in tokens, like `boot.js` or `icons/mail.svg`
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) place: Place,
}

/// Where a source goes, and under which name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// `assets/NAME-HASH.EXT`, tokens replaced
    Hashed,
    /// `assets/NAME-HASH.EXT`, byte for byte
    HashedVerbatim,
    /// `assets/NAME`, byte for byte: others import it by this very path
    Beside,
    /// The site's root, name kept, tokens replaced
    Root,
    /// The site's root under this name, byte for byte
    At(&'static str),
    /// This folder, name kept, byte for byte
    In(&'static str),
}

/// The finished site: paths below its root, and their bytes.
pub(crate) type Site = BTreeMap<String, Vec<u8>>;

/// Finishes all sources.
///
/// # Errors
///
/// An unknown token, two files that name each other, or two files of one name.
pub(crate) fn finish(sources: Vec<Source>) -> Result<Site> {
    let mut by_token = BTreeMap::new();
    for (index, source) in sources.iter().enumerate() {
        if by_token.insert(token(&source.name), index).is_some() {
            bail!("two files share the token __{}__", token(&source.name));
        }
    }
    let mut finisher = Finisher {
        finished: sources.iter().map(|_| None).collect(),
        open: BTreeSet::new(),
        sources,
        by_token,
    };
    let mut site = Site::new();
    for index in 0..finisher.sources.len() {
        let done = finisher.finish(index)?;
        if site.insert(done.path.clone(), done.bytes).is_some() {
            bail!("two files would be {}", done.path);
        }
    }
    Ok(site)
}

#[derive(Clone)]
struct Finished {
    path: String,
    integrity: String,
    bytes: Vec<u8>,
}

struct Finisher {
    sources: Vec<Source>,
    by_token: BTreeMap<String, usize>,
    finished: Vec<Option<Finished>>,
    open: BTreeSet<usize>,
}

impl Finisher {
    fn finish(&mut self, index: usize) -> Result<Finished> {
        if let Some(Some(done)) = self.finished.get(index) {
            return Ok(done.clone());
        }
        let source = self.sources.get(index).context("a known source")?;
        let (name, place, bytes) = (source.name.clone(), source.place, source.bytes.clone());
        if !self.open.insert(index) {
            bail!("{name} names a file that names {name}");
        }
        let bytes = match place {
            Place::HashedVerbatim | Place::Beside | Place::At(_) | Place::In(_) => bytes,
            Place::Hashed | Place::Root => match String::from_utf8(bytes) {
                Ok(text) => self
                    .replace(&text)
                    .with_context(|| format!("in {name}"))?
                    .into_bytes(),
                // Pictures and fonts have no tokens.
                Err(binary) => binary.into_bytes(),
            },
        };
        self.open.remove(&index);
        let done = Finished {
            path: match place {
                Place::Root => name,
                Place::At(path) => path.to_owned(),
                Place::In(folder) => format!("{folder}/{name}"),
                Place::Beside => format!("assets/{name}"),
                Place::Hashed | Place::HashedVerbatim => {
                    format!("assets/{}", hashed_name(&name, &bytes))
                }
            },
            integrity: cache::integrity(&bytes),
            bytes,
        };
        if let Some(slot) = self.finished.get_mut(index) {
            *slot = Some(done.clone());
        }
        Ok(done)
    }

    fn replace(&mut self, text: &str) -> Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, found, after)) = next_token(rest) {
            out.push_str(before);
            let (stem, integrity) = match found.strip_suffix("_INTEGRITY") {
                Some(stem) => (stem, true),
                None => (found, false),
            };
            let index = *self
                .by_token
                .get(stem)
                .with_context(|| format!("no file has the token __{found}__"))?;
            let done = self.finish(index)?;
            // Names are as seen from `assets/`, where all that carry a hash lie.
            if integrity {
                out.push_str(&done.integrity);
            } else if let Some(Place::At(_) | Place::In(_)) =
                self.sources.get(index).map(|s| s.place)
            {
                out.push_str("../");
                out.push_str(&done.path);
            } else {
                out.push_str(done.path.rsplit('/').next().unwrap_or_default());
            }
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }
}

/// The token of a file, without its underscores at both ends.
fn token(name: &str) -> String {
    name.chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect()
}

/// Splits at the next `__NAME__`: before, name, after.
fn next_token(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(offset) = text.get(from..)?.find("__") {
        let start = from + offset;
        let inner = text.get(start + 2..)?;
        let length = inner
            .find(|character: char| {
                !(character.is_ascii_uppercase() || character.is_ascii_digit() || character == '_')
            })
            .unwrap_or(inner.len());
        let run = inner.get(..length)?;
        if let Some(name) = run.strip_suffix("__").filter(|name| !name.is_empty()) {
            return Some((text.get(..start)?, name, inner.get(length..)?));
        }
        from = start + 2;
    }
    None
}

fn hashed_name(name: &str, bytes: &[u8]) -> String {
    let hash: String = cache::hash(bytes).chars().take(HASH_CHARACTERS).collect();
    let flat = name.replace('/', "-");
    match flat.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-{hash}.{extension}"),
        None => format!("{flat}-{hash}"),
    }
}

/// Writes a site into a folder that then holds nothing else, each text and wasm
/// file with a brotli copy beside it.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn write(site: &Site, folder: &Path, quality: u32) -> Result<()> {
    let compressed = compress_all(site, quality)?;
    let mut wanted = BTreeSet::new();
    for (path, bytes) in site.iter().chain(compressed.iter()) {
        let file = folder.join(path);
        wanted.insert(file.clone());
        // Unchanged files keep their time, so that a server's caches stay good.
        if fs::read(&file).ok().as_deref() != Some(bytes.as_slice()) {
            cache::write_whole(&file, bytes)?;
            set_readable(&file)?;
        }
    }
    remove_others(folder, &wanted)
}

/// Compresses what is worth it, on all cores.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn compress_all(site: &Site, quality: u32) -> Result<Site> {
    let queue: Mutex<Vec<(&String, &Vec<u8>)>> = Mutex::new(
        site.iter()
            .filter(|(path, bytes)| is_compressible(path) && bytes.len() >= SMALLEST_COMPRESSED)
            .collect(),
    );
    let done = Mutex::new(Ok(Site::new()));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().ok().and_then(|mut queue| queue.pop());
                    let Some((path, bytes)) = next else { break };
                    let result = compress(bytes, quality);
                    let Ok(mut done) = done.lock() else { break };
                    match (&mut *done, result) {
                        (Ok(site), Ok(small)) => {
                            site.insert(format!("{path}.br"), small);
                        }
                        (done, Err(problem)) => *done = Err(problem),
                        (Err(_), Ok(_)) => {}
                    }
                }
            });
        }
    });
    done.into_inner()
        .unwrap_or_else(|_| bail!("a compressing thread failed"))
}

/// Brotli of some bytes, remembered by their hash.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn compress(bytes: &[u8], quality: u32) -> Result<Vec<u8>> {
    let key = format!("{}-{quality}", cache::hash(bytes));
    cache::remembered("brotli", &key, || {
        let mut out = Vec::new();
        {
            let mut writer = brotli::CompressorWriter::new(&mut out, 1 << 16, quality, 24);
            writer.write_all(bytes)?;
            writer.flush()?;
        }
        Ok(out)
    })
}

/// Whether a file of this name gets a brotli copy.
pub(crate) fn is_compressible(path: &str) -> bool {
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    matches!(
        extension,
        "html" | "js" | "css" | "wasm" | "json" | "svg" | "txt" | "ftl" | "webmanifest" | "ico"
    )
}

/// Lets everybody read a file that was made as a temporary one.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn set_readable(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o644))?;
    Ok(())
}

/// Removes everything from a folder that is not wanted.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn remove_others(folder: &Path, wanted: &BTreeSet<std::path::PathBuf>) -> Result<()> {
    for path in bindgen::sorted(folder)? {
        if path.is_dir() {
            remove_others(&path, wanted)?;
            if bindgen::sorted(&path)?.is_empty() {
                fs::remove_dir(&path)?;
            }
        } else if !wanted.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, text: &str, place: Place) -> Source {
        Source {
            name: name.to_owned(),
            bytes: text.as_bytes().to_vec(),
            place,
        }
    }

    #[test]
    fn names_and_integrity_follow_the_finished_bytes() {
        let site = finish(vec![
            source(
                "index.html",
                "<a b=__BOOT_JS__ c=__BOOT_JS_INTEGRITY__>",
                Place::Root,
            ),
            source(
                "boot.js",
                "import('./__APP_WASM__') //__not__",
                Place::Hashed,
            ),
            source("app.wasm", "__NOT_A_TOKEN__", Place::HashedVerbatim),
        ])
        .unwrap();
        let names: Vec<&String> = site.keys().collect();
        assert_eq!(names.len(), 3);
        let boot = names
            .iter()
            .find(|name| name.starts_with("assets/boot-"))
            .unwrap();
        let index = String::from_utf8(site["index.html"].clone()).unwrap();
        assert_eq!(
            index,
            format!(
                "<a b={} c={}>",
                boot.trim_start_matches("assets/"),
                cache::integrity(&site[*boot])
            )
        );
        let boot = String::from_utf8(site[*boot].clone()).unwrap();
        let wasm = names
            .iter()
            .find(|name| name.ends_with(".wasm"))
            .unwrap()
            .trim_start_matches("assets/");
        assert_eq!(boot, format!("import('./{wasm}') //__not__"));
    }

    #[test]
    fn unknown_tokens_and_circles_are_refused() {
        let unknown = finish(vec![source("a.js", "__GONE_JS__", Place::Hashed)]);
        assert!(format!("{:#}", unknown.unwrap_err()).contains("__GONE_JS__"));
        let circle = finish(vec![
            source("a.js", "__B_JS__", Place::Hashed),
            source("b.js", "__A_JS__", Place::Hashed),
        ]);
        assert!(format!("{:#}", circle.unwrap_err()).contains("names a file that names"));
    }

    #[test]
    fn what_is_compressed_can_be_read_again() {
        let text = "Letterlock ".repeat(1000);
        let mut small = Vec::new();
        {
            let mut writer = brotli::CompressorWriter::new(&mut small, 4096, 5, 24);
            writer.write_all(text.as_bytes()).unwrap();
        }
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut small.as_slice(), &mut back).unwrap();
        assert_eq!(back, text.as_bytes());
    }
}
