//! Containers in which the person makes, saves and brings back keys for a page, or does not.

use anyhow::{Context as _, Result, ensure};
use extension_tests::extension::Extended;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id;
use serde_json::{Value, json};
use thirtyfour::{By, WindowHandle};

use crate::calls::{ask_beside, call, code, enter, press_inside, value};

/// An address that the person has at this very site.
const HERE: &str = "alice@keys.test";

const GENERATOR: &str = "createKeyGenContainer('#keys', { userIds: [{ email: args, fullName: 'Alice Example' }], keySize: 4096 })";
const BACKUP: &str = "createKeyBackupContainer('#keys', { initialSetup: true })";
const RESTORE: &str = "restoreBackupContainer('#keys', { restorePassword: false })";

/// How what was begun in a container ended.
const END: &str = "return window.end";

pub(crate) async fn play(alice: &Extended, passphrase: &str) -> Result<()> {
    let fingerprint = generators(alice).await?;
    let paper = backups(alice, passphrase).await?;
    let lost = json!({ "type": "deleteKey", "fingerprint": fingerprint });
    ask_beside(alice, lost).await?;
    assert!(!has_key(alice).await?);
    restores(alice, &paper).await
}

/// Makes a container, and begins to wait for what the person does in it.
async fn begin(alice: &Extended, make: &str, wait: &str) -> Result<()> {
    let code = format!(
        "document.querySelector('#keys').replaceChildren(); \
         const container = await (await mv.getKeyring()).{make}; \
         window.end = container.{wait}; window.end.catch(() => undefined); return null"
    );
    value(alice, &code, json!(HERE)).await?;
    Ok(())
}

async fn has_key(alice: &Extended) -> Result<bool> {
    let has = "return (await mv.getKeyring()).hasPrivateKey({ email: args })";
    Ok(value(alice, has, json!(HERE)).await? == true)
}

/// A key is made for a click, and kept for the page's word; its fingerprint.
async fn generators(alice: &Extended) -> Result<String> {
    begin(alice, GENERATOR, "generate()").await?;
    press_inside(alice, "generator-cancel").await?;
    assert_eq!(code(alice, END, json!(null)).await?, "PWD_DIALOG_CANCEL");
    enter(alice).await?;
    alice.page.see(id("key-declined")).await?;
    alice.leave().await?;

    // The page takes its container away.
    begin(alice, GENERATOR, "generate()").await?;
    enter(alice).await?;
    alice.page.see(id("generator-make")).await?;
    alice.leave().await?;
    let remove = format!("document.querySelector('#keys').replaceChildren(); {END}");
    assert_eq!(
        code(alice, &remove, json!(null)).await?,
        "PWD_DIALOG_CANCEL"
    );

    // The page's own server does not take it: the page hears its own words again.
    let refused = "generate(Promise.reject(new Error('the server was full')))";
    begin(alice, GENERATOR, refused).await?;
    press_inside(alice, "generator-make").await?;
    let told = call(alice, END, json!(null)).await?;
    let expected = json!({ "code": null, "message": "Error: the server was full" });
    assert_eq!(told, expected);
    assert!(
        !has_key(alice).await?,
        "a key was kept against the page's word"
    );

    begin(alice, GENERATOR, "generate(Promise.resolve())").await?;
    press_inside(alice, "generator-make").await?;
    let armored = value(alice, END, json!(null)).await?;
    assert!(has_key(alice).await?);
    let own = "return (await mv.getKeyring()).exportOwnPublicKey(args)";
    assert_eq!(value(alice, own, json!(HERE)).await?, armored);
    newest(alice).await
}

/// The fingerprint of the key that was made last.
async fn newest(alice: &Extended) -> Result<String> {
    let keys = ask_beside(alice, json!({ "type": "keys" })).await?;
    let keys = keys["keys"].as_array().context("no keys")?;
    let newest = keys.iter().find(|key| key.to_string().contains(HERE));
    let newest = newest.and_then(|key| key["fingerprint"].as_str());
    Ok(newest.context("no key for the site")?.to_owned())
}

/// What stands on the sheet.
struct Paper {
    code: String,
    backup: String,
}

