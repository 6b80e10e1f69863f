//! Two people and a third with other programs, in a page with Gmail's structure at its own
//! address: first run, write, send, read, reply, files; and that the page never saw a word of it.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

#[path = "gmail/answers.rs"]
mod answers;
#[path = "gmail/attached.rs"]
mod attached;
#[path = "gmail/choices.rs"]
mod choices;
#[path = "gmail/openpgp_js.rs"]
mod openpgp_js;
#[path = "gmail/redrawn.rs"]
mod redrawn;
#[path = "gmail/story.rs"]
mod story;
#[path = "gmail/strangers.rs"]
mod strangers;
#[path = "gmail/without_key.rs"]
mod without_key;
#[path = "gmail/world.rs"]
mod world;

use anyhow::Result;
use letterlock_tests::browser::Kind;

#[tokio::test]
async fn two_people_write_to_each_other_in_chromium() -> Result<()> {
    story::play(Kind::Chromium).await
}

#[tokio::test]
async fn two_people_write_to_each_other_in_firefox() -> Result<()> {
    story::play(Kind::Firefox).await
}

#[tokio::test]
async fn other_programs_keys_and_mail_in_chromium() -> Result<()> {
    strangers::play(Kind::Chromium).await
}

#[tokio::test]
async fn other_programs_keys_and_mail_in_firefox() -> Result<()> {
    strangers::play(Kind::Firefox).await
}

#[tokio::test]
async fn answers_to_all_and_forwarded_files_in_chromium() -> Result<()> {
    answers::play(Kind::Chromium).await
}

#[tokio::test]
async fn answers_to_all_and_forwarded_files_in_firefox() -> Result<()> {
    answers::play(Kind::Firefox).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_editor_takes_and_asks_in_chromium() -> Result<()> {
    choices::play(Kind::Chromium).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_editor_takes_and_asks_in_firefox() -> Result<()> {
    choices::play(Kind::Firefox).await
}
