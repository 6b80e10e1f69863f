//! Header fields in the forms of RFC 8621, section 4.1.2.

use mail_parser::{Addr, Address, Header, HeaderValue, parsers::MessageStream};
use serde_json::{Value, json};

/// How a field is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Raw,
    Text,
    Addresses,
    GroupedAddresses,
    MessageIds,
    Date,
    Urls,
}

/// A property such as `header:List-Post:asURLs:all`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeaderProperty {
    pub(super) name: String,
    pub(super) form: Form,
    pub(super) all: bool,
}

impl HeaderProperty {
    /// Reads such a property; `None` when it is not one or asks for a form the field does not
    /// have.
    pub(super) fn parse(property: &str) -> Option<Self> {
        let mut words = property.strip_prefix("header:")?.split(':');
        let name = words.next()?.to_owned();
        if name.is_empty() || !name.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
            return None;
        }
        let mut parsed = Self {
            name,
            form: Form::Raw,
            all: false,
        };
        let mut next = words.next();
        if let Some(word) = next.and_then(|word| word.strip_prefix("as")) {
            parsed.form = match word {
                "Raw" => Form::Raw,
                "Text" => Form::Text,
                "Addresses" => Form::Addresses,
                "GroupedAddresses" => Form::GroupedAddresses,
                "MessageIds" => Form::MessageIds,
                "Date" => Form::Date,
                "URLs" => Form::Urls,
                _ => return None,
            };
            next = words.next();
        }
        if next == Some("all") {
            parsed.all = true;
            next = words.next();
        }
        (next.is_none() && words.next().is_none() && parsed.form_fits()).then_some(parsed)
    }

    /// Fields that a standard defines have only the forms that fit them.
    fn form_fits(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        match name.as_str() {
            "from" | "sender" | "reply-to" | "to" | "cc" | "bcc" | "resent-from"
            | "resent-sender" | "resent-reply-to" | "resent-to" | "resent-cc" | "resent-bcc" => {
                matches!(
                    self.form,
                    Form::Raw | Form::Addresses | Form::GroupedAddresses
                )
            }
            "message-id" | "in-reply-to" | "references" | "resent-message-id" => {
                matches!(self.form, Form::Raw | Form::MessageIds)
            }
            "date" | "resent-date" => matches!(self.form, Form::Raw | Form::Date),
            "list-help" | "list-unsubscribe" | "list-subscribe" | "list-post" | "list-owner"
            | "list-archive" => matches!(self.form, Form::Raw | Form::Urls),
            "subject" | "comments" | "keywords" | "list-id" => {
                matches!(self.form, Form::Raw | Form::Text)
            }
            "received"
            | "return-path"
            | "mime-version"
            | "content-type"
            | "content-transfer-encoding"
            | "content-disposition" => self.form == Form::Raw,
            _ => true,
        }
    }

    /// The property's value in these fields; the last field of the name, or all of them.
    pub(super) fn value(&self, headers: &[Header<'_>], raw: &[u8]) -> Value {
        let mut found = headers
            .iter()
            .filter(|header| header.name.as_str().eq_ignore_ascii_case(&self.name))
            .map(|header| show(raw_value(header, raw), self.form));
        if self.all {
            found.collect()
        } else {
            found.next_back().unwrap_or_default()
        }
    }
}

/// The bytes after a field's colon, line end included.
pub(super) fn raw_value<'a>(header: &Header<'_>, raw: &'a [u8]) -> &'a [u8] {
    raw.get(header.offset_start as usize..header.offset_end as usize)
        .unwrap_or_default()
}

/// A field as it stands in the message: name and raw value.
pub(super) fn show_raw(header: &Header<'_>, raw: &[u8]) -> Value {
    let name = raw
        .get(header.offset_field as usize..(header.offset_start as usize).saturating_sub(1))
        .map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
        .unwrap_or_default();
    json!({ "name": name, "value": show(raw_value(header, raw), Form::Raw) })
}

