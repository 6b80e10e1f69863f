//! Recipients whose directory gives too much or nothing: they have no key, the editor goes on, and
//! a letter reaches them by a password.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::gmail::{Sent, address};
use extension_tests::manager::file;
use extension_tests::peers::Gpg;
use extension_tests::person::{Letter, message_text};
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{ALICE, BOB, World, in_sight, words};

/// The same key is in all answers: within the limit, above it, and above it without a word of how
/// much is to come.
const WEIGHTY: &str = "weighty@example.org";
const HUGE: &str = "huge@example.org";
const ENDLESS: &str = "endless@example.org";
const LIMIT: usize = 256 * 1024;
/// Its directory takes the question and says nothing.
const SILENT: &str = "silent@example.org";

const PASSWORD: &str = "Marshwarblerstile";

pub(crate) async fn play(world: &World, alice: &Extended, bob: &Extended) -> Result<()> {
    let grace = grace(world).await?;
    grace.import(&alice.certificate().await?).await?;
    let file = file(
        world.folder.path(),
        "minutes.txt",
        format!("{} for all", words::FILE),
    )?;
    too_much(world, alice, &file).await?;
    by_password(world, alice, &grace).await?;
    read_by_password(world, bob).await?;
    no_answer(world, alice, &grace).await
}

/// Somebody with all of these addresses, and what the directory has for them.
async fn grace(world: &World) -> Result<Gpg> {
    let grace = Gpg::make(world.folder.path(), "Grace Example", WEIGHTY).await?;
    let print = grace.fingerprint().await?;
    for address in [HUGE, ENDLESS, SILENT] {
        let user = format!("Grace Example <{address}>");
        grace.gpg(&["--quick-add-uid", &print, &user], &[]).await?;
    }
    let key = grace.certificate().await?;
    let above = padded(&key, LIMIT + 1)?;
    world.directory.publish("weighty", padded(&key, LIMIT)?);
    world.directory.publish("huge", above.clone());
    world.directory.publish_in_pieces("endless", above);
    world.directory.fall_silent("silent");
    Ok(grace)
}

/// A certificate with a padding packet behind it (RFC 9580, section 5.14).
fn padded(certificate: &[u8], size: usize) -> Result<Vec<u8>> {
    const HEAD: usize = 6;
    let padding = size - certificate.len() - HEAD;
    let mut all = certificate.to_vec();
    all.extend([0xC0 | 21, 0xFF]);
    all.extend(u32::try_from(padding)?.to_be_bytes());
    all.resize(size, 0);
    Ok(all)
}

async fn compose(alice: &Extended, to: &str) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.page.open(&address(ALICE)).await?;
    alice.compose(to).await
}

async fn chip(alice: &Extended, address: &str, state: &str) -> Result<()> {
    let wanted = format!("[data-address=\"{address}\"][data-state=\"{state}\"]");
    alice.page.see(id_with("chip", &wanted)).await?;
    Ok(())
}

async fn outlook(alice: &Extended, state: &str) -> Result<()> {
    let wanted = format!("[data-state=\"{state}\"]");
    alice.page.see(id_with("outlook", &wanted)).await?;
    Ok(())
}

/// A byte more than is taken is no key.
async fn too_much(world: &World, alice: &Extended, file: &Path) -> Result<()> {
    compose(alice, &[WEIGHTY, HUGE, ENDLESS].join(",")).await?;
    let letter = Letter {
        text: &format!("To all of you: {}.", words::BODY),
        files: vec![file],
        ..Letter::default()
    };
    alice.write(&letter, WEIGHTY).await?;
    for address in [HUGE, ENDLESS] {
        chip(alice, address, "no-key").await?;
        let asked = world.web.asked();
        let local = address.split('@').next().map(str::to_owned);
        assert!(asked.iter().any(|one| one.parameter("l") == local));
    }
    outlook(alice, "trouble").await
}

