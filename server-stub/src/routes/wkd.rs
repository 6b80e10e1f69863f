//! Web Key Directory, read-only (draft-koch-openpgp-webkey-service).

use std::sync::LazyLock;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use data_encoding::{Encoding, Specification};
use sha1::{Digest, Sha1};

use crate::{
    AppState,
    gates::Peer,
    problem::{ApiProblem, ApiResult},
};

/// Z-Base-32, the directory's own alphabet.
static ZBASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut specification = Specification::new();
    specification
        .symbols
        .push_str("ybndrfg8ejkmcpqxot1uwisza345h769");
    #[allow(
        clippy::expect_used,
        reason = "the alphabet is a constant of 32 symbols"
    )]
    specification.encoding().expect("a valid alphabet")
});

/// The name under which the directory lists an address in lower case.
pub(crate) fn hash_of(address: &str) -> String {
    let local = address.split_once('@').map_or(address, |(local, _)| local);
    ZBASE32.encode(&Sha1::digest(local.as_bytes()))
}

/// `GET /.well-known/openpgpkey/hu/{hash}`: the direct method, for the domain in `Host`.
pub(crate) async fn direct(
    State(state): State<AppState>,
    peer: Peer,
    headers: HeaderMap,
    Path(hash): Path<String>,
) -> ApiResult<Response> {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let host = host
        .rsplit_once(':')
        .map_or(host, |(name, _)| name)
        .to_ascii_lowercase();
    // A proxy or a test may speak under another name; then the main domain is meant.
    let domain = state
        .config
        .domains
        .iter()
        .find(|domain| **domain == host)
        .or(state.config.domains.first())
        .cloned()
        .unwrap_or_default();
    certificate(&state, peer, &domain, &hash).await
}

/// `GET /.well-known/openpgpkey/{domain}/hu/{hash}`: the advanced method.
pub(crate) async fn advanced(
    State(state): State<AppState>,
    peer: Peer,
    Path((domain, hash)): Path<(String, String)>,
) -> ApiResult<Response> {
    certificate(&state, peer, &domain.to_ascii_lowercase(), &hash).await
}

async fn certificate(
    state: &AppState,
    peer: Peer,
    domain: &str,
    hash: &str,
) -> ApiResult<Response> {
    state.gates.directory_peer.pass(&peer)?;
    let rows = state.store.published_by_wkd_hash(hash).await?;
    let row = rows
        .into_iter()
        .find(|row| {
            row.address
                .split_once('@')
                .is_some_and(|(_, own)| own == domain)
        })
        .ok_or(ApiProblem::not_found())?;
    Ok((
        [(header::CONTENT_TYPE, "application/octet-stream")],
        row.certificate,
    )
        .into_response())
}

/// `GET /.well-known/openpgpkey/policy`.
pub(crate) async fn policy() -> Response {
    // An empty policy says that there is a directory and that nothing is special about it.
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], "").into_response()
}

/// `GET /.well-known/openpgpkey/{domain}/policy`.
pub(crate) async fn policy_of_domain(
    State(state): State<AppState>,
    Path(domain): Path<String>,
) -> ApiResult<Response> {
    if state.config.domains.contains(&domain.to_ascii_lowercase()) {
        Ok(policy().await)
    } else {
        Err(ApiProblem::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_draft() {
        // The draft's own example, section 3.1: Joe.Doe@example.org.
        assert_eq!(
            hash_of("joe.doe@example.org"),
            "iy9q119eutrkn8s1mk4r39qejnbu3n5q"
        );
    }
}
