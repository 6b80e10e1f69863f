//! Foreign ciphertext as a draft of the client API, and in a draft that the page keeps.

use anyhow::{Context as _, Result};
use extension_tests::frames::ours;
use extension_tests::gmail;
use letterlock_tests::page::id;
use serde_json::json;
use thirtyfour::By;

use crate::stage::{ALICE, BOB, CAROL, SECRET, Stage};

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    of_the_client_api(stage).await?;
    of_the_page(stage).await
}

/// Opens an editor with a draft and tells what stands in it, or that it failed.
async fn opened(stage: &Stage, keyring: &str, draft: &str) -> Result<String> {
    stage.open_webmail().await?;
    stage
        .value(
            "const [name, armoredDraft] = args; \
             const keyring = await mv.getKeyring(name).catch(() => mv.createKeyring(name)); \
             window.editor = await mv.createEditorContainer('#editor', keyring, { armoredDraft }); return null",
            json!([keyring, draft]),
        )
        .await?;
    let page = &stage.alice.page;
    page.see(ours("container")).await?.enter_frame().await?;
    page.until("the editor or its failure", async || {
        let there = page.shows(id("editor")).await? || page.shows(id("frame-failed")).await?;
        Ok(there.then_some(()))
    })
    .await?;
    let text = stage
        .script(
            "return document.body.innerText + [...document.querySelectorAll('textarea, input, [contenteditable]')] \
             .map((field) => field.value ?? field.innerText).join(' ')",
        )
        .await?;
    stage.alice.leave().await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

async fn of_the_client_api(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    // What the page may have: letters of others, sealed to Alice, and her own, sealed and signed.
    // Carol's is made to look like a draft as far as anybody but Alice can make it.
    let likely = json!({
        "subject": "", "hideSubject": false, "text": format!("{SECRET} of Carol's"), "html": null,
        "sign": false, "encrypt": true, "files": [],
    });
    let foreign = stage.carol.seal(ALICE, &likely.to_string()).await?;
    stage.open_webmail().await?;
    stage
        .value("window.editor = await mv.createEditorContainer('#editor', await mv.getKeyring('').catch(() => null)); return null", json!(null))
        .await?;
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    alice
        .body()
        .await?
        .send_keys(format!("{SECRET} of Alice's"))
        .await?;
    alice.leave().await?;
    let sealed = asked(stage, "encrypt(args)", json!([ALICE, BOB])).await?;
    // A draft is sealed to the person: it asks no more.
    let draft = stage
        .value("return window.editor.createDraft()", json!(null))
        .await?;
    let draft = draft.as_str().context("no draft")?.to_owned();

    // The control: a draft is opened again where it was made.
    let text = opened(stage, "", &draft).await?;
    assert!(text.contains(SECRET), "{text}");

    // In the sealed part: before it lie the keys for several subkeys, of which one is enough.
    let from = draft.len() * 4 / 5;
    let late = draft[from..]
        .find(|c: char| c.is_ascii_lowercase())
        .context("no letter")?
        + from;
    let other = draft[late..=late].to_uppercase();
    let changed = format!("{}{other}{}", &draft[..late], &draft[late + 1..]);
    for (what, keyring, armor) in [
        ("a foreign letter", "", foreign.as_str()),
        ("an own letter", "", sealed.as_str()),
        ("a draft of another keyring", "other", draft.as_str()),
        ("a changed draft", "", changed.as_str()),
        (
            "a foreign letter in another keyring",
            "other",
            foreign.as_str(),
        ),
    ] {
        let text = opened(stage, keyring, armor).await?;
        assert!(!text.contains(SECRET), "{what}: {text}");
        alice
            .page
            .see(ours("container"))
            .await?
            .enter_frame()
            .await?;
        alice.page.see(id("frame-failed")).await?;
        alice.leave().await?;
        // Nothing comes of asking for it, either.
        let told = stage
            .value(
                "const told = []; const note = (value) => told.push(value), drop = () => {}; \
                 window.editor.encrypt([args]).then(note, drop); window.editor.createDraft().then(note, drop); \
                 await mv.getKeyring(); await mv.getKeyring(); return told",
                json!(CAROL),
            )
            .await?;
        assert_eq!(told, json!([]), "{what}");
    }
    stage.nothing_leaked().await
}

/// Asks the editor for something, and lets the page have it.
async fn asked(stage: &Stage, call: &str, args: serde_json::Value) -> Result<String> {
    stage
        .value(
            &format!("window.asking = window.editor.{call}; return null"),
            args,
        )
        .await?;
    stage.alice.agree().await?;
    let text = stage.value("return window.asking", json!(null)).await?;
    Ok(text.as_str().context("no armor")?.to_owned())
}

/// A draft that the page keeps holds somebody's ciphertext: the editor takes it for the text it is.
async fn of_the_page(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    let foreign = stage
        .carol
        .seal(ALICE, &format!("{SECRET} of Carol's"))
        .await?;
    page.open("about:blank").await?;
    page.open(&gmail::address(ALICE)).await?;
    page.click(By::Id("compose")).await?;
    page.see(By::Css(".editable")).await?;
    stage
        .script_with(
            "const box = document.querySelector('.editable'); box.textContent = arguments[0]; \
             document.querySelector('input[name=\"draft\"]').value = '#msg-a:r77'",
            vec![json!(foreign)],
        )
        .await?;
    alice.compose_button(0).await?.click().await?;
    alice.enter("editor", 0).await?;
    page.see(id("editor")).await?;
    let body = alice.body().await?;
    let typed = format!("{:?} {}", body.value().await?, body.text().await?);
    assert!(!typed.contains(SECRET), "{typed}");
    let shown = stage.script("return document.body.innerText").await?;
    assert!(!shown.to_string().contains(SECRET), "{shown}");
    stage.nothing_leaked().await
}
