//! Where a request came from, for rate limits only; never logged.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRef, FromRequestParts},
    http::request::Parts,
};

use crate::{AppState, gates::Peer};

impl<S> FromRequestParts<S> for Peer
where
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let state = AppState::from_ref(state);
        if state.config.behind_proxy {
            // Only the last entry was written by our own proxy.
            let forwarded = parts
                .headers
                .get_all("x-forwarded-for")
                .iter()
                .next_back()
                .and_then(|value| value.to_str().ok())
                .and_then(|text| text.rsplit(',').next())
                .and_then(|text| text.trim().parse::<IpAddr>().ok());
            if let Some(address) = forwarded {
                return Ok(Self::from(address));
            }
        }
        let remote = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(remote.map_or(Self::NONE, |remote| Self::from(remote.0.ip())))
    }
}
