//! Files of a sealed letter that want to be more than files.

use std::path::Path;

use anyhow::{Context as _, Result};
use extension_tests::gmail::Message;
use letterlock_tests::page::id;

use crate::stage::{ALICE, Stage, TRACKER, from_carol};

/// As the letter names them, and whether they could run something.
const NAMES: &[(&str, bool)] = &[
    ("page.html", true),
    ("picture.svg", true),
    ("../../../escaped.txt", false),
    ("..\\..\\windows.txt", false),
    ("/etc/cron.d/absolute.txt", false),
    ("photo\u{202E}gpj.exe", true),
    ("early\u{0}.txt.html", true),
    ("CON", false),
    ("nul.txt", false),
    (".bashrc", false),
    ("trailing.exe. .", true),
    ("line\nbreak.txt", false),
];

fn content(name: &str) -> String {
    let script = format!(
        "document.title = [location.origin, typeof (globalThis.chrome ?? globalThis.browser)?.runtime?.id].join(' '); \
         fetch('https://{TRACKER}/attachment')"
    );
    if name.contains("svg") {
        format!("<svg xmlns=\"http://www.w3.org/2000/svg\"><script>{script}</script></svg>")
    } else {
        format!("<!doctype html><title>x</title><body>{name:?}<script>{script}</script>")
    }
}

fn entity() -> String {
    let mut text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nFiles\r\n".to_owned();
    for (name, _) in NAMES {
        // RFC 2231: any byte can stand in a name.
        let encoded: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let kind = if name.contains("svg") {
            "image/svg+xml"
        } else {
            "text/html"
        };
        text.push_str(&format!(
            "--b\r\nContent-Type: {kind}\r\nContent-Disposition: attachment; filename*=UTF-8''{encoded}\r\n\r\n{}\r\n",
            content(name)
        ));
    }
    text + "--b--\r\n"
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    let sealed = stage.carol.seal(ALICE, &entity()).await?;
    let mark = stage.web.mark();
    stage
        .open_mail(Message {
            ..from_carol(sealed)
        })
        .await?;
    let windows = page.driver().windows().await?.len();
    page.see(id("attachment")).await?;
    let rows = page.driver().find_all(id("attachment")).await?;
    assert_eq!(rows.len(), NAMES.len());
    for (number, (name, runs)) in NAMES.iter().enumerate() {
        let saved_before = names_in(&alice.downloads)?.len();
        if *runs {
            save(stage, number).await?;
            let warned = thirtyfour::By::Css(format!("{} .file-warning", row(number)));
            page.see(warned).await?;
            let saved = names_in(&alice.downloads)?.len();
            assert_eq!(saved, saved_before, "{name:?} was saved without a word");
        }
        save(stage, number).await?;
        page.until(&format!("{name:?} to be saved"), async || {
            Ok((names_in(&alice.downloads)?.len() > saved_before).then_some(()))
        })
        .await?;
    }
    let saved = names_in(&alice.downloads)?;
    for name in &saved {
        let plain = name
            .chars()
            .all(|c| !c.is_control() && !"/\\\u{202E}".contains(c));
        assert!(
            plain && !name.starts_with('.') && !name.ends_with(['.', ' ']),
            "{name:?}"
        );
        let stem = name
            .split('.')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        assert!(!["con", "nul"].contains(&stem.as_str()), "{name:?}");
    }
    assert!(
        saved.iter().any(|name| name.ends_with("gpj.exe")),
        "{saved:?}"
    );
    let above = alice.downloads.parent().context("no folder above")?;
    for outside in [above, stage.folder.path(), Path::new("/etc/cron.d")] {
        let names = names_in(outside)?;
        assert!(
            !names
                .iter()
                .any(|name| name.contains("escaped") || name.contains("absolute")),
            "{names:?}"
        );
    }
    assert_eq!(
        page.driver().windows().await?.len(),
        windows,
        "saving opened something"
    );
    assert_eq!(stage.tracked(mark), Vec::<String>::new(), "something ran");
    alice.leave().await?;

    // Opened from the folder it runs as any file, and not as a part of the extension.
    let opened = alice.downloads.join("page.html");
    page.open(&format!("file://{}", opened.display())).await?;
    let title = page
        .until("the script of the file", async || {
            let title = page.driver().title().await?;
            Ok((title != "x").then_some(title))
        })
        .await?;
    assert!(
        title.ends_with("undefined") && !title.contains("extension"),
        "{title}"
    );
    Ok(())
}

fn row(number: usize) -> String {
    format!("li.file-item:nth-child({})", number + 1)
}

/// Clicks until the click counts: then the button is busy, or says more.
async fn save(stage: &Stage, number: usize) -> Result<()> {
    let page = &stage.alice.page;
    let button = format!("{} [data-testid=\"attachment-save\"]", row(number));
    stage
        .script_with(
            "const button = document.querySelector(arguments[0]); \
             button.scrollIntoView({ block: 'center', behavior: 'instant' }); window.saves = 0; \
             window.watching?.disconnect(); window.watching = new MutationObserver(() => { window.saves += 1; }); \
             window.watching.observe(button, { attributeFilter: ['disabled'], childList: true, subtree: true, characterData: true })",
            vec![button.clone().into()],
        )
        .await?;
    page.until("the click to count", async || {
        let ready = format!("{button}[data-guard=\"ready\"]:enabled");
        page.driver().find(thirtyfour::By::Css(ready)).await?;
        let at = stage.point("reader", &button).await?;
        stage.click(at).await?;
        stage.enter("reader").await?;
        let counted = stage.script("return window.saves > 0").await?;
        Ok((counted == true).then_some(()))
    })
    .await
}

fn names_in(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    if folder.exists() {
        for entry in std::fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    // A download that is under way has a name of the browser's.
    names.retain(|name| {
        ![".part", ".crdownload"]
            .iter()
            .any(|end| name.ends_with(end))
            && !name.starts_with(".org.chromium")
    });
    Ok(names)
}
