//! Attacks on the extension, one folder each; see `README.md`. A browser plays several of them:
//! to start one takes longer than most cases.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

mod stage;

mod badge_spoofing;
mod clickjacking;
mod direct_exfiltration;
mod draft_oracle;
mod extension_probing;
mod frame_tokens;
mod frames_elsewhere;
mod hostile_attachments;
mod key_swapping;
mod link_tricks;
mod look_alike_addresses;
mod prototype_pollution;
mod sender_as_page;
mod sender_mismatch;
mod spoofed_page_messages;
mod unreadable_mail;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;

use anyhow::Result;
use letterlock_tests::browser::Kind;
use stage::Stage;

/// Plays cases in turn, all of them even when one fails; `LETTERLOCK_CASE` names one to play it
/// alone.
macro_rules! play {
    ($stage:ident: $($case:ident),+ $(,)?) => {{
        let alone = std::env::var("LETTERLOCK_CASE").ok();
        let mut failed = Vec::new();
        $(
            if alone.as_deref().is_none_or(|name| name == stringify!($case)) {
                $stage.alice.only_window().await?;
                if let Err(problem) = survived($case::play(&$stage)).await {
                    failed.push(format!("{}: {problem:?}", stringify!($case)));
                }
            }
        )+
        anyhow::ensure!(failed.is_empty(), "{}", failed.join("\n\n"));
    }};
}

/// A failed expectation of one case is no reason not to play the next.
async fn survived(case: impl Future<Output = Result<()>>) -> Result<()> {
    let mut case = std::pin::pin!(case);
    std::future::poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| case.as_mut().poll(context)));
        polled.unwrap_or_else(|_| Poll::Ready(Err(anyhow::anyhow!("a panic, told above"))))
    })
    .await
}

/// Sealed mail whose sender is the attacker.
async fn hostile_mail(kind: Kind) -> Result<()> {
    let stage = Stage::make(kind, "hostile-mail").await?;
    play!(stage: direct_exfiltration, badge_spoofing, sender_mismatch, link_tricks,
        look_alike_addresses, hostile_attachments, unreadable_mail);
    stage.alice.close().await
}

/// Pages that are the attacker, approved or not.
async fn hostile_pages(kind: Kind) -> Result<()> {
    let stage = Stage::make(kind, "hostile-pages").await?;
    stage.approve_webmail().await?;
    play!(stage: extension_probing, spoofed_page_messages, frame_tokens, clickjacking,
        prototype_pollution, key_swapping, draft_oracle);
    stage.alice.close().await
}

#[tokio::test]
async fn hostile_mail_in_chromium() -> Result<()> {
    hostile_mail(Kind::Chromium).await
}

#[tokio::test]
async fn hostile_mail_in_firefox() -> Result<()> {
    hostile_mail(Kind::Firefox).await
}

#[tokio::test]
async fn hostile_pages_in_chromium() -> Result<()> {
    hostile_pages(Kind::Chromium).await
}

#[tokio::test]
async fn hostile_pages_in_firefox() -> Result<()> {
    hostile_pages(Kind::Firefox).await
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
