//! Push by server-sent events (RFC 8620, section 7.3).

use std::{
    collections::{BTreeMap, VecDeque},
    convert::Infallible,
    time::Duration,
};

use axum::{
    extract::{Query, State},
    http::HeaderMap,
    response::{IntoResponse, Response, Sse, sse},
};
use futures::{Stream, stream};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    sync::{broadcast::error::RecvError, watch},
    time::Instant,
};
use wire::jmap::StateChange;

use super::error::RequestError;
use crate::{
    AppState,
    gates::Place,
    problem::{ApiProblem, ApiResult},
    push::Event,
    session::Session,
    store::{DataType, StoreError, tokens::Scope},
};

/// How often a stream looks whether its session is still good.
const CHECK_EVERY: Duration = Duration::from_secs(60);
/// The shortest and the longest time between pings, in seconds.
const PING: std::ops::RangeInclusive<u64> = 5..=3600;

/// The query of a stream.
#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    types: Option<String>,
    #[serde(default)]
    closeafter: Option<String>,
    #[serde(default)]
    ping: Option<u64>,
}

struct Listener {
    state: AppState,
    session: Session,
    /// `None` for all.
    types: Option<Vec<String>>,
    close_after_state: bool,
    ping: Option<u64>,
    receiver: tokio::sync::broadcast::Receiver<Event>,
    shutdown: watch::Receiver<bool>,
    known: BTreeMap<&'static str, i64>,
    waiting: VecDeque<sse::Event>,
    next_ping: Option<Instant>,
    next_check: Instant,
    done: bool,
    _place: Place,
}

/// `GET /jmap/eventsource`.
pub(super) async fn stream(
    State(state): State<AppState>,
    session: Session,
    headers: HeaderMap,
    Query(parameters): Query<Parameters>,
) -> ApiResult<Response> {
    let types = match parameters.types.as_deref() {
        None | Some("" | "*") => None,
        Some(list) => Some(list.split(',').map(|name| name.trim().to_owned()).collect()),
    };
    let close_after_state = match parameters.closeafter.as_deref() {
        None | Some("" | "no") => false,
        Some("state") => true,
        Some(_) => return Err(ApiProblem::bad_request("closeafter is state or no.")),
    };
    let Some(place) = state.gates.stream(session.account) else {
        return Ok(RequestError::Limit("maxConcurrentRequests").into_response());
    };
    let ping = parameters
        .ping
        .filter(|seconds| *seconds > 0)
        .map(|seconds| seconds.clamp(*PING.start(), *PING.end()));
    // Subscribed before the states are read, so that nothing falls between.
    let receiver = state.push.subscribe(session.account);
    let mut listener = Listener {
        shutdown: state.shutdown.subscribe(),
        known: BTreeMap::new(),
        waiting: VecDeque::new(),
        next_ping: ping.map(|_| Instant::now()),
        next_check: Instant::now() + CHECK_EVERY,
        done: false,
        types,
        close_after_state,
        ping,
        receiver,
        session,
        state,
        _place: place,
    };
    let states = listener.states().await?;
    let last_seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse::<i64>().ok());
    match last_seen {
        // Ids are modseqs, so what is newer than the last one seen was missed.
        Some(last) => {
            listener.known = states
                .iter()
                .map(|(name, modseq)| (*name, (*modseq).min(last)))
                .collect();
            listener.tell(states);
        }
        None => listener.known = states.into_iter().collect(),
    }
    Ok(Sse::new(listener.into_stream()).into_response())
}

impl Listener {
    fn wants(&self, kind: DataType) -> bool {
        let allowed = kind != DataType::SealedObject || self.session.scope == Scope::Full;
        let asked = self
            .types
            .as_ref()
            .is_none_or(|types| types.iter().any(|name| name == kind.name()));
        allowed && asked
    }

    async fn states(&self) -> Result<Vec<(&'static str, i64)>, StoreError> {
        let states = self.state.store.states(self.session.account).await?;
        Ok(states
            .into_iter()
            .filter(|(kind, _)| self.wants(*kind))
            .map(|(kind, modseq)| (kind.name(), modseq))
            .collect())
    }

    /// Puts a state change in the queue if any of these states is new.
    fn tell(&mut self, states: Vec<(&'static str, i64)>) {
        let mut changed = BTreeMap::new();
        let mut newest = 0;
        for (name, modseq) in states {
            newest = newest.max(modseq);
            if self.known.get(name).copied().unwrap_or(0) < modseq {
                self.known.insert(name, modseq);
                changed.insert(name.to_owned(), modseq.to_string());
            }
        }
        if changed.is_empty() {
            return;
        }
        let change = StateChange {
            kind: "StateChange".into(),
            changed: BTreeMap::from([(self.session.account_id(), changed)]),
        };
        let data = serde_json::to_string(&change).unwrap_or_default();
        let event = sse::Event::default()
            .event("state")
            .id(newest.to_string())
            .data(data);
        self.waiting.push_back(event);
        self.done |= self.close_after_state;
    }

    async fn session_is_good(&self) -> bool {
        let hash = &self.session.token_hash;
        matches!(
            self.state.store.token_owner(hash, self.state.now()).await,
            Ok(Some(_))
        )
    }

    fn into_stream(self) -> impl Stream<Item = Result<sse::Event, Infallible>> + Send {
        stream::unfold(self, |mut listener| async move {
            let event = listener.next().await?;
            Some((Ok(event), listener))
        })
    }

    /// The next event; `None` when the stream ends.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.done || *self.shutdown.borrow_and_update() {
                return None;
            }
            let ping = self.next_ping;
            tokio::select! {
                received = self.receiver.recv() => self.received(received).await?,
                _ = self.shutdown.changed() => return None,
                () = tokio::time::sleep_until(ping.unwrap_or_else(Instant::now)),
                    if ping.is_some() => self.ping(),
                () = tokio::time::sleep_until(self.next_check) => {
                    self.next_check = Instant::now() + CHECK_EVERY;
                    if !self.session_is_good().await {
                        return None;
                    }
                }
            }
        }
    }

    async fn received(&mut self, received: Result<Event, RecvError>) -> Option<()> {
        match received {
            Ok(Event::Changed(kinds)) => {
                let states = kinds
                    .iter()
                    .filter(|(kind, _)| self.wants(*kind))
                    .map(|(kind, modseq)| (kind.name(), *modseq))
                    .collect();
                self.tell(states);
            }
            Ok(Event::SessionsEnded) => {
                if !self.session_is_good().await {
                    return None;
                }
            }
            // Too slow for single events: the newest states say all that is needed.
            Err(RecvError::Lagged(_)) => {
                let states = self.states().await.ok()?;
                self.tell(states);
            }
            Err(RecvError::Closed) => return None,
        }
        Some(())
    }

    fn ping(&mut self) {
        let Some(seconds) = self.ping else { return };
        let data = json!({ "interval": seconds }).to_string();
        self.waiting
            .push_back(sse::Event::default().event("ping").data(data));
        self.next_ping = Some(Instant::now() + Duration::from_secs(seconds));
    }
}
