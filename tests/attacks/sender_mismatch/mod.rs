//! Good signatures that prove something else than the page says.

use anyhow::{Context as _, Result};
use extension_tests::gmail::Message;
use extension_tests::peers::Gpg;
use letterlock_tests::page::id;

use crate::stage::{ALICE, BOB, CAROL, Stage};

/// Says who sent it, inside the seal.
fn protected(from: &str) -> String {
    format!(
        "Content-Type: text/plain; charset=utf-8; protected-headers=\"v1\"\r\nFrom: {from}\r\n\
         To: {ALICE}\r\nSubject: Inside\r\nDate: Sat, 21 Nov 2026 05:00:00 +0000\r\n\r\nHello\r\n"
    )
}

fn shown_as(name: &str, address: &str, text: String) -> Message {
    Message {
        from: address.to_owned(),
        name: name.to_owned(),
        to: vec![ALICE.to_owned()],
        text,
        ..Message::default()
    }
}

/// The verdict of a message: its state, and its words.
async fn verdict(stage: &Stage, message: Message) -> Result<(String, String)> {
    stage.open_mail(message).await?;
    let line = stage.alice.page.see(id("verdict")).await?;
    let state = line.attr("data-signature").await?.context("no state")?;
    let words = line.text().await?;
    stage.alice.leave().await?;
    Ok((state, words))
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    // The truth, so that the rest says something.
    let honest = stage.bob.seal(ALICE, "From Bob").await?;
    let (state, words) = verdict(stage, shown_as("Bob Example", BOB, honest)).await?;
    assert_eq!(state, "good");
    assert!(words.contains("signed by Bob Example"), "{words}");

    another_key(stage).await?;
    names_that_lie(stage).await
}

async fn another_key(stage: &Stage) -> Result<()> {
    let by_carol = stage.carol.seal(ALICE, "Not from Bob").await?;
    let mime = protected(&format!("Bob Example <{BOB}>"));
    let by_carol_as_bob = stage.carol.seal(ALICE, &mime).await?;
    let true_inside = protected(&format!("Carol Example <{CAROL}>"));
    let carols_own = stage.carol.seal(ALICE, &true_inside).await?;
    for sealed in [by_carol, by_carol_as_bob, carols_own] {
        // The page says Bob: an attacker's From, or a chip that lies.
        let (state, words) = verdict(stage, shown_as("Bob Example", BOB, sealed)).await?;
        assert_eq!(state, "other", "{words}");
        assert!(words.contains("somebody else: Carol Example"), "{words}");
        assert!(!words.contains("Bob"), "{words}");
    }
    // The page shows the true signer, and the letter inside another.
    let (state, words) = verdict(
        stage,
        shown_as(
            "Carol Example",
            CAROL,
            stage.carol.seal(ALICE, &mime).await?,
        ),
    )
    .await?;
    assert!(!words.contains("Bob"), "{state}: {words}");
    Ok(())
}

/// Mallory's key is known as Mallory's; she names herself as she likes.
async fn names_that_lie(stage: &Stage) -> Result<()> {
    let address = "trickster@evil.test";
    let trickster = Gpg::make(stage.folder.path(), BOB, address).await?;
    trickster.import(&stage.alice.certificate().await?).await?;
    stage.know(&trickster.certificate().await?).await?;
    stage.know(&stage.mallory.certificate().await?).await?;
    let mallory = crate::stage::MALLORY;

    // A key whose user id is somebody else's address, then the address.
    for text in [
        "plain".to_owned(),
        protected(&format!("\"{BOB}\" <{address}>")),
    ] {
        let sealed = trickster.seal(ALICE, &text).await?;
        let (state, words) = verdict(stage, shown_as(BOB, address, sealed)).await?;
        assert!(
            words.contains(address) && !words.contains(BOB),
            "{state}: {words}"
        );
    }
    // Names in the protected From that are others' names or addresses.
    for name in [
        "Bob Example",
        "bob example",
        BOB,
        "bob\u{FF20}example.org",
        "\u{202E}bob@example.org",
    ] {
        let sealed = stage
            .mallory
            .seal(ALICE, &protected(&format!("\"{name}\" <{mallory}>")))
            .await?;
        let (state, words) = verdict(stage, shown_as(name, mallory, sealed)).await?;
        let lower = words.to_lowercase();
        assert!(!lower.contains("bob"), "{name}: {state}: {words}");
    }
    // Two addresses: she is one of them, and speaks for no other.
    for from in [
        format!("{BOB}, {mallory}"),
        format!("{mallory}, {BOB}"),
        format!("\"{BOB}\" <{mallory}>, Bob Example <{BOB}>"),
    ] {
        let sealed = stage.mallory.seal(ALICE, &protected(&from)).await?;
        let (state, words) = verdict(stage, shown_as("Bob Example", BOB, sealed)).await?;
        assert_ne!(state, "good", "{from}: {words}");
        assert!(
            !words.to_lowercase().contains("signed by bob"),
            "{from}: {words}"
        );
    }
    Ok(())
}
