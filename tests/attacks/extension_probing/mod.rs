//! Fetching every likely file of the extension from a page that it knows nothing of.

use anyhow::Result;
use extension_tests::extension;
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use serde_json::json;

const PROBE: &str = r"
const [origin, done] = arguments;
const files = ['frame.html', 'frame-elsewhere.html', 'popup.html', 'manager.html', 'welcome.html',
  'unlock.html', 'message.html', 'content.js', 'api-page.js', 'rules.json', 'manifest.json',
  'icons/locked-16.png', 'webmail.html'];
Promise.all(files.map(async (file) => {
  try {
    const response = await fetch(`${origin}/${file}`);
    return response.ok ? file : null;
  } catch {
    return null;
  }
})).then((found) => done(JSON.stringify([
  found.filter((file) => file !== null),
  typeof window.mailvelope,
  document.querySelectorAll('[data-letterlock]').length,
])));
";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    web.put("stranger.test", |_: &Asked| {
        Said::body(
            "text/html",
            "<!doctype html><title>A stranger</title><textarea></textarea>",
        )
    });
    let alice = extension::start(kind, folder.path(), "probe", &web).await?;
    alice.first_run("alice@example.org", "Alice").await?;
    alice.page.open("https://stranger.test/").await?;
    let origin = json!(alice.origin);
    let answer = alice
        .page
        .driver()
        .execute_async(PROBE, vec![origin])
        .await?;
    // Firefox's random host stands in for the dynamic address there: a page cannot know it.
    if kind == Kind::Chromium {
        assert_eq!(answer.json(), "[[],\"undefined\",0]");
    } else {
        assert!(
            answer
                .json()
                .as_str()
                .is_some_and(|text| text.ends_with("\"undefined\",0]"))
        );
    }
    alice.close().await
}
