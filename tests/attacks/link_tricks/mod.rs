//! What is shown of a link, and what a click on it does. A click opens a question, never a page.

use anyhow::{Context as _, Result};
use extension_tests::web::Asked;
use letterlock_tests::page::id;
use thirtyfour::By;

use crate::stage::{ALICE, Stage, from_carol, html_entity, page};

/// A link of HTML mail and the host that the question must name; none: it is no link at all.
const LINKS: &[(&str, Option<&str>)] = &[
    (
        "<a href=\"https://stranger.test/login\">https://bank.example.org/login</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"https://bank.example.org@stranger.test/\">bank.example.org</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"https://bank.example.org%2F@stranger.test:8443/\">bank</a>",
        Some("stranger.test:8443"),
    ),
    (
        "<a href=\"https://аррӏе.test/\">apple.test</a>",
        Some("xn--80ak6aa92e.test"),
    ),
    (
        "<a href=\"https://stranger.test/\u{202E}gro.knab\">\u{202E}gro.elpmaxe.knab//:sptth</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"hTTps:\\\\stranger.test\\x\">x</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"https://stranger.test/\" target=\"_top\" rel=\"opener\" onclick=\"this.href='https://tracker.test/onclick'\">top</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"https://stranger.test/\" target=\"_self\" download ping=\"https://tracker.test/ping\">self</a>",
        Some("stranger.test"),
    ),
    (
        "<a href=\"javascript:top.location='https://tracker.test/js'\">script</a>",
        None,
    ),
    ("<a href=\" java\tscript:alert(1)\">script</a>", None),
    (
        "<a href=\"data:text/html,<script>fetch('https://tracker.test/data')</script>\">data</a>",
        None,
    ),
    ("<a href=\"vbscript:msgbox(1)\">vb</a>", None),
    ("<a href=\"blob:https://stranger.test/1\">blob</a>", None),
    ("<a href=\"manager.html\">settings</a>", None),
    (
        "<a href=\"chrome-extension://x/manager.html\">settings</a>",
        None,
    ),
    (
        "<a href=\"moz-extension://x/manager.html\">settings</a>",
        None,
    ),
    ("<a href=\"//stranger.test/\">without a scheme</a>", None),
    (
        "<svg><a xlink:href=\"https://tracker.test/svg\"><text>svg</text></a></svg>",
        None,
    ),
    (
        "<map name=m><area href=\"https://tracker.test/area\" shape=default></map><img usemap=\"#m\" src=\"data:image/gif;base64,R0lGODlhAQABAAAAACw=\">",
        None,
    ),
    (
        "<form action=\"https://tracker.test/form\"><button>send</button></form>",
        None,
    ),
];

/// The address as it was written, and whether it shows where it leads.
const PLAIN: &[(&str, bool)] = &[
    ("https://stranger.test/a?b=c#d", true),
    ("https://bank.example.org@stranger.test/", false),
    ("https://аррӏе.test/", false),
    ("https://stranger.test/\u{202E}gro.knab", false),
    ("https://stranger.test/\u{200B}x", false),
    ("javascript:alert(1)", false),
    ("data:text/html,x", false),
];

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    stage.web.put(crate::stage::STRANGER, |_: &Asked| {
        page("A stranger", "<p>Who opened me?</p>")
    });
    in_html(stage).await?;
    in_plain_text(stage).await
}

