//! A letter that was begun is found again where the page has its own draft of it, also after the
//! page was loaded anew.

use anyhow::Result;
use extension_tests::axe::Axe;
use extension_tests::extension::Extended;
use extension_tests::gmail::address;
use letterlock_tests::page::{id, id_with};
use serde_json::json;
use thirtyfour::By;

use crate::world::ALICE;

const MOVED: &str = "Amberquill";
const ADDED: &str = "Siltlantern";
const MEANWHILE: &str = "Thistlegate";

pub(crate) async fn found_again(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    fresh(alice, "", MOVED).await?;
    let held = alice.written().await?;
    assert!(held.contains(MOVED), "{held}");
    alice.leave().await?;
    // Only now the page has saved a draft, and has a name for the letter.
    let named = page
        .until("the page's own name for its draft", async || {
            let value = page
                .driver()
                .execute(
                    "return document.querySelector('input[name=\"draft\"]').value",
                    Vec::new(),
                )
                .await?;
            let value = value.json().as_str().unwrap_or_default().to_owned();
            Ok((value != "undefined").then_some(value))
        })
        .await?;
    alice.enter("editor", 0).await?;
    alice.body().await?.send_keys(format!(" {ADDED}")).await?;
    kept(alice).await?;
    alice.leave().await?;

    fresh(alice, &named, "").await?;
    let found = alice.written().await?;
    assert!(found.contains(MOVED) && found.contains(ADDED), "{found}");
    alice.leave().await?;

    // What stands in the page's own box is not lost to the kept draft.
    fresh(alice, &named, MEANWHILE).await?;
    let found = alice.written().await?;
    for words in [MOVED, ADDED, MEANWHILE] {
        assert!(found.contains(words), "{words} is lost: {found}");
    }
    alice.leave().await?;

    // Another new letter is not the old one.
    fresh(alice, "", "").await?;
    let found = alice.written().await?;
    assert_eq!(found.trim(), "");
    alice.leave().await?;
    listed(alice).await
}

/// What no page may ever open again stands in the key manager, and can be thrown away there.
async fn listed(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    alice.manager("drafts").await?;
    let moved = format!("//li[@data-testid='draft-card'][contains(., '{MOVED}')]");
    let within = |part: &str| By::XPath(format!("{moved}{part}"));
    let card = page.see(By::XPath(moved.clone())).await?;
    let shown = card.text().await?;
    assert!(
        shown.contains(MEANWHILE) && shown.contains("mail.google.com") && shown.contains(ALICE),
        "{shown}"
    );
    page.picture("drafts").await?;
    let mut axe = Axe::read()?;
    axe.look_twice(alice, "drafts").await?;
    assert!(axe.found.is_empty(), "{}", axe.found.join("\n"));
    page.click(within("//*[@data-testid='draft-discard']"))
        .await?;
    page.click(id("draft-discard-yes")).await?;
    page.gone(By::XPath(moved.clone())).await
}

async fn kept(alice: &Extended) -> Result<()> {
    let kept = id_with("draft-state", "[data-state=\"kept\"]");
    alice.page.see(kept).await?;
    Ok(())
}

/// The page anew, with a compose window in which the page opens its draft of this name, some words
/// in the page's own box, and our editor over it.
async fn fresh(alice: &Extended, draft: &str, typed: &str) -> Result<()> {
    let page = &alice.page;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    page.click(By::Id("compose")).await?;
    let body = page.see(By::Css(".Am.Al.editable")).await?;
    if !draft.is_empty() {
        let name = "document.querySelector('input[name=\"draft\"]').value = arguments[0]";
        page.driver().execute(name, vec![json!(draft)]).await?;
    }
    if !typed.is_empty() {
        body.send_keys(typed).await?;
    }
    alice.compose_button(0).await?.click().await?;
    alice.enter("editor", 0).await?;
    page.see(id("editor")).await?;
    Ok(())
}
