//! A webmail that nobody knows, on a site that the person switched on: plain forms with the
//! fields that a `mailto:` address has, and armored text in its pages.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::peers::Gpg;
use extension_tests::person::{Letter, message_text};
use extension_tests::web::{Asked, Said};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use serde_json::{Value, json};
use thirtyfour::By;

use crate::world::{ALICE, BOB, CAROL, World, words};

const HOST: &str = "webmail.test";

const FIELDS: &str = r#"<label>To <input name="to"></label><label>Cc <input name="cc"></label>
    <label>Bcc <input name="bcc" type="email"></label><label>Subject <input name="subject"></label>"#;

/// The views of the webmail; `sealed` stands where mail stands.
fn main_of(path: &str, sealed: &str) -> Option<String> {
    let form = |name: &str, inner: &str| {
        format!(
            r#"<form data-letter="{name}">{FIELDS}{inner}<button class="send">Send</button></form>"#
        )
    };
    let area = r#"<textarea class="letter" name="body"></textarea>"#;
    Some(match path {
        "/write" => form("one", area),
        "/rich" => form(
            "one",
            r#"<div class="letter" contenteditable="true"></div>"#,
        ),
        "/two" => format!("{}{}", form("one", area), form("two", area)),
        "/read" => format!(
            r#"<article><a href="mailto:{CAROL}">Carol Example</a><pre>Hello
{sealed}Regards</pre></article>"#
        ),
        // An answer with the sealed text quoted in the box: to be sent, not to be opened.
        "/answer" => form(
            "one",
            &format!(
                r#"<textarea class="letter" name="body">{sealed}</textarea><div class="letter" id="rich" contenteditable="true"><pre>{sealed}</pre></div>"#
            ),
        ),
        _ => return None,
    })
}

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = Gpg::make(world.folder.path(), "Carol Example", CAROL).await?;
    world.directory.publish("carol", carol.certificate().await?);
    let bob = Gpg::make(world.folder.path(), "Bob Example", BOB).await?;
    world.directory.publish("bob", bob.certificate().await?);
    let site = format!("https://{HOST}/*");
    let alice = world
        .person("Alice Example", ALICE, &[site.as_str()])
        .await?;
    let certificate = alice.certificate().await?;
    carol.import(&certificate).await?;
    bob.import(&certificate).await?;
    let text = format!("{} from gpg", words::FOREIGN);
    let sealed = carol.seal(ALICE, &text).await?;
    world
        .web
        .put(HOST, move |asked: &Asked| match asked.path.as_str() {
            "/static/probe.js" => {
                Said::body("text/javascript", include_str!("../../pages/probe.js"))
            }
            "/static/plain.js" => {
                Said::body("text/javascript", include_str!("../../pages/plain.js"))
            }
            "/sent" => Said::json(&json!({})),
            path => main_of(path, &sealed).map_or_else(Said::not_found, |main| {
                let page = include_str!("../../pages/plain.html").replace("{{MAIN}}", &main);
                Said::body("text/html; charset=utf-8", page)
            }),
        });
    nothing_before_it_is_switched_on(&alice).await?;
    let request = json!({ "type": "switchSite", "origin": format!("https://{HOST}"), "scan": true, "api": false });
    alice.ask(request).await?;

    read(&alice).await?;
    for path in ["/write", "/rich"] {
        write(&world, &alice, path, &[(CAROL, &carol), (BOB, &bob)]).await?;
    }
    two_boxes(&world, &alice, &carol).await?;
    what_is_written_is_not_opened(&alice).await?;
    world.nothing_was_seen(&alice).await?;
    alice.close().await
}

async fn open(alice: &Extended, path: &str) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.page.open(&format!("https://{HOST}{path}")).await
}

async fn nothing_before_it_is_switched_on(alice: &Extended) -> Result<()> {
    open(alice, "/write").await?;
    alice.page.see(By::Css("textarea.letter")).await?;
    let found = alice
        .page
        .driver()
        .find_all(By::Css("[data-letterlock]"))
        .await?;
    assert!(found.is_empty(), "the page was changed");
    Ok(())
}

async fn read(alice: &Extended) -> Result<()> {
    open(alice, "/read").await?;
    alice.read(0).await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(words::FOREIGN), "{text}");
    alice.leave().await?;
    let readers = alice.page.driver().find_all(ours("reader")).await?;
    assert_eq!(readers.len(), 1, "one message, one reader");
    Ok(())
}

