//! A real Roundcube over real Dovecot and Postfix: Alice writes to Bob and to Carol, Bob reads and
//! answers in his own Roundcube, Carol reads and answers with gpg.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Duration;

use anyhow::{Context as _, Result};
use extension_tests::extension::{self, Extended};
use extension_tests::frames::ours;
use extension_tests::peers::Gpg;
use extension_tests::person::message_text;
use extension_tests::roundcube::{self, DOMAIN, PASSWORD, Roundcube};
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;
use letterlock_tests::environment::Environment;
use letterlock_tests::markers;
use serde_json::json;
use thirtyfour::By;

const TO_BOB: &str = "Velvetharbour";
const FROM_BOB: &str = "Saltmeadowfinch";
const FROM_CAROL: &str = "Hollowbramble";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    if let Err(problem) = roundcube::require() {
        // A test that cannot be played must say so where it is read.
        let artifacts = Environment::read()?.artifacts;
        std::fs::create_dir_all(&artifacts)?;
        let mut told = OpenOptions::new()
            .create(true)
            .append(true)
            .open(artifacts.join("skipped.txt"))?;
        writeln!(told, "mail in a real Roundcube, {}: {problem}", kind.name())?;
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let server = Roundcube::start(folder.path(), &["alice", "bob", "carol"])?;
    let web = Web::start().await?;
    let carol = Gpg::make(folder.path(), "Carol Example", &format!("carol@{DOMAIN}")).await?;
    let alice = person(kind, folder.path(), "alice", &web, &server).await?;
    let bob = person(kind, folder.path(), "bob", &web, &server).await?;

    let alices = alice.certificate().await?;
    let bobs = bob.certificate().await?;
    let carols = String::from_utf8(carol.gpg(&["--armor", "--export"], &[]).await?)?;
    carol.import(&alices).await?;
    log_in(&alice, &server, "alice").await?;
    log_in(&bob, &server, "bob").await?;
    take_in(&alice, &[&bobs, &carols]).await?;
    take_in(&bob, &[&alices]).await?;

    write(&alice, &server, &["bob", "carol"]).await?;
    let sealed = arrived(&server, "bob", "alice").await?;
    assert!(sealed.contains("multipart/encrypted"), "{sealed}");
    assert!(!sealed.contains(TO_BOB));
    read(&bob, &server, "alice", TO_BOB).await?;

    answer(&bob).await?;
    let sealed = arrived(&server, "alice", "bob").await?;
    assert!(sealed.contains("multipart/encrypted"), "{sealed}");
    read(&alice, &server, "bob", FROM_BOB).await?;

    let at_carols = arrived(&server, "carol", "alice").await?;
    let opened = String::from_utf8(carol.open(armor(&at_carols)?.as_bytes()).await?)?;
    assert!(opened.contains(TO_BOB), "{opened}");

    let answer = carol
        .seal(
            &format!("alice@{DOMAIN}"),
            &format!("{FROM_CAROL} from gpg\n"),
        )
        .await?;
    let raw = format!(
        "From: carol@{DOMAIN}\r\nTo: alice@{DOMAIN}\r\nSubject: An answer\r\n\
         Date: Sat, 21 Nov 2026 05:00:00 +0000\r\nMessage-ID: <answer@{DOMAIN}>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{answer}"
    );
    server.deliver(&format!("carol@{DOMAIN}"), &format!("alice@{DOMAIN}"), &raw)?;
    arrived(&server, "alice", "carol").await?;
    read(&alice, &server, "carol", FROM_CAROL).await?;
    alice.close().await?;
    bob.close().await?;
    // Inboxes, drafts and sent mail, and whatever else the three servers wrote.
    let held = markers::search_folder(server.folder(), &[TO_BOB, FROM_BOB, FROM_CAROL])?;
    assert!(held.is_empty(), "{held:?}");
    Ok(())
}

async fn person(
    kind: Kind,
    folder: &std::path::Path,
    name: &str,
    web: &Web,
    server: &Roundcube,
) -> Result<Extended> {
    let sites = ["http://127.0.0.1/*"];
    let browser = extension::start_with_sites(kind, folder, name, web, &sites).await?;
    browser.first_run(&format!("{name}@{DOMAIN}"), name).await?;
    browser
        .ask(json!({ "type": "switchSite", "origin": server.address, "scan": false, "api": true }))
        .await?;
    Ok(browser)
}

async fn log_in(person: &Extended, server: &Roundcube, name: &str) -> Result<()> {
    let page = &person.page;
    page.open(&server.address).await?;
    page.see(By::Id("rcmloginuser"))
        .await?
        .send_keys(format!("{name}@{DOMAIN}"))
        .await?;
    page.see(By::Id("rcmloginpwd"))
        .await?
        .send_keys(PASSWORD)
        .await?;
    page.click(By::Id("rcmloginsubmit")).await?;
    page.see(By::Css("body.task-mail")).await?;
    Ok(())
}

