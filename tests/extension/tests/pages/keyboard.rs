//! Without a mouse.

use anyhow::{Context as _, Result, bail};
use extension_tests::axe::Axe;
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::address;
use extension_tests::peers::Gpg;
use letterlock_tests::page::{id, id_with};
use thirtyfour::{By, Key};

use crate::access;
use crate::world::{ALICE, CAROL, World};

const BODY: &str = "Velvetharbour";

/// What has the focus: its test id or name, and whether anything shows that. Where the input itself
/// cannot be seen, what stands beside or around it is drawn for it.
const FOCUSED: &str = r"
const at = document.activeElement;
if (!at || at === document.body) return null;
const draws = (element) => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
};
const near = [at, at.parentElement];
for (let next = at.nextElementSibling; next; next = next.nextElementSibling) near.push(next);
const name = at.dataset.testid ?? `${at.localName} ${at.id} ${at.textContent.slice(0, 20)}`;
return [name, near.some(draws), at.closest('dialog')?.dataset.testid ?? ''];
";

fn key(key: Key) -> String {
    char::from(key).to_string()
}

struct Focused {
    name: String,
    is_seen: bool,
    dialog: String,
}

async fn focused(alice: &Extended) -> Result<Option<Focused>> {
    let found = alice.page.driver().execute(FOCUSED, Vec::new()).await?;
    let found = found.json();
    Ok(found[0].as_str().map(|name| Focused {
        name: name.to_owned(),
        is_seen: found[1] == true,
        dialog: found[2].as_str().unwrap_or_default().to_owned(),
    }))
}

/// From nothing to the first opened letter; returns the passphrase.
pub(crate) async fn first_run(alice: &Extended, axe: &mut Axe) -> Result<String> {
    let page = &alice.page;
    page.open("about:blank").await?;
    alice.own("welcome.html").await?;
    page.see(id("address")).await?;
    // Every step begins where one types or reads.
    page.until("the focus in the address", async || {
        let now = focused(alice).await?;
        Ok(now.filter(|now| now.name == "address").map(drop))
    })
    .await?;
    axe.look_twice(alice, "first run, address").await?;
    page.press(ALICE).await?;
    page.press(key(Key::Tab)).await?;
    page.press("Alice Example").await?;
    page.press(key(Key::Enter)).await?;
    page.see(id("drawn-passphrase")).await?;
    axe.look_twice(alice, "first run, passphrase").await?;
    let drawn = page.text(id("drawn-passphrase")).await?;
    let passphrase = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
    page.press(&passphrase).await?;
    page.press(key(Key::Enter)).await?;
    page.see(id("create")).await?;
    axe.look_twice(alice, "first run, picture").await?;
    page.tab_to("create").await?;
    page.press(key(Key::Enter)).await?;
    page.see(id_with("welcome", "[data-step=\"done\"]")).await?;
    page.see(id("open-letter")).await?;
    page.tab_to("open-letter").await?;
    page.press(key(Key::Enter)).await?;
    page.see(id("opened-letter")).await?;
    axe.look_twice(alice, "first run, done").await?;
    Ok(passphrase)
}

/// Walks through a page: each stop of Tab is drawn.
pub(crate) async fn focus_is_seen(alice: &Extended, place: &str) -> Result<()> {
    let mut stops = Vec::new();
    for _ in 0..80 {
        alice.page.press(key(Key::Tab)).await?;
        let Some(now) = focused(alice).await? else {
            break;
        };
        if stops.contains(&now.name) {
            continue;
        }
        if !now.is_seen {
            bail!("{place}: nothing shows that {} has the focus", now.name);
        }
        stops.push(now.name);
    }
    if stops.is_empty() {
        bail!("{place}: Tab leads nowhere");
    }
    Ok(())
}

/// A dialog keeps the focus, closes on Escape, and gives it back.
pub(crate) async fn dialog(alice: &Extended, dialog: &str, opener: &str) -> Result<()> {
    let page = &alice.page;
    for _ in 0..12 {
        page.press(key(Key::Tab)).await?;
        // Beyond the dialog there is only the browser's own.
        if let Some(now) = focused(alice).await?
            && now.dialog != dialog
        {
            bail!("the focus left {dialog} for {}", now.name);
        }
    }
    page.see(id("dialog-close")).await?.focus().await?;
    page.press(key(Key::Escape)).await?;
    page.gone(id(dialog)).await?;
    page.until("the focus where it was", async || {
        let now = focused(alice).await?;
        Ok(now.filter(|now| now.name == opener).map(drop))
    })
    .await
}

/// Types the passphrase where the focus is.
pub(crate) async fn unlock(alice: &Extended, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    alice.manager("locked").await?;
    page.until("the focus in the passphrase", async || {
        let now = focused(alice).await?;
        Ok(now.filter(|now| now.name == "passphrase").map(drop))
    })
    .await?;
    page.press("not the passphrase").await?;
    page.press(key(Key::Enter)).await?;
    let told = page.see(id("passphrase-fault")).await?;
    // It is read aloud: a live region holds it.
    let region = told.find(By::XPath("ancestor::*[@aria-live]")).await?;
    region.text().await?;
    page.driver()
        .find(id("passphrase"))
        .await?
        .send_keys(Key::Control + "a")
        .await?;
    page.press(passphrase).await?;
    page.press(key(Key::Enter)).await?;
    page.see(id_with("manager", "[data-route=\"keys\"]"))
        .await?;
    Ok(())
}

/// Writes and seals a letter in the page's compose window.
pub(crate) async fn letter(
    alice: &Extended,
    axe: &mut Axe,
    carol: &Gpg,
    world: &World,
) -> Result<()> {
    let page = &alice.page;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    page.click(By::Id("compose")).await?;
    page.see(By::Css("[peoplekit-id=\"to\"]"))
        .await?
        .send_keys(format!("{CAROL},"))
        .await?;
    page.see(ours("button")).await?;
    alice.tab_to_compose_button().await?;
    page.press(" ").await?;
    alice.enter("editor", 0).await?;
    let ready = format!("[data-address=\"{CAROL}\"][data-state=\"ready\"]");
    page.see(id_with("chip", &ready)).await?;
    access::editor(alice, axe, "editor").await?;
    page.tab_to("body").await?;
    page.press(format!("Dear Carol, {BODY}")).await?;
    page.tab_to("encrypt").await?;
    page.see(id_with("encrypt", "[data-guard=\"ready\"]"))
        .await?;
    let now = focused(alice).await?.context("nothing has the focus")?;
    assert!(now.is_seen, "nothing shows the focus on {}", now.name);
    page.press(key(Key::Enter)).await?;
    alice.leave().await?;
    page.gone(ours("editor")).await?;
    page.click(By::Css(".T-I-atl")).await?;
    page.gone(By::Css(".T-I-atl")).await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    let opened = String::from_utf8(carol.open(sent.text.as_bytes()).await?)?;
    assert!(opened.contains(BODY), "{opened}");
    Ok(())
}
