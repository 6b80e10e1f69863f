//! The client API: in a page that calls every method of it, in pages that call it as webmails do
//! which cannot be installed here, and in a real Roundcube.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

#[path = "client_api/callers.rs"]
mod callers;
#[path = "client_api/calls.rs"]
mod calls;
#[path = "client_api/codes.rs"]
mod codes;
#[path = "client_api/containers.rs"]
mod containers;
#[path = "client_api/disconnect.rs"]
mod disconnect;
#[path = "client_api/headers.rs"]
mod headers;
#[path = "client_api/page.rs"]
mod page;
#[path = "client_api/roundcube.rs"]
mod roundcube;

use anyhow::Result;
use letterlock_tests::browser::Kind;

#[tokio::test]
async fn a_page_calls_every_method_in_chromium() -> Result<()> {
    page::play(Kind::Chromium).await
}

#[tokio::test]
async fn a_page_calls_every_method_in_firefox() -> Result<()> {
    page::play(Kind::Firefox).await
}

#[tokio::test]
async fn callers_that_cannot_be_installed_in_chromium() -> Result<()> {
    callers::play(Kind::Chromium).await
}

#[tokio::test]
async fn callers_that_cannot_be_installed_in_firefox() -> Result<()> {
    callers::play(Kind::Firefox).await
}

#[tokio::test]
async fn two_people_and_gpg_in_roundcube_in_chromium() -> Result<()> {
    roundcube::play(Kind::Chromium).await
}

#[tokio::test]
async fn two_people_and_gpg_in_roundcube_in_firefox() -> Result<()> {
    roundcube::play(Kind::Firefox).await
}
