//! What crosses the network, or the borders between the worlds of the extension, as JSON.

use ext_protocol::{content, envelope::Call, frame, page, provider};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use wire::{auth, directory, jmap, objects, problem};

/// JSON from the other side, read as everything it may be meant as.
pub(crate) fn jmap(data: &[u8]) {
    let request = settles::<jmap::Request>(data);
    let response = settles::<jmap::Response>(data);
    for call in request
        .iter()
        .flat_map(|request| &request.method_calls)
        .chain(response.iter().flat_map(|answer| &answer.method_responses))
    {
        arguments(&call.1);
    }
    settles::<jmap::Session>(data);
    settles::<jmap::UploadResponse>(data);
    settles::<auth::RegisterRequest>(data);
    settles::<auth::LoginStartRequest>(data);
    settles::<auth::LoginStartResponse>(data);
    settles::<auth::LoginFinishRequest>(data);
    settles::<auth::LoginFinishResponse>(data);
    settles::<auth::LoginGrant>(data);
    settles::<auth::ChangePassphraseRequest>(data);
    settles::<auth::ServerInfo>(data);
    settles::<directory::LookupRequest>(data);
    settles::<directory::LookupResponse>(data);
    settles::<directory::PublishRequest>(data);
    settles::<problem::Problem>(data);
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        arguments(&value);
    }
}

/// What the worlds of the extension say to the background: JSON of three closed enums, and the
/// rules for webmails.
pub(crate) fn extension(data: &[u8]) {
    settles::<Call<content::Request>>(data);
    settles::<Call<frame::Request>>(data);
    settles::<Call<page::Request>>(data);
    settles::<provider::RuleSet>(data);
}

fn arguments(value: &Value) {
    let text = value.to_string();
    settles::<objects::ObjectSet>(text.as_bytes());
    settles::<objects::ObjectUpdate>(text.as_bytes());
    settles::<objects::SealedObject>(text.as_bytes());
}

/// Reads a value; what is written of it reads and writes the same.
fn settles<T: Serialize + DeserializeOwned>(data: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(data).ok()?;
    let written = serde_json::to_string(&value).expect("what was read can be written");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    let twice = serde_json::to_string(&again).expect("what was read can be written");
    assert_eq!(written, twice);
    Some(value)
}
