//! Sites, switched on and off by clicking; the popup over them; settings that stay.

use anyhow::Result;
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::address;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{ALICE, API_HOST};

fn card(origin: &str) -> String {
    format!("[data-testid=\"site-card\"][data-origin=\"{origin}\"]")
}

/// Gmail is left alone while it is off; another webmail is added and may call.
pub(crate) async fn switches(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    let gmail = card("https://mail.google.com");
    alice.manager("sites").await?;
    alice.switch(&gmail, "card-scan", false).await?;
    compose(alice).await?;
    // The page is whole, and the content script was told before: nothing of ours comes.
    alice.manager("sites").await?;
    alice.switch(&gmail, "card-scan", true).await?;
    compose(alice).await?;
    alice.compose_button(0).await?;
    the_popup_over_it(alice).await?;

    alice.manager("sites").await?;
    page.fill("site", "not a host").await?;
    page.click(id("site-add")).await?;
    page.see(id("site-fault")).await?;
    page.fill("site", API_HOST).await?;
    page.click(id("site-add")).await?;
    let webmail = card(&format!("https://{API_HOST}"));
    page.see(By::Css(webmail.clone())).await?;
    alice.switch(&webmail, "card-api", true).await?;
    // What it says is what it remembers.
    alice.manager("sites").await?;
    alice.switch(&webmail, "card-api", true).await
}

async fn compose(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    page.click(By::Id("compose")).await?;
    page.see(By::Css("[peoplekit-id=\"to\"]")).await?;
    Ok(())
}

/// On a mail site the popup says so and switches it; on a page without mail it says that.
async fn the_popup_over_it(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    let driver = page.driver();
    let gmail = driver.window().await?;
    let tab = alice.tab_beside("manager.html").await?;
    alice.popup(Some(tab), "unlocked").await?;
    let here = "[data-origin=\"https://mail.google.com\"]";
    page.see(id_with(
        "this-site",
        &format!("{here}[data-state=\"scan\"]"),
    ))
    .await?;
    alice.switch("", "site-scan", false).await?;
    page.see(id_with("this-site", &format!("{here}[data-state=\"off\"]")))
        .await?;
    let popup = driver.window().await?;
    // The open page lets go of what it had, without being loaded again.
    driver.switch_to_window(gmail.clone()).await?;
    page.gone(ours("button")).await?;
    driver.switch_to_window(popup).await?;
    alice.switch("", "site-scan", true).await?;
    page.see(id_with(
        "this-site",
        &format!("{here}[data-state=\"scan\"]"),
    ))
    .await?;
    // About itself: a page without mail.
    alice.popup(None, "unlocked").await?;
    page.see(id("no-site")).await?;
    driver.close_window().await?;
    driver.switch_to_window(gmail).await?;
    page.see(ours("button")).await?;
    Ok(())
}

/// Chosen before the browser is closed.
pub(crate) async fn settings(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    alice.manager("settings").await?;
    alice.switch("", "set-hide-subject", false).await?;
    alice.switch("", "set-rich", true).await?;
    let minutes = "[data-testid=\"lock-after\"] option[value=\"60\"]";
    page.click(By::Css(minutes)).await?;
    page.see(By::Css(".saved .done")).await?;
    // Read again from where it is kept.
    alice.manager("settings").await?;
    settings_are_kept(alice).await
}

/// They are what was chosen.
pub(crate) async fn settings_are_kept(alice: &Extended) -> Result<()> {
    let page = &alice.page;
    alice.manager("settings").await?;
    page.see(id("lock-after")).await?;
    for (name, is_on) in [
        ("set-hide-subject", false),
        ("set-rich", true),
        ("set-sign", true),
    ] {
        let found = page.driver().find(id(name)).await?;
        assert_eq!(found.is_selected().await?, is_on, "{name}");
    }
    let minutes = page.driver().find(id("lock-after")).await?.value().await?;
    assert_eq!(minutes.as_deref(), Some("60"));
    alice.manager("sites").await?;
    let webmail = card(&format!("https://{API_HOST}"));
    let api = By::Css(format!("{webmail} [data-testid=\"card-api\"]"));
    page.until("the added site", async || {
        Ok(page
            .driver()
            .find(api.clone())
            .await?
            .is_selected()
            .await?
            .then_some(()))
    })
    .await
}
