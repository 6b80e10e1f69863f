//! The web in which the browser cases happen. A browser takes seconds to start, so one plays many
//! cases, one after the other; each begins with a page of its own.

use anyhow::{Context as _, Result, bail};
use data_encoding::BASE64;
use extension_tests::extension::{self, Extended};
use extension_tests::frames::{inside, ours};
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::Gpg;
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::By;

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const BOB: &str = "bob@example.org";
pub(crate) const CAROL: &str = "carol@example.org";
pub(crate) const MALLORY: &str = "mallory@evil.test";

/// A webmail that may call the client API.
pub(crate) const WEBMAIL: &str = "webmail.test";
/// A site that nobody approved.
pub(crate) const STRANGER: &str = "stranger.test";
/// Nothing may be asked here.
pub(crate) const TRACKER: &str = "tracker.test";

/// Stands in what is sealed; no page and no server may see it.
pub(crate) const SECRET: &str = "Velvetharbour";

/// Runs a piece of page code with `mv` and `args`; a failure comes as its code.
const RUN: &str = r"
const [code, args, done] = arguments;
const AsyncFunction = (async () => {}).constructor;
const body = new AsyncFunction('mv', 'args', code);
body(window.mailvelope, args).then(
  (value) => done(JSON.stringify({ value: value === undefined ? null : value })),
  (error) => done(JSON.stringify({ code: error.code ?? null, message: String(error) })),
);
";

/// The smallest GIF.
const PIXEL: &[u8] = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";

pub(crate) struct Stage {
    pub(crate) folder: TempDir,
    pub(crate) web: Web,
    pub(crate) gmail: Gmail,
    pub(crate) alice: Extended,
    pub(crate) bob: Gpg,
    pub(crate) carol: Gpg,
    pub(crate) mallory: Gpg,
}

impl Stage {
    /// Alice with her key; Bob and Carol, whom she knows; Mallory, whom she does not.
    pub(crate) async fn make(kind: Kind, name: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let web = Web::start().await?;
        let gmail = Gmail::default();
        web.put(gmail::HOST, gmail.clone());
        web.put(WEBMAIL, webmail);
        web.put(TRACKER, tracker);
        web.put(STRANGER, |_: &Asked| {
            page("A stranger", "<textarea></textarea>")
        });
        let bob = Gpg::make(folder.path(), "Bob Example", BOB).await?;
        let carol = Gpg::make(folder.path(), "Carol Example", CAROL).await?;
        let mallory = Gpg::make(folder.path(), "Mallory", MALLORY).await?;
        let site = format!("https://{WEBMAIL}/*");
        let alice = extension::start_with_sites(kind, folder.path(), name, &web, &[&site]).await?;
        alice.first_run(ALICE, "Alice Example").await?;
        let certificate = alice.certificate().await?;
        for peer in [&bob, &carol, &mallory] {
            peer.import(&certificate).await?;
        }
        let stage = Self {
            folder,
            web,
            gmail,
            alice,
            bob,
            carol,
            mallory,
        };
        for known in [&stage.bob, &stage.carol] {
            stage.know(&known.certificate().await?).await?;
        }
        Ok(stage)
    }

    /// Takes a certificate in as the person does, on a page of the extension.
    pub(crate) async fn know(&self, certificate: &[u8]) -> Result<()> {
        let file = BASE64.encode(certificate);
        let request = json!({ "type": "importKeyFile", "file": file, "passphrase": null });
        self.alice.ask(request).await?;
        Ok(())
    }

    /// Lays sealed mail into the webmail and opens it there; the window is then in its reader.
    pub(crate) async fn open_mail(&self, message: Message) -> Result<()> {
        let thread = self.gmail.deliver(message);
        self.alice.open_thread(ALICE, &thread).await?;
        self.alice.read(0).await
    }

    /// Lets the site call the client API, and opens its page.
    pub(crate) async fn open_webmail(&self) -> Result<()> {
        self.alice.page.open(&format!("https://{WEBMAIL}/")).await?;
        self.alice
            .page
            .until("the client API", async || {
                let found = self.script("return typeof window.mailvelope").await?;
                Ok((found == "object").then_some(()))
            })
            .await
    }

    pub(crate) async fn approve_webmail(&self) -> Result<()> {
        let origin = format!("https://{WEBMAIL}");
        let request = json!({ "type": "switchSite", "origin": origin, "scan": false, "api": true });
        self.alice.ask(request).await?;
        Ok(())
    }

    /// Runs script where the window is.
    pub(crate) async fn script(&self, code: &str) -> Result<Value> {
        self.script_with(code, Vec::new()).await
    }

    pub(crate) async fn script_with(&self, code: &str, args: Vec<Value>) -> Result<Value> {
        let answer = self.alice.page.driver().execute(code, args).await?;
        Ok(answer.json().clone())
    }

    /// Page code that uses the client API: its value, or its error.
    pub(crate) async fn call(&self, code: &str, args: Value) -> Result<Value> {
        let driver = self.alice.page.driver();
        let answer = driver.execute_async(RUN, vec![json!(code), args]).await?;
        let text = answer.json().as_str().context("no answer")?.to_owned();
        Ok(serde_json::from_str(&text)?)
    }

