//! Remote content in every form, in a sealed HTML letter; the listener for all names counts.

use anyhow::Result;
use extension_tests::extension;
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::Gpg;
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;

const ALICE: &str = "alice@example.org";

const HTML: &str = r#"Content-Type: text/html; charset=utf-8

<html><head><link rel="preload" as="image" href="https://tracker.test/preload">
<meta http-equiv="refresh" content="0; url=https://tracker.test/refresh">
<style>@import "https://tracker.test/import"; body { background: url(https://tracker.test/css) }</style></head>
<body background="https://tracker.test/background">A letter with ears
<img src="https://tracker.test/img"><img srcset="https://tracker.test/srcset 2x">
<video poster="https://tracker.test/poster"></video><audio src="https://tracker.test/audio" autoplay></audio>
<svg><use href="https://tracker.test/use"/><image href="https://tracker.test/image"/></svg>
<iframe src="https://tracker.test/iframe"></iframe><object data="https://tracker.test/object"></object>
<form action="https://tracker.test/form"><input autofocus></form>
<a href="https://tracker.test/link" ping="https://tracker.test/ping">a link</a>
<script>fetch("https://tracker.test/script")</script>
<img src="https://tracker.test/" onerror="fetch('https://tracker.test/onerror')"></body></html>
"#;

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let mail = Gmail::default();
    web.put(gmail::HOST, mail.clone());
    let carol = Gpg::make(folder.path(), "Carol", "carol@example.org").await?;
    let alice = extension::start(kind, folder.path(), "ears", &web).await?;
    alice.first_run(ALICE, "Alice").await?;
    carol.import(&alice.certificate().await?).await?;
    let thread = mail.deliver(Message {
        from: "carol@example.org".to_owned(),
        to: vec![ALICE.to_owned()],
        text: carol.seal(ALICE, HTML).await?,
        ..Message::default()
    });
    alice.open_thread(ALICE, &thread).await?;
    alice.read(0).await?;
    alice.leave().await?;
    let asked: Vec<_> = web
        .asked()
        .into_iter()
        .filter(|asked| asked.host == "tracker.test")
        .map(|asked| asked.path)
        .collect();
    assert!(asked.is_empty(), "{asked:?}");
    alice.close().await
}