async fn in_html(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    let html: String = LINKS
        .iter()
        .enumerate()
        .map(|(number, (link, _))| format!("<p>Link {number}: {link}</p>"))
        .collect();
    let sealed = stage.carol.seal(ALICE, &html_entity(&html)).await?;
    let mark = stage.web.mark();
    stage.open_mail(from_carol(sealed)).await?;
    let windows = page.driver().windows().await?.len();
    page.see(id("message-frame")).await?;
    for (number, (link, host)) in LINKS.iter().enumerate() {
        // A click by hand of whatever the paragraph holds; `click()` on an element of a document
        // without scripts does what a person's click does.
        let clicked = page
            .until("the link", async || {
                let found = stage
                    .script_with(
                        "const inner = document.querySelector('[data-testid=\"message-frame\"]').contentDocument; \
                         const line = [...inner.querySelectorAll('p')].find((one) => one.textContent.startsWith(`Link ${arguments[0]}:`)); \
                         if (line === undefined) return null; \
                         const link = line.querySelector('a, area, button, img'); \
                         const block = link ?? line; \
                         block.click(); \
                         return { href: link?.getAttribute('href') ?? null, target: link?.target ?? null, rel: link?.rel ?? null }",
                        vec![number.into()],
                    )
                    .await?;
                Ok((!found.is_null()).then_some(found))
            })
            .await?;
        match host {
            None => {
                assert!(clicked["href"].is_null(), "{link} is a link: {clicked}");
                assert!(!page.shows(id("link-dialog")).await?, "{link} asks");
            }
            Some(host) => {
                let dialog = page.see(id("link-dialog")).await?;
                let told = dialog.text().await?;
                assert!(
                    told.contains(&format!("It leads to {host}.")) || told.contains(host),
                    "{link}: {told}"
                );
                assert!(!told.contains('\u{202E}'), "{link}: {told}");
                let open = page.see(id("link-open")).await?;
                let address = open.attr("href").await?.context("no address")?;
                let target = page.text(id("link-target")).await?;
                assert_eq!(address, target, "{link}");
                assert!(address.is_ascii(), "{link}: {address}");
                assert_eq!(open.attr("target").await?.as_deref(), Some("_blank"));
                let rel = open.attr("rel").await?.unwrap_or_default();
                assert!(
                    rel.contains("noopener") && rel.contains("noreferrer"),
                    "{rel}"
                );
                stage
                    .script("document.querySelector('[data-testid=\"link-cancel\"]').click()")
                    .await?;
                page.gone(id("link-dialog")).await?;
            }
        }
    }
    assert_eq!(
        page.driver().windows().await?.len(),
        windows,
        "a click opened a page"
    );
    assert_eq!(stage.tracked(mark), Vec::<String>::new());
    let strangers = stage.web.since(mark);
    assert!(
        !strangers
            .iter()
            .any(|asked| asked.host == crate::stage::STRANGER),
        "{strangers:?}"
    );

    // With the person's word: a window that knows nothing of where it was opened.
    stage
        .script(
            "document.querySelector('[data-testid=\"message-frame\"]').contentDocument.querySelector('a').click()",
        )
        .await?;
    page.see(id("link-open")).await?;
    // Scrolled to by hand: only a person's click opens a window.
    let open = "[data-testid=\"link-open\"]";
    stage
        .script("document.querySelector('[data-testid=\"link-open\"]').scrollIntoView({ block: 'center', behavior: 'instant' })")
        .await?;
    let at = stage.point("reader", open).await?;
    stage.click(at).await?;
    let before = page.driver().window().await?;
    page.until("the opened page", async || {
        Ok((page.driver().windows().await?.len() > windows).then_some(()))
    })
    .await?;
    for window in page.driver().windows().await? {
        if window == before {
            continue;
        }
        page.driver().switch_to_window(window).await?;
        page.see(By::Css("p")).await?;
        let known = stage
            .script("return [window.opener, document.referrer]")
            .await?;
        assert_eq!(known, serde_json::json!([null, ""]));
    }
    page.driver().switch_to_window(before).await?;
    alice.only_window().await
}

async fn in_plain_text(stage: &Stage) -> Result<()> {
    let text: String = PLAIN
        .iter()
        .map(|(address, _)| format!("{address}\n\n"))
        .collect();
    let sealed = stage.carol.seal(ALICE, &text).await?;
    stage.open_mail(from_carol(sealed)).await?;
    let message = stage.alice.page.see(id("message-text")).await?;
    let mut links = Vec::new();
    for link in message.find_all(By::Css("a")).await? {
        links.push((
            link.text().await?,
            link.attr("href").await?.unwrap_or_default(),
        ));
    }
    for (words, href) in &links {
        assert_eq!(
            words, href,
            "a link shows something else than where it leads"
        );
    }
    let expected: Vec<_> = PLAIN
        .iter()
        .filter(|(_, is_plain)| *is_plain)
        .map(|(address, _)| ((*address).to_owned(), (*address).to_owned()))
        .collect();
    assert_eq!(links, expected);
    stage.alice.leave().await
}
