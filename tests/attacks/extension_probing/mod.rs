//! Every likely file of the extension, asked for by a page that it knows nothing of.

use anyhow::Result;
use letterlock_tests::browser::Kind;
use serde_json::json;
use thirtyfour::By;

use crate::stage::{STRANGER, Stage, WEBMAIL};

const PROBE: &str = r"
const [origin, done] = arguments;
const files = ['frame.html', 'frame-elsewhere.html', 'popup.html', 'manager.html', 'welcome.html',
  'unlock.html', 'message.html', 'message-remote.html', 'message-elsewhere.html',
  'message-remote-elsewhere.html', 'content.js', 'api-page.js', 'rules.json', 'manifest.json',
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

/// What a page may try with the browser's own interface, with the true id in hand.
const CONNECT: &str = r"
const [id, done] = arguments;
const tried = [];
for (const api of [globalThis.chrome, globalThis.browser]) {
  for (const name of ['page', 'frame', 'content', 'anything']) {
    try {
      const port = api.runtime.connect(id, { name });
      port.onMessage.addListener((message) => tried.push(['answered', name, JSON.stringify(message)]));
      port.postMessage({ id: 1, request: { type: 'status' } });
      port.onDisconnect.addListener(() => {});
    } catch {
      continue;
    }
  }
  try {
    api.runtime.sendMessage(id, { type: 'connect' }, (answer) => {
      if (answer !== undefined) tried.push(['sent', JSON.stringify(answer)]);
    });
  } catch {
    continue;
  }
}
// As often as a round trip to any extension would take.
let rounds = 0;
const channel = new MessageChannel();
channel.port1.onmessage = () => {
  rounds += 1;
  if (rounds > 2000) done(JSON.stringify(tried));
  else channel.port2.postMessage(0);
};
channel.port2.postMessage(0);
";

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    page.open(&format!("https://{STRANGER}/")).await?;
    let origin = json!(alice.origin);
    let driver = page.driver();
    let answer = driver.execute_async(PROBE, vec![origin]).await?;
    // Firefox's random host stands in for the dynamic address there: a page cannot know it.
    if alice.kind == Kind::Chromium {
        assert_eq!(answer.json(), "[[],\"undefined\",0]");
    } else {
        let text = answer.json().as_str().unwrap_or_default().to_owned();
        assert!(text.ends_with("\"undefined\",0]"), "{text}");
    }
    for host in [STRANGER, WEBMAIL] {
        page.open(&format!("https://{host}/")).await?;
        connect(stage).await?;
        framed(stage).await?;
    }
    Ok(())
}

async fn connect(stage: &Stage) -> Result<()> {
    let id = stage.alice.origin.rsplit('/').next().unwrap_or_default();
    for id in [id, "{6f0f7c1e-3a52-4c0b-9b7e-0d1c5e2f7a44}"] {
        let driver = stage.alice.page.driver();
        let answer = driver.execute_async(CONNECT, vec![json!(id)]).await?;
        assert_eq!(answer.json(), "[]");
    }
    Ok(())
}

/// Pages that may ask what a person may ask are shown in no page's frame and window.
async fn framed(stage: &Stage) -> Result<()> {
    let page = &stage.alice.page;
    for file in [
        "manager.html",
        "unlock.html",
        "popup.html",
        "welcome.html",
        "message.html",
        "webmail.html",
    ] {
        let address = format!("{}/{file}", stage.alice.origin);
        stage
            .script_with(
                "const frame = document.createElement('iframe'); frame.id = 'caught'; \
                 frame.src = arguments[0]; document.body.replaceChildren(frame); \
                 try { window.open(arguments[0], 'caught-window'); } catch { return null; }",
                vec![json!(address)],
            )
            .await?;
        let frame = page.see(By::Id("caught")).await?;
        frame.enter_frame().await?;
        let inside = stage
            .script("return [location.href, document.querySelectorAll('[data-testid]').length, globalThis.chrome?.runtime?.id ?? null]")
            .await;
        // A frame that the browser refused may not even run the question.
        if let Ok(inside) = inside {
            assert_eq!(inside[1], 0, "{file}: {inside}");
        }
        stage.alice.leave().await?;
        let own = page.driver().window().await?;
        for other in page.driver().windows().await? {
            if other == own {
                continue;
            }
            page.driver().switch_to_window(other).await?;
            // The address bar may name what was refused; what stands there is the browser's page.
            let inside = stage
                .script("return [location.protocol, globalThis.chrome?.runtime?.id ?? globalThis.browser?.runtime?.id ?? null]")
                .await;
            if let Ok(inside) = inside {
                let told = inside.to_string();
                assert!(
                    !told.contains("extension:") && inside[1].is_null(),
                    "{file} was opened: {told}"
                );
            }
            page.driver().close_window().await?;
        }
        page.driver().switch_to_window(own).await?;
    }
    Ok(())
}
