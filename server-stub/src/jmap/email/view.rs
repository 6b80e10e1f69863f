//! A parsed message as JMAP shows it (RFC 8621, section 4.1).

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use serde_json::{Map, Value, json};

use super::header::{Form, HeaderProperty, show_raw};
use crate::jmap::{blob::Blob, error::MethodError};

/// Properties of body parts that are shown unless others are asked for.
const PART_DEFAULTS: [&str; 10] = [
    "partId",
    "blobId",
    "size",
    "name",
    "type",
    "charset",
    "disposition",
    "cid",
    "language",
    "location",
];
/// How long a preview is, in characters.
const PREVIEW: usize = 256;
/// How deep body parts may lie in each other when they are shown.
const MAX_DEPTH: usize = 50;

/// What is to be shown of bodies.
#[derive(Clone, Debug)]
pub(super) struct BodyOptions {
    pub(super) properties: Vec<String>,
    pub(super) text: bool,
    pub(super) html: bool,
    pub(super) all: bool,
    /// The longest text shown, in bytes; 0 for no bound.
    pub(super) max: usize,
}

impl BodyOptions {
    /// Refuses properties that no part has.
    pub(super) fn check(properties: Option<Vec<String>>) -> Result<Vec<String>, MethodError> {
        let Some(properties) = properties else {
            return Ok(PART_DEFAULTS.map(str::to_owned).to_vec());
        };
        let known = |name: &String| {
            PART_DEFAULTS.contains(&name.as_str())
                || matches!(name.as_str(), "headers" | "subParts")
                || HeaderProperty::parse(name).is_some()
        };
        match properties.iter().find(|name| !known(name)) {
            Some(name) => Err(MethodError::invalid(format!(
                "unknown body property {name}"
            ))),
            None => Ok(properties),
        }
    }
}

/// Properties that come from the message itself, not from what the server knows about it.
pub(super) const FROM_MESSAGE: [&str; 19] = [
    "messageId",
    "inReplyTo",
    "references",
    "sender",
    "from",
    "to",
    "cc",
    "bcc",
    "replyTo",
    "subject",
    "sentAt",
    "headers",
    "bodyStructure",
    "bodyValues",
    "textBody",
    "htmlBody",
    "attachments",
    "hasAttachment",
    "preview",
];

/// A message and the blob it came from.
pub(super) struct View<'a> {
    message: &'a Message<'a>,
    raw: &'a [u8],
    blob: Blob,
    options: &'a BodyOptions,
}

impl<'a> View<'a> {
    pub(super) fn new(
        message: &'a Message<'a>,
        raw: &'a [u8],
        blob: Blob,
        options: &'a BodyOptions,
    ) -> Self {
        Self {
            message,
            raw,
            blob,
            options,
        }
    }

    /// The value of a property of [`FROM_MESSAGE`], or of a `header:` property.
    pub(super) fn property(&self, name: &str) -> Value {
        let field = |field: &str, form: Form| {
            let property = HeaderProperty {
                name: field.to_owned(),
                form,
                all: false,
            };
            property.value(self.message.headers(), self.raw)
        };
        match name {
            "messageId" => field("Message-ID", Form::MessageIds),
            "inReplyTo" => field("In-Reply-To", Form::MessageIds),
            "references" => field("References", Form::MessageIds),
            "sender" => field("Sender", Form::Addresses),
            "from" => field("From", Form::Addresses),
            "to" => field("To", Form::Addresses),
            "cc" => field("Cc", Form::Addresses),
            "bcc" => field("Bcc", Form::Addresses),
            "replyTo" => field("Reply-To", Form::Addresses),
            "subject" => field("Subject", Form::Text),
            "sentAt" => field("Date", Form::Date),
            "headers" => self
                .message
                .headers()
                .iter()
                .map(|header| show_raw(header, self.raw))
                .collect(),
            "bodyStructure" => self.structure(0, 0),
            "bodyValues" => self.values(),
            "textBody" => self.parts(&self.message.text_body),
            "htmlBody" => self.parts(&self.message.html_body),
            "attachments" => self.parts(&self.message.attachments),
            "hasAttachment" => self.has_attachment().into(),
            "preview" => self.preview().into(),
            other => match HeaderProperty::parse(other) {
                Some(property) => property.value(self.message.headers(), self.raw),
                None => Value::Null,
            },
        }
    }

    fn parts(&self, ids: &[u32]) -> Value {
        ids.iter()
            .filter_map(|id| self.message.part(*id).map(|part| (*id, part)))
            .map(|(id, part)| Value::Object(self.part(id, part, false)))
            .collect()
    }

