//! Shouting into windows what the two halves of the client API say to each other.

use anyhow::Result;
use extension_tests::frames::ours;
use extension_tests::gmail;
use extension_tests::web::Asked;
use serde_json::json;
use thirtyfour::By;

use crate::stage::{ALICE, STRANGER, Stage, WEBMAIL, from_carol, page};

/// Says hello with a channel to some window, and everything else that anybody says. What comes
/// back over the channel lies in `heard`.
const SHOUT: &str = r"
const [at, origin] = arguments;
const to = { self: window, parent: window.parent, opener: window.opener }[at];
window.heard = [];
const { port1, port2 } = new MessageChannel();
port1.onmessage = (event) => window.heard.push(event.data);
to.postMessage({ type: 'letterlock-api-hello' }, origin, [port2]);
for (const event of ['decrypt', 'getKeyring', 'display', 'insert', 'welcome', 'api', '_reply']) {
  to.postMessage({ type: event, event, mvelo_client: true, mvelo_extension: true, id: 1, _reply: 1 }, origin);
  document.dispatchEvent(new CustomEvent(event, { detail: { id: 1 } }));
}
port1.postMessage({ id: 1, call: { method: 'getKeyring', fields: { keyring: '' } } });
";

/// Many turns of the page's loop, where nothing of ours is there to wait for.
const TURNS: &str = r"
const done = arguments[0];
let turns = 0;
const { port1, port2 } = new MessageChannel();
port1.onmessage = () => {
  turns += 1;
  if (turns > 3000) done(true);
  else port2.postMessage(0);
};
port2.postMessage(0);
";

async fn shout(stage: &Stage, at: &str, origin: &str) -> Result<()> {
    let args = vec![json!(at), json!(origin)];
    stage.script_with(SHOUT, args).await?;
    Ok(())
}

async fn heard(stage: &Stage) -> Result<String> {
    Ok(stage.script("return window.heard").await?.to_string())
}

/// The approved page's own calls go to the background and back: by then the content script has
/// heard all that was said before.
async fn round_trips(stage: &Stage) -> Result<()> {
    let code = "await mv.getKeyring(); await mv.getKeyring(); return null";
    stage.value(code, json!(null)).await?;
    Ok(())
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let alice = &stage.alice;
    // Nobody let Gmail's page call anything; its readers are opened all the same.
    let sealed = stage.carol.seal(ALICE, "A letter").await?;
    let thread = stage.gmail.deliver(from_carol(sealed));
    alice.open_thread(ALICE, &thread).await?;
    shout(stage, "self", "https://mail.google.com").await?;
    alice.read(0).await?;
    alice.leave().await?;
    assert_eq!(heard(stage).await?, "[]");
    let own = stage.script("return typeof window.mailvelope").await?;
    assert_eq!(own, "undefined");
    assert!(!alice.page.shows(ours("container")).await?);

    // The control: an approved page's own hello is heard.
    stage.open_webmail().await?;
    let webmail = format!("https://{WEBMAIL}");
    shout(stage, "self", &webmail).await?;
    alice
        .page
        .until("an answer to the approved page", async || {
            let heard = heard(stage).await?;
            Ok((heard.contains("ready") && heard.contains("keyring")).then_some(()))
        })
        .await?;

    frames(stage, &webmail).await?;
    another_tab(stage, &webmail).await?;
    inside_another_page(stage).await?;
    replies(stage).await
}

async fn frames(stage: &Stage, webmail: &str) -> Result<()> {
    let alice = &stage.alice;
    for address in [format!("{webmail}/empty"), format!("https://{STRANGER}/")] {
        // A frame of the approved origin may call for itself.
        let to: &[&str] = match address.contains(STRANGER) {
            true => &["parent", "self"],
            false => &["parent"],
        };
        for at in to {
            stage.open_webmail().await?;
            stage
                .script_with(
                    "const frame = document.createElement('iframe'); frame.id = 'inner'; frame.src = arguments[0]; document.body.append(frame)",
                    vec![json!(address)],
                )
                .await?;
            let inner = alice.page.see(By::Id("inner")).await?;
            inner.clone().enter_frame().await?;
            let wanted = address.clone();
            alice
                .page
                .until("the frame's own page", async || {
                    let state = "return [location.href, document.readyState]";
                    let state = stage.script(state).await?;
                    Ok((state == json!([wanted, "complete"])).then_some(()))
                })
                .await?;
            shout(stage, at, "*").await?;
            alice.leave().await?;
            round_trips(stage).await?;
            inner.enter_frame().await?;
            assert_eq!(heard(stage).await?, "[]", "{address} to {at}");
            alice.leave().await?;
        }
    }
    Ok(())
}

