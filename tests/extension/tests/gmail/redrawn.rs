//! A body that holds armor and nothing else is hidden as it is: what the page does to it afterwards
//! must neither be covered nor disturb a reader that is still right.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::{inside, ours};
use serde_json::Value;

use crate::world::World;

/// How many readers stand in the page.
async fn readers(alice: &Extended, wanted: usize) -> Result<()> {
    alice
        .page
        .until(&format!("{wanted} readers"), async || {
            let found = alice.page.driver().find_all(ours("reader")).await?;
            Ok((found.len() == wanted).then_some(()))
        })
        .await
}

async fn script(alice: &Extended, body: &str) -> Result<Value> {
    let answer = alice.page.driver().execute(body, Vec::new()).await;
    Ok(answer.with_context(|| body.to_owned())?.json().clone())
}

/// The thread is open, with a reader in the place of its one body.
pub(crate) async fn play(world: &World, alice: &Extended, thread: &str) -> Result<()> {
    alice.open_thread(crate::world::ALICE, thread).await?;
    alice.read(0).await?;
    alice.leave().await?;
    let whole = "const body = document.querySelector('.a3s'); \
                 return getComputedStyle(body).display === 'none' && body.children.length > 3 \
                   && body.querySelector('[data-letterlock]') === null";
    assert_eq!(script(alice, whole).await?, true, "it was taken apart");
    // The page's policy allows no style that is written down, and ours is copied.
    let host = alice.page.see(ours("reader")).await?;
    assert_eq!(host.css_value("min-height").await?, "48px");
    let frame = inside(&alice.page, alice.kind, &host, "iframe").await?;
    assert_eq!(frame.css_value("border-top-width").await?, "0px");

    // Gmail puts empty elements behind the text. A second message comes with it, so that the page
    // was surely looked at.
    let add = "document.querySelector('[data-letterlock=reader]').marked = true; \
               const message = document.querySelector('.adn'); \
               const other = message.cloneNode(true); \
               other.querySelector('[data-letterlock]').remove(); \
               other.querySelector('.a3s').removeAttribute('style'); \
               const behind = document.createElement('div'); behind.className = 'yj6qo'; \
               message.querySelector('.a3s').append(behind); \
               message.after(other); return null";
    script(alice, add).await?;
    readers(alice, 2).await?;
    let same = "return document.querySelector('[data-letterlock=reader]').marked === true";
    assert_eq!(script(alice, same).await?, true, "it was placed anew");

    // The page takes a reader away: the message does not stay hidden without it.
    let remove = "document.querySelectorAll('[data-letterlock=reader]')[1].remove(); return null";
    script(alice, remove).await?;
    readers(alice, 2).await?;
    alice.read(1).await?;
    alice.leave().await?;

    // A picture beside the armor stays in sight.
    let picture = "const body = document.querySelectorAll('.a3s')[1]; \
                   const picture = document.createElement('img'); \
                   picture.width = 40; picture.height = 40; \
                   body.prepend(picture); return null";
    script(alice, picture).await?;
    let seen = "const picture = document.querySelector('.a3s img'); \
                return picture.getClientRects().length > 0 \
                  && document.querySelectorAll('.a3s')[1].querySelector('[data-letterlock=reader]') !== null";
    until(alice, "the picture beside a reader", seen).await?;
    readers(alice, 2).await?;

    // Another body in the place of one: the reader goes with what it stood for.
    let body = "const old = document.querySelector('.a3s'); const body = old.cloneNode(false); \
                body.removeAttribute('style'); body.textContent = 'Another still.'; \
                old.replaceWith(body); return null";
    script(alice, body).await?;
    readers(alice, 1).await?;
    alice.open_thread(crate::world::ALICE, thread).await?;
    readers(alice, 1).await?;

    // Other words in the same place are the page's, and seen.
    let words =
        "document.querySelector('.a3s').replaceChildren('Nothing secret here.'); return null";
    script(alice, words).await?;
    readers(alice, 0).await?;
    let shown = "return document.querySelector('.a3s').innerText === 'Nothing secret here.' \
                   && document.querySelector('.a3s').getClientRects().length > 0";
    until(alice, "the page's new words", shown).await?;
    world.nothing_was_seen(alice).await
}

async fn until(alice: &Extended, what: &str, condition: &str) -> Result<()> {
    alice
        .page
        .until(what, async || {
            Ok((script(alice, condition).await? == true).then_some(()))
        })
        .await
}
