//! Attacks on the extension, one folder each; see `README.md`.

mod direct_exfiltration;
mod extension_probing;
mod spoofed_page_messages;

use anyhow::Result;
use letterlock_tests::browser::Kind;

#[tokio::test]
async fn sealed_html_reaches_nobody_in_chromium() -> Result<()> {
    direct_exfiltration::play(Kind::Chromium).await
}

#[tokio::test]
async fn sealed_html_reaches_nobody_in_firefox() -> Result<()> {
    direct_exfiltration::play(Kind::Firefox).await
}

#[tokio::test]
async fn a_strangers_page_finds_nothing_in_chromium() -> Result<()> {
    extension_probing::play(Kind::Chromium).await
}

#[tokio::test]
async fn a_strangers_page_finds_nothing_in_firefox() -> Result<()> {
    extension_probing::play(Kind::Firefox).await
}

#[tokio::test]
async fn spoofed_messages_open_nothing_in_chromium() -> Result<()> {
    spoofed_page_messages::play(Kind::Chromium).await
}

#[tokio::test]
async fn spoofed_messages_open_nothing_in_firefox() -> Result<()> {
    spoofed_page_messages::play(Kind::Firefox).await
}
