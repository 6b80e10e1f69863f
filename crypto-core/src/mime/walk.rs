//! The tree of a body: what of it is text, what is HTML, what is a file.

use mail_parser::decoders::html::html_to_text;

use super::{
    body,
    entity::{Entity, Limits, ReadError, split_multipart},
    headers::Headers,
    read::{Attachment, Warning},
};

/// The element around a legacy display in HTML (RFC 9788, section 5.2.3).
const LEGACY_DISPLAY_HTML: &str = "<div class=\"header-protection-legacy-display\">";

/// A piece of the body in the forms it was sent in; at least one of them is there.
struct Block {
    text: Option<String>,
    html: Option<String>,
}

impl Block {
    fn as_text(&self) -> String {
        match (&self.text, &self.html) {
            (Some(text), _) => text.clone(),
            (None, Some(html)) => html_to_text(html),
            (None, None) => String::new(),
        }
    }
}

/// Makes one text and, if every piece has it, one HTML of the pieces.
fn join(blocks: Vec<Block>) -> (Option<String>, Option<String>) {
    if blocks.is_empty() {
        return (None, None);
    }
    let html = blocks
        .iter()
        .map(|block| block.html.as_deref())
        .collect::<Option<Vec<_>>>()
        .map(|pieces| pieces.join("\n"));
    let text = blocks
        .iter()
        .map(Block::as_text)
        .collect::<Vec<_>>()
        .join("\n");
    (Some(text), html)
}

/// A walk through the tree, and what was found on it.
pub(super) struct Walk<'l> {
    limits: &'l Limits,
    hides_legacy_display: bool,
    entities: usize,
    pub(super) attachments: Vec<Attachment>,
    pub(super) warnings: Vec<Warning>,
}

