//! From a press of "Encrypt" to the armor in the page's own box.

use anyhow::{Context, Result, ensure};
use letterlock_tests::page::{id, id_with};
use serde_json::json;

use crate::stage::{BOB, Stage, What, ask, between, number, open_inbox, words};

const LETTER: usize = 20_000;
const ENCRYPT: What = ("encrypt 20 KB: press to armor in the page", "ms", None);

/// Puts text where a person types, and has the frame tell the page when its button is pressed: the
/// press, because Chromium loses what a frame says of the click with which it goes away.
const FILL: &str = r#"
const [text, top] = arguments;
const place = document.querySelector('[data-testid="body"],[data-testid="body-rich"]');
if ('value' in place) place.value = text;
else place.innerText = text;
place.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText', data: text }));
document.addEventListener('pointerdown', (event) => {
  if (event.target.closest('[data-testid="encrypt"]') === null) return;
  window.top.postMessage({ letterlockClicked: performance.timeOrigin + event.timeStamp }, top);
}, { capture: true });
"#;

/// Writes letters.
///
/// # Errors
///
/// When one does not come into the page.
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<()> {
    for index in 0..stage.arguments.opened {
        let sample = write(stage, index)
            .await
            .with_context(|| format!("letter {index}"))?;
        stage.add(ENCRYPT, sample);
    }
    Ok(())
}

async fn write(stage: &Stage<'_>, index: usize) -> Result<f64> {
    let alice = &stage.alice;
    let page = &alice.page;
    open_inbox(page).await?;
    alice.compose(BOB).await?;
    page.see(id("editor")).await?;
    let ready = format!("[data-address=\"{BOB}\"][data-state=\"ready\"]");
    page.see(id_with("chip", &ready)).await?;
    alice.body().await?;
    page.driver()
        .execute(
            FILL,
            vec![
                json!(words(LETTER, index)),
                json!("https://mail.google.com"),
            ],
        )
        .await?;
    alice.leave().await?;
    ask(page, "measure.expectArmor(); return null;").await?;
    alice.enter("editor", 0).await?;
    alice.press("encrypt").await?;
    alice.leave().await?;
    let found = ask(page, "return await measure.armor();").await?;
    let length = number(&found, "length")?;
    ensure!(length > LETTER as f64, "the armor has {length} characters");
    between(&found, "clicked", "at")
}