/// What the page sent last.
fn last_sent(world: &World) -> Result<Value> {
    let asked = world.web.asked();
    let sent = asked.iter().rfind(|asked| asked.path == "/sent");
    Ok(serde_json::from_slice(
        &sent.context("nothing was sent")?.body,
    )?)
}

async fn send(alice: &Extended, form: &str) -> Result<()> {
    alice
        .page
        .click(By::Css(format!("form[data-letter={form}] .send")))
        .await?;
    alice.page.see(By::Css("body[data-sent]")).await?;
    Ok(())
}

/// The fields say to whom; only the letter's box has a button, and the searches have none.
async fn write(world: &World, alice: &Extended, path: &str, to: &[(&str, &Gpg)]) -> Result<()> {
    let page = &alice.page;
    open(alice, path).await?;
    for (name, text) in [
        ("to", format!("Carol <{}>", to[0].0)),
        ("bcc", to[1].0.to_owned()),
        ("subject", "Plans".to_owned()),
    ] {
        page.see(By::Css(format!("input[name={name}]")))
            .await?
            .send_keys(text)
            .await?;
    }
    alice.compose_button(0).await?;
    let buttons = page.driver().find_all(ours("button")).await?;
    assert_eq!(buttons.len(), 1, "{path}: a search has a button");
    alice.compose_button(0).await?.click().await?;
    alice.enter("editor", 0).await?;
    let letter = Letter {
        text: &format!("Meet me at {}.", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, to[0].0).await?;
    let ready = format!("[data-address=\"{}\"][data-state=\"ready\"]", to[1].0);
    page.see(id_with("chip", &ready)).await?;
    assert_eq!(page.driver().find_all(id("chip")).await?.len(), 2);
    alice.press("encrypt").await?;
    alice.leave().await?;
    page.gone(ours("editor")).await?;
    send(alice, "one").await?;
    let sent = last_sent(world)?;
    assert_eq!(sent["bcc"], to[1].0);
    let body = sent["body"].as_str().context("no body")?;
    for (_, peer) in to {
        let opened = String::from_utf8(peer.open(body.as_bytes()).await?)?;
        assert!(opened.contains(words::BODY), "{opened}");
    }
    Ok(())
}

/// Each box has its own editor and its own recipients; the other box stays as it was.
async fn two_boxes(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let page = &alice.page;
    open(alice, "/two").await?;
    for (form, to) in [("one", BOB), ("two", CAROL)] {
        page.see(By::Css(format!("form[data-letter={form}] input[name=to]")))
            .await?
            .send_keys(to)
            .await?;
    }
    let untouched = "typed in the first box";
    page.see(By::Css("form[data-letter=one] textarea"))
        .await?
        .send_keys(untouched)
        .await?;
    alice.compose_button(1).await?.click().await?;
    alice.enter("editor", 0).await?;
    let letter = Letter {
        text: &format!("Meet me at {}.", words::REPLY),
        ..Letter::default()
    };
    alice.write(&letter, CAROL).await?;
    assert_eq!(page.driver().find_all(id("chip")).await?.len(), 1);
    alice.press("encrypt").await?;
    alice.leave().await?;
    page.gone(ours("editor")).await?;
    let first = page.see(By::Css("form[data-letter=one] textarea")).await?;
    assert_eq!(first.value().await?.as_deref(), Some(untouched));
    send(alice, "two").await?;
    let sent = last_sent(world)?;
    assert_eq!(sent["form"], "two");
    let body = sent["body"].as_str().context("no body")?;
    let opened = String::from_utf8(carol.open(body.as_bytes()).await?)?;
    assert!(opened.contains(words::REPLY), "{opened}");
    Ok(())
}

/// Armor in a box for writing, plain or rich, is what somebody sends. A reader in its place would
/// be sent instead of it.
async fn what_is_written_is_not_opened(alice: &Extended) -> Result<()> {
    open(alice, "/answer").await?;
    alice.compose_button(1).await?;
    let readers = alice.page.driver().find_all(ours("reader")).await?;
    assert!(readers.is_empty(), "a box for writing was read");
    let held = alice.page.text(By::Id("rich")).await?;
    assert!(held.starts_with("-----BEGIN PGP MESSAGE-----"), "{held}");
    Ok(())
}
