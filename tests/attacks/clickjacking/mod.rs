//! Clicks on our buttons while the page plays tricks with the frame.

mod tricks;

use anyhow::{Context as _, Result};
use extension_tests::gmail;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use serde_json::json;
use thirtyfour::By;

use crate::stage::{ALICE, CAROL, SECRET, Stage, from_carol};
use tricks::{CLICKS, TRICKS, Trick};

/// A button of ours and what must not happen.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Target {
    /// Lets the page have the letter in its container.
    PageYes,
    /// Seals a letter into the page's compose window.
    Encrypt,
    /// Quotes a sealed letter into an editor.
    Reply,
}

impl Target {
    fn button(self) -> &'static str {
        match self {
            Self::PageYes => "page-yes",
            Self::Encrypt => "encrypt",
            Self::Reply => "reply",
        }
    }

    /// The element of ours that stands in the page.
    fn role(self) -> &'static str {
        match self {
            Self::PageYes => "container",
            Self::Encrypt => "editor",
            Self::Reply => "reader",
        }
    }

    async fn enter(self, stage: &Stage) -> Result<()> {
        let page = &stage.alice.page;
        page.until("our frame", async || {
            stage.enter(self.role()).await.map(Some)
        })
        .await
    }

    /// Whether the click has done its work.
    async fn is_done(self, stage: &Stage) -> Result<bool> {
        stage.alice.leave().await?;
        let code = match self {
            Self::PageYes => "return window.outcome !== null",
            Self::Encrypt => {
                "return document.querySelector('.editable').textContent.includes('BEGIN PGP')"
            }
            Self::Reply => {
                "return document.querySelector('.AO, [data-letterlock=\"editor\"]') !== null"
            }
        };
        Ok(stage.script(code).await? == true)
    }
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    page_yes(stage).await?;
    reply(stage).await?;
    encrypt(stage).await?;
    Ok(())
}

async fn page_yes(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    stage.open_webmail().await?;
    stage
        .value(
            "window.editor = await mv.createEditorContainer('#editor')",
            json!(null),
        )
        .await?;
    Target::PageYes.enter(stage).await?;
    alice
        .body()
        .await?
        .send_keys(format!("{SECRET} for Carol"))
        .await?;
    alice.leave().await?;
    stage
        .value(
            "window.outcome = null; window.editor.encrypt(args).then((text) => { window.outcome = text; }, (error) => { window.outcome = error.code; })",
            json!([CAROL]),
        )
        .await?;
    every_trick(stage, Target::PageYes).await?;
    let outcome = stage.script("return window.outcome").await?;
    assert!(
        outcome.to_string().contains("BEGIN PGP MESSAGE"),
        "{outcome}"
    );
    stage.nothing_leaked().await
}

async fn reply(stage: &Stage) -> Result<()> {
    let sealed = stage
        .carol
        .seal(ALICE, &format!("{SECRET} to be quoted"))
        .await?;
    stage.open_mail(from_carol(sealed)).await?;
    every_trick(stage, Target::Reply).await
}

async fn encrypt(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    alice.page.open("about:blank").await?;
    alice.page.open(&gmail::address(ALICE)).await?;
    alice.compose(CAROL).await?;
    let letter = extension_tests::person::Letter {
        text: SECRET,
        ..Default::default()
    };
    alice.write(&letter, CAROL).await?;
    if alice.kind == Kind::Chromium {
        names_covered(stage).await?;
    }
    every_trick(stage, Target::Encrypt).await
}

/// The button is in sight, and only the line that says for whom it seals is not. Firefox cannot
/// tell what is covered.
async fn names_covered(stage: &Stage) -> Result<()> {
    let target = Target::Encrypt;
    ready(stage, target).await?;
    let (x, y) = stage.point(target.role(), "#outlook").await?;
    let cover = "const [x, y] = arguments; const cover = document.createElement('div'); \
                 cover.id = 'cover'; document.body.append(cover); \
                 Object.assign(cover.style, { position: 'fixed', left: `${x - 20}px`, top: `${y - 4}px`, \
                   width: '40px', height: '8px', background: 'white', zIndex: 2147483647 })";
    stage.script_with(cover, vec![json!(x), json!(y)]).await?;
    guarded(stage, target, "covered").await?;
    let at = point(stage, target).await?;
    stage.click(at).await?;
    assert!(!target.is_done(stage).await?, "the names were not seen");
    target.enter(stage).await?;
    let page = &stage.alice.page;
    let warned = page.text(By::ClassName("covered")).await?;
    stage.alice.leave().await?;
    stage
        .script("document.querySelector('#cover').remove()")
        .await?;
    target.enter(stage).await?;
    // Whoever was warned hears when the click would count.
    page.until("other words", async || {
        let words = page.text(By::ClassName("covered")).await?;
        Ok((words != warned).then_some(()))
    })
    .await?;
    stage.alice.leave().await
}