    pub(crate) async fn value(&self, code: &str, args: Value) -> Result<Value> {
        // A site may call so often and no more; what came before has used some of it up, and room
        // comes with time alone. Asking meanwhile would use it up again.
        let patient = async || {
            let answer = self.call(code, args.clone()).await?;
            if !answer.to_string().contains("Too many calls") {
                return Ok(Some(answer));
            }
            let driver = self.alice.page.driver();
            driver
                .execute_async("setTimeout(arguments[0], 1500)", Vec::new())
                .await?;
            Ok(None)
        };
        let answer = self.alice.page.until("room for a call", patient).await?;
        match answer.get("value") {
            Some(value) => Ok(value.clone()),
            None => bail!("{code} failed: {answer}"),
        }
    }

    /// Goes into a frame of ours without looking whether it can be seen.
    pub(crate) async fn enter(&self, role: &str) -> Result<()> {
        let alice = &self.alice;
        alice.leave().await?;
        let host = alice.page.driver().find(ours(role)).await?;
        if host.tag_name().await? == "iframe" {
            host.enter_frame().await?;
            return Ok(());
        }
        let frame = inside(&alice.page, alice.kind, &host, "iframe").await;
        frame.context("no frame")?.enter_frame().await?;
        Ok(())
    }

    /// Where in the window the middle of something in a frame of ours is. Leaves the frame.
    pub(crate) async fn point(&self, role: &str, selector: &str) -> Result<(i64, i64)> {
        self.enter(role).await?;
        let inner = self
            .script_with(
                "const at = document.querySelector(arguments[0]).getBoundingClientRect(); \
                 return [at.x + at.width / 2, at.y + at.height / 2, innerWidth]",
                vec![json!(selector)],
            )
            .await?;
        self.alice.leave().await?;
        let outer = self
            .script_with(
                "const at = document.querySelector(`[data-letterlock=\"${arguments[0]}\"]`).getBoundingClientRect(); \
                 return [at.x, at.y, at.width]",
                vec![json!(role)],
            )
            .await?;
        let number = |list: &Value, index: usize| list[index].as_f64().unwrap_or_default();
        let scale = number(&outer, 2) / number(&inner, 2).max(1.0);
        let x = number(&outer, 0) + number(&inner, 0) * scale;
        let y = number(&outer, 1) + number(&inner, 1) * scale;
        Ok((x as i64, y as i64))
    }

    /// A click of the mouse, wherever it lands. A driver's own click on an element in a frame
    /// misses it when the page around was scrolled.
    pub(crate) async fn click(&self, (x, y): (i64, i64)) -> Result<()> {
        self.alice.leave().await?;
        let chain = self.alice.page.driver().action_chain();
        chain.move_to(x, y).click().perform().await?;
        Ok(())
    }

    /// Presses a guarded button in a frame of ours. Leaves the window in the frame.
    pub(crate) async fn press(&self, role: &str, name: &str) -> Result<()> {
        let button = format!("[data-testid=\"{name}\"]");
        let ready = By::Css(format!("{button}[data-guard=\"ready\"]"));
        self.enter(role).await?;
        self.alice.page.see(ready).await?;
        let at = self.point(role, &button).await?;
        self.click(at).await?;
        self.enter(role).await
    }

    /// Paths that were asked of the tracker after a mark, or of a directory of keys: to look a
    /// sender up tells his domain that the letter was opened.
    pub(crate) fn tracked(&self, mark: usize) -> Vec<String> {
        let asked = self.web.since(mark).into_iter();
        let tracked = asked.filter(|asked| {
            asked.host == TRACKER
                || asked.host.starts_with("openpgpkey.")
                || asked.path.starts_with("/.well-known/")
        });
        tracked.map(|asked| asked.path).collect()
    }

    /// Fails when the secret stands in a request, or in what the page saw.
    pub(crate) async fn nothing_leaked(&self) -> Result<()> {
        let seen = self.alice.seen().await?;
        assert!(!seen.contains(SECRET), "the page saw what was sealed");
        for asked in self.web.asked() {
            let body = String::from_utf8_lossy(&asked.body).into_owned();
            let told = [asked.path.as_str(), asked.query.as_str(), body.as_str()];
            let leaks = told.iter().any(|text| text.contains(SECRET));
            assert!(!leaks, "{} {}{}", asked.method, asked.host, asked.path);
        }
        Ok(())
    }
}

/// Mail from Carol to Alice, with this text.
pub(crate) fn from_carol(text: String) -> Message {
    Message {
        from: CAROL.to_owned(),
        name: "Carol Example".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "A letter".to_owned(),
        text,
        ..Message::default()
    }
}

/// A MIME entity of HTML, to be sealed. Without its version the words would be shown as text.
pub(crate) fn html_entity(html: &str) -> String {
    format!("MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}\r\n")
}

pub(crate) fn page(title: &str, body: &str) -> Said {
    Said::body(
        "text/html; charset=utf-8",
        format!("<!doctype html><html lang=en><title>{title}</title><body>{body}</body></html>"),
    )
}

fn webmail(asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/" => Said::body(
            "text/html; charset=utf-8",
            include_str!("../extension/pages/client.html"),
        ),
        "/empty" => page("Nothing", ""),
        "/static/probe.js" => Said::body(
            "text/javascript",
            include_str!("../extension/pages/probe.js"),
        ),
        _ => Said::not_found(),
    }
}

fn tracker(asked: &Asked) -> Said {
    let said = match asked.path.as_str() {
        path if path.contains("style") || path.contains("import") => Said::body("text/css", ""),
        path if path.contains("frame") || path.contains("object") => page("Tracked", ""),
        _ => Said::body("image/gif", PIXEL),
    };
    said.with("access-control-allow-origin", "*")
}
