//! The browser's half of the ports: the store keeps its contract in real IndexedDB, and the bulk
//! engine in real WebCrypto.
//!
//! The pages are the examples `store-contract` of `platform-web` and `engine-contract` of
//! `crypto-webcrypto`; they tell the result in their titles and in `#result`.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::server::Server;
use thirtyfour::prelude::*;

#[tokio::test]
async fn the_store_keeps_its_contract_in_chromium() -> Result<()> {
    page(Kind::Chromium, "store-contract").await
}

#[tokio::test]
async fn the_store_keeps_its_contract_in_firefox() -> Result<()> {
    page(Kind::Firefox, "store-contract").await
}

#[tokio::test]
async fn the_engine_keeps_its_contract_in_chromium() -> Result<()> {
    page(Kind::Chromium, "engine-contract").await
}

#[tokio::test]
async fn the_engine_keeps_its_contract_in_firefox() -> Result<()> {
    page(Kind::Firefox, "engine-contract").await
}

async fn page(kind: Kind, name: &str) -> Result<()> {
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
    let page = format!("{}/{name}.html", server.address);
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
