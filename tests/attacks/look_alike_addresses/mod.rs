//! Mallory writes from an address that looks like Bob's, and would like to be answered.

use anyhow::Result;
use extension_tests::gmail::{Message, address};
use letterlock_tests::page::{id, id_with};

use crate::stage::{ALICE, BOB, Stage};

/// With the Cyrillic letter in the place of the first `a` of the domain or of the name.
const DOMAIN: &str = "bob@ex\u{430}mple.org";
const LOCAL: &str = "b\u{43e}b@example.org";
/// As machines compare the first one.
const ENCODED: &str = "xn--exmple-4nf.org";

fn shown_as(from: &str, text: String) -> Message {
    Message {
        from: from.to_owned(),
        name: "Bob Example".to_owned(),
        to: vec![ALICE.to_owned()],
        text,
        ..Message::default()
    }
}

/// What is said above a message; nothing, where nothing is.
async fn said(stage: &Stage, message: Message) -> Result<Vec<String>> {
    stage.open_mail(message).await?;
    let page = &stage.alice.page;
    page.see(id_with("reader", "[data-state=\"open\"]")).await?;
    let mut said = Vec::new();
    for note in page.driver().find_all(id("look-alike")).await? {
        said.push(note.text().await?);
    }
    stage.alice.leave().await?;
    Ok(said)
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let honest = stage.bob.seal(ALICE, "From Bob").await?;
    let nothing = said(stage, shown_as(BOB, honest)).await?;
    assert!(nothing.is_empty(), "{nothing:?}");
    as_sender(stage).await?;
    as_recipient(stage).await
}

async fn as_sender(stage: &Stage) -> Result<()> {
    let sealed = stage.mallory.seal(ALICE, "It is me, Bob").await?;
    let encoded = format!("bob@{ENCODED}");
    for from in [DOMAIN, LOCAL, &encoded] {
        let notes = said(stage, shown_as(from, sealed.clone())).await?;
        let [note] = &notes[..] else {
            anyhow::bail!("{from}: {notes:?}");
        };
        let shown = if from == LOCAL { LOCAL } else { &encoded };
        assert!(note.contains(shown), "{from}: {note}");
        let letter = ["U+0430", "U+043E", "xn--"];
        assert!(letter.iter().any(|one| note.contains(one)), "{note}");
        assert!(!note.contains(DOMAIN), "{from}: {note}");
    }
    Ok(())
}

async fn as_recipient(stage: &Stage) -> Result<()> {
    let (alice, page) = (&stage.alice, &stage.alice.page);
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    alice.compose(DOMAIN).await?;
    let note = page.see(id("look-alike")).await?.text().await?;
    page.picture("look-alike").await?;
    assert!(note.contains(ENCODED) && !note.contains(DOMAIN), "{note}");
    // Whom the letter does not go to is not warned of.
    page.click(id("chip-remove")).await?;
    page.gone(id("look-alike")).await?;
    alice.leave().await
}
