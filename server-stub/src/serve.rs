//! The accept loop: bounded connections, bounded patience, and an orderly end.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto::Builder, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, sync::Semaphore};
use tower::{ServiceExt, service_fn};

use crate::AppState;

/// How long requests in work may take to finish when the server ends.
const GRACE: Duration = Duration::from_secs(10);

/// How often memory is tidied up.
const TIDY_EVERY: Duration = Duration::from_secs(60);

/// Serves an app until `shutdown` is done, then lets requests in work finish (ten seconds) and
/// ends push streams.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    state: &AppState,
    shutdown: impl Future<Output = ()>,
) {
    let limits = &state.config.limits;
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_time)
        .max_headers(100);
    let builder = builder.http1_only();
    let mut shutdown = pin!(shutdown);
    let tidying = tokio::spawn({
        let state = state.clone();
        async move {
            let mut ticks = tokio::time::interval(TIDY_EVERY);
            loop {
                ticks.tick().await;
                state.tidy();
            }
        }
    });
    loop {
        // Without a free place new connections wait in the system's queue.
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut shutdown => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        let (Ok(place), Ok((stream, remote))) = (place, accepted) else {
            // Out of file descriptors, or the peer is gone already: give others time to end.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let remote = ConnectInfo(remote);
        let app = app.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(remote);
            let app = app.clone();
            async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_default()) }
        });
        let connection = builder
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
            .into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A broken connection concerns nobody but its peer.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    tidying.abort();
    state.end_streams();
    if tokio::time::timeout(GRACE, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not end in time");
    }
}
