//! A look-alike of the verdict line in sealed HTML by a stranger. Where everything stands is
//! measured inside the frame and in the page, and a picture is taken to be looked at.

use anyhow::{Context as _, Result};
use extension_tests::frames::ours;
use extension_tests::gmail::Message;
use letterlock_tests::page::id_with;

use crate::stage::{ALICE, BOB, Stage, html_entity};

const LIE: &str = "signed by Bob Example";

/// The line as the extension draws it, in every way that might lift it out of the letter.
fn letter() -> String {
    let line = format!(
        "<section class=\"verdict is-good\" data-testid=\"verdict\" data-signature=\"good\"><div class=\"verdict-bar\">\
         <button class=\"verdict-line\">Sealed {LIE} verified in person</button></div></section>"
    );
    let lifted = [
        "position:fixed;top:0;left:0;right:0;z-index:2147483647;background:#fff",
        "position:absolute;top:-80px;left:0",
        "margin-top:-400px",
        "margin:-400px 0 0 -50px;background-color:#ffffff",
        "transform:translateY(-300px)",
        "translate:0 -300px",
        "inset:-200px auto auto 0;position:sticky",
        "top:-90px;position:relative",
        "float:left;height:0;line-height:0;margin-block-start:-9in",
        "width:99999px;height:3000px;min-width:99999px",
        "text-indent:-99999px",
        "letter-spacing:-200px;line-height:-3",
        "padding-top:-400px;border-top:-400px solid",
        "vertical-align:9000px",
        "font-size:900px",
        "zoom:0.01",
    ];
    let mut html = format!(
        "<base target=\"_top\" href=\"https://tracker.test/\">\
         <style>html,body{{margin-top:-500px!important;position:fixed;top:-500px}} section{{position:fixed;top:0}}</style>\
         <body style=\"margin-top:-500px;position:absolute\">{line}"
    );
    for style in lifted {
        html.push_str(&format!("<div style=\"{style}\">{line}</div><table style=\"{style}\"><tr><td style=\"{style}\">{line}</td></tr></table>"));
    }
    html.push_str(&format!("<dialog open style=\"top:0\">{line}</dialog><div popover=manual>{line}</div><details open><summary>{line}</summary></details>"));
    html
}

/// In the reader's frame: where line and letter stand, what lies at the line's place, what the
/// letter's own elements reach.
const MEASURE: &str = r#"
const line = document.querySelector('[data-testid="verdict"]');
const frame = document.querySelector('[data-testid="message-frame"]');
const at = line.getBoundingClientRect();
const letter = frame.getBoundingClientRect();
const covered = [];
for (const x of [0.02, 0.25, 0.5, 0.75, 0.98]) {
  for (const y of [0.1, 0.5, 0.9]) {
    const hit = document.elementFromPoint(at.left + at.width * x, at.top + at.height * y);
    if (hit === null || !line.contains(hit)) covered.push([x, y, hit?.outerHTML.slice(0, 80)]);
  }
}
const inner = frame.contentDocument;
const above = [...inner.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().bottom < -1);
return {
  lines: document.querySelectorAll('[data-testid="verdict"]').length,
  text: line.innerText,
  signature: line.dataset.signature,
  marks: line.querySelectorAll('[data-testid="mark"]').length,
  lineTop: at.top, lineBottom: at.bottom, lineHeight: at.height, letterTop: letter.top,
  scrolled: document.scrollingElement.scrollTop, innerScrolled: inner.scrollingElement.scrollTop,
  covered,
  above: above.map((one) => one.outerHTML.slice(0, 80)),
  lies: inner.body.innerText.includes('signed by Bob Example'),
  tops: inner.body.querySelectorAll('[target="_top"], base, style, dialog, [popover]').length,
  width: document.scrollingElement.scrollWidth - document.documentElement.clientWidth,
};
"#;

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let sealed = stage.mallory.seal(ALICE, &html_entity(&letter())).await?;
    stage
        .open_mail(Message {
            from: BOB.to_owned(),
            name: "Bob Example".to_owned(),
            to: vec![ALICE.to_owned()],
            text: sealed,
            ..Message::default()
        })
        .await?;
    let page = &alice.page;
    let measured = page
        .until("the letter's own look-alike", async || {
            let measured = stage.script(MEASURE).await?;
            Ok((measured["lies"] == true).then_some(measured))
        })
        .await?;
    assert_eq!(measured["lines"], 1, "{measured}");
    assert_eq!(measured["signature"], "unknown", "{measured}");
    assert_eq!(measured["marks"], 1, "{measured}");
    let text = measured["text"].as_str().context("no text")?;
    assert!(
        text.contains("signed by an unknown key") && !text.contains("Bob"),
        "{text}"
    );
    let number = |name: &str| measured[name].as_f64().unwrap_or(f64::NAN);
    assert!(
        number("lineTop") >= 0.0 && number("lineHeight") > 20.0,
        "{measured}"
    );
    assert!(number("letterTop") >= number("lineBottom"), "{measured}");
    assert_eq!(number("scrolled"), 0.0, "{measured}");
    assert_eq!(number("innerScrolled"), 0.0, "{measured}");
    for nothing in ["covered", "above"] {
        assert_eq!(
            measured[nothing].as_array().map(Vec::len),
            Some(0),
            "{measured}"
        );
    }
    assert_eq!(measured["tops"], 0, "{measured}");
    assert!(number("width") <= 0.0, "{measured}");
    page.see(id_with("reader", "[data-signature=\"unknown\"]"))
        .await?;

    // In the page: what stands at the line's place is our element and nothing else.
    alice.leave().await?;
    let host = page.see(ours("reader")).await?;
    host.scroll_into_view().await?;
    let at_line = stage
        .script_with(
            "const host = document.querySelector('[data-letterlock=\"reader\"]'); \
             host.scrollIntoView(); const at = host.getBoundingClientRect(); \
             return document.elementFromPoint(at.left + at.width / 2, at.top + arguments[0]) === host",
            vec![(number("lineTop") + number("lineHeight") / 2.0).into()],
        )
        .await?;
    assert_eq!(at_line, true, "something lies over our frame");
    page.picture("badge-spoofing").await?;
    Ok(())
}
