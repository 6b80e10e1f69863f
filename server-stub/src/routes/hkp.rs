//! HKP look-ups, read-only (draft-gallagher-openpgp-hkp): exact matches of published
//! certificates only, so that the directory cannot be listed.

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use crypto_core::{
    ids::Fingerprint,
    openpgp::{Certificate, CertificateStatus},
};
use serde::Deserialize;
use wire::problem::kinds;

use crate::{
    AppState, addresses,
    gates::Peer,
    problem::{ApiProblem, ApiResult},
    store::accounts::CertificateRow,
};

/// The query's fields.
#[derive(Deserialize)]
pub(crate) struct Lookup {
    op: Option<String>,
    search: Option<String>,
}

/// `GET /pks/lookup`.
pub(crate) async fn lookup(
    State(state): State<AppState>,
    peer: Peer,
    query: Result<Query<Lookup>, QueryRejection>,
) -> ApiResult<Response> {
    state.gates.directory_peer.pass(&peer)?;
    let Query(query) = query.map_err(|_| ApiProblem::bad_request("This is not a look-up."))?;
    let search = query.search.unwrap_or_default();
    match query.op.as_deref() {
        Some("get") => get(find(&state, &search).await?),
        Some("index" | "vindex") => index(&state, find(&state, &search).await?),
        _ => Err(ApiProblem::new(
            kinds::BAD_REQUEST,
            StatusCode::NOT_IMPLEMENTED,
            "This directory knows the operations get and index.",
        )),
    }
}

async fn find(state: &AppState, search: &str) -> ApiResult<Vec<CertificateRow>> {
    let hex = search
        .strip_prefix("0x")
        .or_else(|| search.strip_prefix("0X"));
    let rows = if let Some(fingerprint) = hex.and_then(Fingerprint::parse) {
        state
            .store
            .published_by_fingerprint(fingerprint.as_hex())
            .await?
    } else if let Some(address) = addresses::normal(search) {
        state.store.published_by_address(&address).await?
    } else {
        Vec::new()
    };
    if rows.is_empty() {
        Err(ApiProblem::not_found())
    } else {
        Ok(rows)
    }
}

fn parsed(rows: &[CertificateRow]) -> impl Iterator<Item = Certificate> {
    rows.iter()
        .filter_map(|row| Certificate::parse(&row.certificate).ok())
}

fn get(rows: Vec<CertificateRow>) -> ApiResult<Response> {
    let armored: String = parsed(&rows)
        .map(|certificate| certificate.to_armor())
        .collect();
    Ok(([(header::CONTENT_TYPE, "application/pgp-keys")], armored).into_response())
}

/// The machine-readable index: one line a key, one a user ID.
fn index(state: &AppState, rows: Vec<CertificateRow>) -> ApiResult<Response> {
    let now = state.config.clock.now();
    let mut text = format!("info:1:{}\n", rows.len());
    for certificate in parsed(&rows) {
        let flag = match certificate.status(now) {
            CertificateStatus::Usable | CertificateStatus::NotYetValid(_) => "",
            CertificateStatus::Revoked(_) => "r",
            CertificateStatus::Expired(_) => "e",
            CertificateStatus::Unusable(_) => "d",
        };
        let expires = certificate
            .expires()
            .map(|time| time.0.to_string())
            .unwrap_or_default();
        text.push_str(&format!(
            "pub:{}:::{}:{expires}:{flag}\n",
            certificate.fingerprint(),
            certificate.created().0,
        ));
        for user_id in certificate.user_ids() {
            text.push_str(&format!("uid:{}:::{flag}\n", escape(&user_id.to_text())));
        }
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Colons, per cents and what is not printable ASCII, as the draft asks (section 5.2).
fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b':' | b'%' | 0..=0x1f | 0x7f.. => format!("%{byte:02X}"),
            _ => char::from(byte).to_string(),
        })
        .collect()
}
