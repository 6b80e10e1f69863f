//! Files that are dropped on the editor or pasted into it, and the choices at its foot: rich text,
//! no signature, and no encryption, which is asked about.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::address;
use extension_tests::person::{Letter, message_text};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use serde_json::json;
use thirtyfour::By;

use crate::without_key;
use crate::world::{ALICE, BOB, World, words};

/// A word that everybody may read in the end; not before the person said so.
const OPEN: &str = "Thistlepostcard";

/// What a browser does with a file that is dragged or pasted; true if the editor took it. A
/// driver has no files to drag, and the clipboard is the machine's.
const GIVE: &str = r"
const [type, name, text] = arguments;
const how = { bubbles: true, cancelable: true };
// Firefox takes no clipboard that was made elsewhere, but makes one for what it is given as text.
const event = type === 'paste'
  ? new ClipboardEvent(type, { ...how, clipboardData: new DataTransfer(), dataType: 'text/plain', data: '' })
  : new DragEvent(type, { ...how, dataTransfer: new DataTransfer() });
const data = event.clipboardData ?? event.dataTransfer;
data.items.add(new File([text], name, { type: 'text/plain' }));
return !document.querySelector('[data-testid=body]').dispatchEvent(event);
";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let alice = world.person("Alice Example", ALICE).await?;
    let bob = world.person("Bob Example", BOB).await?;

    dropped_and_pasted(&world, &alice).await?;
    files_arrive(&world, &bob).await?;
    rich_without_signature(&world, &alice).await?;
    bold_arrives(&world, &bob).await?;
    without_key::play(&world, &alice, &bob).await?;
    plain_when_asked(&world, &alice).await?;
    nothing_is_left(&alice).await?;
    world.nothing_was_seen(&alice).await?;
    world.nothing_was_seen(&bob).await?;
    alice.close().await?;
    bob.close().await
}

async fn compose(alice: &Extended) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.page.open(&address(ALICE)).await?;
    alice.compose(BOB).await?;
    alice.page.see(id("editor")).await?;
    Ok(())
}

async fn give(alice: &Extended, event: &str, name: &str) -> Result<()> {
    let text = format!("{} in {name}", words::FILE);
    let given = vec![json!(event), json!(name), json!(text)];
    let taken = alice.page.driver().execute(GIVE, given).await?;
    assert_eq!(
        taken.json(),
        true,
        "{event} of {name} is left to the browser"
    );
    Ok(())
}