/// Takes certificates into the keyring that this webmail has for the person, by its own call.
async fn take_in(person: &Extended, certificates: &[&str]) -> Result<()> {
    let page = &person.page;
    for certificate in certificates {
        page.driver()
            .execute_async(
                "const [key, done] = arguments; const user = window.rcmail.env.user_id; \
                 window.mailvelope.getKeyring(user) \
                 .catch(() => window.mailvelope.createKeyring(user)) \
                 .then((keyring) => keyring.importPublicKey(key)).then(done, (e) => done(String(e)))",
                vec![json!(certificate)],
            )
            .await?;
    }
    Ok(())
}

async fn write(person: &Extended, server: &Roundcube, to: &[&str]) -> Result<()> {
    let page = &person.page;
    page.open(&format!("{}/?_task=mail&_action=compose", server.address))
        .await?;
    let everybody = to
        .iter()
        .map(|name| format!("{name}@{DOMAIN}"))
        .collect::<Vec<_>>()
        .join(", ");
    page.until("the encrypted composer", async || {
        let able = page
            .driver()
            .execute(
                "return window.rcmail?.commands?.['compose-encrypted'] === true",
                Vec::new(),
            )
            .await?;
        Ok((able.json() == true).then_some(()))
    })
    .await?;
    page.driver()
        .execute(
            "document.querySelector('[name=_to]').value = arguments[0]; \
             document.querySelector('[name=_subject]').value = 'Greetings'; \
             window.rcmail.command('compose-encrypted', {})",
            vec![json!(everybody)],
        )
        .await?;
    page.see(ours("container")).await?.enter_frame().await?;
    person
        .body()
        .await?
        .send_keys(format!("{TO_BOB} by Roundcube"))
        .await?;
    send(person).await
}

/// The person is in the editor; the page asks for the letter, and gets it.
async fn send(person: &Extended) -> Result<()> {
    person.leave().await?;
    person
        .page
        .driver()
        .execute("window.rcmail.command('send', {})", Vec::new())
        .await?;
    person.agree().await
}

/// To the message that is open: Roundcube itself has the editor quote it.
async fn answer(person: &Extended) -> Result<()> {
    let page = &person.page;
    page.driver()
        .execute("window.rcmail.command('reply', '')", Vec::new())
        .await?;
    page.see(By::Css("body.action-compose")).await?;
    page.see(ours("container")).await?.enter_frame().await?;
    let quoted = person.written().await?;
    assert!(quoted.contains(TO_BOB), "{quoted}");
    person
        .body()
        .await?
        .send_keys(format!("{FROM_BOB} by Roundcube"))
        .await?;
    send(person).await
}

/// What came from one account to another, as it lies on the server.
async fn arrived(server: &Roundcube, account: &str, from: &str) -> Result<String> {
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    let from = format!("From: {from}@{DOMAIN}");
    loop {
        let inbox = server.inbox(account)?;
        if let Some(raw) = inbox.into_iter().find(|raw| raw.contains(&from)) {
            return Ok(raw);
        }
        anyhow::ensure!(
            std::time::Instant::now() < deadline,
            "no mail for {account}, {from}"
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn read(person: &Extended, server: &Roundcube, from: &str, expected: &str) -> Result<()> {
    let page = &person.page;
    page.open(&format!("{}/?_task=mail&_mbox=INBOX", server.address))
        .await?;
    // As a double click does; Roundcube shows PGP/MIME only to a session that came this way.
    let show = "const [from] = arguments; \
         const rows = Object.values(window.rcmail?.message_list?.rows ?? {}); \
         const row = rows.find((one) => one.obj.innerHTML.includes(from)); \
         if (row !== undefined) window.rcmail.show_message(row.uid, false, false); \
         return row !== undefined";
    page.until(&format!("the message from {from}"), async || {
        let address = vec![json!(format!("{from}@{DOMAIN}"))];
        let shown = page.driver().execute(show, address).await?;
        Ok((shown.json() == true).then_some(()))
    })
    .await?;
    page.see(ours("container")).await?.enter_frame().await?;
    let text = message_text(page).await?;
    assert!(text.contains(expected), "{text}");
    person.leave().await
}

fn armor(raw: &str) -> Result<String> {
    let begin = raw
        .find("-----BEGIN PGP MESSAGE-----")
        .context("no armor")?;
    let end = raw.find("-----END PGP MESSAGE-----").context("no end")? + 25;
    Ok(raw
        .get(begin..end)
        .context("no armor")?
        .replace("\r\n", "\n"))
}
