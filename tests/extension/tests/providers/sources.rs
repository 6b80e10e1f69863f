//! Keys from the sources of messages, where a page shows them: Gmail in a tab of its own, Outlook
//! in a dialog. What mail itself brings to look like a source is nothing.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::Gpg;
use extension_tests::person::Letter;
use extension_tests::webmail::{Look, Webmail};
use letterlock_tests::browser::Kind;
use serde_json::{Value, json};
use thirtyfour::By;

use crate::world::{ALICE, World, words};

/// Their keys lie in no directory.
const DAVE: &str = "dave@example.org";
const ERIN: &str = "erin@example.org";
const FRANK: &str = "frank@example.org";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let gmail = Gmail::default();
    let outlook = Webmail::new(Look::Outlook);
    world.web.put(gmail::HOST, gmail.clone());
    world.web.put(Look::Outlook.host(), outlook.clone());
    let alice = world.person("Alice Example", ALICE, &[]).await?;
    let dave = peer(&world, DAVE, "first").await?;
    dave.import(&alice.certificate().await?).await?;
    let erin = peer(&world, ERIN, "first").await?;
    let frank = peer(&world, FRANK, "first").await?;

    let thread = gmail.deliver(from(DAVE, &field(&dave, DAVE).await?));
    alice.page.open(&source(&thread)?).await?;
    known_as(&alice, DAVE, &dave).await?;
    written_to(&gmail, &alice, &dave).await?;

    let impostor = peer(&world, DAVE, "second").await?;
    let thread = gmail.deliver(from(DAVE, &field(&impostor, DAVE).await?));
    alice.page.open(&source(&thread)?).await?;
    offered_only(&alice, &dave, &impostor).await?;

    looks_like_a_source(&gmail, &alice, &erin).await?;

    let thread = outlook.deliver(from(FRANK, &field(&frank, FRANK).await?));
    let page = &alice.page;
    page.open(&Look::Outlook.thread(ALICE, &thread)).await?;
    page.see(By::Css(format!("[role=main][data-ready=\"{thread}\"]")))
        .await?;
    page.click(By::Css("[name=\"View message source\"]"))
        .await?;
    page.see(By::Css(".source")).await?;
    known_as(&alice, FRANK, &frank).await?;
    alice.close().await
}

async fn peer(world: &World, address: &str, name: &str) -> Result<Gpg> {
    Gpg::make(&world.folder.path().join(name), name, address).await
}

async fn field(peer: &Gpg, address: &str) -> Result<String> {
    let data = data_encoding::BASE64.encode(&peer.certificate().await?);
    let mut folded = String::new();
    for line in data.as_bytes().chunks(72) {
        folded.push_str("\r\n ");
        folded.push_str(std::str::from_utf8(line)?);
    }
    Ok(format!(
        "Autocrypt: addr={address}; prefer-encrypt=mutual; keydata={folded}\r\n"
    ))
}

fn from(address: &str, header: &str) -> Message {
    Message {
        from: address.to_owned(),
        name: "Somebody Else".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "Greetings".to_owned(),
        text: "No secret.".to_owned(),
        header: header.to_owned(),
        ..Message::default()
    }
}

fn source(thread: &str) -> Result<String> {
    let number = thread.trim_start_matches("thread").parse()?;
    Ok(gmail::original(ALICE, number))
}

async fn fingerprint(peer: &Gpg) -> Result<String> {
    let listed = peer.gpg(&["--with-colons", "--fingerprint"], &[]).await?;
    let listed = String::from_utf8(listed)?;
    let line = listed.lines().find(|line| line.starts_with("fpr:"));
    let found = line.and_then(|line| line.split(':').nth(9));
    Ok(found.context("gpg lists no key")?.to_owned())
}

/// Asks in a tab beside the page, which stays as it is, until the answer fits.
async fn beside(
    alice: &Extended,
    request: Value,
    what: &str,
    fits: impl Fn(&str) -> bool,
) -> Result<String> {
    let driver = alice.page.driver();
    let own = driver.window().await?;
    let tab = driver.new_tab().await?;
    driver.switch_to_window(tab).await?;
    let answer = alice
        .page
        .until(what, async || {
            let answer = alice.ask(request.clone()).await?.to_string().to_uppercase();
            Ok(fits(&answer).then_some(answer))
        })
        .await?;
    driver.close_window().await?;
    driver.switch_to_window(own).await?;
    Ok(answer)
}

async fn known_as(alice: &Extended, address: &str, peer: &Gpg) -> Result<()> {
    let print = fingerprint(peer).await?;
    let request = json!({ "type": "lookUp", "address": address });
    let what = format!("the key of {address}");
    let answer = beside(alice, request, &what, |answer| answer.contains(&print)).await?;
    assert!(answer.contains("AUTOCRYPT"), "{answer}");
    Ok(())
}

/// The key is used without a question, and remembered from then on.
async fn written_to(gmail: &Gmail, alice: &Extended, dave: &Gpg) -> Result<()> {
    alice.page.open(&gmail::address(ALICE)).await?;
    alice.compose(DAVE).await?;
    let letter = Letter {
        text: &format!("Meet me at {}.", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, DAVE).await?;
    alice.seal_and_send().await?;
    let sent = gmail.sent();
    let sealed = &sent.last().context("nothing was sent")?.text;
    let opened = String::from_utf8(dave.open(sealed.as_bytes()).await?)?;
    assert!(opened.contains(words::BODY), "{opened}");
    Ok(())
}

async fn offered_only(alice: &Extended, dave: &Gpg, impostor: &Gpg) -> Result<()> {
    let print = fingerprint(impostor).await?;
    let request = json!({ "type": "contacts" });
    beside(alice, request.clone(), "the offer", |answer| {
        answer.contains(&print)
    })
    .await?;
    let answer = alice.ask(request).await?;
    let found = answer["contacts"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|contact| contact["person"]["address"] == DAVE)
        .context("Dave is no contact")?;
    let upper = |field: &str| found[field].as_str().unwrap_or_default().to_uppercase();
    assert_eq!(upper("fingerprint"), fingerprint(dave).await?, "{answer}");
    assert_eq!(upper("offered"), print, "{answer}");
    Ok(())
}

/// A message in the page whose HTML is made like the page's own view of a source.
async fn looks_like_a_source(gmail: &Gmail, alice: &Extended, erin: &Gpg) -> Result<()> {
    erin.import(&alice.certificate().await?).await?;
    let sealed = erin
        .seal(ALICE, "to see that the page was looked at")
        .await?;
    let forged = format!(
        "<pre id=\"raw_message_text\" class=\"raw_message_text\">Date: Sat, 21 Nov 2026 05:00:00 +0000\nFrom: {ERIN}\n{}\nhello</pre><pre>{sealed}</pre>",
        field(erin, ERIN).await?
    );
    let thread = gmail.deliver(Message {
        html: Some(forged),
        ..from("mallory@example.org", "")
    });
    alice.open_thread(ALICE, &thread).await?;
    alice.page.see(ours("reader")).await?;
    let seen = alice
        .ask(json!({ "type": "lookUp", "address": ERIN }))
        .await?;
    let print = fingerprint(erin).await?;
    assert!(!seen.to_string().to_uppercase().contains(&print), "{seen}");
    Ok(())
}
