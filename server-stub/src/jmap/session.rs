//! The session resource (RFC 8620, section 2).

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header, uri::Authority},
};
use serde_json::{Value, json};
use wire::{
    jmap::{self, Account, Session as SessionResource},
    objects, routes,
};

use crate::{AppState, session::Session, store::tokens::Scope};

/// The capabilities a token of this scope may use.
pub(crate) fn capability_names(scope: Scope) -> &'static [&'static str] {
    const FULL: [&str; 4] = [
        jmap::CORE,
        jmap::MAIL,
        jmap::SUBMISSION,
        objects::CAPABILITY,
    ];
    const MAIL_ONLY: [&str; 3] = [jmap::CORE, jmap::MAIL, jmap::SUBMISSION];
    match scope {
        Scope::Full => &FULL,
        Scope::MailOnly => &MAIL_ONLY,
    }
}

/// Changes when the resource does: nothing in it depends on anything but scope and version.
pub(crate) fn state(session: &Session) -> String {
    let scope = match session.scope {
        Scope::Full => "full",
        Scope::MailOnly => "mail",
    };
    format!("{}-{scope}", env!("CARGO_PKG_VERSION"))
}

/// `GET /.well-known/jmap` and `GET /jmap/session`.
pub(crate) async fn get(
    State(server): State<AppState>,
    session: Session,
    headers: HeaderMap,
) -> Json<SessionResource> {
    let account_id = session.account_id();
    let base = base_url(&server, &headers);
    let names = capability_names(session.scope);
    let account = Account {
        name: session.address.clone(),
        is_personal: true,
        is_read_only: false,
        account_capabilities: names
            .iter()
            .map(|name| ((*name).to_owned(), account_capability(&server, name)))
            .collect(),
    };
    let primary = names.iter().filter(|name| **name != jmap::CORE);
    Json(SessionResource {
        capabilities: names
            .iter()
            .map(|name| ((*name).to_owned(), server_capability(&server, name)))
            .collect(),
        accounts: BTreeMap::from([(account_id.clone(), account)]),
        primary_accounts: primary
            .map(|name| ((*name).to_owned(), account_id.clone()))
            .collect(),
        username: session.address.clone(),
        api_url: format!("{base}{}", routes::JMAP_API),
        download_url: format!(
            "{base}{}/{{accountId}}/{{blobId}}/{{name}}?accept={{type}}",
            routes::JMAP_DOWNLOAD
        ),
        upload_url: format!("{base}{}/{{accountId}}", routes::JMAP_UPLOAD),
        event_source_url: format!(
            "{base}{}?types={{types}}&closeafter={{closeafter}}&ping={{ping}}",
            routes::JMAP_EVENTS
        ),
        state: state(&session),
    })
}

/// Where this server is, as the client sees it; empty (relative URLs) when nobody says.
fn base_url(server: &AppState, headers: &HeaderMap) -> String {
    if let Some(url) = &server.config.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    // A proxy that is trusted to name the peer is one that speaks TLS: a bearer token must not
    // be sent in the clear because nobody set a URL.
    let scheme = if server.config.behind_proxy {
        "https"
    } else {
        "http"
    };
    // Only the asker sees what is made of its own Host, and only if it is one.
    headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<Authority>().ok())
        .map(|authority| format!("{scheme}://{authority}"))
        .unwrap_or_default()
}

fn server_capability(server: &AppState, name: &str) -> Value {
    let limits = &server.config.limits;
    match name {
        jmap::CORE => json!({
            "maxSizeUpload": limits.message_size,
            "maxConcurrentUpload": limits.concurrent_uploads,
            "maxSizeRequest": limits.jmap_request_size,
            "maxConcurrentRequests": limits.concurrent_requests,
            "maxCallsInRequest": limits.calls_in_request,
            "maxObjectsInGet": limits.objects_in_get,
            "maxObjectsInSet": limits.objects_in_set,
            "collationAlgorithms": [],
        }),
        _ => json!({}),
    }
}

fn account_capability(server: &AppState, name: &str) -> Value {
    let limits = &server.config.limits;
    match name {
        jmap::MAIL => json!({
            "maxMailboxesPerEmail": null,
            "maxMailboxDepth": super::mailbox::MAX_DEPTH,
            "maxSizeMailboxName": super::mailbox::MAX_NAME,
            "maxSizeAttachmentsPerEmail": limits.message_size,
            "emailQuerySortOptions": super::email::SORT_OPTIONS,
            "mayCreateTopLevelMailbox": true,
        }),
        jmap::SUBMISSION => json!({ "maxDelayedSend": 0, "submissionExtensions": {} }),
        objects::CAPABILITY => json!({
            "maxObjectSize": objects::MAX_OBJECT_SIZE,
            "quota": limits.object_quota,
        }),
        _ => json!({}),
    }
}
