//! Locking, unlocking, a new passphrase, a second browser.

use anyhow::Result;
use letterlock_tests::page::{Page, id, id_with};
use letterlock_tests::person::{go_to, go_to_log_in, lock, log_out, read, wait_for_row};
use thirtyfour::Key;

use crate::first_letters;
use crate::world::{World, words};

pub(crate) async fn lock_and_unlock(world: &World, alice: &Page) -> Result<()> {
    lock(alice).await?;
    alice
        .fill("unlock-passphrase", "not the passphrase")
        .await?;
    alice.click(id("unlock-submit")).await?;
    alice
        .see(id_with("failure", "[data-kind=\"WrongPassphrase\"]"))
        .await?;
    world.alice.unlock(alice).await?;
    wait_for_row(alice, &format!("Re: {}", first_letters::subject())).await
}

pub(crate) async fn lock_when_idle(world: &World, alice: &Page) -> Result<()> {
    set_idle(alice, Some("0.05")).await?;
    world.alice.unlock(alice).await?;
    alice.see(id("page-unlock")).await?;
    set_idle(alice, None).await?;
    world.alice.unlock(alice).await
}

/// Sets the time without a touch after which the webmail locks, and loads it
/// anew; the keys are gone with the page.
async fn set_idle(page: &Page, minutes: Option<&str>) -> Result<()> {
    let script = match minutes {
        Some(minutes) => format!("localStorage.setItem('letterlock.idle-minutes', '{minutes}')"),
        None => "localStorage.removeItem('letterlock.idle-minutes')".to_owned(),
    };
    page.driver().execute(script, Vec::new()).await?;
    page.driver().refresh().await?;
    page.see(id("page-unlock")).await?;
    Ok(())
}

pub(crate) async fn change_the_passphrase(world: &mut World, alice: &Page) -> Result<()> {
    let old = world.alice.passphrase.clone();
    let new = format!("nine {} over snow", words::NEW_PASSPHRASE);
    world.alice.change_passphrase(alice, &new).await?;
    log_out(alice).await?;

    go_to_log_in(alice).await?;
    world.alice.enter(alice, &old).await?;
    alice
        .see(id_with("failure", "[data-kind=\"LoginFailed\"]"))
        .await?;
    world.alice.enter(alice, &new).await?;
    alice.see(id("page-mail")).await?;
    go_to(alice, "inbox").await?;
    wait_for_row(alice, &format!("Re: {}", first_letters::subject())).await
}

/// A browser that has never been here, and a person without a mouse.
pub(crate) async fn second_browser_by_keyboard(world: &World, bob: &Page) -> Result<()> {
    let enter = char::from(Key::Enter).to_string();
    let page = world.open("alice-again").await?;
    page.see(id("page-welcome")).await?;
    page.tab_to("welcome-login").await?;
    page.press(&enter).await?;
    page.see(id("page-login")).await?;
    page.tab_to("login-address").await?;
    page.press(world.alice.address()).await?;
    page.tab_to("login-passphrase").await?;
    page.press(&world.alice.passphrase).await?;
    page.press(&enter).await?;
    page.see(id("page-mail")).await?;
    wait_for_row(&page, &format!("Re: {}", first_letters::subject())).await?;

    let subject = "Written without a mouse";
    page.tab_to("compose-button").await?;
    page.press(&enter).await?;
    page.see(id("page-compose")).await?;
    page.tab_to("to-input").await?;
    page.press(format!("{}{enter}", world.bob.address()))
        .await?;
    page.see(id_with("chip", "[data-state=\"ready\"]")).await?;
    page.tab_to("subject").await?;
    page.press(subject).await?;
    page.tab_to("body").await?;
    page.press("Key by key.").await?;
    page.tab_to("send").await?;
    page.press(&enter).await?;
    page.gone(id("page-compose")).await?;

    go_to(bob, "inbox").await?;
    read(bob, subject).await?;
    go_to(&page, "sent").await?;
    read(&page, &first_letters::subject()).await?;
    page.close().await
}
