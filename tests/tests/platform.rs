//! The browser's half of the ports: the store keeps its contract in real IndexedDB.
//!
//! The page is the example `store-contract` of `platform-web`; it tells the result in its title
//! and, as JSON, in `#result`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::server::Server;
use thirtyfour::prelude::*;

#[tokio::test]
async fn the_store_keeps_its_contract_in_chromium() -> Result<()> {
    store(Kind::Chromium).await
}

#[tokio::test]
async fn the_store_keeps_its_contract_in_firefox() -> Result<()> {
    store(Kind::Firefox).await
}

async fn store(kind: Kind) -> Result<()> {
    let mut environment = Environment::read()?;
    // Any static host will do, so the server serves the test's page in place of the webmail.
    environment.webmail = std::env::var_os("LETTERLOCK_PAGES")
        .context("LETTERLOCK_PAGES is not set: run `cargo xtask test --only browsers`")?
        .into();
    let folder = tempfile::tempdir()?;
    let mut server = Server::start(&environment, &folder.path().join("server")).await?;
    let (profile, downloads) = (
        folder.path().join("profile"),
        folder.path().join("downloads"),
    );
    let browser = Browser::start(&environment, kind, &profile, &downloads).await?;
    let page = format!("{}/store-contract.html", server.address);
    browser.driver.goto(page).await?;
    let result = browser
        .driver
        .query(By::Css("#result"))
        .wait(Duration::from_secs(120), Duration::from_millis(100))
        .first()
        .await?;
    let (title, told) = (browser.driver.title().await?, result.text().await?);
    browser.close().await?;
    server.stop().await?;
    if title != "passed" {
        bail!("{} says {title}: {told}", kind.name());
    }
    Ok(())
}
