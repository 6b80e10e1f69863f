//! The search for words that must not lie anywhere in the clear.

use std::fs;
use std::path::Path;

use anyhow::Result;
use data_encoding::{BASE64, HEXLOWER};

/// Where a word was found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The word
    pub word: String,
    /// The file or dump that holds it
    pub place: String,
    /// How it was written there
    pub form: &'static str,
}

/// Searches bytes for each word as UTF-8 (upper and lower case alike), UTF-16,
/// hexadecimal and base64 at every alignment.
#[must_use]
pub fn search(place: &str, bytes: &[u8], words: &[&str]) -> Vec<Found> {
    let folded = bytes.to_ascii_lowercase();
    let mut found = Vec::new();
    for word in words {
        for (form, needle, exact) in forms(word) {
            let haystack = if exact { bytes } else { folded.as_slice() };
            if contains(haystack, &needle) {
                found.push(Found {
                    word: (*word).to_owned(),
                    place: place.to_owned(),
                    form,
                });
            }
        }
    }
    found
}

/// Searches every file below a folder, names of files included.
///
/// # Errors
///
/// Failures of the file system.
pub fn search_folder(folder: &Path, words: &[&str]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let place = path.display().to_string();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        found.extend(search(&format!("name of {place}"), name.as_bytes(), words));
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(search_folder(&path, words)?);
        } else if path.is_file() {
            found.extend(search(&place, &fs::read(&path)?, words));
        }
    }
    Ok(found)
}

/// The ways in which a word may be written, and whether case matters in them.
fn forms(word: &str) -> Vec<(&'static str, Vec<u8>, bool)> {
    let lower = word.to_ascii_lowercase();
    let wide: Vec<u8> = lower.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut forms = vec![
        ("UTF-8", lower.clone().into_bytes(), false),
        ("UTF-16", wide, false),
        (
            "hexadecimal",
            HEXLOWER.encode(word.as_bytes()).into_bytes(),
            false,
        ),
    ];
    for offset in 0..3_usize {
        let mut padded = vec![0_u8; offset];
        padded.extend_from_slice(word.as_bytes());
        let text = BASE64.encode(&padded);
        // Characters at both ends also encode neighbours: what is left is the
        // word's own, wherever it stands.
        let inner: String = text
            .trim_end_matches('=')
            .chars()
            .skip(if offset == 0 { 0 } else { offset + 1 })
            .collect();
        let inner = inner
            .get(..inner.len().saturating_sub(1))
            .unwrap_or_default();
        if inner.len() >= 6 {
            forms.push(("base64", inner.as_bytes().to_vec(), true));
        }
    }
    forms
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some((first, rest)) = needle.split_first() else {
        return false;
    };
    let mut from = haystack;
    while let Some(at) = from.iter().position(|byte| byte == first) {
        from = from.get(at + 1..).unwrap_or_default();
        if from.starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORD: &str = "Quagmirelantern";

    fn forms_found(bytes: &[u8]) -> Vec<&'static str> {
        search("x", bytes, &[WORD])
            .into_iter()
            .map(|found| found.form)
            .collect()
    }

    #[test]
    fn a_word_is_found_in_every_form() {
        assert_eq!(forms_found(b"..QUAGMIRElantern.."), ["UTF-8"]);
        let wide: Vec<u8> = WORD.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(forms_found(&wide), ["UTF-16"]);
        let hex = HEXLOWER.encode(WORD.as_bytes());
        assert_eq!(forms_found(hex.as_bytes()), ["hexadecimal"]);
        for before in ["", "a", "ab", "abc"] {
            let text = BASE64.encode(format!("{before}{WORD}!?").as_bytes());
            assert_eq!(forms_found(text.as_bytes()), ["base64"], "{before}: {text}");
        }
    }

    #[test]
    fn other_bytes_hold_nothing() {
        assert!(forms_found(b"Quagmire lantern and base64 UXVhZ21pcmU=").is_empty());
    }

    #[test]
    fn a_folder_is_searched_to_the_bottom() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        fs::write(folder.path().join("deep/file"), format!("x{WORD}x")).unwrap();
        assert_eq!(search_folder(folder.path(), &[WORD]).unwrap().len(), 1);
    }
}