    fn structure(&self, id: u32, depth: usize) -> Value {
        let Some(part) = self.message.part(id) else {
            return Value::Null;
        };
        let mut shown = self.part(id, part, true);
        if let Some(children) = part.sub_parts() {
            let children = if depth < MAX_DEPTH { children } else { &[] };
            let children: Vec<Value> = children
                .iter()
                .map(|child| self.structure(*child, depth + 1))
                .collect();
            shown.insert("subParts".into(), children.into());
        }
        Value::Object(shown)
    }

    fn part(&self, id: u32, part: &MessagePart<'_>, in_structure: bool) -> Map<String, Value> {
        let is_multipart = matches!(part.body, PartType::Multipart(_));
        let media_type = media_type(part);
        let mut shown = Map::new();
        for name in &self.options.properties {
            let value = match name.as_str() {
                "partId" if is_multipart => Value::Null,
                "partId" => id.to_string().into(),
                "blobId" if is_multipart => Value::Null,
                "blobId" => Blob::Part(Box::new(self.blob.clone()), id).show().into(),
                "size" => size(part).into(),
                "headers" => part
                    .headers
                    .iter()
                    .map(|header| show_raw(header, self.raw))
                    .collect(),
                "name" => json!(part.attachment_name()),
                "type" => media_type.clone().into(),
                "charset" => charset(part, &media_type),
                "disposition" => {
                    json!(
                        part.content_disposition()
                            .map(|d| d.ctype().to_ascii_lowercase())
                    )
                }
                "cid" => json!(part.content_id()),
                "language" => language(part),
                "location" => json!(part.content_location()),
                // Only bodyStructure is a tree.
                "subParts" if in_structure && is_multipart => continue,
                "subParts" => Value::Null,
                other => match HeaderProperty::parse(other) {
                    Some(property) => property.value(&part.headers, self.raw),
                    None => Value::Null,
                },
            };
            shown.insert(name.clone(), value);
        }
        shown
    }

    fn values(&self) -> Value {
        let mut ids: Vec<u32> = Vec::new();
        if self.options.all {
            ids.extend(0..u32::try_from(self.message.parts.len()).unwrap_or(u32::MAX));
        }
        if self.options.text {
            ids.extend(&self.message.text_body);
        }
        if self.options.html {
            ids.extend(&self.message.html_body);
        }
        let mut values = Map::new();
        for id in ids {
            let Some(part) = self.message.part(id) else {
                continue;
            };
            let (PartType::Text(text) | PartType::Html(text)) = &part.body else {
                continue;
            };
            let text = text.replace("\r\n", "\n");
            let shown = match self.options.max {
                0 => text.as_str(),
                max => head(&text, max),
            };
            let value = json!({
                "value": shown,
                "isEncodingProblem": part.is_encoding_problem,
                "isTruncated": shown.len() < text.len(),
            });
            values.insert(id.to_string(), value);
        }
        Value::Object(values)
    }

    /// True when there is a part to save; the two parts of an encrypted message are none.
    fn has_attachment(&self) -> bool {
        if media_type(self.message.root_part()) == "multipart/encrypted" {
            return false;
        }
        self.message.attachments().any(|part| {
            part.content_disposition()
                .is_none_or(|disposition| !disposition.is_inline())
        })
    }

    fn preview(&self) -> String {
        let text = self.message.body_preview(PREVIEW).unwrap_or_default();
        text.chars().take(PREVIEW).collect()
    }
}

/// The first bytes of a text, at most `max`, cut between characters.
fn head(text: &str, max: usize) -> &str {
    text.get(..text.floor_char_boundary(max)).unwrap_or(text)
}

fn media_type(part: &MessagePart<'_>) -> String {
    match part.content_type() {
        Some(kind) => match kind.subtype() {
            Some(subtype) => format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase(),
            None => kind.ctype().to_ascii_lowercase(),
        },
        None if matches!(part.body, PartType::Message(_)) => "message/rfc822".to_owned(),
        None => "text/plain".to_owned(),
    }
}

fn charset(part: &MessagePart<'_>, media_type: &str) -> Value {
    match part
        .content_type()
        .and_then(|kind| kind.attribute("charset"))
    {
        Some(charset) => charset.into(),
        None if media_type.starts_with("text/") => "us-ascii".into(),
        None => Value::Null,
    }
}

fn language(part: &MessagePart<'_>) -> Value {
    match part.content_language() {
        mail_parser::HeaderValue::Text(text) => json!([text]),
        mail_parser::HeaderValue::TextList(list) => json!(list),
        _ => Value::Null,
    }
}

fn size(part: &MessagePart<'_>) -> usize {
    match &part.body {
        PartType::Multipart(_) => 0,
        PartType::Message(inner) => inner.raw_message().len(),
        _ => part.contents().len(),
    }
}
