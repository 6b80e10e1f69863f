//! What the editor begins with when a message to several, with a file in it, is answered to all of
//! them or forwarded; and that the forwarded file can be read by whom it was sent to.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::gmail::{File, Message};
use extension_tests::peers::Gpg;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::attached;
use crate::world::{ALICE, BOB, CAROL, World, words};

const DAVE: &str = "dave@example.org";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = Gpg::make(world.folder.path(), "Carol Example", CAROL).await?;
    world.directory.publish("carol", carol.certificate().await?);
    let alice = world.person("Alice Example", ALICE).await?;
    carol.import(&alice.certificate().await?).await?;
    let thread = from_carol_to_three(&world, &carol).await?;

    to_all(&alice, &thread).await?;
    forwarded(&world, &alice, &carol, &thread).await?;
    attached::play(&world, &alice).await?;
    world.nothing_was_seen(&alice).await?;
    alice.close().await
}

/// Text, file and subject sealed as one, as other programs do it.
async fn from_carol_to_three(world: &World, carol: &Gpg) -> Result<String> {
    let entity = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"; protected-headers=\"v1\"\r\n\
         Subject: About the {}\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{} inside MIME\r\n--b\r\n\
         Content-Type: text/plain; name=\"notes.txt\"\r\n\
         Content-Disposition: attachment; filename=\"notes.txt\"\r\n\r\n{}\r\n--b--\r\n",
        words::SUBJECT,
        words::FOREIGN,
        words::FILE
    );
    let sealed = carol.seal(ALICE, &entity).await?;
    let file = |name: &str, media_type: &str, data: &str| File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: data.as_bytes().to_vec(),
    };
    Ok(world.gmail.deliver(Message {
        from: CAROL.to_owned(),
        name: "Carol Example".to_owned(),
        to: [ALICE, BOB, DAVE].map(str::to_owned).to_vec(),
        subject: "...".to_owned(),
        files: vec![
            file("noname", "application/pgp-encrypted", "Version: 1\r\n"),
            file("encrypted.asc", "application/octet-stream", &sealed),
        ],
        ..Message::default()
    }))
}

/// Presses a button of the reader, and goes on in the editor that comes.
async fn answer(alice: &Extended, thread: &str, button: &str) -> Result<()> {
    alice.open_thread(ALICE, thread).await?;
    alice.read(0).await?;
    alice.press(button).await?;
    alice.leave().await?;
    alice.enter("editor", 0).await?;
    alice.page.see(id("editor")).await?;
    Ok(())
}

async fn subject(alice: &Extended) -> Result<String> {
    let field = alice.page.see(id("subject")).await?;
    Ok(field.value().await?.unwrap_or_default())
}

/// The page decides who all are: the editor has just these.
async fn to_all(alice: &Extended, thread: &str) -> Result<()> {
    answer(alice, thread, "reply-all").await?;
    let page = &alice.page;
    page.until("the recipients that the page has", async || {
        let mut there = BTreeSet::new();
        for chip in page.driver().find_all(id("chip")).await? {
            there.extend(chip.attr("data-address").await?);
        }
        let everybody = BTreeSet::from([BOB, CAROL, DAVE].map(str::to_owned));
        Ok((there == everybody).then_some(()))
    })
    .await?;
    let quoted = alice.written().await?;
    let line = format!("> {} inside MIME", words::FOREIGN);
    assert!(quoted.contains(&line), "{quoted}");
    let about = format!("Re: About the {}", words::SUBJECT);
    assert_eq!(subject(alice).await?, about);
    // An answer does not send files back.
    assert!(!page.shows(id("file")).await?);
    alice.leave().await
}

async fn forwarded(world: &World, alice: &Extended, carol: &Gpg, thread: &str) -> Result<()> {
    answer(alice, thread, "forward").await?;
    let page = &alice.page;
    let quoted = alice.written().await?;
    assert!(quoted.contains(words::FOREIGN), "{quoted}");
    let about = format!("Fwd: About the {}", words::SUBJECT);
    assert_eq!(subject(alice).await?, about);
    page.see(id_with("file", "[data-name=\"notes.txt\"]"))
        .await?;
    assert_eq!(page.driver().find_all(id("file")).await?.len(), 1);
    assert!(!page.shows(id("chip")).await?, "it goes to somebody");

    alice.leave().await?;
    page.see(By::Css("[peoplekit-id=\"to\"]"))
        .await?
        .send_keys(format!("{CAROL},"))
        .await?;
    alice.enter("editor", 0).await?;
    let ready = format!("[data-address=\"{CAROL}\"][data-state=\"ready\"]");
    page.see(id_with("chip", &ready)).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    assert_eq!(sent.to, [CAROL]);
    assert_eq!(sent.subject, "...");
    let opened = String::from_utf8(carol.open(sent.text.as_bytes()).await?)?;
    assert!(
        opened.contains(words::FOREIGN) && opened.contains(&about),
        "{opened}"
    );
    let [file] = &sent.files[..] else {
        anyhow::bail!("{} files were sent", sent.files.len());
    };
    let opened = String::from_utf8(carol.open(&file.data).await?)?;
    assert!(opened.contains(words::FILE), "{opened}");
    Ok(())
}
