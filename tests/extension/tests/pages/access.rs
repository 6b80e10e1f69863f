//! Every page and frame, wide and narrow, light and dark, without a violation of WCAG 2.2 AA; and
//! the way from nothing to a sealed letter without a mouse.

use anyhow::Result;
use extension_tests::axe::Axe;
use extension_tests::extension::Extended;
use extension_tests::peers::Gpg;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::keyboard;
use crate::world::{ALICE, CAROL, World};

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = world.carol().await?;
    let alice = world.browser("everybody").await?;
    let mut axe = Axe::read()?;
    before(&alice, &mut axe).await?;
    let passphrase = keyboard::first_run(&alice, &mut axe).await?;
    carol.import(&alice.certificate().await?).await?;
    manager(&alice, &mut axe, &carol, &passphrase).await?;
    let thread = world.deliver(ALICE, carol.seal(ALICE, "Velvetharbour").await?);
    reader(&alice, &mut axe, &thread).await?;
    keyboard::letter(&alice, &mut axe, &carol, &world).await?;
    closed(&alice, &mut axe, &passphrase).await?;
    webmail(&alice).await?;
    let found = axe.found.join("\n");
    assert!(found.is_empty(), "{} violations\n{found}", axe.found.len());
    alice.close().await
}

/// Nobody has set it up yet.
async fn before(alice: &Extended, axe: &mut Axe) -> Result<()> {
    let page = &alice.page;
    alice.popup(None, "not-set-up").await?;
    axe.look_twice(alice, "popup before the first run").await?;
    page.open("about:blank").await?;
    alice.own("welcome.html").await?;
    alice.only_window().await?;
    page.click(id("from-file")).await?;
    page.see(id("key-file-button")).await?;
    axe.look_twice(alice, "first run from a file").await?;
    page.click(id("back")).await?;
    page.click(id("from-server")).await?;
    page.see(id("account-server-address")).await?;
    axe.look_twice(alice, "first run from a server").await?;
    page.click(id("back")).await?;
    page.click(id("from-sheet")).await?;
    alice.next().await?;
    page.see(id("recovery-code-fault")).await?;
    axe.look_twice(alice, "first run from a sheet, with a fault")
        .await
}

/// All pages of the key manager, with what opens in them.
async fn manager(alice: &Extended, axe: &mut Axe, carol: &Gpg, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    for (opener, place) in [("key-generate", "new key pair"), ("key-import", "import")] {
        alice.manager("keys").await?;
        page.see(id("own-key")).await?;
        page.click(id(opener)).await?;
        axe.look_twice(alice, place).await?;
    }
    for (opener, dialog) in [
        ("key-export-private", "export-dialog"),
        ("key-revoke", "revoke-dialog"),
    ] {
        page.click(id(opener)).await?;
        page.see(id(dialog)).await?;
        axe.look_twice(alice, dialog).await?;
        keyboard::dialog(alice, dialog, opener).await?;
    }
    alice.manager("contacts").await?;
    page.see(id("contacts-empty")).await?;
    page.fill("look-up", CAROL).await?;
    page.click(id("look-up-submit")).await?;
    page.see(id_with("looked-up", "[role=\"status\"]")).await?;
    page.click(id("contact-import")).await?;
    let armored = carol.gpg(&["--armor", "--export", CAROL], &[]).await?;
    alice
        .paste("key-paste", &String::from_utf8(armored)?)
        .await?;
    page.see(id("key-preview")).await?;
    axe.look_twice(alice, "a key before it is kept").await?;
    page.click(id("import-submit")).await?;
    page.see(id("contact")).await?;
    page.click(By::Css("[data-testid=\"contact\"] summary"))
        .await?;
    axe.look_twice(alice, "contacts").await?;
    for route in ["drafts", "files", "sites", "account", "settings", "sheet"] {
        alice.manager(route).await?;
        let there = match route {
            "drafts" => "drafts-empty",
            "files" => "files-form",
            "sites" => "site-card",
            "account" => "account-none",
            "settings" => "lock-after",
            _ => "sheet-form",
        };
        page.see(id(there)).await?;
        if route == "settings" {
            page.click(id("change-begin")).await?;
            page.see(id("passphrase-new")).await?;
        }
        axe.look_twice(alice, route).await?;
        keyboard::focus_is_seen(alice, route).await?;
    }
    page.fill("sheet-passphrase", passphrase).await?;
    page.click(id("sheet-make")).await?;
    page.see(id("sheet-paper")).await?;
    axe.look_twice(alice, "recovery sheet").await
}

/// A frame is as wide as the page gives it.
async fn frame(alice: &Extended, axe: &mut Axe, role: &str, place: &str) -> Result<()> {
    alice.enter(role, 0).await?;
    axe.look(alice, &format!("{place}, wide")).await?;
    alice.leave().await?;
    alice.set_width(Some(360)).await?;
    alice.enter(role, 0).await?;
    axe.look(alice, &format!("{place}, narrow")).await?;
    alice.leave().await?;
    alice.set_width(None).await
}

async fn reader(alice: &Extended, axe: &mut Axe, thread: &str) -> Result<()> {
    alice.open_thread(ALICE, thread).await?;
    alice.read(0).await?;
    alice.leave().await?;
    frame(alice, axe, "reader", "reader").await
}

/// The editor with everything in it, for [`keyboard::letter`].
pub(crate) async fn editor(alice: &Extended, axe: &mut Axe, place: &str) -> Result<()> {
    alice.leave().await?;
    frame(alice, axe, "editor", place).await?;
    alice.enter("editor", 0).await
}

/// Locked: popup, window, frame.
async fn closed(alice: &Extended, axe: &mut Axe, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    alice.popup(None, "unlocked").await?;
    axe.look_twice(alice, "popup, unlocked").await?;
    keyboard::focus_is_seen(alice, "popup").await?;
    alice.lock().await?;
    alice.type_passphrase("not the passphrase").await?;
    page.see(id("passphrase-fault")).await?;
    axe.look_twice(alice, "popup, locked").await?;
    page.open("about:blank").await?;
    alice.own("unlock.html").await?;
    page.see(id("unlock-page")).await?;
    axe.look_twice(alice, "window to unlock in").await?;
    keyboard::unlock(alice, passphrase).await
}

/// The whole webmail is a page of the extension.
async fn webmail(alice: &Extended) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.own("webmail.html").await?;
    alice.page.see(By::Css(
            "main[data-testid^=\"page-\"]:not([data-testid=\"page-starting\"]):not([data-testid=\"page-fault\"])",
        ))
        .await?;
    Ok(())
}
