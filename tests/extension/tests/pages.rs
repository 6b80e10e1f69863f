//! The extension's own pages and its life, as a person meets them: first runs of all three kinds,
//! keys, contacts, files, sites and settings by clicking; the background ended under open pages;
//! and the same pages by keyboard and judged for accessibility.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

#[path = "pages/access.rs"]
mod access;
#[path = "pages/api.rs"]
mod api;
#[path = "pages/camera.rs"]
mod camera;
#[path = "pages/contacts.rs"]
mod contacts;
#[path = "pages/drafts.rs"]
mod drafts;
#[path = "pages/files.rs"]
mod files;
#[path = "pages/keyboard.rs"]
mod keyboard;
#[path = "pages/keys.rs"]
mod keys;
#[path = "pages/life.rs"]
mod life;
#[path = "pages/recovery.rs"]
mod recovery;
#[path = "pages/sites.rs"]
mod sites;
#[path = "pages/stories.rs"]
mod stories;
#[path = "pages/world.rs"]
mod world;

use anyhow::Result;
use letterlock_tests::browser::Kind;

#[tokio::test]
async fn pages_outlive_the_background_in_chromium() -> Result<()> {
    life::play(Kind::Chromium).await
}

#[tokio::test]
async fn pages_outlive_the_background_in_firefox() -> Result<()> {
    life::play(Kind::Firefox).await
}

#[tokio::test]
async fn pages_with_keys_from_elsewhere_in_chromium() -> Result<()> {
    stories::play(Kind::Chromium).await
}

#[tokio::test]
async fn pages_with_keys_from_elsewhere_in_firefox() -> Result<()> {
    stories::play(Kind::Firefox).await
}

#[tokio::test]
async fn pages_are_there_for_everybody_in_chromium() -> Result<()> {
    access::play(Kind::Chromium).await
}

#[tokio::test]
async fn pages_are_there_for_everybody_in_firefox() -> Result<()> {
    access::play(Kind::Firefox).await
}