fn show(raw: &[u8], form: Form) -> Value {
    match form {
        Form::Raw => {
            let text = String::from_utf8_lossy(raw);
            let text = text.strip_suffix('\n').unwrap_or(&text);
            Value::from(text.strip_suffix('\r').unwrap_or(text))
        }
        Form::Text => match MessageStream::new(raw).parse_unstructured() {
            HeaderValue::Text(text) => text.into(),
            _ => "".into(),
        },
        Form::Addresses => {
            addresses(raw).map_or(json!([]), |list| list.iter().filter_map(address).collect())
        }
        Form::GroupedAddresses => addresses(raw).map_or(json!([]), |list| grouped(&list)),
        Form::MessageIds => match MessageStream::new(raw).parse_id() {
            HeaderValue::Text(id) => json!([id]),
            HeaderValue::TextList(ids) => json!(ids),
            _ => Value::Null,
        },
        Form::Date => match MessageStream::new(raw).parse_date() {
            HeaderValue::DateTime(date) if date.is_valid() => date.to_rfc3339().into(),
            _ => Value::Null,
        },
        Form::Urls => addresses(raw).map_or(Value::Null, |list| {
            list.iter()
                .filter_map(|entry| entry.address.clone())
                .map(Value::from)
                .collect()
        }),
    }
}

fn addresses(raw: &[u8]) -> Option<Address<'_>> {
    match MessageStream::new(raw).parse_address() {
        HeaderValue::Address(list) => Some(list),
        _ => None,
    }
}

fn address(entry: &Addr<'_>) -> Option<Value> {
    if entry.name.is_none() && entry.address.is_none() {
        return None;
    }
    Some(json!({ "name": entry.name, "email": entry.address.as_deref().unwrap_or("") }))
}

fn grouped(list: &Address<'_>) -> Value {
    match list {
        Address::List(entries) => {
            let entries: Vec<Value> = entries.iter().filter_map(address).collect();
            json!([{ "name": null, "addresses": entries }])
        }
        Address::Group(groups) => groups
            .iter()
            .map(|group| {
                let entries: Vec<Value> = group.addresses.iter().filter_map(address).collect();
                json!({ "name": group.name, "addresses": entries })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use mail_parser::MessageParser;

    use super::*;

    fn value(message: &str, property: &str) -> Value {
        let parsed = MessageParser::new().parse(message.as_bytes()).unwrap();
        let property = HeaderProperty::parse(property).unwrap();
        property.value(parsed.headers(), message.as_bytes())
    }

    #[test]
    fn every_form_is_shown() {
        let message = "From: \"A B\" <a@x.org>\r\nTo: Group: b@x.org, C <c@x.org>;\r\n\
            Subject: =?utf-8?q?caf=C3=A9?=\r\nX-Two: one\r\nX-Two: two\r\n\
            References: <1@x> <2@x>\r\nDate: Sat, 21 Nov 2026 01:02:03 +0100\r\n\
            List-Post: <mailto:l@x.org>\r\n\r\nbody";
        assert_eq!(
            value(message, "header:from:asAddresses"),
            json!([{ "name": "A B", "email": "a@x.org" }])
        );
        assert_eq!(
            value(message, "header:To:asGroupedAddresses"),
            json!([{ "name": "Group", "addresses": [
                { "name": null, "email": "b@x.org" }, { "name": "C", "email": "c@x.org" }] }])
        );
        assert_eq!(value(message, "header:Subject:asText"), json!("café"));
        assert_eq!(
            value(message, "header:Subject"),
            json!(" =?utf-8?q?caf=C3=A9?=")
        );
        assert_eq!(value(message, "header:X-Two:all"), json!([" one", " two"]));
        assert_eq!(value(message, "header:X-Two:asText"), json!("two"));
        assert_eq!(value(message, "header:X-None"), Value::Null);
        assert_eq!(value(message, "header:X-None:all"), json!([]));
        assert_eq!(
            value(message, "header:References:asMessageIds"),
            json!(["1@x", "2@x"])
        );
        assert_eq!(
            value(message, "header:Date:asDate"),
            json!("2026-11-21T01:02:03+01:00")
        );
        assert_eq!(
            value(message, "header:List-Post:asURLs"),
            json!(["mailto:l@x.org"])
        );
    }

    #[test]
    fn forms_that_do_not_fit_are_refused() {
        for wrong in [
            "header:",
            "header:From:asDate",
            "header:Subject:asAddresses",
            "header:X:asFoo",
            "header:X:all:asText",
            "header:X:asText:all:all",
            "head:X",
            "header:Date:asURLs",
        ] {
            assert_eq!(HeaderProperty::parse(wrong), None, "{wrong}");
        }
    }
}
