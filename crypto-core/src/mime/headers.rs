//! Header fields of one entity, as `mail-parser` reads them, in their order.

use std::borrow::Cow;

use mail_parser::{ContentType, Header, HeaderName, HeaderValue, MessageParser};

use super::{
    address::{self, Address},
    charsets, names,
};
use crate::ids::UnixTime;

/// Message ids kept from one header field, oldest first.
const MAX_IDS: usize = 200;
/// The longest message id that is kept, in bytes.
const MAX_ID: usize = 500;
/// The longest `Content-` field that is read, in bytes: the library's time for the parameters of
/// one grows with the square of their number.
const MAX_CONTENT_FIELD: usize = 4096;

/// The fields of one header block.
///
/// Where a field that may stand once stands twice, programs disagree which one counts. Here the
/// first one does, and [`Headers::count`] lets the reader say so.
#[derive(Debug)]
pub(super) struct Headers(Vec<Header<'static>>);

impl Headers {
    /// Reads a header block without its empty line.
    pub(super) fn parse(block: &[u8]) -> Self {
        // The library gives up on a last line without an end.
        let mut block = without_long_fields(block);
        if !block.ends_with(b"\n") {
            block.to_mut().extend_from_slice(b"\r\n");
        }
        let block = charsets::recode_words(&block);
        let headers = MessageParser::default()
            .parse_headers(block.as_ref())
            .and_then(|mut message| {
                (!message.parts.is_empty()).then(|| message.parts.swap_remove(0))
            })
            .map(|part| part.headers.into_iter().map(Header::into_owned).collect())
            .unwrap_or_default();
        Self(headers)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often a field is there.
    pub(super) fn count(&self, name: &HeaderName<'_>) -> usize {
        self.all(name).count()
    }

    fn all(&self, name: &HeaderName<'_>) -> impl Iterator<Item = &HeaderValue<'static>> {
        self.0
            .iter()
            .filter(move |header| header.name == *name)
            .map(|header| &header.value)
    }

    fn first(&self, name: &HeaderName<'_>) -> Option<&HeaderValue<'static>> {
        self.all(name).next()
    }

    /// Content-Type; `None` when it is missing, which means text/plain.
    pub(super) fn content_type(&self) -> Option<&ContentType<'static>> {
        self.first(&HeaderName::ContentType)?.as_content_type()
    }

    /// Content-Disposition.
    pub(super) fn disposition(&self) -> Option<&ContentType<'static>> {
        self.first(&HeaderName::ContentDisposition)?
            .as_content_type()
    }

    /// Content-Transfer-Encoding in lower case; `7bit` when it is missing.
    pub(super) fn transfer_encoding(&self) -> String {
        self.first(&HeaderName::ContentTransferEncoding)
            .and_then(HeaderValue::as_text)
            .map_or_else(
                || "7bit".to_owned(),
                |text| text.trim().to_ascii_lowercase(),
            )
    }

    /// Content-ID without its brackets.
    pub(super) fn content_id(&self) -> Option<String> {
        self.ids(&HeaderName::ContentId).into_iter().next()
    }

    /// A parameter of Content-Type.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.content_type()?.attribute(name)
    }

    /// `type/subtype` in lower case; `text/plain` when it is missing (RFC 2045, section 5.2), and
    /// `application/octet-stream` when it is not made of tokens.
    pub(super) fn media_type(&self) -> String {
        let Some(content_type) = self.content_type() else {
            return "text/plain".to_owned();
        };
        let media_type = content_type.ctype().trim();
        match content_type.subtype().map(str::trim) {
            Some(subtype) if is_token(media_type) && is_token(subtype) => {
                format!("{media_type}/{subtype}").to_ascii_lowercase()
            }
            _ => "application/octet-stream".to_owned(),
        }
    }

    /// The boundary of a multipart entity, if it may be one (RFC 2046, section 5.1.1).
    pub(super) fn boundary(&self) -> Option<&str> {
        let boundary = self.parameter("boundary")?.trim_end();
        let fits = (1..=200).contains(&boundary.len()) && !boundary.chars().any(char::is_control);
        fits.then_some(boundary)
    }

    /// The file name, made safe; `None` when there is none.
    pub(super) fn file_name(&self) -> Option<String> {
        let name = self
            .disposition()
            .and_then(|disposition| disposition.attribute("filename"))
            .or_else(|| self.parameter("name"))?;
        (!name.trim().is_empty()).then(|| names::safe_file_name(name))
    }

    /// All addresses of all fields of this name, groups flattened, at most `max`.
    ///
    /// The flag is true when something that stood there is not an address.
    pub(super) fn addresses(&self, name: &HeaderName<'_>, max: usize) -> (Vec<Address>, bool) {
        let mut any_bad = false;
        let addresses = self
            .all(name)
            .filter_map(HeaderValue::as_address)
            .flat_map(mail_parser::Address::iter)
            .map(|found| address::from_parsed(found.name.as_deref(), found.address.as_deref()))
            .filter(|(address, _)| *address != Address::default())
            .take(max)
            .map(|(address, is_bad)| {
                any_bad |= is_bad;
                address
            })
            .collect();
        (addresses, any_bad)
    }

    /// The subject, one clean line; empty when there is none.
    pub(super) fn subject(&self) -> String {
        self.first(&HeaderName::Subject)
            .and_then(HeaderValue::as_text)
            .map(|text| names::one_line(text, names::MAX_SUBJECT))
            .unwrap_or_default()
    }

    /// The date its sender claims; `None` when missing, invalid or before 1970.
    pub(super) fn date(&self) -> Option<UnixTime> {
        let date = self.first(&HeaderName::Date)?.as_datetime()?;
        if !date.is_valid() {
            return None;
        }
        u64::try_from(date.to_timestamp()).ok().map(UnixTime)
    }

    /// Message ids without their brackets, in their order.
    pub(super) fn ids(&self, name: &HeaderName<'_>) -> Vec<String> {
        self.first(name)
            .and_then(HeaderValue::as_text_list)
            .unwrap_or_default()
            .iter()
            .map(|id| id.trim().to_owned())
            .filter(|id| {
                !id.is_empty()
                    && id.len() <= MAX_ID
                    && !id
                        .contains(|c: char| c.is_control() || c.is_whitespace() || "<>".contains(c))
            })
            .take(MAX_IDS)
            .collect()
    }
}

/// Leaves out `Content-` fields that are longer than any honest one.
fn without_long_fields(block: &[u8]) -> Cow<'_, [u8]> {
    let mut cuts = Vec::new();
    let mut start = 0;
    let mut offset = 0;
    let mut cut_if_long = |start: usize, end: usize| {
        let is_long = end.saturating_sub(start) > MAX_CONTENT_FIELD;
        if is_long && block.get(start..end).is_some_and(is_content_field) {
            cuts.push(start..end);
        }
    };
    for line in block.split_inclusive(|b| *b == b'\n') {
        if !line.starts_with(b" ") && !line.starts_with(b"\t") {
            cut_if_long(start, offset);
            start = offset;
        }
        offset += line.len();
    }
    cut_if_long(start, offset);
    if cuts.is_empty() {
        return block.into();
    }
    let mut kept = Vec::with_capacity(block.len());
    let mut from = 0;
    for cut in cuts {
        kept.extend_from_slice(block.get(from..cut.start).unwrap_or_default());
        from = cut.end;
    }
    kept.extend_from_slice(block.get(from..).unwrap_or_default());
    kept.into()
}

/// The library ignores white space in names, so it is ignored here as well.
fn is_content_field(field: &[u8]) -> bool {
    field
        .iter()
        .filter(|b| !b.is_ascii_whitespace())
        .map(u8::to_ascii_lowercase)
        .take(8)
        .eq(*b"content-")
}

/// RFC 2045, section 5.1.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_overlong_content_fields_are_left_out() {
        let long = "x".repeat(MAX_CONTENT_FIELD);
        let block = format!(
            "Subject: {long}\r\ncOntent -Type: text/html;\r\n a={long}\r\nFrom: a@b\r\n\
             Content-Disposition: {long}"
        );
        let headers = Headers::parse(block.as_bytes());
        assert_eq!(headers.media_type(), "text/plain");
        assert!(headers.disposition().is_none());
        assert_eq!(headers.subject().len(), names::MAX_SUBJECT);
        assert_eq!(headers.addresses(&HeaderName::From, 9).0.len(), 1);
        let short = b"Content-Type: text/html\r\n";
        assert!(matches!(without_long_fields(short), Cow::Borrowed(_)));
    }
}
