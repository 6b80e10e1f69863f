//! A message from the properties of `Email/set` (RFC 8621, section 4.6).
//!
//! # Security
//!
//! Values that go into header fields unencoded are refused when they hold line ends, so that
//! nobody adds fields of their own by them.

use std::{future::Future, pin::Pin};

use mail_builder::{
    MessageBuilder,
    headers::{
        HeaderType, address::Address, content_type::ContentType, date::Date, message_id::MessageId,
        raw::Raw, text::Text, url::URL,
    },
    mime::{BodyPart, MimePart},
};
use serde_json::{Map, Value};

use super::header::{Form, HeaderProperty};
use crate::jmap::{
    blob::{self, Blob},
    context::Context,
    error::{MethodError, SetError},
};

/// How deep body parts may lie in each other.
const MAX_DEPTH: usize = 20;
/// How many body parts a message may have.
const MAX_PARTS: usize = 1000;

/// What may still be taken into a message: many parts may name the same large upload.
struct Room {
    parts: usize,
    bytes: usize,
}

impl Room {
    fn take(&mut self, bytes: usize) -> Result<(), SetError> {
        let parts = self.parts.checked_sub(1);
        let rest = self.bytes.checked_sub(bytes);
        let (Some(parts), Some(bytes)) = (parts, rest) else {
            return Err(SetError::new("tooLarge"));
        };
        (self.parts, self.bytes) = (parts, bytes);
        Ok(())
    }
}

type Built<T> = Result<Result<T, SetError>, MethodError>;

/// `?` for the inner of two results.
macro_rules! inner {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Ok(Err(error)),
        }
    };
}

/// Builds a message.
pub(super) async fn build(context: &Context<'_>, properties: Map<String, Value>) -> Built<Vec<u8>> {
    let mut builder = MessageBuilder::new();
    let (mut has_id, mut has_date) = (false, false);
    // Null means "not there", whatever the property.
    for (name, value) in properties.iter().filter(|(_, value)| !value.is_null()) {
        let field = match name.as_str() {
            "bodyStructure" | "bodyValues" | "textBody" | "htmlBody" | "attachments" => continue,
            "messageId" => Some(("Message-ID", Form::MessageIds)),
            "inReplyTo" => Some(("In-Reply-To", Form::MessageIds)),
            "references" => Some(("References", Form::MessageIds)),
            "sender" => Some(("Sender", Form::Addresses)),
            "from" => Some(("From", Form::Addresses)),
            "to" => Some(("To", Form::Addresses)),
            "cc" => Some(("Cc", Form::Addresses)),
            "bcc" => Some(("Bcc", Form::Addresses)),
            "replyTo" => Some(("Reply-To", Form::Addresses)),
            "subject" => Some(("Subject", Form::Text)),
            "sentAt" => Some(("Date", Form::Date)),
            _ => None,
        };
        let property = match field {
            Some((field, form)) => HeaderProperty {
                name: field.to_owned(),
                form,
                all: false,
            },
            None => match HeaderProperty::parse(name) {
                Some(property) if !is_of_body(&property.name) => property,
                _ => return Ok(Err(SetError::property(name, "cannot be set"))),
            },
        };
        has_id |= property.name.eq_ignore_ascii_case("Message-ID") && !value.is_null();
        has_date |= property.name.eq_ignore_ascii_case("Date") && !value.is_null();
        for header in inner!(headers(name, &property, value)) {
            builder = builder.header(property.name.clone(), header);
        }
    }
    if !has_id {
        let domain = context
            .session
            .address
            .split_once('@')
            .map_or("invalid", |(_, d)| d);
        builder = builder.message_id(format!("{}@{domain}", crate::ids::make_name()));
    }
    if !has_date {
        builder = builder.date(Date::new(context.state.now().cast_signed()));
    }
    let body = inner!(body(context, &properties).await?);
    let mut message = Vec::new();
    builder.body(body).serialize(&mut message);
    Ok(Ok(message))
}

/// Fields that describe a body and are written by the parts themselves.
fn is_of_body(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("content-") || name == "mime-version"
}

