//! Another passphrase, and the sheet that brings everything back on a device that knows nothing.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::peers::Gpg;
use extension_tests::person::message_text;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::camera;
use crate::keys::Dora;
use crate::world::{ALICE, DORA, World};

const BODY: &str = "Velvetharbour";

/// What a person has on paper.
pub(crate) struct Paper {
    code: String,
    backup: String,
    /// What a camera makes of its codes
    read: String,
    fingerprint: String,
}

/// Changes it; the old one opens nothing any more.
pub(crate) async fn another_passphrase(dora: &Dora) -> Result<String> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    browser.manager("settings").await?;
    page.click(id("change-begin")).await?;
    page.see(id("passphrase-new")).await?;
    // Nothing was typed yet, so nothing is wrong yet.
    assert!(!page.shows(id("passphrase-new-fault")).await?);
    let new = browser.type_drawn_words().await?;
    page.fill("passphrase-old", "not the passphrase").await?;
    page.click(id("change-submit")).await?;
    page.see(id_with("failure", "[data-kind=\"WrongPassphrase\"]"))
        .await?;
    page.fill("passphrase-old", &dora.passphrase).await?;
    page.click(id("change-submit")).await?;
    page.see(id("change-begin")).await?;
    browser.lock().await?;
    browser.type_passphrase(&dora.passphrase).await?;
    page.see(id("passphrase-fault")).await?;
    browser.type_passphrase(&new).await?;
    page.see(id_with("popup", "[data-state=\"unlocked\"]"))
        .await?;
    Ok(new)
}

/// Makes the sheet and reads it as a person would.
pub(crate) async fn sheet(dora: &Dora, passphrase: &str) -> Result<Paper> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    browser.manager("sheet").await?;
    page.fill("sheet-passphrase", "not the passphrase").await?;
    page.click(id("sheet-make")).await?;
    page.see(id_with("failure", "[data-kind=\"WrongPassphrase\"]"))
        .await?;
    page.fill("sheet-passphrase", passphrase).await?;
    page.click(id("sheet-make")).await?;
    page.see(id("sheet-paper")).await?;
    let mut groups = Vec::new();
    for group in page
        .driver()
        .find_all(By::Css("[data-testid=\"recovery-groups\"] li"))
        .await?
    {
        groups.push(group.text().await?);
    }
    let backup = page.text(id("recovery-text")).await?;
    // Several keys are more than one code carries.
    let codes = page.driver().find_all(id("recovery-qr")).await?;
    assert!(
        codes.len() > backup.len() / 1_200,
        "{} for {}",
        codes.len(),
        backup.len()
    );
    for code in codes {
        let drawn = code.prop("naturalWidth").await?;
        assert!(
            drawn.is_some_and(|width| width != "0"),
            "a code is not drawn"
        );
    }
    let read = camera::read(browser).await?;
    assert_eq!(read.trim_end(), format!("{}\n{backup}", groups.join("-")));
    let keys = browser.own_keys().await?;
    Ok(Paper {
        code: groups.join(" "),
        backup,
        read,
        fingerprint: keys,
    })
}

/// A new device, the code and the backup: old mail opens.
pub(crate) async fn restored(
    world: &World,
    browser: &Extended,
    paper: &Paper,
    carol: &Gpg,
) -> Result<()> {
    let page = &browser.page;
    browser.own("welcome.html").await?;
    page.click(id("from-sheet")).await?;
    page.fill("recovery-code", "1234").await?;
    browser.next().await?;
    page.see(id("recovery-code-fault")).await?;
    page.fill("recovery-code", &paper.code).await?;
    browser.paste("recovery-backup", &paper.backup).await?;
    browser.next().await?;
    browser.finish_first_run().await?;
    assert_eq!(browser.own_keys().await?, paper.fingerprint);
    // Sealed to the key she once came with.
    let thread = world.deliver(DORA, carol.seal(DORA, BODY).await?);
    browser.open_thread(DORA, &thread).await?;
    browser.read(0).await?;
    let text = message_text(page).await?;
    assert!(text.contains(BODY), "{text}");
    browser.leave().await
}

/// Somebody who has keys already takes those of a sheet back beside them, with a camera instead of
/// by typing.
pub(crate) async fn beside(browser: &Extended, paper: &Paper) -> Result<()> {
    let page = &browser.page;
    browser.first_run(ALICE, "Alice Example").await?;
    let own = browser.own_keys().await?;
    browser.own("manager.html#/keys/restore").await?;
    let (code, backup) = paper.read.split_once('\n').context("one line alone")?;
    page.fill("recovery-code", "1234").await?;
    browser.paste("recovery-backup", backup).await?;
    browser.next().await?;
    page.see(id("failure")).await?;
    page.picture("restore").await?;
    page.fill("recovery-code", code).await?;
    browser.next().await?;
    page.gone(id("from-sheet")).await?;
    let both = browser.own_keys().await?;
    // Each is a fingerprint and whether it is the key in use.
    for key in own.split(", ").chain(paper.fingerprint.split(", ")) {
        let fingerprint = key.split(' ').next().unwrap_or_default();
        assert!(both.contains(fingerprint), "{key} is not in {both}");
    }
    Ok(())
}