/// A short one is refused; with a longer one the letter goes to all three.
async fn by_password(world: &World, alice: &Extended, grace: &Gpg) -> Result<()> {
    let page = &alice.page;
    let before = world.gmail.sent().len();
    in_sight(alice, id("chip-password")).await?.click().await?;
    let note = page.see(id("password-note")).await?.text().await?;
    assert!(note.contains(HUGE) && note.contains(ENDLESS), "{note}");
    assert!(!note.contains(WEIGHTY), "{note}");
    outlook(alice, "ready").await?;
    page.fill("seal-password", "too short").await?;
    alice.press("encrypt").await?;
    page.see(id("editor-fault")).await?;
    page.see(id_with("editor", "[data-state=\"writing\"]"))
        .await?;
    assert_eq!(world.gmail.sent().len(), before);

    page.fill("seal-password", PASSWORD).await?;
    alice.seal_and_send().await?;
    let seen = alice.seen().await?;
    assert!(!seen.contains(PASSWORD), "the page saw the password");
    let sent = newest(world)?;
    assert_eq!(sent.to, [WEIGHTY, HUGE, ENDLESS]);
    // Whoever has a key needs no password.
    let opened = grace.open_signed_by(ALICE, sent.text.as_bytes()).await?;
    assert!(opened.contains(words::BODY), "{opened}");
    Ok(())
}

fn newest(world: &World) -> Result<Sent> {
    world.gmail.sent().pop().context("nothing was sent")
}

/// Bob has no key that opens it, but was told the password.
async fn read_by_password(world: &World, bob: &Extended) -> Result<()> {
    let thread = world.gmail.last_thread().context("nothing was sent")?;
    bob.open_thread(BOB, &thread).await?;
    bob.enter("reader", 0).await?;
    try_password(bob, "Marshwarblergate").await?;
    let page = &bob.page;
    page.see(id("message-password-fault")).await?;
    // Who asks for a password shows the picture that only the person and Letterlock know.
    page.see(id("mark")).await?;
    page.picture("message-password").await?;
    try_password(bob, PASSWORD).await?;
    let sealed = "[data-state=\"open\"][data-protection=\"sealed\"]";
    page.see(id_with("reader", sealed)).await?;
    let text = message_text(page).await?;
    assert!(text.contains(words::BODY), "{text}");
    bob.leave().await?;

    bob.enter("reader", 1).await?;
    try_password(bob, PASSWORD).await?;
    bob.press("attachment-save").await?;
    let saved = String::from_utf8(bob.saved("minutes.txt").await?)?;
    assert_eq!(saved, format!("{} for all", words::FILE));
    bob.leave().await
}

async fn try_password(bob: &Extended, password: &str) -> Result<()> {
    bob.page.fill("message-password", password).await?;
    bob.press("message-password-open").await
}

/// It is waited for while the person writes, but not long; later it may answer after all.
async fn no_answer(world: &World, alice: &Extended, grace: &Gpg) -> Result<()> {
    let page = &alice.page;
    compose(alice, SILENT).await?;
    let begun = Instant::now();
    chip(alice, SILENT, "looking").await?;
    let text = format!("Dear Grace, {}.", words::BODY);
    alice.body().await?.send_keys(&text).await?;
    chip(alice, SILENT, "looking").await?;
    chip(alice, SILENT, "unknown").await?;
    let waited = begun.elapsed();
    assert!(waited < Duration::from_secs(30), "{waited:?}");
    outlook(alice, "trouble").await?;
    let trouble = format!("[data-testid=\"chip-trouble\"][data-address=\"{SILENT}\"]");
    page.see(By::Css(trouble)).await?;
    assert_eq!(alice.written().await?, text);

    world
        .directory
        .publish("silent", grace.certificate().await?);
    in_sight(alice, id("chip-retry")).await?.click().await?;
    chip(alice, SILENT, "ready").await?;
    alice.seal_and_send().await?;
    let opened = grace
        .open_signed_by(ALICE, newest(world)?.text.as_bytes())
        .await?;
    assert!(opened.contains(words::BODY), "{opened}");
    Ok(())
}
