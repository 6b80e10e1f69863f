//! Files in parts: a message between worlds carries JSON, and not too much of it.

use std::collections::HashMap;

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use ext_protocol::transfer::{Base64, PART_BYTES, Part};

/// The most bytes of one file that are put together here: what the background lets through.
const LARGEST: usize = 256 * 1024 * 1024;

/// Cuts a file into parts, in order; an empty file is one empty part.
pub(crate) fn split(file: u32, data: &[u8]) -> impl Iterator<Item = Part> + '_ {
    let count = data.len().div_ceil(PART_BYTES).max(1);
    (0..count).map(move |index| {
        let start = index * PART_BYTES;
        let end = data.len().min(start + PART_BYTES);
        Part {
            file,
            data: Base64(BASE64.encode(data.get(start..end).unwrap_or_default())),
            last: index + 1 == count,
        }
    })
}

/// Base64 of a small file that travels inside a request.
pub(crate) fn encode(data: &[u8]) -> Base64 {
    Base64(BASE64.encode(data))
}

/// Puts parts together.
#[derive(Default)]
pub(crate) struct Joiner {
    open: HashMap<u32, Vec<u8>>,
    done: HashMap<u32, Vec<u8>>,
}

impl Joiner {
    /// Takes a part. One that is not base64, or a file beyond the limit, drops that file.
    pub(crate) fn take(&mut self, part: &Part) {
        let mut data = self.open.remove(&part.file).unwrap_or_default();
        let Ok(bytes) = BASE64.decode(part.data.0.as_bytes()) else {
            return;
        };
        if data.len() + bytes.len() > LARGEST {
            return;
        }
        data.extend_from_slice(&bytes);
        if part.last {
            self.done.insert(part.file, data);
        } else {
            self.open.insert(part.file, data);
        }
    }

    /// Hands out a finished file, once.
    pub(crate) fn finish(&mut self, file: u32) -> Option<Vec<u8>> {
        self.done.remove(&file)
    }

    /// Forgets everything.
    pub(crate) fn clear(&mut self) {
        self.open.clear();
        self.done.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_through_whole() {
        for length in [0, 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES] {
            let data: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let mut joiner = Joiner::default();
            let parts: Vec<Part> = split(7, &data).collect();
            let most = PART_BYTES.div_ceil(3) * 4;
            assert!(parts.iter().all(|p| p.data.0.len() <= most));
            assert_eq!(parts.iter().filter(|p| p.last).count(), 1);
            for part in &parts {
                assert!(joiner.finish(7).is_none());
                joiner.take(part);
            }
            assert_eq!(joiner.finish(7), Some(data));
            assert!(joiner.finish(7).is_none());
        }
    }

    #[test]
    fn files_do_not_mix() {
        let mut joiner = Joiner::default();
        let part = |file, text: &str, last| Part {
            file,
            data: encode(text.as_bytes()),
            last,
        };
        joiner.take(&part(1, "a", false));
        joiner.take(&part(2, "x", true));
        joiner.take(&part(1, "b", true));
        assert_eq!(joiner.finish(1), Some(b"ab".to_vec()));
        assert_eq!(joiner.finish(2), Some(b"x".to_vec()));
    }

    #[test]
    fn a_damaged_part_drops_its_file() {
        let mut joiner = Joiner::default();
        joiner.take(&Part {
            file: 1,
            data: Base64("not base64".into()),
            last: true,
        });
        assert!(joiner.finish(1).is_none());
    }
}