async fn another_tab(stage: &Stage, webmail: &str) -> Result<()> {
    let page = &stage.alice.page;
    for address in [format!("https://{STRANGER}/"), format!("{webmail}/empty")] {
        stage.open_webmail().await?;
        let own = page.driver().window().await?;
        stage
            .script_with("window.open(arguments[0], 'other')", vec![json!(address)])
            .await?;
        let other = page
            .until("the other tab", async || {
                let windows = page.driver().windows().await?;
                Ok(windows.into_iter().find(|window| *window != own))
            })
            .await?;
        page.driver().switch_to_window(other.clone()).await?;
        page.until("the other page", async || {
            let ready = stage
                .script("return window.opener !== null && location.href !== 'about:blank' && document.readyState === 'complete'")
                .await?;
            Ok((ready == true).then_some(()))
        })
        .await?;
        shout(stage, "opener", webmail).await?;
        page.driver().switch_to_window(own.clone()).await?;
        round_trips(stage).await?;
        page.driver().switch_to_window(other).await?;
        assert_eq!(heard(stage).await?, "[]", "{address}");
        page.driver().close_window().await?;
        page.driver().switch_to_window(own).await?;
    }
    Ok(())
}

/// An approved webmail in a stranger's frame, where clicks could be stolen: nothing of ours is
/// there.
async fn inside_another_page(stage: &Stage) -> Result<()> {
    let page_ = &stage.alice.page;
    for (host, inner) in [
        (STRANGER, format!("https://{WEBMAIL}/")),
        (STRANGER, gmail::address(ALICE)),
    ] {
        let framed = inner.clone();
        stage.web.put(host, move |_: &Asked| {
            page("Around", &format!("<iframe id=inner style=\"opacity:0.01;width:900px;height:600px\" src=\"{framed}\"></iframe>"))
        });
        page_.open(&format!("https://{host}/")).await?;
        page_
            .until("the webmail inside", async || {
                stage.alice.leave().await?;
                page_
                    .driver()
                    .find(By::Id("inner"))
                    .await?
                    .enter_frame()
                    .await?;
                let loaded = stage
                    .script(
                        "return document.readyState === 'complete' && typeof probe === 'object'",
                    )
                    .await?;
                Ok((loaded == true).then_some(()))
            })
            .await?;
        let found = stage
            .script("return [typeof window.mailvelope, document.querySelectorAll('[data-letterlock]').length]")
            .await?;
        assert_eq!(found, json!(["undefined", 0]), "{inner}");
        shout(stage, "self", "*").await?;
        page_.driver().execute_async(TURNS, Vec::new()).await?;
        assert_eq!(heard(stage).await?, "[]", "{inner}");
        stage.alice.leave().await?;
    }
    Ok(())
}

/// A call that waits is answered by nobody but the extension.
async fn replies(stage: &Stage) -> Result<()> {
    stage.open_webmail().await?;
    let answers = stage
        .value(
            r#"
            const keyring = await mv.getKeyring();
            const waiting = keyring.createKeyBackupContainer('#keys').then((popup) => popup.isReady());
            let settled = null;
            waiting.then(() => { settled = 'ready'; }, (error) => { settled = error.code; });
            const frame = document.createElement('iframe');
            document.body.append(frame);
            for (let id = 0; id < 50; id += 1) {
              for (const said of [
                { event: '_reply', mvelo_extension: true, _reply: id, result: { type: 'nothing' } },
                { type: 'letterlock-api-ready' },
                { type: 'answer', id, answer: { type: 'api', result: { type: 'nothing' } } },
                { id, result: { type: 'nothing' } },
                { event: 'displayed', frame: '', error: null },
              ]) {
                window.postMessage(said, location.origin);
                frame.contentWindow.parent.postMessage(said, location.origin);
              }
            }
            // Two true round trips later nothing has happened.
            await mv.getKeyring();
            await mv.getKeyring();
            return settled;
            "#,
            json!(null),
        )
        .await?;
    assert!(answers.is_null(), "{answers}");
    Ok(())
}
