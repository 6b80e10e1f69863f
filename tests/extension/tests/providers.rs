//! Webmails beside Gmail: pages with the structure of Outlook on the web and of Yahoo Mail at
//! their own addresses, a webmail that nobody knows, the sources that webmails show, the
//! self-test of the selectors, and newer ones.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

#[path = "providers/plain.rs"]
mod plain;
#[path = "providers/rules.rs"]
mod rules;
#[path = "providers/self_test.rs"]
mod self_test;
#[path = "providers/sources.rs"]
mod sources;
#[path = "providers/story.rs"]
mod story;
#[path = "providers/world.rs"]
mod world;

use anyhow::Result;
use extension_tests::webmail::Look;
use letterlock_tests::browser::Kind;

#[tokio::test]
async fn provider_outlook_in_chromium() -> Result<()> {
    story::play(Kind::Chromium, Look::Outlook).await
}

#[tokio::test]
async fn provider_outlook_in_firefox() -> Result<()> {
    story::play(Kind::Firefox, Look::Outlook).await
}

#[tokio::test]
async fn provider_yahoo_in_chromium() -> Result<()> {
    story::play(Kind::Chromium, Look::Yahoo).await
}

#[tokio::test]
async fn provider_yahoo_in_firefox() -> Result<()> {
    story::play(Kind::Firefox, Look::Yahoo).await
}

#[tokio::test]
async fn provider_plain_in_chromium() -> Result<()> {
    plain::play(Kind::Chromium).await
}

#[tokio::test]
async fn provider_plain_in_firefox() -> Result<()> {
    plain::play(Kind::Firefox).await
}

#[tokio::test]
async fn provider_sources_in_chromium() -> Result<()> {
    sources::play(Kind::Chromium).await
}

#[tokio::test]
async fn provider_sources_in_firefox() -> Result<()> {
    sources::play(Kind::Firefox).await
}

#[tokio::test]
async fn provider_self_test_in_chromium() -> Result<()> {
    self_test::play(Kind::Chromium).await
}

#[tokio::test]
async fn provider_self_test_in_firefox() -> Result<()> {
    self_test::play(Kind::Firefox).await
}
