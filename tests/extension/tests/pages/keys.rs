//! Own keys: from GnuPG, made, imported, exported, used, withdrawn, removed.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::manager::file;
use extension_tests::peers::Gpg;
use extension_tests::person::message_text;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{DORA, World};

/// Another address of hers, with a key that only GnuPG knows so far.
const OTHER: &str = "dorothea@example.org";
/// A third, for which Letterlock makes one.
const MADE: &str = "d.example@example.org";
const FILE_PASSPHRASE: &str = "tamarisk plover";
const LETTER: &str = "Velvetharbour for Dorothea";

pub(crate) struct Dora {
    pub(crate) browser: Extended,
    pub(crate) passphrase: String,
    /// The key she came with
    pub(crate) fingerprint: String,
}

pub(crate) async fn first_run(world: &World, browser: Extended) -> Result<Dora> {
    let gpg = Gpg::make(world.folder.path(), "Dora Example", DORA).await?;
    let wanted = gpg.fingerprint().await?;
    let secret = file(world.folder.path(), "dora.asc", gpg.private_key().await?)?;
    let public = file(world.folder.path(), "public.gpg", gpg.certificate().await?)?;
    let page = &browser.page;
    browser.popup(None, "not-set-up").await?;
    page.see(id("set-up")).await?;
    page.open("about:blank").await?;
    browser.own("welcome.html").await?;
    page.click(id("from-file")).await?;
    // The wrong file is told, and nothing is lost.
    page.choose_file("key-file", &public).await?;
    page.see(By::Css("[role=\"alert\"]")).await?;
    page.choose_file("key-file", &secret).await?;
    page.see(id("key-preview")).await?;
    page.until("the address of the key", async || {
        let field = page.driver().find(id("address")).await?;
        Ok((field.value().await?.as_deref() == Some(DORA)).then_some(()))
    })
    .await?;
    browser.next().await?;
    let passphrase = browser.finish_first_run().await?;
    page.click(id("open-letter")).await?;
    page.see(id("opened-letter")).await?;
    browser.manager("keys").await?;
    assert_eq!(
        browser.key_fingerprints().await?,
        std::slice::from_ref(&wanted)
    );
    Ok(Dora {
        browser,
        passphrase,
        fingerprint: wanted,
    })
}

/// One imported with a passphrase of its own, whose mail opens since then, and one made here.
pub(crate) async fn further(world: &World, dora: &Dora, carol: &Gpg) -> Result<()> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    let gpg = Gpg::make_locked(world.folder.path(), "Dora Example", OTHER, FILE_PASSPHRASE).await?;
    let wanted = gpg.fingerprint().await?;
    let locked = gpg.locked_private_key(FILE_PASSPHRASE).await?;
    let locked = file(world.folder.path(), "locked.asc", locked)?;
    carol.import(&gpg.armored_certificate().await?).await?;
    let thread = world.deliver(OTHER, carol.seal(OTHER, LETTER).await?);
    browser.open_thread(DORA, &thread).await?;
    browser.enter("reader", 0).await?;
    page.see(id_with("failure", "[data-kind=\"NoKey\"]"))
        .await?;
    browser
        .import_locked(&locked, FILE_PASSPHRASE, &wanted)
        .await?;
    browser.open_thread(DORA, &thread).await?;
    browser.read(0).await?;
    let text = message_text(page).await?;
    assert!(text.contains(LETTER), "{text}");

    browser.manager("keys").await?;
    page.click(id("key-generate")).await?;
    page.fill("generate-address", MADE).await?;
    page.click(id("generate-submit")).await?;
    page.until("a third key", async || {
        Ok((browser.key_fingerprints().await?.len() == 3).then_some(()))
    })
    .await
}

/// The key that was made here.
async fn made_key(dora: &Dora) -> Result<String> {
    let made = By::XPath(format!(
        "//*[@data-testid=\"own-key\"][.//dd[text()=\"{MADE}\"]]"
    ));
    dora.browser.page.attribute(made, "data-fingerprint").await
}

