//! Attacks on the extension, one folder each; see `README.md`.

mod direct_exfiltration;
mod extension_probing;
mod frames_elsewhere;
mod sender_as_page;
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

#[tokio::test]
async fn a_sender_who_plays_the_page_is_not_obeyed_in_chromium() -> Result<()> {
    sender_as_page::play(Kind::Chromium).await
}

#[tokio::test]
async fn a_sender_who_plays_the_page_is_not_obeyed_in_firefox() -> Result<()> {
    sender_as_page::play(Kind::Firefox).await
}

#[tokio::test]
async fn frames_in_pages_that_have_none_show_nothing_in_chromium() -> Result<()> {
    frames_elsewhere::play(Kind::Chromium).await
}

#[tokio::test]
async fn frames_in_pages_that_have_none_show_nothing_in_firefox() -> Result<()> {
    frames_elsewhere::play(Kind::Firefox).await
}