fn headers(
    property: &str,
    header: &HeaderProperty,
    value: &Value,
) -> Result<Vec<HeaderType<'static>>, SetError> {
    let wrong = || SetError::property(property, "is not of the form this field has");
    if value.is_null() {
        return Ok(Vec::new());
    }
    if header.all {
        let values = value.as_array().ok_or_else(wrong)?;
        return values
            .iter()
            .map(|value| one_header(header.form, value).ok_or_else(wrong))
            .collect();
    }
    Ok(vec![one_header(header.form, value).ok_or_else(wrong)?])
}

/// Text without anything that could end a line.
fn line(value: &Value) -> Option<String> {
    let text = value.as_str()?;
    (!text.chars().any(char::is_control)).then(|| text.to_owned())
}

fn one_header(form: Form, value: &Value) -> Option<HeaderType<'static>> {
    Some(match form {
        Form::Raw => Raw::new(line(value)?.trim_start().to_owned()).into(),
        Form::Text => Text::new(line(value)?).into(),
        Form::Addresses => Address::new_list(addresses(value)?).into(),
        Form::GroupedAddresses => {
            let groups = value.as_array()?.iter().map(|group| {
                let list = addresses(group.get("addresses")?)?;
                match group.get("name") {
                    None | Some(Value::Null) => Some(list),
                    Some(name) => Some(vec![Address::new_group(Some(line(name)?), list)]),
                }
            });
            let groups: Option<Vec<_>> = groups.collect();
            Address::new_list(groups?.into_iter().flatten().collect()).into()
        }
        Form::MessageIds => {
            let ids: Option<Vec<String>> = value
                .as_array()?
                .iter()
                .map(|id| line(id).filter(|id| !id.contains(['<', '>', ' '])))
                .collect();
            MessageId::new_list(ids?.into_iter()).into()
        }
        Form::Date => {
            let date = mail_parser::DateTime::parse_rfc3339(value.as_str()?)?;
            date.is_valid()
                .then(|| Date::new(date.to_timestamp()))?
                .into()
        }
        Form::Urls => {
            let urls: Option<Vec<String>> = value
                .as_array()?
                .iter()
                .map(|url| line(url).filter(|url| !url.contains(['<', '>', ' '])))
                .collect();
            URL::new_list(urls?.into_iter()).into()
        }
    })
}

fn addresses(value: &Value) -> Option<Vec<Address<'static>>> {
    value
        .as_array()?
        .iter()
        .map(|entry| {
            let email = line(entry.get("email")?)?;
            let plain = !email.contains(['<', '>', ' ', ',', ';']);
            let name = match entry.get("name") {
                None | Some(Value::Null) => None,
                Some(name) => Some(line(name)?),
            };
            plain.then(|| Address::new_address(name, email))
        })
        .collect()
}

async fn body(context: &Context<'_>, properties: &Map<String, Value>) -> Built<MimePart<'static>> {
    let empty = Map::new();
    let values = properties
        .get("bodyValues")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let mut room = Room {
        parts: MAX_PARTS,
        bytes: context.state.config.limits.message_size,
    };
    if let Some(structure) = properties
        .get("bodyStructure")
        .filter(|value| !value.is_null())
    {
        let others = ["textBody", "htmlBody", "attachments"];
        if let Some(other) = others.iter().find(|name| properties.contains_key(**name)) {
            return Ok(Err(SetError::property(
                *other,
                "cannot be given with bodyStructure",
            )));
        }
        return part(context, structure, values, &mut room, 0).await;
    }
    let mut texts = Vec::new();
    for (name, media_type) in [("textBody", "text/plain"), ("htmlBody", "text/html")] {
        let list = match properties.get(name) {
            None | Some(Value::Null) => continue,
            Some(list) => list,
        };
        let wrong = || SetError::property(name, format!("must be one part of type {media_type}"));
        let [one] = inner!(list.as_array().ok_or_else(wrong)).as_slice() else {
            return Ok(Err(wrong()));
        };
        let stated = one
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or(media_type);
        if stated != media_type {
            return Ok(Err(wrong()));
        }
        let mut one = one.clone();
        if let Some(one) = one.as_object_mut() {
            one.insert("type".into(), media_type.into());
        }
        texts.push(inner!(part(context, &one, values, &mut room, 0).await?));
    }
    let mut attachments = Vec::new();
    if let Some(list) = properties
        .get("attachments")
        .filter(|value| !value.is_null())
    {
        let wrong = || SetError::property("attachments", "must be a list of parts");
        for one in inner!(list.as_array().ok_or_else(wrong)) {
            attachments.push(inner!(part(context, one, values, &mut room, 0).await?));
        }
    }
    let text = match texts.len() {
        0 if attachments.is_empty() => Some(MimePart::new("text/plain", "")),
        0 => None,
        1 => texts.pop(),
        _ => Some(MimePart::new("multipart/alternative", texts)),
    };
    let mut parts: Vec<MimePart<'static>> = text.into_iter().chain(attachments).collect();
    Ok(Ok(match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            MimePart::new("multipart/mixed", parts)
        }
    }))
}

