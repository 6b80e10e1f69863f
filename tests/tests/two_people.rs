//! The whole story of two people and one server, once in each browser.
//!
//! One long test a browser on purpose: what one step leaves behind is what the
//! next one finds, as it is for people.

#[path = "story/first_letters.rs"]
mod first_letters;
#[path = "story/foreign_mail.rs"]
mod foreign_mail;
#[path = "story/keys_and_doors.rs"]
mod keys_and_doors;
#[path = "story/nothing_in_the_clear.rs"]
mod nothing_in_the_clear;
#[path = "story/rough_days.rs"]
mod rough_days;
#[path = "story/world.rs"]
mod world;

use anyhow::Result;
use letterlock_tests::browser::Kind;
use world::World;

#[tokio::test]
async fn the_whole_story_in_chromium() -> Result<()> {
    story(Kind::Chromium).await
}

#[tokio::test]
async fn the_whole_story_in_firefox() -> Result<()> {
    story(Kind::Firefox).await
}

async fn story(kind: Kind) -> Result<()> {
    let mut world = World::make(kind).await?;
    let alice = world.open("alice").await?;
    let bob = world.open("bob").await?;

    first_letters::sign_up(&world, &alice, &bob).await?;
    first_letters::write_and_read(&world, &alice, &bob).await?;
    first_letters::reply(&world, &alice, &bob).await?;
    foreign_mail::html_is_tamed(&world, &alice).await?;
    keys_and_doors::lock_and_unlock(&world, &alice).await?;
    keys_and_doors::lock_when_idle(&world, &alice).await?;
    rough_days::two_tabs(&world, &alice, &bob).await?;
    rough_days::server_away_during_a_send(&mut world, &alice, &bob).await?;
    keys_and_doors::change_the_passphrase(&mut world, &alice).await?;
    keys_and_doors::second_browser_by_keyboard(&world, &bob).await?;
    nothing_in_the_clear::search(world, alice, bob).await
}