async fn dropped_and_pasted(world: &World, alice: &Extended) -> Result<()> {
    compose(alice).await?;
    let page = &alice.page;
    page.see(id("body")).await?;
    give(alice, "dragover", "dropped.txt").await?;
    page.see(By::Css(".drop-here")).await?;
    give(alice, "drop", "dropped.txt").await?;
    page.gone(By::Css(".drop-here")).await?;
    give(alice, "paste", "pasted.txt").await?;
    for name in ["dropped.txt", "pasted.txt"] {
        page.see(id_with("file", &format!("[data-name=\"{name}\"]")))
            .await?;
    }
    let letter = Letter {
        text: &format!("Two files about {}.", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, BOB).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    let names: Vec<_> = sent.files.iter().map(|file| file.name.as_str()).collect();
    assert!(
        names.len() == 2 && names.iter().all(|name| name.ends_with(".pgp")),
        "{names:?}"
    );
    Ok(())
}

/// The newest thread; Bob is in the reader of this number.
async fn newest(world: &World, bob: &Extended, reader: usize) -> Result<()> {
    let thread = world.gmail.last_thread().context("nothing was sent")?;
    bob.open_thread(BOB, &thread).await?;
    bob.read(reader).await
}

async fn files_arrive(world: &World, bob: &Extended) -> Result<()> {
    newest(world, bob, 0).await?;
    let text = message_text(&bob.page).await?;
    assert!(text.contains(words::BODY), "{text}");
    bob.leave().await?;
    bob.read(1).await?;
    for name in ["dropped.txt", "pasted.txt"] {
        let button = format!(
            "[data-testid=\"attachment\"][data-name=\"{name}\"] [data-testid=\"attachment-save\"]"
        );
        bob.press_at(&button).await?;
        let saved = bob.downloads.join(name);
        let expected = format!("{} in {name}", words::FILE);
        bob.page
            .until(&format!("{name}, saved"), async || {
                Ok(std::fs::read_to_string(&saved)
                    .ok()
                    .filter(|text| *text == expected))
            })
            .await?;
    }
    bob.leave().await
}

async fn switch(alice: &Extended, choice: &str, is_on: bool) -> Result<()> {
    let page = &alice.page;
    let before = format!("[aria-pressed=\"{}\"]", !is_on);
    page.see(id_with(choice, &before)).await?;
    page.click(id(choice)).await?;
    page.see(id_with(choice, &format!("[aria-pressed=\"{is_on}\"]")))
        .await?;
    Ok(())
}

async fn rich_without_signature(world: &World, alice: &Extended) -> Result<()> {
    compose(alice).await?;
    let page = &alice.page;
    switch(alice, "rich", true).await?;
    switch(alice, "sign", false).await?;
    page.click(id("body-rich")).await?;
    page.click(id("format-bold")).await?;
    page.press(words::BODY).await?;
    page.click(id("format-bold")).await?;
    page.press(" is not bold.").await?;
    alice.write(&Letter::default(), BOB).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    assert!(sent.text.contains("BEGIN PGP MESSAGE"), "{}", sent.text);
    Ok(())
}

async fn bold_arrives(world: &World, bob: &Extended) -> Result<()> {
    newest(world, bob, 0).await?;
    let unsigned = "[data-protection=\"sealed\"][data-signature=\"unsigned\"]";
    bob.page.see(id_with("reader", unsigned)).await?;
    let bold = "const shown = document.querySelector('[data-testid=message-frame]'); \
                const all = [...shown.contentDocument.querySelectorAll('b, strong')]; \
                return all.map((element) => element.textContent).join('|')";
    bob.page
        .until("the word in bold, and it alone", async || {
            let found = bob.page.driver().execute(bold, Vec::new()).await?;
            Ok((found.json() == words::BODY).then_some(()))
        })
        .await?;
    bob.leave().await
}

/// Nobody outside the editor has the open word.
async fn still_held(world: &World, alice: &Extended) -> Result<()> {
    let seen = alice.seen().await?;
    assert!(!seen.contains(OPEN), "the page saw it unasked");
    let asked = world.web.asked();
    let told =
        |asked: &extension_tests::web::Asked| String::from_utf8_lossy(&asked.body).contains(OPEN);
    assert!(!asked.iter().any(told), "it was sent unasked");
    alice.enter("editor", 0).await
}

/// Neither sealed nor signed: the button asks first, and "no" changes nothing.
async fn plain_when_asked(world: &World, alice: &Extended) -> Result<()> {
    compose(alice).await?;
    let page = &alice.page;
    let letter = Letter {
        subject: "A postcard",
        text: &format!("{OPEN} for everybody."),
        ..Letter::default()
    };
    alice.write(&letter, BOB).await?;
    switch(alice, "encrypt-toggle", false).await?;
    switch(alice, "sign", false).await?;
    page.see(id_with("outlook", "[data-state=\"plain\"]"))
        .await?;
    alice.press("encrypt").await?;
    page.see(id("ask-plain")).await?;
    still_held(world, alice).await?;
    page.click(id("plain-no")).await?;
    page.gone(id("ask-plain")).await?;
    page.see(id_with("editor", "[data-state=\"writing\"]"))
        .await?;
    still_held(world, alice).await?;

    alice.press("encrypt").await?;
    alice.press("plain-yes").await?;
    alice.leave().await?;
    page.gone(ours("editor")).await?;
    page.click(By::Css(".T-I-atl")).await?;
    page.gone(By::Css(".T-I-atl")).await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    assert_eq!(sent.text.trim(), format!("{OPEN} for everybody."));
    assert_eq!(sent.subject, "A postcard");
    Ok(())
}

/// What the page has, sealed or not, is no draft any longer: the next letter begins with nothing.
async fn nothing_is_left(alice: &Extended) -> Result<()> {
    compose(alice).await?;
    let page = &alice.page;
    let subject = page.see(id("subject")).await?.value().await?;
    assert_eq!(subject.unwrap_or_default(), "");
    assert_eq!(alice.written().await?, "");
    page.see(id_with("encrypt-toggle", "[aria-pressed=\"true\"]"))
        .await?;
    alice.leave().await
}
