//! Arguments that refer to the results of earlier calls (RFC 8620, section 3.7).

use serde::Deserialize;
use serde_json::{Map, Value};
use wire::jmap::Invocation;

use super::error::MethodError;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ResultReference {
    result_of: String,
    name: String,
    path: String,
}

/// Replaces arguments whose names begin with `#` by the values they refer to.
/// `budget` bounds the bytes that are copied for one request: two references to the answer of a
/// call that itself had two would otherwise double with every call.
pub(crate) fn resolve(
    arguments: Value,
    responses: &[Invocation],
    budget: &mut usize,
) -> Result<Value, MethodError> {
    let Value::Object(arguments) = arguments else {
        return Err(MethodError::invalid("arguments must be an object"));
    };
    if !arguments.keys().any(|name| name.starts_with('#')) {
        return Ok(Value::Object(arguments));
    }
    let mut resolved = Map::new();
    for (name, value) in arguments {
        let (name, value) = match name.strip_prefix('#') {
            Some(plain) => {
                let value = look_up(value, responses)?;
                *budget = budget
                    .checked_sub(weight(&value))
                    .ok_or(MethodError::too_large())?;
                (plain.to_owned(), value)
            }
            None => (name, value),
        };
        if resolved.insert(name.clone(), value).is_some() {
            return Err(MethodError::invalid(format!(
                "both {name} and #{name} are given"
            )));
        }
    }
    Ok(Value::Object(resolved))
}

fn look_up(value: Value, responses: &[Invocation]) -> Result<Value, MethodError> {
    let invalid = || MethodError::new("invalidResultReference");
    let reference: ResultReference = serde_json::from_value(value).map_err(|_| invalid())?;
    let Invocation(name, result, _) = responses
        .iter()
        .find(|Invocation(_, _, id)| *id == reference.result_of)
        .ok_or_else(invalid)?;
    if *name != reference.name {
        return Err(invalid());
    }
    evaluate(result, &reference.path).ok_or_else(invalid)
}

/// About how many bytes a value takes.
pub(crate) fn weight(value: &Value) -> usize {
    const NODE: usize = 32;
    NODE + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| name.len() + NODE + weight(value))
            .sum(),
        _ => 0,
    }
}

/// JSON Pointer (RFC 6901) with `*` for "each item of this array, lists among them joined".
fn evaluate(value: &Value, path: &str) -> Option<Value> {
    if path.is_empty() {
        return Some(value.clone());
    }
    let (token, rest) = match path.strip_prefix('/')?.split_once('/') {
        Some((token, rest)) => (token, path.get(path.len() - rest.len() - 1..)?),
        None => (path.strip_prefix('/')?, ""),
    };
    match value {
        Value::Array(items) if token == "*" => {
            let mut found = Vec::new();
            for item in items {
                match evaluate(item, rest)? {
                    Value::Array(inner) => found.extend(inner),
                    other => found.push(other),
                }
            }
            Some(Value::Array(found))
        }
        Value::Array(items) => {
            let plain = token == "0" || (!token.starts_with('0') && !token.starts_with('+'));
            let place: usize = token.parse().ok().filter(|_| plain)?;
            evaluate(items.get(place)?, rest)
        }
        Value::Object(fields) => {
            let name = token.replace("~1", "/").replace("~0", "~");
            evaluate(fields.get(&name)?, rest)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_walk_objects_lists_and_stars() {
        let value = json!({
            "list": [{ "ids": ["a", "b"], "x": 1 }, { "ids": ["c"], "x": 2 }],
            "a/b": { "m~n": 8 },
            "nothing": []
        });
        let check = |path: &str, expected: Option<Value>| {
            assert_eq!(evaluate(&value, path), expected, "{path}");
        };
        check("/list/*/ids", Some(json!(["a", "b", "c"])));
        check("/list/*/x", Some(json!([1, 2])));
        check("/list/1/ids/0", Some(json!("c")));
        check("/a~1b/m~0n", Some(json!(8)));
        check("/nothing/*/id", Some(json!([])));
        check("", Some(value.clone()));
        for wrong in [
            "list",
            "/list/2",
            "/list/01",
            "/list/-",
            "/list/*/y",
            "/a/b",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn a_reference_must_name_the_method_that_answered() {
        let responses = [Invocation(
            "Email/query".into(),
            json!({ "ids": ["x"] }),
            "0".into(),
        )];
        let with = |name: &str, of: &str| {
            let reference = json!({ "resultOf": of, "name": name, "path": "/ids" });
            resolve(
                json!({ "#ids": reference, "other": 1 }),
                &responses,
                &mut 1000,
            )
        };
        assert_eq!(
            with("Email/query", "0").unwrap(),
            json!({ "ids": ["x"], "other": 1 })
        );
        assert!(with("Email/get", "0").is_err());
        assert!(with("Email/query", "1").is_err());
        let reference = json!({ "resultOf": "0", "name": "Email/query", "path": "" });
        assert!(resolve(json!({ "#a": reference }), &responses, &mut 20).is_err());
    }
}
