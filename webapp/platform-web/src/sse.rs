//! Server-sent events, decoded from a byte stream (WHATWG HTML, section 9.2.6).
//!
//! The browser's `EventSource` cannot send an `Authorization` header, so the stream is fetched
//! and its lines are taken apart here. Only the `data` field matters to JMAP (RFC 8620, section
//! 7.3); `event`, `id`, `retry` and comments are skipped.

/// The longest event, in bytes; a state change of JMAP is a few hundred.
const MAX_EVENT: usize = 1024 * 1024;

/// Collects bytes and gives events.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    after_cr: bool,
    past_bom: bool,
}

/// An event is longer than [`MAX_EVENT`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Decoder {
    /// Takes the next bytes, cut anywhere, and calls `on_event` with each complete event's data.
    /// Stops early when it answers false, and then answers false.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        on_event: &mut dyn FnMut(&str) -> bool,
    ) -> Result<bool, TooLong> {
        for byte in bytes {
            // CR, LF and CRLF all end a line, and CRLF may be cut between.
            let line_ended = match byte {
                b'\n' if self.after_cr => {
                    self.after_cr = false;
                    continue;
                }
                b'\r' | b'\n' => true,
                _ => false,
            };
            self.after_cr = *byte == b'\r';
            if line_ended {
                if self.end_line().is_some_and(|event| !on_event(&event)) {
                    return Ok(false);
                }
                continue;
            }
            self.line.push(*byte);
            if self.line.len() + self.data.as_ref().map_or(0, Vec::len) > MAX_EVENT {
                return Err(TooLong);
            }
        }
        Ok(true)
    }

    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let line = match line.strip_prefix(b"\xEF\xBB\xBF") {
            Some(rest) if !self.past_bom => rest,
            _ => &line,
        };
        self.past_bom = true;
        if line.is_empty() {
            let data = self.data.take()?;
            return Some(String::from_utf8_lossy(&data).into_owned());
        }
        let (field, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let (field, rest) = line.split_at(colon);
                let value = rest.strip_prefix(b":").unwrap_or(rest);
                (field, value.strip_prefix(b" ").unwrap_or(value))
            }
            None => (line, &[][..]),
        };
        if field == b"data" {
            match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(pieces: &[&[u8]]) -> Vec<String> {
        let (mut decoder, mut events) = (Decoder::default(), Vec::new());
        for piece in pieces {
            let went_on = decoder.feed(piece, &mut |event| {
                events.push(event.to_owned());
                true
            });
            assert_eq!(went_on, Ok(true));
        }
        events
    }

    const STREAM: &str = "\u{FEFF}: hello\r\ndata: one\r\rdata:two\ndata:  tw\u{F6}\nid: 7\n\n\
                          event: ping\ndata\n\nretry: 5\n\ndatax: no\n\ndata: cut";

    #[test]
    fn fields_line_ends_and_joins_follow_the_standard() {
        assert_eq!(decode(&[STREAM.as_bytes()]), ["one", "two\n tw\u{F6}", ""]);
        assert!(decode(&[b"data: never ended\n"]).is_empty());
        assert_eq!(decode(&[b"data: a\r\n\r\ndata: b\r\n\r\n"]), ["a", "b"]);
        assert_eq!(decode(&[b"data: \xFF\n\n"]), ["\u{FFFD}"]);
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(cuts in prop::collection::vec(0usize..STREAM.len(), 0..20)) {
            let (bytes, mut cuts) = (STREAM.as_bytes(), cuts);
            cuts.sort_unstable();
            let mut pieces = Vec::new();
            let mut from = 0;
            for cut in cuts {
                pieces.push(&bytes[from..cut.max(from)]);
                from = cut.max(from);
            }
            pieces.push(&bytes[from..]);
            prop_assert_eq!(decode(&pieces), decode(&[bytes]));
        }
    }

    #[test]
    fn it_stops_when_told() {
        let mut decoder = Decoder::default();
        let mut seen = 0;
        let went_on = decoder.feed(b"data: 1\n\ndata: 2\n\n", &mut |_| {
            seen += 1;
            false
        });
        assert_eq!((went_on, seen), (Ok(false), 1));
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut decoder = Decoder::default();
        let line = [b"data: ".as_slice(), &[b'x'; 10_000], b"\n"].concat();
        let mut result = Ok(true);
        for _ in 0..200 {
            result = decoder.feed(&line, &mut |_| true);
            if result.is_err() {
                break;
            }
        }
        assert_eq!(result, Err(TooLong));
        let mut decoder = Decoder::default();
        assert_eq!(
            decoder.feed(&vec![b'x'; MAX_EVENT + 1], &mut |_| true),
            Err(TooLong)
        );
    }
}
