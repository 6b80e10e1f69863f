//! A webmail's container outlives the background; what cannot is told by the API's own code.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::peers::Gpg;
use letterlock_tests::page::id;
use serde_json::{Value, json};

use crate::world::{API_HOST, CAROL};

const BODY: &str = "Velvetharbour";

/// Runs a piece of page code with `mv` and `args`; a failure comes as its code.
const RUN: &str = r"
const [code, args, done] = arguments;
const AsyncFunction = (async () => {}).constructor;
const body = new AsyncFunction('mv', 'args', code);
body(window.mailvelope, args).then(
  (value) => done(JSON.stringify({ value: value === undefined ? null : value })),
  (error) => done(JSON.stringify({ code: error.code ?? String(error) })),
);
";

async fn call(alice: &Extended, code: &str, args: Value) -> Result<Value> {
    let driver = alice.page.driver();
    let answer = driver.execute_async(RUN, vec![json!(code), args]).await?;
    let text = answer.json().as_str().context("no answer")?;
    Ok(serde_json::from_str(text)?)
}

/// The result of a call that was begun before, once there is one.
const SEALING: &str = "return window.sealing";

async fn begin(alice: &Extended) -> Result<()> {
    let begun = call(
        alice,
        "window.sealing = window.editor.encrypt(args); window.sealing.catch(() => {}); return null",
        json!([CAROL]),
    )
    .await?;
    assert_eq!(begun, json!({ "value": null }));
    Ok(())
}

pub(crate) async fn outlives(alice: &Extended, carol: &Gpg) -> Result<()> {
    let page = &alice.page;
    page.open(&format!("https://{API_HOST}/")).await?;
    page.until("the client API", async || {
        let there = "return window.mailvelope !== undefined";
        let there = page.driver().execute(there, Vec::new()).await?;
        Ok((there.json() == &json!(true)).then_some(()))
    })
    .await?;
    let made = call(
        alice,
        "await mv.createKeyring('someone'); window.editor = await mv.createEditorContainer('#editor', await mv.getKeyring('someone')); return null",
        json!(null),
    )
    .await?;
    assert_eq!(made, json!({ "value": null }));
    into_the_frame(alice).await?;
    alice
        .body()
        .await?
        .send_keys(format!("{BODY} for Carol"))
        .await?;
    alice.leave().await?;

    // Idle: the next call finds everything again.
    alice.stop_background().await?;
    begin(alice).await?;
    alice.agree().await?;
    opens(alice, carol).await?;

    // While the person is asked: the page hears of it, and may ask again.
    let moved = "window.editor = await mv.createEditorContainer('#display', await mv.getKeyring('someone'), { predefinedText: args }); document.querySelector('#editor').replaceChildren(); return null";
    call(alice, moved, json!(BODY)).await?;
    begin(alice).await?;
    into_the_frame(alice).await?;
    page.see(id("page-yes")).await?;
    alice.leave().await?;
    alice.stop_background().await?;
    let told = call(alice, SEALING, json!(null)).await?;
    assert_eq!(told, json!({ "code": "NO_CONNECTION" }));
    begin(alice).await?;
    alice.agree().await?;
    opens(alice, carol).await
}

async fn into_the_frame(alice: &Extended) -> Result<()> {
    let frame = alice.page.see(ours("container")).await?;
    frame.enter_frame().await?;
    Ok(())
}

async fn opens(alice: &Extended, carol: &Gpg) -> Result<()> {
    let sealed = call(alice, SEALING, json!(null)).await?;
    let sealed = sealed["value"].as_str().context("it was not sealed")?;
    let opened = String::from_utf8(carol.open(sealed.as_bytes()).await?)?;
    assert!(opened.contains(BODY), "{opened}");
    Ok(())
}
