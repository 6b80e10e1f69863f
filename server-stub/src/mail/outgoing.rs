//! What a message says about its way, read before it is sent.

use mail_parser::{Address, HeaderName};

use super::parse;
use crate::addresses;

/// The way of a message.
#[derive(Debug, Default)]
pub(crate) struct Way {
    /// Addresses in `From`, lower case.
    pub(crate) from: Vec<String>,
    /// Addresses in `To`, `Cc` and `Bcc`, lower case.
    pub(crate) recipients: Vec<String>,
    /// The message without its `Bcc` fields, when it has any.
    pub(crate) without_bcc: Option<Vec<u8>>,
}

/// Reads a message's addresses; `None` when it is not a message.
pub(crate) fn read(message: &[u8]) -> Option<Way> {
    let parsed = parse::header(message)?;
    let mut way = Way::default();
    let mut cuts = Vec::new();
    for header in parsed.headers() {
        let addresses = header.value.as_address();
        match header.name {
            HeaderName::From => way.from.extend(addresses.into_iter().flat_map(list)),
            HeaderName::To | HeaderName::Cc => {
                way.recipients.extend(addresses.into_iter().flat_map(list));
            }
            HeaderName::Bcc => {
                way.recipients.extend(addresses.into_iter().flat_map(list));
                cuts.push((header.offset_field as usize, header.offset_end as usize));
            }
            _ => {}
        }
    }
    if !cuts.is_empty() {
        way.without_bcc = Some(cut(message, &cuts));
    }
    Some(way)
}

fn list(address: &Address<'_>) -> Vec<String> {
    address
        .iter()
        .filter_map(|address| address.address())
        .filter_map(addresses::normal)
        .collect()
}

/// The message without these ranges, which come in order and do not overlap.
fn cut(message: &[u8], cuts: &[(usize, usize)]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(message.len());
    let mut from = 0;
    for (start, end) in cuts {
        kept.extend_from_slice(message.get(from..*start).unwrap_or_default());
        from = *end;
    }
    kept.extend_from_slice(message.get(from..).unwrap_or_default());
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bcc_counts_and_is_cut() {
        let message = b"From: A <a@x.org>\r\nTo: B@x.org, c@x.org\r\nBcc: d@x.org,\r\n e@x.org\r\n\
            Subject: s\r\n\r\nBcc: body\r\n";
        let way = read(message).unwrap();
        assert_eq!(way.from, ["a@x.org"]);
        assert_eq!(way.recipients, ["b@x.org", "c@x.org", "d@x.org", "e@x.org"]);
        assert_eq!(
            way.without_bcc.unwrap(),
            b"From: A <a@x.org>\r\nTo: B@x.org, c@x.org\r\nSubject: s\r\n\r\nBcc: body\r\n"
        );
        assert!(
            read(b"From: a@x.org\r\n\r\n")
                .unwrap()
                .without_bcc
                .is_none()
        );
    }
}
