//! The end of the client API in an open page: the page hears of it, and nothing of ours stays.

use anyhow::Result;
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id;
use serde_json::{Value, json};

use crate::calls::{ask_beside, code, enter, value};

/// The page waits for the person in an editor, and listens.
async fn waiting(alice: &Extended) -> Result<()> {
    value(
        alice,
        "document.querySelector('#editor').replaceChildren();
        window.ends = [];
        window.addEventListener('mailvelope-disconnect', (event) => window.ends.push(event.detail.version));
        window.editor = await mv.createEditorContainer('#editor', await mv.getKeyring());
        window.end = window.editor.createDraft();
        window.end.catch(() => undefined);
        return null",
        json!(null),
    )
    .await?;
    enter(alice).await?;
    alice.page.see(id("page-yes")).await?;
    alice.leave().await
}

/// Everything has ended, and the page was told once.
async fn ended(alice: &Extended) -> Result<()> {
    told(alice).await?;
    alice.page.gone(ours("container")).await
}

async fn told(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    let version = value(alice, "return mv.getVersion()", json!(null)).await?;
    page.until("mailvelope-disconnect", async || {
        let heard = page
            .driver()
            .execute("return window.ends", Vec::new())
            .await?;
        let heard: &Value = heard.json();
        Ok((*heard == json!([version])).then_some(()))
    })
    .await?;
    for call in [
        "return window.end",
        "return mv.getKeyring()",
        "return window.editor.createDraft()",
        "return mv.createDisplayContainer('#display', '-----BEGIN PGP MESSAGE-----')",
    ] {
        assert_eq!(
            code(alice, call, json!(null)).await?,
            "NO_CONNECTION",
            "{call}"
        );
    }
    let ends = value(alice, "return window.ends.length", json!(null)).await?;
    assert_eq!(ends, 1, "told again for what was asked later");
    Ok(())
}

/// The person takes the site's approval back.
pub(crate) async fn by_the_person(alice: &Extended, origin: &str) -> Result<()> {
    waiting(alice).await?;
    ask_beside(alice, json!({ "type": "removeSite", "origin": origin })).await?;
    ended(alice).await
}

/// The extension is loaded anew under the page, as an update does.
pub(crate) async fn by_an_update(alice: &Extended) -> Result<()> {
    let driver = alice.page.driver();
    waiting(alice).await?;
    let webmail = driver.window().await?;
    let beside = driver.new_tab().await?;
    driver.switch_to_window(beside).await?;
    alice.own("manager.html").await?;
    // This tab goes with the extension, so nobody may be there to answer.
    let _ = alice.with_api("api.runtime.reload()", Value::Null).await;
    driver.switch_to_window(webmail).await?;
    if alice.kind == Kind::Firefox {
        // The content script is taken away there without a word. What had been heard before, and
        // waits, ends all the same; nobody takes the empty frame away.
        let waits = "return window.end";
        assert_eq!(code(alice, waits, json!(null)).await?, "NO_CONNECTION");
        return told(alice).await;
    }
    ended(alice).await
}
