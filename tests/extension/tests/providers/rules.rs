//! Newer rules for webmails, as a person takes them from two files.

use std::path::Path;

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::manager::file;
use extension_tests::peers::Gpg;
use letterlock_tests::page::{id, id_with};
use serde_json::Value;
use thirtyfour::By;

use crate::world::World;

/// Lets the extension in this folder trust a release key of the test's own: nobody here has the
/// project's. The certificate is a part of the background's program, which is read anew when it
/// begins again; a shorter one fits into its place.
pub(crate) async fn trust(browser: &Extended, folder: &Path, releases: &Gpg) -> Result<()> {
    let program = folder.join("ext-background_bg.wasm");
    let mut bytes = std::fs::read(&program)?;
    let shipped = std::fs::read(folder.join("release-key.asc"))?;
    let mut own = releases.gpg(&SIGNING_KEY, &[]).await?;
    assert!(own.len() <= shipped.len(), "{} bytes", own.len());
    own.resize(shipped.len(), b'\n');
    let at = bytes
        .windows(shipped.len())
        .position(|window| window == shipped)
        .context("the program has no release key")?;
    bytes
        .get_mut(at..at + shipped.len())
        .context("no place for the key")?
        .copy_from_slice(&own);
    std::fs::write(program, bytes)?;
    browser.page.open("about:blank").await?;
    browser.stop_background().await
}

/// The certificate as short as it gets.
const SIGNING_KEY: [&str; 6] = [
    "--armor",
    "--export-options",
    "export-minimal",
    "--export-filter",
    "drop-subkey=usage=~e",
    "--export",
];

/// The shipped rules, one version on, with another first selector for these roles of Gmail.
pub(crate) fn with_selectors<const COUNT: usize>(
    folder: &Path,
    selectors: [(&str, &str); COUNT],
) -> Result<String> {
    let mut rules: Value = serde_json::from_slice(&std::fs::read(folder.join("rules.json"))?)?;
    let version = rules["version"].as_u64().context("no version")?;
    rules["version"] = (version + 1).into();
    let gmail = rules["providers"]
        .as_array_mut()
        .and_then(|all| all.iter_mut().find(|one| one["id"] == "gmail"))
        .context("no rules for Gmail")?;
    for (role, selector) in selectors {
        gmail["selectors"][role]
            .as_array_mut()
            .context("no such role")?
            .insert(0, selector.into());
    }
    Ok(rules.to_string())
}

/// One character was changed after they were signed.
pub(crate) async fn altered_are_refused(
    browser: &Extended,
    world: &World,
    releases: &Gpg,
    rules: &str,
) -> Result<()> {
    let altered = rules.replacen("zz", "zy", 1);
    assert_ne!(altered, rules);
    hand_in(browser, world, &altered, &sign(releases, rules).await?).await?;
    let note = id_with("failure", "[data-kind=\"Damaged\"]");
    let words = browser.page.text(note).await?;
    assert!(words.contains("as the project signed them"), "{words}");
    assert!(!browser.page.shows(By::Css(DONE)).await?, "taken as well");
    browser.page.picture("rules-refused").await?;
    Ok(())
}

/// And those in use are not taken again.
pub(crate) async fn are_taken(
    browser: &Extended,
    world: &World,
    releases: &Gpg,
    rules: &str,
) -> Result<()> {
    let signature = sign(releases, rules).await?;
    hand_in(browser, world, rules, &signature).await?;
    let words = browser.page.text(By::Css(DONE)).await?;
    assert!(words.contains("in use"), "{words}");
    browser.page.picture("rules-taken").await?;
    browser.page.click(id("rules-update")).await?;
    browser
        .page
        .see(id_with("failure", "[data-kind=\"Exists\"]"))
        .await?;
    Ok(())
}

/// The card that takes them says that they are in use.
const DONE: &str = "details:has([data-testid=\"rules-update\"]) .done";

async fn sign(releases: &Gpg, rules: &str) -> Result<Vec<u8>> {
    let how = ["--armor", "--detach-sign"];
    releases.gpg(&how, rules.as_bytes()).await
}

async fn hand_in(browser: &Extended, world: &World, rules: &str, signature: &[u8]) -> Result<()> {
    let folder = world.folder.path();
    let page = &browser.page;
    browser.manager("settings").await?;
    page.click(By::Css(
        "details:has([data-testid=\"rules-update\"]) > summary",
    ))
    .await?;
    page.choose_file("rules-file", &file(folder, "rules.json", rules)?)
        .await?;
    let signature = file(folder, "rules.json.asc", signature)?;
    page.choose_file("signature-file", &signature).await?;
    // Both are read before they can be used.
    page.see(By::Css("[data-testid=\"rules-update\"]:enabled"))
        .await?;
    page.click(id("rules-update")).await
}