async fn every_trick(stage: &Stage, target: Target) -> Result<()> {
    let kind = stage.alice.kind;
    for trick in TRICKS
        .iter()
        .filter(|trick| trick.in_firefox || kind == Kind::Chromium)
    {
        attempt(stage, target, trick).await.context(trick.name)?;
        assert!(
            !target.is_done(stage).await?,
            "{target:?}: {} in {kind:?}",
            trick.name
        );
    }
    by_programs(stage, target).await?;
    assert!(
        !target.is_done(stage).await?,
        "{target:?}: made by a program"
    );
    // The same click where nothing is wrong.
    ready(stage, target).await?;
    let at = point(stage, target).await?;
    stage.click(at).await?;
    stage
        .alice
        .page
        .until(&format!("the honest click on {target:?}"), async || {
            Ok(target.is_done(stage).await?.then_some(()))
        })
        .await
}

/// Lays the trick, clicks where the button then is, and takes the trick away again.
async fn attempt(stage: &Stage, target: Target, trick: &Trick) -> Result<()> {
    ready(stage, target).await?;
    stage.alice.leave().await?;
    let lay = format!("{}\n{}", tricks::HELPERS, trick.lay);
    let host = json!(format!("[data-letterlock=\"{}\"]", target.role()));
    if trick.is_sudden {
        // The frame is put under the pointer by the first of two clicks.
        let (x, y) = point(stage, target).await?;
        let args = vec![host.clone(), json!(x), json!(y)];
        stage.script_with(&lay, args).await?;
        if trick.hides {
            guarded(stage, target, "covered").await?;
        }
        stage.alice.leave().await?;
        tricks::twice(stage, x, y).await?;
    } else {
        let before = point(stage, target).await?;
        let args = vec![host.clone()];
        stage.script_with(&lay, args).await?;
        guarded(stage, target, "covered").await?;
        let (x, y) = point(stage, target).await?;
        let in_window = stage
            .script_with(
                "const [x, y] = arguments; return x >= 0 && y >= 0 && x < innerWidth && y < innerHeight",
                vec![json!(x), json!(y)],
            )
            .await?;
        // What has left the window is clicked at where it was.
        let at = if in_window == true { (x, y) } else { before };
        stage.click(at).await?;
    }
    let done = target.is_done(stage).await?;
    stage
        .script_with(&format!("{}\nlift();", tricks::HELPERS), vec![host])
        .await?;
    assert!(!done, "{target:?}: {}", trick.name);
    Ok(())
}

/// What no person does: events by script, in the frame and on it.
async fn by_programs(stage: &Stage, target: Target) -> Result<()> {
    ready(stage, target).await?;
    stage
        .script_with(CLICKS, vec![json!(target.button())])
        .await?;
    stage.alice.leave().await?;
    stage
        .script_with(
            "const host = document.querySelector(arguments[0]); \
             for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click']) { \
               host.dispatchEvent(new MouseEvent(kind, { bubbles: true, composed: true, detail: 1, clientX: 40, clientY: 40 })); } \
             host.click(); host.focus(); \
             host.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true }))",
            vec![json!(format!("[data-letterlock=\"{}\"]", target.role()))],
        )
        .await?;
    Ok(())
}

async fn ready(stage: &Stage, target: Target) -> Result<()> {
    stage.alice.leave().await?;
    let host = json!(format!("[data-letterlock=\"{}\"]", target.role()));
    stage
        .script_with(
            "document.querySelector(arguments[0]).scrollIntoView({ block: 'center', behavior: 'instant' })",
            vec![host],
        )
        .await?;
    target.enter(stage).await?;
    let page = &stage.alice.page;
    page.see(id(target.button())).await?;
    stage
        .script_with(
            "document.querySelector(`[data-testid=\"${arguments[0]}\"]`).scrollIntoView({ block: 'nearest', behavior: 'instant' })",
            vec![json!(target.button())],
        )
        .await?;
    page.see(id_with(target.button(), "[data-guard=\"ready\"]"))
        .await?;
    Ok(())
}

/// Waits until the button's own judgement is this.
async fn guarded(stage: &Stage, target: Target, state: &str) -> Result<()> {
    // The element of a hidden frame cannot be scrolled to, nor be seen.
    stage
        .alice
        .page
        .until(&format!("{target:?} to be {state}"), async || {
            stage.enter(target.role()).await?;
            let button = stage.alice.page.driver().find(id(target.button())).await?;
            let found = button.attr("data-guard").await?;
            Ok((found.as_deref() == Some(state)).then_some(()))
        })
        .await
}

/// Where the middle of the button is in the window.
async fn point(stage: &Stage, target: Target) -> Result<(i64, i64)> {
    let button = format!("[data-testid=\"{}\"]", target.button());
    stage.point(target.role(), &button).await
}
