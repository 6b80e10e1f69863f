//! People's keys: looked up, imported, changed and accepted, forgotten.

use anyhow::Result;
use extension_tests::manager::contact;
use extension_tests::peers::Gpg;
use letterlock_tests::page::{id, id_with};

use crate::keys::Dora;
use crate::world::{CAROL, World};

const ERIN: &str = "erin@example.org";

pub(crate) async fn play(world: &World, dora: &Dora) -> Result<()> {
    let page = &dora.browser.page;
    // She sealed files for Carol: since then her key is remembered.
    dora.browser.manager("contacts").await?;
    page.see(contact(CAROL, "")).await?;
    let known = page
        .attribute(contact(CAROL, ""), "data-fingerprint")
        .await?;

    // Another key for the same address: told, and nothing changes by itself. A directory is asked
    // again only after a while, so it comes as a file.
    let folder = world.folder.path().join("changed");
    let changed = Gpg::make(&folder, "Carol Example", CAROL).await?;
    let armored = changed.gpg(&["--armor", "--export", CAROL], &[]).await?;
    page.click(id("contact-import")).await?;
    dora.browser
        .paste("key-paste", &String::from_utf8(armored)?)
        .await?;
    page.see(id("key-preview")).await?;
    page.click(id("import-submit")).await?;
    page.see(contact(CAROL, " [data-testid=\"contact-offered\"]"))
        .await?;
    let still = page
        .attribute(contact(CAROL, ""), "data-fingerprint")
        .await?;
    assert_eq!(still, known);
    page.click(id("contact-accept")).await?;
    let other = format!(":not([data-fingerprint=\"{known}\"])");
    page.see(contact(CAROL, &other)).await?;

    // Forgotten: what turns up next is simply new.
    page.click(contact(CAROL, " summary")).await?;
    page.click(id("contact-delete")).await?;
    page.click(id("forget-yes")).await?;
    page.gone(contact(CAROL, "")).await?;
    page.see(id("contacts-empty")).await?;
    page.fill("look-up", CAROL).await?;
    page.click(id("look-up-submit")).await?;
    let told = page.see(id_with("looked-up", "[role=\"status\"]")).await?;
    assert!(told.text().await?.contains(CAROL));

    // From a file that somebody gave her, pasted.
    let erin = Gpg::make(world.folder.path(), "Erin Example", ERIN).await?;
    let armored = erin.gpg(&["--armor", "--export", ERIN], &[]).await?;
    page.click(id("contact-import")).await?;
    page.see(id("key-paste")).await?;
    dora.browser
        .paste("key-paste", &String::from_utf8(armored)?)
        .await?;
    page.see(id_with("key-preview", "[data-private=\"false\"]"))
        .await?;
    page.click(id("import-submit")).await?;
    page.see(contact(ERIN, "")).await?;
    Ok(())
}