/// The way to a page of ours that the person goes from a container, once not and once.
async fn way(alice: &Extended, make: &str, route: &str) -> Result<WindowHandle> {
    begin(alice, make, "isReady()").await?;
    press_inside(alice, "key-cancel").await?;
    assert_eq!(
        code(alice, END, json!(null)).await?,
        "NO_CONNECTION",
        "{make}"
    );
    begin(alice, make, "isReady()").await?;
    press_inside(alice, "key-go").await?;
    follow(alice, route).await
}

async fn backups(alice: &Extended, passphrase: &str) -> Result<Paper> {
    let page = &alice.page;
    let webmail = way(alice, BACKUP, "#/keys/sheet").await?;
    page.fill("sheet-passphrase", passphrase).await?;
    page.click(id("sheet-make")).await?;
    page.see(id("sheet-paper")).await?;
    let mut groups = Vec::new();
    let all = By::Css("[data-testid=\"recovery-groups\"] li");
    for group in page.driver().find_all(all).await? {
        groups.push(group.text().await?);
    }
    let backup = page.text(id("recovery-text")).await?;
    back(alice, webmail).await?;
    assert_eq!(value(alice, END, json!(null)).await?, json!(null));
    Ok(Paper {
        code: groups.join(" "),
        backup,
    })
}

async fn restores(alice: &Extended, paper: &Paper) -> Result<()> {
    let page = &alice.page;
    let webmail = way(alice, RESTORE, "#/keys/restore").await?;
    page.fill("recovery-code", &paper.code).await?;
    alice.paste("recovery-backup", &paper.backup).await?;
    alice.next().await?;
    page.gone(id("from-sheet")).await?;
    back(alice, webmail).await?;
    assert_eq!(value(alice, END, json!(null)).await?, json!(null));
    assert!(
        has_key(alice).await?,
        "the key of the sheet did not come back"
    );
    Ok(())
}

/// Goes to the page of ours that has just opened; the window that the person came from.
async fn follow(alice: &Extended, route: &str) -> Result<WindowHandle> {
    let driver = alice.page.driver();
    let webmail = driver.window().await?;
    if alice.kind == Kind::Firefox {
        into_window(alice, &webmail, route).await?;
        return Ok(webmail);
    }
    // ChromeDriver has no window for what an extension opens: the same page in one of its own.
    let address = taken_over(alice, route).await?;
    let beside = driver.new_tab().await?;
    driver.switch_to_window(beside).await?;
    alice.page.open(&address).await?;
    Ok(webmail)
}

async fn into_window(alice: &Extended, webmail: &WindowHandle, route: &str) -> Result<()> {
    let driver = alice.page.driver();
    alice
        .page
        .until(&format!("a window at {route}"), async || {
            for window in driver.windows().await? {
                if window == *webmail {
                    continue;
                }
                driver.switch_to_window(window).await?;
                if driver.current_url().await?.as_str().ends_with(route) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
}

/// Closes the page that the extension opened in Chromium; where it was.
async fn taken_over(alice: &Extended, route: &str) -> Result<String> {
    let tools = alice.page.driver().cdp();
    let opened = |target: &Value| {
        let url = target["url"].as_str().unwrap_or_default();
        url.starts_with(&alice.origin) && url.ends_with(route)
    };
    let target = alice
        .page
        .until(&format!("a page at {route}"), async || {
            let targets = tools.send_raw("Target.getTargets", json!({})).await?;
            let all = targets["targetInfos"].as_array().context("no targets")?;
            ensure!(all.len() < 50, "{} pages", all.len());
            Ok(all.iter().find(|target| opened(target)).cloned())
        })
        .await?;
    let close = json!({ "targetId": target["targetId"] });
    tools.send_raw("Target.closeTarget", close).await?;
    Ok(target["url"].as_str().context("no address")?.to_owned())
}

/// Closes this window and goes back to the webmail's.
async fn back(alice: &Extended, webmail: WindowHandle) -> Result<()> {
    let driver = alice.page.driver();
    driver.close_window().await?;
    driver.switch_to_window(webmail).await?;
    Ok(())
}