impl<'l> Walk<'l> {
    /// `hides_legacy_display` is true when header fields were hidden outside (RFC 9788).
    pub(super) fn new(limits: &'l Limits, hides_legacy_display: bool) -> Self {
        Self {
            limits,
            hides_legacy_display,
            entities: 0,
            attachments: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The text and the HTML of the tree below this root; see [`super::ReadMail`].
    ///
    /// # Errors
    ///
    /// [`ReadError::TooDeep`], [`ReadError::TooManyParts`], [`ReadError::HeaderTooLarge`].
    pub(super) fn body(
        &mut self,
        root: &Entity<'_>,
        headers: &Headers,
    ) -> Result<(Option<String>, Option<String>), ReadError> {
        Ok(join(self.entity(root, headers, 1)?))
    }

    fn entity(
        &mut self,
        entity: &Entity<'_>,
        headers: &Headers,
        depth: usize,
    ) -> Result<Vec<Block>, ReadError> {
        if depth > self.limits.depth {
            return Err(ReadError::TooDeep(self.limits.depth));
        }
        self.count()?;
        let media_type = headers.media_type();
        match (media_type.strip_prefix("multipart/"), headers.boundary()) {
            (Some(subtype), Some(boundary)) => {
                self.multipart(entity.body, subtype, boundary, depth)
            }
            _ => Ok(self.leaf(entity, headers, media_type)),
        }
    }

    fn multipart(
        &mut self,
        body: &[u8],
        subtype: &str,
        boundary: &str,
        depth: usize,
    ) -> Result<Vec<Block>, ReadError> {
        let room = self.limits.parts.saturating_sub(self.entities);
        let split = split_multipart(body, boundary, room)
            .map_err(|_| ReadError::TooManyParts(self.limits.parts))?;
        if !split.closed {
            self.warnings.push(Warning::Truncated);
        }
        let mut children = Vec::with_capacity(split.parts.len());
        for (index, part) in split.parts.into_iter().enumerate() {
            let entity = Entity::split(part, self.limits.part_header_bytes)?;
            let headers = entity.headers();
            if subtype == "related" && index > 0 {
                self.companion(&entity, &headers)?;
            } else {
                children.push(self.entity(&entity, &headers, depth + 1)?);
            }
        }
        if subtype == "alternative" {
            Ok(choose(children))
        } else {
            Ok(children.into_iter().flatten().collect())
        }
    }

    /// A companion of the first part of multipart/related (RFC 2387): a file, whatever its type,
    /// so that it never becomes text of its own.
    fn companion(&mut self, entity: &Entity<'_>, headers: &Headers) -> Result<(), ReadError> {
        self.count()?;
        let (data, _) = self.decoded(headers, entity.body);
        self.attach(headers, headers.media_type(), data, true);
        Ok(())
    }

    fn count(&mut self) -> Result<(), ReadError> {
        self.entities += 1;
        if self.entities > self.limits.parts {
            return Err(ReadError::TooManyParts(self.limits.parts));
        }
        Ok(())
    }

    fn leaf(&mut self, entity: &Entity<'_>, headers: &Headers, media_type: String) -> Vec<Block> {
        let (data, is_damaged) = self.decoded(headers, entity.body);
        let is_attached = headers.disposition().is_some_and(|disposition| {
            disposition
                .ctype()
                .trim()
                .eq_ignore_ascii_case("attachment")
        }) || headers.file_name().is_some();
        let is_text = matches!(media_type.as_str(), "text/plain" | "text/html");
        if is_attached || !is_text {
            if !(data.is_empty() && media_type.starts_with("multipart/")) {
                self.attach(headers, media_type, data, false);
            }
            return Vec::new();
        }
        let text = body::text(headers, &data);
        let shows_headers = self.hides_legacy_display
            && !is_damaged
            && headers.parameter("hp-legacy-display") == Some("1");
        if media_type == "text/html" {
            let html = if shows_headers {
                without_html_display(text)
            } else {
                text
            };
            vec![Block {
                text: None,
                html: Some(html),
            }]
        } else {
            let text = if shows_headers {
                without_text_display(text)
            } else {
                text
            };
            vec![Block {
                text: Some(text),
                html: None,
            }]
        }
    }

    fn decoded(&mut self, headers: &Headers, bytes: &[u8]) -> (Vec<u8>, bool) {
        let (data, is_damaged) = body::decode(headers, bytes);
        if is_damaged {
            self.warnings.push(Warning::DamagedPart);
        }
        (data.into_owned(), is_damaged)
    }

    fn attach(&mut self, headers: &Headers, media_type: String, data: Vec<u8>, is_inline: bool) {
        let name = headers.file_name().unwrap_or_else(|| {
            match media_type.as_str() {
                "message/rfc822" | "message/global" => "message.eml",
                "text/plain" => "text.txt",
                "text/html" => "text.html",
                "text/calendar" => "invitation.ics",
                "application/pgp-signature" => "signature.asc",
                "application/pgp-encrypted" => "encrypted.txt",
                "image/png" => "image.png",
                "image/jpeg" => "image.jpg",
                "image/gif" => "image.gif",
                "application/pdf" => "document.pdf",
                _ => "attachment",
            }
            .to_owned()
        });
        let is_inline = is_inline
            || headers.disposition().is_some_and(|disposition| {
                disposition.ctype().trim().eq_ignore_ascii_case("inline")
            });
        self.attachments.push(Attachment {
            name,
            media_type,
            data,
            content_id: headers.content_id(),
            is_inline,
        });
    }
}

/// Of the children of multipart/alternative, the last text and the last HTML (RFC 2046,
/// section 5.1.4): both views of one message.
fn choose(children: Vec<Vec<Block>>) -> Vec<Block> {
    let mut plain = None;
    let mut rich = None;
    for blocks in children {
        if blocks.is_empty() {
            continue;
        }
        if blocks.iter().any(|block| block.html.is_some()) {
            rich = Some(blocks);
        } else {
            plain = Some(blocks);
        }
    }
    match (plain, rich) {
        (Some(plain), Some(rich)) => {
            let (text, _) = join(plain);
            let (_, html) = join(rich);
            vec![Block { text, html }]
        }
        (Some(blocks), None) | (None, Some(blocks)) => blocks,
        (None, None) => Vec::new(),
    }
}

/// RFC 9788, section 4.5.3.2: everything up to the first empty line.
fn without_text_display(text: String) -> String {
    match text.split_once("\n\n") {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}

/// RFC 9788, section 4.5.3.3: the first element of that class.
fn without_html_display(html: String) -> String {
    let end_tag = "</div>";
    let found = html
        .split_once(LEGACY_DISPLAY_HTML)
        .and_then(|(before, rest)| {
            let (_, after) = rest.split_once(end_tag)?;
            Some(format!("{before}{after}"))
        });
    found.unwrap_or(html)
}
