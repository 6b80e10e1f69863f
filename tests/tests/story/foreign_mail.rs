//! HTML that another program sent.

use anyhow::{Result, ensure};
use letterlock_tests::jmap;
use letterlock_tests::page::{Page, id};
use letterlock_tests::person::{expect_verdict, go_to, read};
use letterlock_tests::tracker::Tracker;
use thirtyfour::By;

use crate::world::{World, words};

/// Everything that a mail could use to call home or to run.
fn hostile(from: &str, to: &str, subject: &str, tracker: &str) -> String {
    format!(
        "From: Newsletter <{from}>\r\nTo: {to}\r\nSubject: {subject}\r\n\
         Date: Sat, 21 Nov 2026 08:00:00 +0000\r\nMessage-ID: <tamed@letterlock.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
         <html><head><meta http-equiv=\"refresh\" content=\"0;url={tracker}/refresh\">\
         <link rel=\"stylesheet\" href=\"{tracker}/style.css\">\
         <style>@import url({tracker}/import.css); p {{ background: url({tracker}/css.png) }}</style>\
         <base href=\"{tracker}/\"></head><body background=\"{tracker}/body.png\">\
         <p id=\"words\">Kind {word} words</p>\
         <img src=\"{tracker}/picture.png\" srcset=\"{tracker}/srcset.png 2x\" width=\"1\" height=\"1\" \
          onerror=\"top.pwned=1\" alt=\"a picture\">\
         <img src=\"x\" onerror=\"parent.pwned=1\">\
         <video src=\"{tracker}/video\" poster=\"{tracker}/poster.png\"></video>\
         <iframe src=\"{tracker}/frame\"></iframe><object data=\"{tracker}/object\"></object>\
         <form action=\"{tracker}/form\"><button>Go</button></form>\
         <svg><image href=\"{tracker}/svg.png\" /><script>top.pwned=1</script></svg>\
         <p style=\"background-image:url({tracker}/inline.png)\">styled</p>\
         <a href=\"javascript:top.pwned=1\">press</a>\
         <script>top.pwned=1; fetch('{tracker}/script')</script>\
         </body></html>\r\n",
        word = words::FOREIGN,
    )
}

pub(crate) async fn html_is_tamed(world: &World, alice: &Page) -> Result<()> {
    let tracker = Tracker::start().await?;
    let subject = format!("News of the {}", words::FOREIGN);
    let (from, to) = (world.bob.address(), world.alice.address());
    let token = world.server.token(&from).await?;
    let raw = hostile(&from, &to, &subject, &tracker.address);
    jmap::send_raw(&world.server.address, &token, &from, &to, raw).await?;

    go_to(alice, "inbox").await?;
    read(alice, &subject).await?;
    expect_verdict(alice, "open", "unsigned").await?;
    inside_frame(alice).await?;
    let pwned = alice
        .driver()
        .execute("return String(window.pwned)", Vec::new())
        .await?;
    ensure!(
        pwned.json().as_str() == Some("undefined"),
        "a mail's script ran"
    );
    ensure!(
        tracker.requests().is_empty(),
        "the mail called home unasked: {:?}",
        tracker.requests()
    );
    alice.picture("html").await?;

    // Asked for, the pictures come: so the silence before was no accident.
    alice.click(id("show-pictures")).await?;
    alice
        .until("the pictures asked for", async || {
            Ok((!tracker.requests().is_empty()).then_some(()))
        })
        .await?;
    let others: Vec<String> = tracker
        .requests()
        .into_iter()
        .filter(|line| !line.contains(".png"))
        .collect();
    ensure!(
        others.is_empty(),
        "more than pictures was loaded: {others:?}"
    );
    Ok(())
}

/// The words are there, and nothing that runs.
async fn inside_frame(page: &Page) -> Result<()> {
    page.until("the words of the mail", async || {
        page.driver().enter_default_frame().await?;
        let frame = page.see(id("message-frame")).await?;
        frame.enter_frame().await?;
        let body = page.driver().find(By::Css("body")).await?;
        Ok(body.text().await?.contains(words::FOREIGN).then_some(()))
    })
    .await?;
    let left = page
        .driver()
        .find_all(By::Css(
            "script, iframe, object, form, meta[http-equiv=refresh], link, base, [onerror], [href^=javascript]",
        ))
        .await?
        .len();
    page.driver().enter_default_frame().await?;
    ensure!(
        left == 0,
        "{left} elements that could run or call home are left"
    );
    Ok(())
}