type PartFuture<'a> = Pin<Box<dyn Future<Output = Built<MimePart<'static>>> + Send + 'a>>;

/// One part with all that lies in it.
fn part<'a>(
    context: &'a Context<'_>,
    value: &'a Value,
    values: &'a Map<String, Value>,
    room: &'a mut Room,
    depth: usize,
) -> PartFuture<'a> {
    Box::pin(async move {
        let wrong = |why: &str| SetError::property("bodyStructure", why);
        let Some(fields) = value.as_object().filter(|_| depth < MAX_DEPTH) else {
            return Ok(Err(wrong("a part must be an object, and not too deep")));
        };
        let text_of = |name: &str| match fields.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => line(value)
                .map(Some)
                .ok_or_else(|| wrong("a field of a part is not plain text")),
        };
        let sub_parts = fields.get("subParts").and_then(Value::as_array);
        let media_type = inner!(text_of("type"));
        let contents = match (
            sub_parts,
            inner!(text_of("partId")),
            inner!(text_of("blobId")),
        ) {
            (Some(children), None, None) => {
                inner!(room.take(0));
                let mut parts = Vec::new();
                for child in children {
                    parts.push(inner!(part(context, child, values, room, depth + 1).await?));
                }
                BodyPart::from(parts)
            }
            (None, Some(id), None) => {
                let value = values.get(&id).and_then(|value| value.get("value"));
                let text = value.and_then(Value::as_str);
                let text = inner!(text.ok_or_else(|| wrong("a partId has no value")));
                inner!(room.take(text.len()));
                BodyPart::from(text.to_owned())
            }
            (None, None, Some(id)) => {
                let bytes = match Blob::parse(&id) {
                    Some(blob) => blob::fetch(context.state, context.account(), &blob).await?,
                    None => None,
                };
                let missing = || SetError::new("blobNotFound").and("notFound", vec![id.clone()]);
                let bytes = inner!(bytes.ok_or_else(missing));
                inner!(room.take(bytes.len()));
                BodyPart::from(bytes.to_vec())
            }
            _ => return Ok(Err(wrong("a part has one of partId, blobId and subParts"))),
        };
        let fallback = match &contents {
            BodyPart::Text(_) => "text/plain",
            BodyPart::Binary(_) => "application/octet-stream",
            BodyPart::Multipart(_) => "multipart/mixed",
        };
        let media_type = media_type.unwrap_or_else(|| fallback.to_owned());
        let is_multipart = media_type.starts_with("multipart/");
        if is_multipart != matches!(contents, BodyPart::Multipart(_)) {
            return Ok(Err(wrong("subParts belong to multipart types")));
        }
        let name = inner!(text_of("name"));
        let mut kind = ContentType::new(media_type);
        if matches!(contents, BodyPart::Text(_)) {
            kind = kind.attribute("charset", "utf-8");
        }
        let mut built = MimePart::new(kind, contents);
        let disposition = inner!(text_of("disposition"));
        if let Some(disposition) = disposition.or(name.as_ref().map(|_| "attachment".to_owned())) {
            let mut field = ContentType::new(disposition);
            if let Some(name) = name {
                field = field.attribute("filename", name);
            }
            built = built.header("Content-Disposition", field);
        }
        if let Some(id) = inner!(text_of("cid")) {
            built = built.cid(id);
        }
        if let Some(location) = inner!(text_of("location")) {
            built = built.location(location);
        }
        for (name, value) in fields {
            let Some(property) = HeaderProperty::parse(name) else {
                continue;
            };
            for header in inner!(headers(name, &property, value)) {
                built = built.header(property.name.clone(), header);
            }
        }
        Ok(Ok(built))
    })
}
