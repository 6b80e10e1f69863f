//! The vault of the extension meets a real server: an account made out of it, the webmail over it,
//! another device, and the way back.

#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

use anyhow::{Context as _, Result, bail};
use extension_tests::axe::Axe;
use extension_tests::extension::{self, Extended};
use extension_tests::peers;
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use letterlock_tests::person::{self, Draft};
use letterlock_tests::server::{DOMAIN, Server};
use serde_json::{Value, json};
use thirtyfour::By;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn a_vault_meets_a_server_in_chromium() -> Result<()> {
    play(Kind::Chromium).await
}

#[tokio::test]
async fn a_vault_meets_a_server_in_firefox() -> Result<()> {
    play(Kind::Firefox).await
}

async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (environment, _) = extension::environment()?;
    let mut server = Server::start(&environment, &folder.path().join("data")).await?;
    let web = Web::start().await?;
    let begin = async |name: &str| extension::start(kind, folder.path(), name, &web).await;

    let alice = begin("alice").await?;
    let (passphrase, _) = alice.first_run("alice@example.org", "Alice").await?;
    let mut axe = Axe::read()?;
    no_mailbox_yet(&alice, &mut axe).await?;
    make_account(&alice, &server, "alice", &passphrase, Some(&mut axe)).await?;
    let bob = begin("bob").await?;
    let (bobs, _) = bob.first_run("bob@example.org", "Bob").await?;
    make_account(&bob, &server, "bob", &bobs, None).await?;

    write_and_read(&alice, &bob, folder.path()).await?;
    lock_and_unlock(&alice, &passphrase).await?;
    publish(&alice, &server).await?;
    publish_from_the_key(&alice, &server).await?;
    the_background_is_stopped(&alice).await?;

    let second = begin("second").await?;
    enter_on_another_device(&second, &alice, &server, &passphrase).await?;
    server_away(&alice, &mut server).await?;
    webmail_for_everybody(&alice, &mut axe).await?;
    leave(&alice, &mut axe).await?;
    let found = axe.found.join("\n");
    assert!(found.is_empty(), "{} violations\n{found}", axe.found.len());
    for one in [alice, bob, second] {
        one.close().await?;
    }
    Ok(())
}

fn address(local: &str) -> String {
    format!("{local}@{DOMAIN}")
}

/// The webmail says what is missing, and leads there.
async fn no_mailbox_yet(alice: &Extended, axe: &mut Axe) -> Result<()> {
    alice.own("webmail.html").await?;
    alice.page.see(id("page-no-server")).await?;
    axe.look_twice(alice, "webmail without a server").await?;
    alice.page.picture("no-server").await?;
    alice.page.click(id("no-server-account")).await?;
    alice.page.see(id("account-none")).await?;
    Ok(())
}

async fn make_account(
    who: &Extended,
    server: &Server,
    local: &str,
    passphrase: &str,
    mut axe: Option<&mut Axe>,
) -> Result<()> {
    let page = &who.page;
    who.own("manager.html#/account").await?;
    // Nobody there: told, and the field is there still.
    page.fill("account-server-address", "http://127.0.0.1:9")
        .await?;
    page.click(id("account-next")).await?;
    page.see(id("failure")).await?;
    page.fill("account-server-address", &server.address).await?;
    page.click(id("account-next")).await?;
    page.see(id_with("account-choose", "[data-way=\"make\"]"))
        .await?;
    page.fill("account-local", local).await?;
    page.fill("account-passphrase", "not the passphrase")
        .await?;
    page.click(id("account-submit")).await?;
    page.see(id("failure")).await?;
    if let Some(axe) = &mut axe {
        axe.look_twice(who, "making an account").await?;
    }
    page.fill("account-passphrase", passphrase).await?;
    page.picture("account-make").await?;
    page.click(id("account-submit")).await?;
    let linked = format!("[data-address=\"{}\"]", address(local));
    page.see(id_with("account-linked", &linked)).await?;
    page.picture("account-linked").await?;
    if let Some(axe) = axe {
        axe.look_twice(who, "account on a server").await?;
    }
    Ok(())
}

