//! Files in parts: put together on the way in, cut up on the way out.

use std::collections::HashMap;

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use ext_protocol::transfer::{Base64, PART_BYTES, Part};
use zeroize::Zeroizing;

/// The largest file: 25 MiB.
pub const FILE_LIMIT: usize = 25 * 1024 * 1024;
/// The most that one peer may have lying here: 64 MiB.
pub const TOTAL_LIMIT: usize = 64 * 1024 * 1024;
/// The most files one peer may have lying here.
const FILES_LIMIT: usize = 400;

/// Why a part was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    /// The file, or all together, would be too large.
    #[error("25 MiB a file and 64 MiB together is the most")]
    TooLarge,
    /// Not base64, a part that is too long, or one after the last.
    #[error("not a part of a file")]
    Malformed,
}

/// What one peer has sent. Wiped when dropped: it may be somebody's document.
pub struct Parts {
    files: HashMap<u32, File>,
    total: usize,
    file_limit: usize,
    total_limit: usize,
}

impl Default for Parts {
    fn default() -> Self {
        Self::with_limits(FILE_LIMIT, TOTAL_LIMIT)
    }
}

#[derive(Default)]
struct File {
    data: Zeroizing<Vec<u8>>,
    whole: bool,
}

impl Parts {
    fn with_limits(file_limit: usize, total_limit: usize) -> Self {
        Self {
            files: HashMap::new(),
            total: 0,
            file_limit,
            total_limit,
        }
    }

    /// Takes a part. What is refused takes its whole file along.
    ///
    /// # Errors
    /// See [`PartError`].
    pub fn add(&mut self, part: &Part) -> Result<(), PartError> {
        let result = self.append(part);
        if result.is_err() {
            drop(self.take_any(part.file));
        }
        result
    }

    fn append(&mut self, part: &Part) -> Result<(), PartError> {
        let text = part.data.0.as_bytes();
        if !text.len().is_multiple_of(4) {
            return Err(PartError::Malformed);
        }
        let length = text.len() / 4 * 3;
        if !self.files.contains_key(&part.file) && self.files.len() >= FILES_LIMIT {
            return Err(PartError::TooLarge);
        }
        let file = self.files.entry(part.file).or_default();
        // Padding makes the true length up to two bytes shorter.
        if file.whole || length > PART_BYTES + 2 {
            return Err(PartError::Malformed);
        }
        let start = file.data.len();
        if start + length > self.file_limit || self.total + length > self.total_limit {
            return Err(PartError::TooLarge);
        }
        // Growing a vector would leave unwiped copies behind.
        let mut data = Zeroizing::new(Vec::new());
        if file.data.capacity() < start + length {
            let room = if part.last {
                start + length
            } else {
                (start + length) * 2
            };
            data.reserve_exact(room.min(self.file_limit));
            data.extend_from_slice(&file.data);
            std::mem::swap(&mut file.data, &mut data);
        }
        file.data.resize(start + length, 0);
        let tail = file.data.get_mut(start..).unwrap_or_default();
        let Ok(written) = BASE64.decode_slice(text, tail) else {
            file.data.truncate(start);
            return Err(PartError::Malformed);
        };
        file.data.truncate(start + written);
        file.whole = part.last;
        self.total += written;
        Ok(())
    }

    /// Takes a whole file out.
    pub fn take(&mut self, file: u32) -> Option<Zeroizing<Vec<u8>>> {
        self.files.get(&file).filter(|file| file.whole)?;
        self.take_any(file)
    }

    /// Lends a whole file.
    #[must_use]
    pub fn get(&self, file: u32) -> Option<&[u8]> {
        self.files
            .get(&file)
            .filter(|file| file.whole)
            .map(|file| file.data.as_slice())
    }

    /// Puts a whole file in, such as one of a draft.
    pub fn put(&mut self, file: u32, data: Zeroizing<Vec<u8>>) {
        drop(self.take_any(file));
        self.total += data.len();
        self.files.insert(file, File { data, whole: true });
    }

    fn take_any(&mut self, file: u32) -> Option<Zeroizing<Vec<u8>>> {
        let file = self.files.remove(&file)?;
        self.total = self.total.saturating_sub(file.data.len());
        Some(file.data)
    }
}

/// The parts of a file, one at a time.
pub fn cut(file: u32, data: &[u8]) -> impl Iterator<Item = Part> + '_ {
    cut_by(PART_BYTES, file, data)
}

fn cut_by(size: usize, file: u32, data: &[u8]) -> impl Iterator<Item = Part> + '_ {
    let pieces = data.len().div_ceil(size).max(1);
    (0..pieces).map(move |piece| {
        let start = piece * size;
        let end = data.len().min(start + size);
        Part {
            file,
            data: Base64(BASE64.encode(data.get(start..end).unwrap_or_default())),
            last: piece + 1 == pieces,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_comes_together_again() {
        for length in [0, 1, 300, 301, 895] {
            let data: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let mut parts = Parts::default();
            for part in cut_by(300, 7, &data) {
                assert!(parts.take(7).is_none(), "not whole yet");
                parts.add(&part).unwrap();
            }
            assert_eq!(parts.take(7).unwrap().as_slice(), data, "{length}");
            assert!(parts.take(7).is_none());
            assert_eq!(parts.total, 0);
        }
    }

    #[test]
    fn a_file_and_all_together_have_limits() {
        const PIECE: usize = 300;
        let (file_limit, total_limit) = (25 * PIECE + 7, 64 * PIECE + 7);
        let mut parts = Parts::with_limits(file_limit, total_limit);
        let piece = |file, last| Part {
            last,
            ..cut(file, &[0; PIECE]).next().unwrap()
        };
        let mut taken = 0;
        while parts.add(&piece(1, false)).is_ok() {
            taken += PIECE;
        }
        assert!(taken <= file_limit && taken + PIECE > file_limit);
        assert!(parts.get(1).is_none());
        assert_eq!(parts.total, 0, "a file that is too large is forgotten");
        let mut file = 10;
        while parts.add(&piece(file, true)).is_ok() {
            file += 1;
        }
        assert!(parts.total <= total_limit && parts.total + PIECE > total_limit);
    }

    #[test]
    fn a_part_has_its_limit() {
        let mut parts = Parts::default();
        let part = cut_by(PART_BYTES + 3, 1, &vec![0; PART_BYTES + 3])
            .next()
            .unwrap();
        assert_eq!(parts.add(&part), Err(PartError::Malformed));
    }

    #[test]
    fn nothing_follows_the_last_part() {
        let mut parts = Parts::default();
        let part = cut(1, b"hello").next().unwrap();
        parts.add(&part).unwrap();
        assert_eq!(parts.add(&part), Err(PartError::Malformed));
        assert!(parts.take(1).is_none(), "and the file is gone");
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        for text in ["A", "A===", "....", "AA\n=", "é"] {
            let mut parts = Parts::default();
            let part = Part {
                file: 1,
                data: Base64(text.into()),
                last: true,
            };
            assert_eq!(parts.add(&part), Err(PartError::Malformed), "{text}");
        }
    }
}
