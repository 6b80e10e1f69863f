//! Alice and Bob.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::person::{Letter, message_text};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use serde_json::json;
use thirtyfour::By;

use crate::world::{ALICE, BOB, World, words};

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let alice = world.person("Alice Example", ALICE).await?;
    let bob = world.person("Bob Example", BOB).await?;
    alice
        .page
        .open(&extension_tests::gmail::address(ALICE))
        .await?;

    write_and_send(&world, &alice).await?;
    let thread = world.gmail.last_thread().context("nothing was sent")?;
    read(&world, &bob, &thread).await?;
    reply(&world, &bob).await?;
    forward_by_menu(&bob, &thread).await?;
    world.nothing_was_seen(&bob).await?;
    read_the_reply(&alice, &thread).await?;
    text_typed_before(&world, &alice).await?;
    world.nothing_was_seen(&alice).await?;
    by_keyboard_in_a_window_of_its_own(&alice).await?;
    alice.close().await?;
    bob.close().await
}

/// Subject, text and a file, none of which the page may see.
async fn write_and_send(world: &World, alice: &Extended) -> Result<()> {
    let file = world.folder.path().join("plan.txt");
    std::fs::write(&file, format!("{} in the file", words::FILE))?;
    alice.compose(BOB).await?;
    let letter = Letter {
        subject: &format!("About the {}", words::SUBJECT),
        text: &format!("Dear Bob, meet me at {}.", words::BODY),
        hide_subject: true,
        files: vec![&file],
    };
    alice.write(&letter, BOB).await?;
    alice.page.picture("editor").await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("the page sent nothing")?;
    assert_eq!(sent.to, [BOB]);
    assert!(
        sent.text.trim().starts_with("-----BEGIN PGP MESSAGE-----"),
        "{}",
        sent.text
    );
    assert_eq!(sent.subject, "...");
    let names: Vec<_> = sent.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names.iter().all(|name| name.ends_with(".pgp")), "{names:?}");
    Ok(())
}

async fn read(world: &World, bob: &Extended, thread: &str) -> Result<()> {
    let mut settings = bob.ask(json!({ "type": "settings" })).await?;
    settings["mark"] = json!({ "picture": 5, "colour": 3 });
    settings["type"] = json!("setSettings");
    bob.ask(settings).await?;
    bob.open_thread(BOB, thread).await?;
    bob.read(0).await?;
    let text = message_text(&bob.page).await?;
    assert!(text.contains(words::BODY), "{text}");
    let inside = bob.page.text(id("subject-inside")).await?;
    assert!(inside.contains(words::SUBJECT), "{inside}");
    // The picture that the person chose, and no other.
    let mark = bob.page.see(id("mark")).await?;
    let drawn = [
        mark.attr("data-picture").await?,
        mark.attr("data-colour").await?,
    ];
    assert_eq!(drawn, ["5", "3"].map(|one| Some(one.to_owned())));
    bob.page
        .see(id_with("reader", "[data-protection=\"sealed\"]"))
        .await?;
    bob.page.see(id("verdict")).await?;
    bob.leave().await?;
    bob.page.picture("reader").await?;
    // The file lies beside the message, in a reader of its own.
    bob.read(1).await?;
    bob.press("attachment-save").await?;
    let saved = bob.downloads.join("plan.txt");
    bob.page
        .until("the saved file", async || {
            Ok(std::fs::read_to_string(&saved)
                .ok()
                .filter(|text| text.contains(words::FILE)))
        })
        .await?;
    bob.leave().await?;
    assert!(!world.gmail.sent().is_empty());
    Ok(())
}

/// From the reader: the page's own reply box opens, the editor in it quotes what was read.
async fn reply(world: &World, bob: &Extended) -> Result<()> {
    let before = world.gmail.sent().len();
    bob.read(0).await?;
    bob.press("reply").await?;
    bob.leave().await?;
    bob.enter("editor", 0).await?;
    let quoted = bob.written().await?;
    assert!(quoted.contains(words::BODY), "{quoted}");
    let letter = Letter {
        text: &format!("I will bring the {}. ", words::REPLY),
        ..Letter::default()
    };
    bob.write(&letter, ALICE).await?;
    bob.seal_and_send().await?;
    let sent = world.gmail.sent();
    assert_eq!(sent.len(), before + 1);
    let sent = sent.last().context("nothing was sent")?;
    assert_eq!(sent.to, [ALICE]);
    assert!(sent.thread.is_some(), "it left the thread");
    Ok(())
}

