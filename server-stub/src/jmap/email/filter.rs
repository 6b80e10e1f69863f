//! Filters and sort orders of `Email/query` (RFC 8621, section 4.4).
//!
//! The server cannot read messages, so whatever looks into one is `unsupportedFilter`: clients
//! search in what they have decrypted.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::place::is_keyword;
use crate::{
    ids::Kind,
    jmap::{
        context::{Context, parse_date},
        error::MethodError,
    },
    store::queries::{Filter, Sort, SortKey},
};

/// How deep filters may lie in each other.
const MAX_DEPTH: usize = 10;
/// How many conditions a filter may have.
const MAX_CONDITIONS: usize = 200;

/// One comparator. Fields it does not have are ignored: tools in the field send them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Comparator {
    property: String,
    #[serde(default = "yes")]
    is_ascending: bool,
    #[serde(default)]
    keyword: Option<String>,
    #[serde(default)]
    collation: Option<String>,
}

fn yes() -> bool {
    true
}

fn unsupported() -> MethodError {
    MethodError::new("unsupportedFilter")
}

/// Reads a filter.
pub(super) fn filter(context: &Context<'_>, value: Option<&Value>) -> Result<Filter, MethodError> {
    match value {
        None | Some(Value::Null) => Ok(Filter::All(Vec::new())),
        Some(value) => read(context, value, 0, &mut 0),
    }
}

fn read(
    context: &Context<'_>,
    value: &Value,
    depth: usize,
    count: &mut usize,
) -> Result<Filter, MethodError> {
    let fields = value
        .as_object()
        .ok_or_else(|| MethodError::invalid("not a filter"))?;
    *count += 1;
    if depth > MAX_DEPTH || *count > MAX_CONDITIONS {
        return Err(unsupported());
    }
    let Some(operator) = fields.get("operator") else {
        let conditions = fields
            .iter()
            .map(|(name, value)| condition(context, name, value));
        return Ok(Filter::All(conditions.collect::<Result<_, _>>()?));
    };
    let conditions = fields
        .get("conditions")
        .and_then(Value::as_array)
        .ok_or_else(|| MethodError::invalid("an operator needs conditions"))?;
    let mut inner = Vec::with_capacity(conditions.len());
    for condition in conditions {
        inner.push(read(context, condition, depth + 1, count)?);
    }
    match operator.as_str() {
        Some("AND") => Ok(Filter::All(inner)),
        Some("OR") => Ok(Filter::Any(inner)),
        Some("NOT") => Ok(Filter::None(inner)),
        _ => Err(MethodError::invalid("unknown operator")),
    }
}

fn condition(context: &Context<'_>, name: &str, value: &Value) -> Result<Filter, MethodError> {
    let invalid = || MethodError::invalid(format!("{name} cannot be this"));
    let mailbox = |value: &Value| {
        let id = value.as_str().ok_or_else(invalid)?;
        Ok::<_, MethodError>(context.resolve_id(Kind::Mailbox, id))
    };
    let date = || value.as_str().and_then(parse_date).ok_or_else(invalid);
    let number = || {
        value
            .as_i64()
            .filter(|number| *number >= 0)
            .ok_or_else(invalid)
    };
    let keyword = || {
        let keyword = value.as_str().ok_or_else(invalid)?.to_ascii_lowercase();
        if is_keyword(&keyword) {
            Ok(keyword)
        } else {
            Err(invalid())
        }
    };
    Ok(match name {
        "inMailbox" => mailbox(value)?.map_or(Filter::Nothing, Filter::InMailbox),
        "inMailboxOtherThan" => {
            let list = value.as_array().ok_or_else(invalid)?;
            if list.len() > MAX_CONDITIONS {
                return Err(unsupported());
            }
            let ids: Result<Vec<Option<i64>>, MethodError> = list.iter().map(mailbox).collect();
            Filter::InMailboxOtherThan(ids?.into_iter().flatten().collect())
        }
        "before" => Filter::Before(date()?),
        "after" => Filter::After(date()?),
        "minSize" => Filter::MinSize(number()?),
        "maxSize" => Filter::MaxSize(number()?),
        "hasKeyword" => Filter::HasKeyword(keyword()?),
        "notKeyword" => Filter::None(vec![Filter::HasKeyword(keyword()?)]),
        "allInThreadHaveKeyword" => Filter::AllInThreadHave(keyword()?),
        "someInThreadHaveKeyword" => Filter::SomeInThreadHave(keyword()?),
        "noneInThreadHaveKeyword" => Filter::NoneInThreadHave(keyword()?),
        "hasAttachment" | "text" | "from" | "to" | "cc" | "bcc" | "subject" | "body" | "header" => {
            return Err(MethodError::with(
                "unsupportedFilter",
                "messages are sealed: search in what the client has decrypted",
            ));
        }
        _ => return Err(unsupported()),
    })
}

/// Reads a sort order; without one the newest comes first.
pub(super) fn sort(comparators: Option<Vec<Comparator>>) -> Result<Vec<Sort>, MethodError> {
    let comparators = comparators.unwrap_or_default();
    if comparators.is_empty() {
        return Ok(vec![Sort {
            key: SortKey::ReceivedAt,
            ascending: false,
        }]);
    }
    if comparators.len() > 8 || comparators.iter().any(|one| one.collation.is_some()) {
        return Err(MethodError::new("unsupportedSort"));
    }
    comparators
        .into_iter()
        .map(|comparator| {
            let keyword = || {
                let keyword = comparator
                    .keyword
                    .as_deref()
                    .unwrap_or("")
                    .to_ascii_lowercase();
                if is_keyword(&keyword) {
                    Ok(keyword)
                } else {
                    Err(MethodError::invalid("this order needs a keyword"))
                }
            };
            let key = match comparator.property.as_str() {
                "receivedAt" => SortKey::ReceivedAt,
                "size" => SortKey::Size,
                "hasKeyword" => SortKey::HasKeyword(keyword()?),
                "allInThreadHaveKeyword" => SortKey::AllInThreadHave(keyword()?),
                "someInThreadHaveKeyword" => SortKey::SomeInThreadHave(keyword()?),
                _ => return Err(MethodError::new("unsupportedSort")),
            };
            Ok(Sort {
                key,
                ascending: comparator.is_ascending,
            })
        })
        .collect()
}

/// True when changes of other emails can move an email in or out of a query's results.
pub(super) fn looks_at_threads(filter: &Filter, sort: &[Sort], collapse: bool) -> bool {
    let by_thread = |sort: &Sort| {
        matches!(
            sort.key,
            SortKey::AllInThreadHave(_) | SortKey::SomeInThreadHave(_)
        )
    };
    collapse || filter.looks_at_threads() || sort.iter().any(by_thread)
}

/// A filter that is given as an object, for reading twice.
pub(super) type FilterValue = Option<Value>;

/// Fields that both `/query` and `/queryChanges` echo.
pub(super) fn with_total(mut answer: Map<String, Value>, total: Option<usize>) -> Value {
    if let Some(total) = total {
        answer.insert("total".into(), total.into());
    }
    Value::Object(answer)
}
