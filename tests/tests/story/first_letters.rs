//! Two accounts, a message with an attachment, a reply.

use anyhow::{Result, ensure};
use letterlock_tests::page::{Page, id, id_with};
use letterlock_tests::person::{
    Draft, expect_verdict, go_to, read, save_attachment, send, wait_for_row, write,
};

use crate::world::{World, words};

pub(crate) fn subject() -> String {
    format!("The {} plan", words::SUBJECT)
}

pub(crate) async fn sign_up(world: &World, alice: &Page, bob: &Page) -> Result<()> {
    world.alice.sign_up(alice).await?;
    world.bob.sign_up(bob).await
}

pub(crate) async fn write_and_read(world: &World, alice: &Page, bob: &Page) -> Result<()> {
    // Bytes that no text conversion survives.
    let mut content = format!("{}\r\n\0\u{ff}", words::FILE_TEXT).into_bytes();
    content.extend((0..=255_u8).cycle().take(70_000));
    let name = format!("{}-ledger.bin", words::FILE_NAME);
    let file = world.folder.path().join(&name);
    std::fs::write(&file, &content)?;
    let body = format!("We meet at the {} at nine.", words::BODY);
    let draft = Draft {
        to: world.bob.address(),
        subject: subject(),
        body: body.clone(),
        file: Some(file),
    };
    write(alice, &draft).await?;
    send(alice).await?;
    go_to(alice, "sent").await?;
    wait_for_row(alice, &subject()).await?;

    read(bob, &subject()).await?;
    expect_verdict(bob, "sealed", "good").await?;
    let text = bob.text(id("message-text")).await?;
    ensure!(text.trim() == body, "Bob reads {text:?}");
    let from = bob.text(id("reader-from")).await?;
    ensure!(
        from.contains(words::ALICES_NAME) || from.contains(&world.alice.address()),
        "Bob's message is from {from:?}"
    );
    let saved = save_attachment(bob, &name, &world.downloads()).await?;
    ensure!(saved == content, "the attachment arrived changed");
    bob.picture("read").await?;
    Ok(())
}

pub(crate) async fn reply(world: &World, alice: &Page, bob: &Page) -> Result<()> {
    bob.click(id("reply")).await?;
    bob.see(id_with("page-compose", "[data-kind=\"reply\"]"))
        .await?;
    bob.see(id_with(
        "chip",
        &format!(
            "[data-address=\"{}\"][data-state=\"ready\"]",
            world.alice.address()
        ),
    ))
    .await?;
    let text = format!("{} says yes.", words::REPLY);
    // The quoted message stands in the field already; the answer goes before it.
    bob.see(id("body")).await?.send_keys(text.as_str()).await?;
    send(bob).await?;

    go_to(alice, "inbox").await?;
    let subject = format!("Re: {}", subject());
    read(alice, &subject).await?;
    expect_verdict(alice, "sealed", "good").await?;
    let shown = alice.text(id("message-text")).await?;
    ensure!(shown.contains(&text), "Alice reads {shown:?}");
    Ok(())
}