/// The webmail is open at once, since the vault is; a letter and a file go through it.
async fn write_and_read(alice: &Extended, bob: &Extended, folder: &std::path::Path) -> Result<()> {
    alice.own("webmail.html").await?;
    alice.page.see(id("page-mail")).await?;
    let file = folder.join("map.bin");
    let bytes: Vec<u8> = (0..200_000_u32).map(|n| (n * 7 % 251) as u8).collect();
    std::fs::write(&file, &bytes)?;
    let letter = Draft {
        to: address("bob"),
        subject: "The old mill".to_owned(),
        body: "Meet me there.".to_owned(),
        file: Some(file),
    };
    person::write(&alice.page, &letter).await?;
    person::send(&alice.page).await?;

    bob.own("webmail.html").await?;
    bob.page.see(id("page-mail")).await?;
    person::read(&bob.page, &letter.subject).await?;
    person::expect_verdict(&bob.page, "sealed", "good").await?;
    let saved = person::save_attachment(&bob.page, "map.bin", &bob.downloads).await?;
    assert!(saved == bytes, "{} bytes came", saved.len());
    bob.page.picture("webmail").await?;
    Ok(())
}

/// One lock for the webmail and everything else of the extension.
async fn lock_and_unlock(alice: &Extended, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    let mail = page.driver().window().await?;
    let other = page.driver().new_tab().await?;
    page.driver().switch_to_window(other.clone()).await?;
    alice.ask(json!({ "type": "lock" })).await?;
    page.driver().switch_to_window(mail.clone()).await?;
    page.fill("unlock-passphrase", "not the passphrase").await?;
    page.click(id("unlock-submit")).await?;
    page.see(id("failure")).await?;
    page.fill("unlock-passphrase", passphrase).await?;
    page.click(id("unlock-submit")).await?;
    page.see(id("page-mail")).await?;
    page.driver().switch_to_window(other).await?;
    let status = alice.ask(json!({ "type": "status" })).await?;
    assert_eq!(status["vault"], "unlocked");
    page.driver().close_window().await?;
    page.driver().switch_to_window(mail).await?;
    Ok(())
}

async fn account(who: &Extended) -> Result<Value> {
    Ok(who.ask(json!({ "type": "account" })).await?["account"].clone())
}

async fn publish(alice: &Extended, server: &Server) -> Result<()> {
    assert_eq!(account(alice).await?["directory"]["toEverybody"], false);
    let found = everybody_finds(server, &address("alice")).await?;
    assert_eq!(found, None, "found unasked");
    switch_directory(alice).await?;
    assert_eq!(account(alice).await?["directory"]["toEverybody"], true);
    Ok(())
}

/// The switch of the account's page. Its words lie over the box.
async fn switch_directory(alice: &Extended) -> Result<()> {
    alice.manager("account").await?;
    alice.page.see(id("account-linked")).await?;
    let switch = alice.page.driver().find(id("account-publish")).await?;
    switch.send_keys(" ").await?;
    alice.page.see(id("account-done")).await?;
    Ok(())
}

/// Taken back, and published again by the button beside the key.
async fn publish_from_the_key(alice: &Extended, server: &Server) -> Result<()> {
    switch_directory(alice).await?;
    assert_eq!(account(alice).await?["directory"]["toEverybody"], false);
    let found = everybody_finds(server, &address("alice")).await?;
    assert_eq!(found, None, "not taken back");

    alice.manager("keys").await?;
    let used = "[data-testid=\"own-key\"][data-used=\"true\"]";
    let fingerprint = alice
        .page
        .attribute(By::Css(used), "data-fingerprint")
        .await?;
    let button = alice.of_key(&fingerprint, "key-publish");
    let all = alice.page.driver().find_all(id("key-publish")).await?;
    assert_eq!(all.len(), 1, "a key that is not used can be published");
    alice.page.click(button).await?;
    let done = By::Css(format!("{used} .done[role=\"status\"]"));
    let done = alice.page.text(done).await?;
    assert!(done.contains("Everybody finds it"), "{done}");
    let found = alice
        .page
        .until("the key in the directory", async || {
            everybody_finds(server, &address("alice")).await
        })
        .await?;
    alice.page.picture("key-published").await?;
    let found = peers::bare(&found)?;
    let certificate = alice.certificate_of(&fingerprint).await?;
    assert!(found == peers::bare(&certificate)?, "another key is served");
    Ok(())
}

/// What the server's directory says to anybody at all: a certificate in armor, or that there is none.
async fn everybody_finds(server: &Server, address: &str) -> Result<Option<String>> {
    let (_, host) = server.address.split_once("://").context("an address")?;
    let asked = format!("GET /pks/lookup?op=get&search={address} HTTP/1.0\r\nHost: {host}\r\n\r\n");
    let mut line = TcpStream::connect(host).await?;
    line.write_all(asked.as_bytes()).await?;
    let mut said = String::new();
    line.read_to_string(&mut said).await?;
    let (head, body) = said.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).context("no status")?;
    match status {
        "200" => Ok(Some(body.to_owned())),
        "404" => Ok(None),
        _ => bail!("the directory says {head}"),
    }
}

