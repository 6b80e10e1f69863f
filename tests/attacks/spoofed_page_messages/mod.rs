//! A page that was never approved shouts into its own window what the two halves of the client API
//! say to each other, and dispatches it as events: no answer comes, and no container appears.

use anyhow::Result;
use extension_tests::extension;
use extension_tests::frames::ours;
use extension_tests::gmail::{self, Gmail};
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;

const SHOUT: &str = r"
const done = arguments[0];
const heard = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = (event) => heard.push(event.data);
window.postMessage({ type: 'letterlock-api-hello' }, location.origin, [port2]);
for (const event of ['decrypt', 'getKeyring', 'display', 'insert', 'welcome', 'api']) {
  window.postMessage({ type: event, event, mvelo_client: true, id: 1 }, location.origin);
  document.dispatchEvent(new CustomEvent(event, { detail: { id: 1 } }));
}
port1.postMessage({ id: 1, call: { method: 'getKeyring', fields: { keyring: '' } } });
setTimeout(() => done(JSON.stringify([heard.length, typeof window.mailvelope])), 1500);
";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    web.put(gmail::HOST, Gmail::default());
    let alice = extension::start(kind, folder.path(), "spoof", &web).await?;
    alice.first_run("alice@example.org", "Alice").await?;
    alice
        .page
        .open(&gmail::address("alice@example.org"))
        .await?;
    let answer = alice.page.driver().execute_async(SHOUT, Vec::new()).await?;
    assert_eq!(answer.json(), "[0,\"undefined\"]");
    assert!(!alice.page.shows(ours("container")).await?);
    alice.close().await
}