/// A page that has the control in a menu alone, and opens that when it likes.
async fn forward_by_menu(bob: &Extended, thread: &str) -> Result<()> {
    bob.open_thread(BOB, thread).await?;
    bob.read(0).await?;
    bob.leave().await?;
    let menu = "const message = document.querySelector('[data-letterlock=reader]').closest('.adn'); \
                const link = message.querySelector('.ams.bkG'); \
                for (const other of document.querySelectorAll('.ams.bkG')) other.remove(); \
                const menu = document.createElement('div'); \
                menu.className = 'T-I aap'; menu.setAttribute('role', 'button'); \
                menu.addEventListener('click', () => setTimeout(() => { \
                  const entry = document.createElement('li'); entry.dataset.actionType = '25'; \
                  entry.addEventListener('click', () => link.dispatchEvent(new MouseEvent('mouseup'))); \
                  document.body.append(entry); }, 400)); \
                message.querySelector('.gE').append(menu)";
    bob.page.driver().execute(menu, Vec::new()).await?;
    bob.read(0).await?;
    bob.press("forward").await?;
    bob.leave().await?;
    bob.enter("editor", 0).await?;
    let quoted = bob.written().await?;
    assert!(quoted.contains(words::BODY), "{quoted}");
    let subject = bob.page.see(id("subject")).await?.value().await?;
    let about = format!("Fwd: About the {}", words::SUBJECT);
    assert_eq!(subject, Some(about));
    // It was sealed apart and stands in another reader, and belongs to the message all the same.
    let files = bob.page.driver().find_all(id("file")).await?;
    assert_eq!(files.len(), 1);
    bob.page
        .see(id_with("file", "[data-name=\"plan.txt\"]"))
        .await?;
    assert!(!bob.page.shows(id("left-behind")).await?);
    bob.leave().await
}

async fn read_the_reply(alice: &Extended, thread: &str) -> Result<()> {
    alice.open_thread(ALICE, thread).await?;
    // Her own letter, its file, and Bob's answer.
    alice.read(2).await?;
    let text = message_text(&alice.page).await?;
    assert!(
        text.contains(words::REPLY) && text.contains(words::BODY),
        "{text}"
    );
    alice.leave().await
}

/// What stood in the page's own box comes along, the box is emptied, and the person is told.
async fn text_typed_before(world: &World, alice: &Extended) -> Result<()> {
    let page = &alice.page;
    page.open("about:blank").await?;
    page.open(&extension_tests::gmail::address(ALICE)).await?;
    page.click(By::Id("compose")).await?;
    let typed = "harmless words typed too early";
    page.see(By::Css(".editable"))
        .await?
        .send_keys(typed)
        .await?;
    page.until("a draft saved by the page", async || {
        Ok(world
            .gmail
            .drafts()
            .iter()
            .any(|draft| {
                draft["text"]
                    .as_str()
                    .is_some_and(|text| text.contains(typed))
            })
            .then_some(()))
    })
    .await?;
    alice.compose_button(0).await?.click().await?;
    alice.enter("editor", 0).await?;
    page.see(id("was-typed")).await?;
    let held = alice.written().await?;
    assert!(held.contains(typed), "{held}");
    alice.leave().await?;
    page.until("an empty draft saved by the page", async || {
        let drafts = world.gmail.drafts();
        Ok(drafts
            .last()
            .is_some_and(|draft| {
                draft["text"]
                    .as_str()
                    .is_some_and(|text| text.trim().is_empty())
            })
            .then_some(()))
    })
    .await?;
    Ok(())
}

/// The pop-out window, and the button without a mouse.
async fn by_keyboard_in_a_window_of_its_own(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    page.open(&extension_tests::gmail::pop_out(ALICE)).await?;
    page.see(ours("button")).await?;
    alice.tab_to_compose_button().await?;
    page.press(" ").await?;
    alice.enter("editor", 0).await?;
    page.see(id("editor")).await?;
    alice.leave().await
}
