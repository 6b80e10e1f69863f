//! Tokens of frames: replayed from where they were not made for, and guessed.

use anyhow::{Context as _, Result};
use extension_tests::frames::{inside, ours};
use extension_tests::gmail;
use extension_tests::person::message_text;
use serde_json::json;
use thirtyfour::By;

use crate::stage::{ALICE, SECRET, Stage, from_carol};

/// Says hello as a frame does, over a line of its own; what came back.
const HELLO: &str = r"
const [token, done] = arguments;
const api = globalThis.browser ?? globalThis.chrome;
const port = api.runtime.connect({ name: 'frame' });
port.onMessage.addListener((message) => { done(JSON.stringify(message)); port.disconnect(); });
port.onDisconnect.addListener(() => done('refused'));
port.postMessage({ id: 1, request: { type: 'hello', token } });
";

/// Whether the background has cut the line of the frame that the window is in.
const GONE: &str = "return (window.wrappedJSObject ?? window).letterlockStart?.gone === true";

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    let sealed = stage
        .carol
        .seal(ALICE, &format!("{SECRET} in a frame"))
        .await?;
    stage.open_mail(from_carol(sealed)).await?;
    assert!(message_text(page).await?.contains(SECRET));
    alice.leave().await?;
    let host = page.see(ours("reader")).await?;
    let frame = inside(page, alice.kind, &host, "iframe").await?;
    let address = frame.attr("src").await?.context("no address")?;
    let token = address
        .split('#')
        .nth(1)
        .and_then(|rest| rest.split(';').next());
    let token = token.context("no token")?.to_owned();
    assert!(token.len() >= 22, "{token}");

    // A second time, from the very frame that it was made for.
    alice.read(0).await?;
    for guess in [
        token.as_str(),
        "",
        "0",
        &token.to_uppercase(),
        &token[..token.len() - 1],
    ] {
        let answer = page
            .driver()
            .execute_async(HELLO, vec![json!(guess)])
            .await?;
        assert_eq!(answer.json(), "refused", "{guess}");
    }
    alice.leave().await?;

    // In another tab: alone, and in a page of the same webmail.
    let own = page.driver().window().await?;
    let tab = page.driver().new_tab().await?;
    page.driver().switch_to_window(tab.clone()).await?;
    page.open(&address).await?;
    refused(stage).await?;
    page.open(&gmail::address(ALICE)).await?;
    in_a_frame(stage, &address).await?;
    page.driver().close_window().await?;
    page.driver().switch_to_window(own).await?;

    // Made up, in its own tab.
    let forged = address.replace(&token, &token.chars().rev().collect::<String>());
    in_a_frame(stage, &forged).await?;
    in_a_frame(stage, address.split('#').next().unwrap_or_default()).await?;

    // None of it has hurt the frame that was there first.
    alice.read(0).await?;
    assert!(message_text(page).await?.contains(SECRET));
    alice.leave().await
}

async fn in_a_frame(stage: &Stage, address: &str) -> Result<()> {
    stage
        .script_with(
            "const frame = document.createElement('iframe'); frame.id = 'forged'; frame.src = arguments[0]; \
             document.getElementById('forged')?.remove(); document.body.prepend(frame)",
            vec![json!(address)],
        )
        .await?;
    let page = &stage.alice.page;
    page.see(By::Id("forged")).await?.enter_frame().await?;
    refused(stage).await?;
    stage.alice.leave().await
}

async fn refused(stage: &Stage) -> Result<()> {
    let page = &stage.alice.page;
    page.until("the end of the frame's line", async || {
        let gone = stage.script(GONE).await?;
        Ok((gone == true).then_some(()))
    })
    .await?;
    let text = stage.script("return document.body.innerText").await?;
    assert_eq!(text, "", "not a line is shown");
    Ok(())
}
