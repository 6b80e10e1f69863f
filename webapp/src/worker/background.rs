//! What goes on while an account is open: connecting, synchronising, waiting for news, sending
//! what waits; and trying again, less and less often, while the server is away.

use std::{cell::Cell, rc::Rc, time::Duration};

use futures::{FutureExt as _, StreamExt as _, channel::mpsc, future, pin_mut, select};
use gloo::timers::future::TimeoutFuture;
use mail_client::{Client, ClientError, view::Notice};

use crate::{
    protocol::{Event, ProgressStep},
    worker::{
        link::{Shared, Wake},
        platform::WebPlatform,
    },
};

/// The shortest time between two calls to read the list anew, in milliseconds.
const LIST_PAUSE_MS: f64 = 500.0;

/// The first and the longest pause between two tries.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// Begins the background work for an account that was just opened, and ends the one before.
pub(crate) fn begin(shared: &Rc<Shared>, client: &Rc<Client<WebPlatform>>) {
    shared.wake(Wake::Stop);
    let (sender, receiver) = mpsc::unbounded();
    shared.wake.replace(Some(sender));
    let (shared, client) = (Rc::clone(shared), Rc::clone(client));
    wasm_bindgen_futures::spawn_local(async move { run(&shared, &client, receiver).await });
}

/// How a round ended.
enum End {
    /// Try again after a pause.
    Again,
    /// The account was closed.
    Stop,
}

async fn run(
    shared: &Shared,
    client: &Client<WebPlatform>,
    mut wakes: mpsc::UnboundedReceiver<Wake>,
) {
    let mut pause = PAUSES.0;
    let mut offline = false;
    // What waits from an earlier visit is shown even if the server stays away.
    if let Ok(waiting @ 1..) = client.outbox_len().await {
        shared.tell(Event::Outbox { waiting });
    }
    loop {
        match round(shared, client, &mut wakes, &mut offline, &mut pause).await {
            Ok(End::Stop) | Err(ClientError::Locked) => return,
            Ok(End::Again) => {}
            Err(error) => {
                if let Some(notice) = notice_for(&error) {
                    let fatal = notice != Notice::Offline;
                    if fatal || !offline {
                        shared.tell(Event::Notice(notice));
                    }
                    offline = true;
                    if fatal {
                        return;
                    }
                } else {
                    web_sys::console::warn_1(&error.to_string().into());
                }
            }
        }
        let millis = u32::try_from(pause.as_millis()).unwrap_or(u32::MAX);
        let timer = TimeoutFuture::new(millis).fuse();
        pin_mut!(timer);
        select! {
            () = timer => {}
            wake = wakes.next() => if wake != Some(Wake::Sync) { return },
        }
        pause = (pause * 2).min(PAUSES.1);
    }
}

/// Connects, brings everything up to date, and waits for news until the connection ends.
async fn round(
    shared: &Shared,
    client: &Client<WebPlatform>,
    wakes: &mut mpsc::UnboundedReceiver<Wake>,
    offline: &mut bool,
    pause: &mut Duration,
) -> Result<End, ClientError> {
    bring_up_to_date(shared, client).await?;
    if *offline {
        *offline = false;
        shared.tell(Event::Notice(Notice::Online));
    }
    *pause = PAUSES.0;
    let (news, mut heard) = mpsc::unbounded::<()>();
    let mut on_change = move || {
        // The receiver lives as long as this round.
        let _ended = news.unbounded_send(());
    };
    let watch = client.watch(&mut on_change).fuse();
    pin_mut!(watch);
    loop {
        let again = select! {
            ended = watch => return ended.map(|()| End::Again),
            _ = heard.next() => Wake::Sync,
            wake = wakes.next() => wake.unwrap_or(Wake::Stop),
        };
        if again == Wake::Stop {
            return Ok(End::Stop);
        }
        // Several at once are one.
        while heard.next().now_or_never().flatten().is_some() {}
        let sync = bring_up_to_date(shared, client).fuse();
        pin_mut!(sync);
        // The watch goes on meanwhile, so that no news is lost.
        let watching = &mut watch;
        match future::select(sync, watching).await {
            future::Either::Left((done, _)) => done?,
            future::Either::Right((ended, sync)) => {
                sync.await?;
                return ended.map(|()| End::Again);
            }
        }
    }
}

async fn bring_up_to_date(
    shared: &Shared,
    client: &Client<WebPlatform>,
) -> Result<(), ClientError> {
    let last_told = Cell::new(f64::MIN);
    let progress = |step| {
        if let mail_client::view::Step::Synchronising { done, of } = step {
            shared.tell(Event::Progress {
                step: ProgressStep::Synchronising,
                done,
                of,
            });
            // The page reads the whole list anew each time; twice a second is often enough.
            let now = js_sys::Date::now();
            if now - last_told.get() >= LIST_PAUSE_MS {
                last_told.set(now);
                shared.tell(Event::MailChanged);
            }
        }
    };
    let _only = shared.only_tab().await;
    let sent = match client.flush_outbox().await {
        Ok(sent) => sent,
        Err(error)
            if notice_for(&error).is_some()
                || matches!(error, ClientError::Locked | ClientError::TooManyRequests) =>
        {
            return Err(error);
        }
        // The server refuses a message: it stays in the outbox, and mail still comes in.
        Err(error) => {
            web_sys::console::warn_1(&error.to_string().into());
            shared.tell(Event::Outbox {
                waiting: client.outbox_len().await?,
            });
            0
        }
    };
    let report = client.sync(&progress).await?;
    for notice in report.notices {
        shared.tell(Event::Notice(notice));
    }
    if report.changed || sent > 0 {
        shared.tell(Event::MailChanged);
    }
    if sent > 0 {
        shared.tell(Event::Outbox {
            waiting: client.outbox_len().await?,
        });
    }
    Ok(())
}

fn notice_for(error: &ClientError) -> Option<Notice> {
    match error {
        ClientError::Offline => Some(Notice::Offline),
        ClientError::PassphraseChanged => Some(Notice::PassphraseChanged),
        ClientError::SessionEnded | ClientError::ServerNotTrusted(_) => Some(Notice::SessionEnded),
        _ => None,
    }
}
