//! A page frames our frames with tokens of its own invention.

use anyhow::{Context as _, Result, ensure};
use extension_tests::extension;
use extension_tests::gmail;
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use serde_json::json;
use thirtyfour::By;

const PUT: &str = r"
const [origin, done] = arguments;
window.heard = [];
window.addEventListener('message', (event) => window.heard.push(String(event.data)));
const frames = ['frame.html#guessed;light', 'frame.html', 'frame-elsewhere.html#;dark'];
Promise.all(frames.map((file) => new Promise((resolve) => {
  const frame = document.createElement('iframe');
  frame.addEventListener('load', resolve, { once: true });
  frame.src = `${origin}/${file}`;
  document.body.append(frame);
  setTimeout(resolve, 3000);
}))).then(() => setTimeout(() => done(window.heard.length), 1500));
";

/// Whether the program has run, and what is to be seen.
const LOOK: &str = r"
return JSON.stringify([
  document.body?.innerText ?? '',
  document.querySelectorAll('#app *').length,
  location.protocol,
])";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let page = |_: &Asked| Said::body("text/html", "<!doctype html><title>A page</title><body>");
    web.put("stranger.test", page);
    // Where the browser loads our frames at all, and the page has no policy against it.
    web.put(gmail::HOST, page);
    let alice = extension::start(kind, folder.path(), "elsewhere", &web).await?;
    alice.first_run("alice@example.org", "Alice").await?;
    let mut ours = 0;
    for host in ["stranger.test", gmail::HOST] {
        alice.page.open(&format!("https://{host}/")).await?;
        let driver = alice.page.driver();
        let heard = driver.execute_async(PUT, vec![json!(alice.origin)]).await?;
        ensure!(heard.json() == 0, "{host} heard something");
        for frame in driver.find_all(By::Css("iframe")).await? {
            frame.enter_frame().await?;
            let seen = driver.execute(LOOK, Vec::new()).await?;
            let seen = seen.json().as_str().context("no answer")?.to_owned();
            driver.enter_default_frame().await?;
            if seen.contains("-extension:") {
                ours += 1;
                ensure!(seen.starts_with("[\"\",0,"), "{host} shows {seen}");
            }
        }
    }
    ensure!(ours > 0, "no frame of ours was loaded anywhere");
    alice.close().await
}
