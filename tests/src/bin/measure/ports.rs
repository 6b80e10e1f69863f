//! Argon2id, SRP, sealing and IndexedDB alone, measured by the page `bench` of `platform-web`.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::server::Server;
use serde::Deserialize;
use thirtyfour::prelude::*;

use letterlock_tests::rows::Rows;

/// The page's own limit: seven rounds of everything.
const LIMIT: Duration = Duration::from_secs(120);

/// What the page tells of one thing.
#[derive(Deserialize)]
struct Figure {
    median_ms: f64,
}

/// Runs the page, once a round; a row's samples are the page's medians.
///
/// # Errors
///
/// When the page fails.
pub(crate) async fn measure(
    environment: &Environment,
    kind: Kind,
    pages: &Path,
    rounds: usize,
    rows: &mut Rows,
) -> Result<()> {
    let mut environment = environment.clone();
    // Any static host will do, so the server serves the page in place of the webmail.
    environment.webmail = pages.to_owned();
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(&environment, &folder.path().join("server")).await?;
    for round in 0..rounds {
        let profile = folder.path().join(format!("profile-{round}"));
        let downloads = folder.path().join("downloads");
        let browser = Browser::start(&environment, kind, &profile, &downloads).await?;
        let driver = &browser.driver;
        driver
            .goto(format!("{}/bench.html", server.address))
            .await?;
        let result = driver
            .query(By::Css("#result"))
            .wait(LIMIT, Duration::from_millis(500))
            .first()
            .await?;
        let (title, told) = (driver.title().await?, result.text().await?);
        browser.close().await?;
        if title != "passed" {
            bail!("{} says {title}: {told}", kind.name());
        }
        let figures: BTreeMap<String, Figure> =
            serde_json::from_str(&told).context("the page's figures")?;
        for (what, figure) in figures {
            rows.add(kind.name(), (&what, "ms", aim(&what)), figure.median_ms);
        }
    }
    server.stop().await
}

/// 100,000 objects a second sealed or opened, and 10,000 durable within half a second.
fn aim(what: &str) -> Option<f64> {
    if what.starts_with("seal ") || what.starts_with("open 10") {
        Some(100.0)
    } else if what.starts_with("commit ") {
        Some(500.0)
    } else {
        None
    }
}
