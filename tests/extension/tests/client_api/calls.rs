//! What a page asks, in its own words: pieces of its code, and what comes of them.

use anyhow::{Context as _, Result, bail};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use letterlock_tests::page::{id, id_with};
use serde_json::{Value, json};

/// Runs a piece of page code with `mv` and `args`; a failure comes as its code.
const RUN: &str = r"
const [code, args, done] = arguments;
const AsyncFunction = (async () => {}).constructor;
const body = new AsyncFunction('mv', 'args', code);
setTimeout(() => done(JSON.stringify({ code: 'NO_END', message: document.body.innerHTML })), 40000);
body(window.mailvelope, args).then(
  (value) => done(JSON.stringify({ value: value === undefined ? null : value })),
  (error) => done(JSON.stringify({ code: error.code ?? null, message: String(error) })),
);
";

/// What came of it: `value`, or `code` and `message`.
pub(crate) async fn call(alice: &Extended, code: &str, args: Value) -> Result<Value> {
    let answer = alice
        .page
        .driver()
        .execute_async(RUN, vec![json!(code), args])
        .await?;
    Ok(serde_json::from_str(
        answer.json().as_str().context("no answer")?,
    )?)
}

/// The value, for it must not fail.
pub(crate) async fn value(alice: &Extended, code: &str, args: Value) -> Result<Value> {
    let answer = call(alice, code, args).await?;
    match answer.get("value") {
        Some(value) => Ok(value.clone()),
        None => bail!("{code} failed: {answer}"),
    }
}

/// The error code, for it must fail.
pub(crate) async fn code(alice: &Extended, code: &str, args: Value) -> Result<String> {
    let answer = call(alice, code, args).await?;
    match answer["code"].as_str() {
        Some(found) => Ok(found.to_owned()),
        None => bail!("{code} has no error code: {answer}"),
    }
}

/// Goes into the page's one container.
pub(crate) async fn enter(alice: &Extended) -> Result<()> {
    let container = alice.page.see(ours("container")).await?;
    container.enter_frame().await?;
    Ok(())
}

/// Presses a button in the page's one container.
pub(crate) async fn press_inside(alice: &Extended, button: &str) -> Result<()> {
    enter(alice).await?;
    alice.press(button).await?;
    alice.leave().await
}

/// Gives the page what it asked for in its one container, which stays.
pub(crate) async fn give(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    enter(alice).await?;
    alice.press("page-yes").await?;
    // A click is not taken when the question moved under it: the button then waits anew.
    let ready = id_with("page-yes", "[data-guard=\"ready\"]");
    page.until("the end of the question", async || {
        for button in page.driver().find_all(ready.clone()).await? {
            button.click().await?;
        }
        Ok((!page.shows(id("page-yes")).await?).then_some(()))
    })
    .await?;
    alice.leave().await
}

/// Asks the background in another tab what our own pages may ask: this page stays as it is.
pub(crate) async fn ask_beside(alice: &Extended, request: Value) -> Result<Value> {
    let driver = alice.page.driver();
    let own = driver.window().await?;
    let beside = driver.new_tab().await?;
    driver.switch_to_window(beside).await?;
    let answer = alice.ask(request).await?;
    driver.close_window().await?;
    driver.switch_to_window(own).await?;
    Ok(answer)
}