/// What was made here goes into GnuPG: it seals to it, opens and signs with it.
pub(crate) async fn to_gnupg(world: &World, dora: &Dora) -> Result<()> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    browser.manager("keys").await?;
    let made = made_key(dora).await?;
    page.click(browser.of_key(&made, "key-export")).await?;
    let certificate = browser.saved(&format!("{MADE}.asc")).await?;
    page.click(browser.of_key(&made, "key-export-private"))
        .await?;
    page.fill("export-old", "not the passphrase").await?;
    page.fill("export-new", FILE_PASSPHRASE).await?;
    page.click(id("export-submit")).await?;
    page.see(id_with("failure", "[data-kind=\"WrongPassphrase\"]"))
        .await?;
    page.fill("export-old", &dora.passphrase).await?;
    page.click(id("export-submit")).await?;
    page.gone(id("export-dialog")).await?;
    let private = browser.saved(&format!("{MADE}-private.asc")).await?;

    let friend = Gpg::make(world.folder.path(), "Frank Example", "frank@example.org").await?;
    friend.import(&String::from_utf8(certificate)?).await?;
    let sealed = friend.seal(MADE, "Velvetharbour from gpg").await?;
    let own = Gpg::make(world.folder.path(), "Nobody", "nobody@example.org").await?;
    let unlocked = [
        "--pinentry-mode",
        "loopback",
        "--passphrase",
        FILE_PASSPHRASE,
    ];
    let with = |more: &[&'static str]| [&unlocked[..], more].concat();
    own.gpg(&with(&["--import"]), &private).await?;
    own.gpg(&["--import"], &friend.certificate().await?).await?;
    let opened = own.gpg(&with(&["--decrypt"]), sealed.as_bytes()).await?;
    assert_eq!(opened, b"Velvetharbour from gpg");
    let sign = with(&["--local-user", MADE, "--clearsign"]);
    let signed = own.gpg(&sign, b"by her own hand\n").await?;
    friend.gpg(&["--verify"], &signed).await?;
    Ok(())
}

/// Another key is used, the old one withdrawn with a reason that gpg understands, and one removed.
pub(crate) async fn withdrawn(world: &World, dora: &Dora) -> Result<()> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    browser.manager("keys").await?;
    let made = made_key(dora).await?;
    page.click(browser.of_key(&made, "key-use")).await?;
    let used = format!("[data-fingerprint=\"{made}\"][data-used=\"true\"]");
    page.see(id_with("own-key", &used)).await?;
    let old = &dora.fingerprint;
    let card = format!("[data-fingerprint=\"{old}\"]");
    page.see(id_with("own-key", &format!("{card}[data-used=\"false\"]")))
        .await?;
    page.click(browser.of_key(old, "key-revoke")).await?;
    page.click(id("revoke-superseded")).await?;
    page.see(id_with(
        "own-key",
        &format!("{card}[data-revoked=\"true\"]"),
    ))
    .await?;
    page.click(browser.of_key(old, "key-export")).await?;
    let certificate = browser.saved(&format!("{DORA}.asc")).await?;
    let friend = Gpg::make(world.folder.path(), "Greta Example", "greta@example.org").await?;
    friend.import(&String::from_utf8(certificate)?).await?;
    let listed = friend
        .gpg(&["--with-colons", "--list-keys", DORA], &[])
        .await?;
    let listed = String::from_utf8(listed)?;
    assert!(
        listed.lines().any(|line| line.starts_with("pub:r:")),
        "{listed}"
    );

    // The imported one goes; the dialog says no first.
    let all = browser.key_fingerprints().await?;
    let other = all
        .iter()
        .find(|one| **one != made && *one != old)
        .context("the imported key is gone")?;
    page.click(browser.of_key(other, "key-delete")).await?;
    page.click(id("dialog-close")).await?;
    page.gone(id("delete-dialog")).await?;
    page.click(browser.of_key(other, "key-delete")).await?;
    page.click(id("delete-yes")).await?;
    page.gone(browser.of_key(other, "own-fingerprint")).await
}