/// The page asks again where the background was stopped, and nothing is to be typed.
async fn the_background_is_stopped(alice: &Extended) -> Result<()> {
    alice.own("webmail.html").await?;
    alice.page.see(id("page-mail")).await?;
    alice.stop_background_under_page().await?;
    person::go_to(&alice.page, "sent").await?;
    person::read(&alice.page, "The old mill").await
}

async fn enter_on_another_device(
    second: &Extended,
    first: &Extended,
    server: &Server,
    passphrase: &str,
) -> Result<()> {
    let keys = first.ask(json!({ "type": "keys" })).await?;
    let page = &second.page;
    second.own("welcome.html").await?;
    page.click(id("from-server")).await?;
    page.fill("account-server-address", &server.address).await?;
    page.fill("account-address", &address("alice")).await?;
    page.fill("account-passphrase", passphrase).await?;
    page.picture("from-server").await?;
    page.click(id_with("next", "")).await?;
    page.click(id("create")).await?;
    page.see(id_with("welcome", "[data-step=\"done\"]")).await?;
    second.only_window().await?;
    let same = second.ask(json!({ "type": "keys" })).await?;
    let prints = |keys: &Value| -> Vec<Value> {
        let mut all: Vec<Value> = keys["keys"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|key| key["fingerprint"].clone())
            .collect();
        all.sort_by_key(Value::to_string);
        all
    };
    assert_eq!(prints(&same).len(), 2, "the first key and the account's");
    assert_eq!(prints(&same), prints(&keys));
    let contacts = second.ask(json!({ "type": "contacts" })).await?;
    let bob = contacts["contacts"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|contact| contact["person"]["address"] == address("bob"));
    assert!(bob, "{contacts}");
    second.own("webmail.html").await?;
    page.see(id("page-mail")).await?;
    person::go_to(page, "sent").await?;
    person::wait_for_row(page, "The old mill").await
}

/// Everything but mail goes on without the server, and the account's page says what is wrong.
async fn server_away(alice: &Extended, server: &mut Server) -> Result<()> {
    server.stop().await?;
    alice.own("manager.html#/account").await?;
    alice
        .page
        .see(id_with("account-problem", "[data-kind=\"Offline\"]"))
        .await?;
    let me = alice.ask(json!({ "type": "welcomeLetter" })).await?;
    assert!(me["text"].as_str().is_some());
    server.start_again().await
}

/// The same webmail stands on a server, too; here it lies in the package.
async fn webmail_for_everybody(alice: &Extended, axe: &mut Axe) -> Result<()> {
    alice.own("webmail.html").await?;
    alice.page.see(id("page-mail")).await?;
    axe.look_twice(alice, "webmail").await?;
    person::go_to(&alice.page, "sent").await?;
    person::read(&alice.page, "The old mill").await?;
    axe.look_twice(alice, "webmail with a letter").await
}

async fn leave(alice: &Extended, axe: &mut Axe) -> Result<()> {
    let before = alice.ask(json!({ "type": "keys" })).await?;
    let page = &alice.page;
    alice.own("manager.html#/account").await?;
    page.click(id("account-leave")).await?;
    page.see(id("account-leave-dialog")).await?;
    axe.look_twice(alice, "leaving a server").await?;
    page.click(id("account-leave-yes")).await?;
    page.see(id("account-none")).await?;
    assert_eq!(account(alice).await?, Value::Null);
    let after = alice.ask(json!({ "type": "keys" })).await?;
    let lasting = |keys: &Value| -> Vec<Value> {
        let mut keys = keys["keys"].as_array().cloned().unwrap_or_default();
        for key in &mut keys {
            // There is no directory any more.
            key["publishable"] = Value::Null;
        }
        keys
    };
    assert_eq!(before["keys"][0]["publishable"], true);
    assert_eq!(after["keys"][0]["publishable"], false);
    assert_eq!(lasting(&after), lasting(&before));
    after["keys"][0]["fingerprint"].as_str().context("a key")?;
    alice.own("webmail.html").await?;
    page.see(id("page-no-server")).await?;
    Ok(())
}
