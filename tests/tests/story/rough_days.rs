//! Two tabs at once, and a server that goes away during a send.

use anyhow::Result;
use letterlock_tests::page::{Page, id, id_with};
use letterlock_tests::person::{Draft, go_to, read, send, wait_for_row, write};

use crate::first_letters;
use crate::world::World;

pub(crate) async fn two_tabs(world: &World, alice: &Page, bob: &Page) -> Result<()> {
    let first = alice.driver().window().await?;
    let second = alice.driver().new_tab().await?;
    alice.driver().switch_to_window(second).await?;
    alice.open(&world.server.address).await?;
    // Keys live in one tab's memory: the other asks for the passphrase.
    world.alice.unlock(alice).await?;
    wait_for_row(alice, &format!("Re: {}", first_letters::subject())).await?;
    let subject = "From the second tab";
    let draft = Draft {
        to: world.bob.address(),
        subject: subject.to_owned(),
        body: "Both are open.".to_owned(),
        file: None,
    };
    write(alice, &draft).await?;
    send(alice).await?;
    alice.driver().close_window().await?;

    alice.driver().switch_to_window(first).await?;
    go_to(alice, "sent").await?;
    read(alice, subject).await?;
    go_to(alice, "inbox").await?;
    read(bob_inbox(bob).await?, subject).await
}

pub(crate) async fn server_away_during_a_send(
    world: &mut World,
    alice: &Page,
    bob: &Page,
) -> Result<()> {
    let subject = "Through the storm";
    let draft = Draft {
        to: world.bob.address(),
        subject: subject.to_owned(),
        body: "Nothing is lost.".to_owned(),
        file: None,
    };
    write(alice, &draft).await?;
    world.server.stop().await?;
    alice.click(id("send")).await?;
    alice.see(id_with("outbox", "[data-waiting=\"1\"]")).await?;
    alice
        .see(id_with("connection", "[data-state=\"offline\"]"))
        .await?;
    alice.picture("offline").await?;

    world.server.start_again().await?;
    alice.gone(id("outbox")).await?;
    alice
        .gone(id_with("connection", "[data-state=\"offline\"]"))
        .await?;
    read(bob_inbox(bob).await?, subject).await
}

async fn bob_inbox(bob: &Page) -> Result<&Page> {
    go_to(bob, "inbox").await?;
    Ok(bob)
}
