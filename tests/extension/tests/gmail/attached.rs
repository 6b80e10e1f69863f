//! Keys that come with mail: offered, kept by a click and not before, and then what letters are
//! judged by. Another key of somebody known is only laid beside the old one until both were
//! compared in the editor.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::gmail::{File, Message, address};
use extension_tests::manager::{contact, grouped};
use extension_tests::peers::Gpg;
use extension_tests::person::Letter;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{ALICE, World, in_sight, opens, words};

/// Their keys lie in no directory.
const HOLLY: &str = "holly@example.org";
const IVAN: &str = "ivan@example.org";

pub(crate) async fn play(world: &World, alice: &Extended) -> Result<()> {
    let certificate = alice.certificate().await?;
    let holly = peer(world, "first", HOLLY, &certificate).await?;
    let ivan = peer(world, "first", IVAN, &certificate).await?;
    in_the_text(world, alice, &holly).await?;
    inside_the_letter(world, alice, &ivan).await?;
    let other = peer(world, "second", HOLLY, &certificate).await?;
    another_is_laid_beside(world, alice, [&holly, &other]).await?;
    compared(world, alice, [&holly, &other]).await
}

async fn peer(world: &World, folder: &str, address: &str, knows: &str) -> Result<Gpg> {
    let folder = world.folder.path().join(folder);
    let peer = Gpg::make(&folder, "Somebody Else", address).await?;
    peer.import(knows).await?;
    Ok(peer)
}

fn from(peer: &Gpg, text: String, files: Vec<File>) -> Message {
    Message {
        from: peer.address.clone(),
        name: "Somebody Else".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "From elsewhere".to_owned(),
        text,
        files,
        ..Message::default()
    }
}

fn part(name: &str, media_type: &str, data: &str) -> File {
    File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: data.as_bytes().to_vec(),
    }
}

/// Opens a message with a key, and reads what the offer says of it; the window stays in the reader.
async fn offered(alice: &Extended, thread: &str, fingerprint: &str) -> Result<String> {
    alice.open_thread(ALICE, thread).await?;
    alice.read(0).await?;
    let page = &alice.page;
    page.see(id("key-offer")).await?;
    page.click(By::Css("[data-testid=\"key-offer\"] summary"))
        .await?;
    let print = grouped(fingerprint);
    page.until("the fingerprint of the offered key", async || {
        let said = page.text(id("key-offer")).await?;
        Ok(said.contains(&print).then_some(said))
    })
    .await
}

/// The letter is the same before and after; what is known of its writer is not.
async fn in_the_text(world: &World, alice: &Extended, holly: &Gpg) -> Result<()> {
    let print = holly.fingerprint().await?;
    let sealed = holly
        .seal(ALICE, &format!("{} by Holly", words::FOREIGN))
        .await?;
    let letter = world.gmail.deliver(from(holly, sealed, Vec::new()));
    opens(alice, ALICE, &letter, words::FOREIGN, "unknown").await?;

    let block = holly.armored_certificate().await?;
    let text = format!("Here is my key.\n\n{block}\nUntil soon.");
    let thread = world.gmail.deliver(from(holly, text, Vec::new()));
    offered(alice, &thread, &print).await?;
    // Seen is not kept.
    opens(alice, ALICE, &letter, words::FOREIGN, "unknown").await?;
    alice.manager("contacts").await?;
    alice.page.see(By::Css("ul.contacts")).await?;
    assert!(!alice.page.shows(contact(HOLLY, "")).await?);

    offered(alice, &thread, &print).await?;
    alice.press("key-keep").await?;
    alice.page.see(id("key-kept")).await?;
    alice.leave().await?;
    opens(alice, ALICE, &letter, words::FOREIGN, "good").await?;
    assert_eq!(alice.contact_fingerprint(HOLLY).await?, print);
    Ok(())
}

