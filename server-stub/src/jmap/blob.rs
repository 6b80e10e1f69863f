//! Upload and download of bytes (RFC 8620, section 6).
//!
//! Uploads stay in memory. What can be downloaded: one's own uploads, one's own sealed messages,
//! and the parts of both.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use mail_parser::PartType;
use serde::Deserialize;
use wire::jmap::UploadResponse;

use super::error::RequestError;
use crate::{
    AppState,
    ids::{self, Kind},
    mail::parse,
    problem::{ApiProblem, ApiResult},
    routes::body,
    session::Session,
    store::StoreError,
    uploads::Key,
};

/// What a blob id names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blob {
    /// An upload.
    Upload(String),
    /// The sealed form of an email.
    Sealed(i64),
    /// A part of one of the others, decoded.
    Part(Box<Blob>, u32),
}

impl Blob {
    /// Reads a blob id.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some((whole, part)) = text.split_once('-') {
            let whole = Self::parse(whole)?;
            let part = part
                .parse()
                .ok()
                .filter(|_| part.bytes().all(|b| b.is_ascii_digit()))?;
            return matches!(whole, Self::Upload(_) | Self::Sealed(_))
                .then(|| Self::Part(Box::new(whole), part));
        }
        if let Some(id) = ids::parse(Kind::SealedMessage, text) {
            return Some(Self::Sealed(id));
        }
        let name = text.strip_prefix('f')?;
        let good = name.len() == 32 && name.bytes().all(|b| b.is_ascii_hexdigit());
        good.then(|| Self::Upload(name.to_owned()))
    }

    /// The blob id.
    pub(super) fn show(&self) -> String {
        match self {
            Self::Upload(name) => format!("f{name}"),
            Self::Sealed(id) => ids::show(Kind::SealedMessage, *id),
            Self::Part(whole, part) => format!("{}-{part}", whole.show()),
        }
    }
}

/// The bytes of a blob of this account, if they are there.
pub(super) async fn fetch(
    state: &AppState,
    account: i64,
    blob: &Blob,
) -> Result<Option<Bytes>, StoreError> {
    match blob {
        Blob::Upload(name) => {
            Ok(state
                .uploads
                .get(account, &Key::Upload(name.clone()), state.now()))
        }
        Blob::Sealed(id) => Ok(state
            .store
            .sealed_message(account, *id)
            .await?
            .map(Bytes::from)),
        Blob::Part(whole, part) => {
            let is_sealed = matches!(**whole, Blob::Sealed(_));
            let whole = Box::pin(fetch(state, account, whole)).await?;
            let Some(bytes) = whole else { return Ok(None) };
            let part = *part;
            let found = tokio::task::spawn_blocking(move || part_of(&bytes, part, is_sealed));
            Ok(found.await.ok().flatten())
        }
    }
}

fn part_of(message: &[u8], part: u32, is_sealed: bool) -> Option<Bytes> {
    let parsed = parse::whole(message, is_sealed)?;
    let part = parsed.part(part)?;
    let bytes = match &part.body {
        PartType::Multipart(_) => return None,
        PartType::Message(inner) => inner.raw_message().to_vec(),
        _ => part.contents().to_vec(),
    };
    Some(bytes.into())
}

/// `POST /jmap/upload/{accountId}`.
pub(super) async fn upload(
    State(state): State<AppState>,
    session: Session,
    Path(account_id): Path<String>,
    request: Request,
) -> Response {
    if account_id != session.account_id() {
        return ApiProblem::not_found().into_response();
    }
    let Some(_place) = state.gates.upload(session.account) else {
        return RequestError::Limit("maxConcurrentUpload").into_response();
    };
    let (parts, body) = request.into_parts();
    let Some(_room) = state.gates.upload_room(&parts.headers) else {
        return ApiProblem::unavailable().into_response();
    };
    let bytes = match body::read(&parts.headers, body, state.config.limits.message_size).await {
        Ok(bytes) => bytes,
        Err(problem) if problem.is_too_large() => {
            return RequestError::Limit("maxSizeUpload").into_response();
        }
        Err(problem) => return problem.into_response(),
    };
    let name = ids::make_name();
    let size = bytes.len() as u64;
    if !state.uploads.insert(
        session.account,
        Key::Upload(name.clone()),
        bytes,
        state.now(),
    ) {
        return ApiProblem::unavailable().into_response();
    }
    let answer = UploadResponse {
        account_id,
        blob_id: Blob::Upload(name).show(),
        media_type: media_type(&parts.headers),
        size,
    };
    (StatusCode::CREATED, Json(answer)).into_response()
}

fn media_type(headers: &HeaderMap) -> String {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("application/octet-stream")
        .to_owned()
}

/// The query of a download.
#[derive(Deserialize)]
pub(super) struct Download {
    #[serde(default)]
    accept: Option<String>,
}

/// `GET /jmap/download/{accountId}/{blobId}/{name}`.
pub(super) async fn download(
    State(state): State<AppState>,
    session: Session,
    Path((account_id, blob_id, name)): Path<(String, String, String)>,
    Query(Download { accept }): Query<Download>,
) -> ApiResult<Response> {
    if account_id != session.account_id() {
        return Err(ApiProblem::not_found());
    }
    let blob = Blob::parse(&blob_id).ok_or(ApiProblem::not_found())?;
    let bytes = fetch(&state, session.account, &blob)
        .await?
        .ok_or(ApiProblem::not_found())?;
    // The type is the asker's wish; nosniff, the sandbox and the disposition keep it harmless.
    let media_type = accept
        .filter(|text| {
            text.split_once('/')
                .is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
        })
        .and_then(|text| HeaderValue::from_str(&text).ok())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = format!("attachment; filename*=UTF-8''{}", encode_name(&name));
    let disposition =
        HeaderValue::from_str(&disposition).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
    ];
    Ok((headers, bytes).into_response())
}

/// A file name as RFC 8187 writes it: per cents for everything but plain characters.
fn encode_name(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blob_ids_are_read_back_and_nothing_else_is() {
        let upload = Blob::Upload("0123456789abcdef0123456789abcdef".into());
        for blob in [
            upload.clone(),
            Blob::Sealed(7),
            Blob::Part(Box::new(upload), 3),
        ] {
            assert_eq!(Blob::parse(&blob.show()), Some(blob));
        }
        for wrong in [
            "",
            "f",
            "f12",
            "r0000000000000007-",
            "r0000000000000007-1-1",
            "r7",
            "x-1",
        ] {
            assert_eq!(Blob::parse(wrong), None, "{wrong}");
        }
    }
}