/// A letter in MIME that brings the key it is signed by.
async fn inside_the_letter(world: &World, alice: &Extended, ivan: &Gpg) -> Result<()> {
    let print = ivan.fingerprint().await?;
    let entity = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{} by Ivan\r\n--b\r\n\
         Content-Type: application/pgp-keys; name=\"OpenPGP_0x{print}.asc\"\r\n\
         Content-Disposition: attachment; filename=\"OpenPGP_0x{print}.asc\"\r\n\r\n{}\r\n--b--\r\n",
        words::FOREIGN,
        ivan.armored_certificate().await?.replace('\n', "\r\n"),
    );
    let sealed = ivan.seal(ALICE, &entity).await?;
    let files = vec![
        part("noname", "application/pgp-encrypted", "Version: 1\r\n"),
        part("encrypted.asc", "application/octet-stream", &sealed),
    ];
    let thread = world.gmail.deliver(from(ivan, String::new(), files));
    opens(alice, ALICE, &thread, words::FOREIGN, "unknown").await?;
    offered(alice, &thread, &print).await?;
    alice.press("key-keep").await?;
    alice.page.see(id("key-kept")).await?;
    alice.leave().await?;
    opens(alice, ALICE, &thread, words::FOREIGN, "good").await?;
    alice.enter("reader", 0).await?;
    assert!(!alice.page.shows(id("key-offer")).await?);
    assert_eq!(alice.contact_fingerprint(IVAN).await?, print);
    Ok(())
}

/// A click in the mail does not replace the key of somebody known.
async fn another_is_laid_beside(
    world: &World,
    alice: &Extended,
    [holly, other]: [&Gpg; 2],
) -> Result<()> {
    let (old, new) = (holly.fingerprint().await?, other.fingerprint().await?);
    let armored = other.armored_certificate().await?;
    let file = part("holly.asc", "application/pgp-keys", &armored);
    let text = "I have a new key.".to_owned();
    let thread = world.gmail.deliver(from(holly, text, vec![file]));
    let said = offered(alice, &thread, &new).await?;
    assert!(said.contains(&grouped(&old)), "{said}");
    alice.press("key-keep").await?;
    alice
        .page
        .see(id_with("failure", "[data-kind=\"KeyOffered\"]"))
        .await?;
    alice.leave().await?;
    assert_eq!(alice.contact_fingerprint(HOLLY).await?, old);
    let beside = contact(HOLLY, " [data-testid=\"contact-offered\"]");
    let said = alice.page.see(beside).await?.text().await?;
    assert!(said.contains(&grouped(&new)), "{said}");
    Ok(())
}

/// Nothing is sealed to either of two keys, until the person saw both and took one.
async fn compared(world: &World, alice: &Extended, [holly, other]: [&Gpg; 2]) -> Result<()> {
    let page = &alice.page;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    alice.compose(HOLLY).await?;
    let chip = |state: &str| {
        id_with(
            "chip",
            &format!("[data-address=\"{HOLLY}\"][data-state=\"{state}\"]"),
        )
    };
    page.see(chip("key-changed")).await?;
    page.see(id_with("outlook", "[data-state=\"trouble\"]"))
        .await?;
    page.see(id_with("encrypt", "[aria-disabled=\"true\"]"))
        .await?;
    page.click(id("chip-compare")).await?;
    for (name, peer) in [("key-old", holly), ("key-new", other)] {
        page.see(id(name)).await?;
        let shown = page.text(id(name)).await?;
        assert_eq!(shown, grouped(&peer.fingerprint().await?), "{name}");
    }
    accept(alice).await?;
    page.see(chip("ready")).await?;
    let letter = Letter {
        text: &format!("Dear Holly, {}", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, HOLLY).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sealed = &sent.last().context("nothing was sent")?.text;
    let opened = other.open_signed_by(ALICE, sealed.as_bytes()).await?;
    assert!(opened.contains(words::BODY), "{opened}");
    assert!(holly.open(sealed.as_bytes()).await.is_err());
    assert_eq!(
        alice.contact_fingerprint(HOLLY).await?,
        other.fingerprint().await?
    );
    page.open(&address(ALICE)).await
}

/// As a person does it: scrolls to where both keys and the button are in sight at once, and presses.
async fn accept(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    in_sight(alice, id("key-comparison")).await?;
    let button = page
        .see(id_with("key-accept", "[data-guard=\"ready\"]"))
        .await?;
    let clicks = page.driver().action_chain();
    clicks.click_element(&button).perform().await?;
    Ok(())
}
