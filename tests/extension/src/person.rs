//! What a person does with the extension, in the words of the tests.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use letterlock_tests::effort::Effort;
use letterlock_tests::page::{Page, id, id_with};
use serde_json::{Value, json};
use thirtyfour::{By, Key, WebElement};

use crate::extension::Extended;
use crate::frames::{inside, ours};
use crate::gmail;

/// What a page of the extension asks the background in a test's name.
const ASK: &str = r"
const [request, done] = arguments;
const api = globalThis.browser ?? globalThis.chrome;
const port = api.runtime.connect({ name: 'page' });
port.onMessage.addListener((reply) => {
  if (reply.id !== 1) return;
  done(JSON.stringify(reply));
  port.disconnect();
});
port.onDisconnect.addListener(() => done(JSON.stringify({ type: 'gone' })));
port.postMessage({ id: 1, request });
";

/// Brings a button into sight, with all of the frame around it if there is room: Chromium's driver
/// takes a frame that is cut off above for one that begins at the window's edge, and clicks beside
/// the button.
const BRING: &str = "document.body.scrollIntoView({ behavior: 'instant', block: 'center' });\
    arguments[0].scrollIntoView({ behavior: 'instant', block: 'nearest' });";

/// A letter as it is typed into the editor.
#[derive(Clone, Debug, Default)]
pub struct Letter<'a> {
    /// Subject
    pub subject: &'a str,
    /// Plain text
    pub text: &'a str,
    /// The subject travels inside
    pub hide_subject: bool,
    /// Files to attach
    pub files: Vec<&'a Path>,
}

impl Extended {
    /// From nothing to the first key; returns the passphrase that was drawn, and what it took.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn first_run(&self, address: &str, name: &str) -> Result<(String, Effort)> {
        let page = &self.page;
        let before = page.effort();
        self.own("welcome.html").await?;
        page.fill("address", address).await?;
        page.fill("name", name).await?;
        page.click(id("next")).await?;
        let drawn = page.text(id("drawn-passphrase")).await?;
        let passphrase = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
        page.fill("passphrase-new", &passphrase).await?;
        for element in page.driver().find_all(id("next")).await? {
            if element.is_displayed().await? {
                element.click().await?;
            }
        }
        page.click(id("create")).await?;
        page.see(id_with("welcome", "[data-step=\"done\"]")).await?;
        self.only_window().await?;
        Ok((passphrase, page.effort() - before))
    }

    /// Closes the page that opens by itself after the installation: it hides this one.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn only_window(&self) -> Result<()> {
        let driver = self.page.driver();
        let own = driver.window().await?;
        for other in driver.windows().await? {
            if other != own {
                driver.switch_to_window(other).await?;
                driver.close_window().await?;
            }
        }
        driver.switch_to_window(own).await?;
        Ok(())
    }

    /// Asks the background what the extension's own pages may ask. Leaves the window on one.
    ///
    /// # Errors
    ///
    /// When the background refuses.
    pub async fn ask(&self, request: Value) -> Result<Value> {
        self.own("manager.html").await?;
        let answer = self
            .page
            .driver()
            .execute_async(ASK, vec![request.clone()])
            .await?;
        let reply: Value = serde_json::from_str(answer.json().as_str().context("no answer")?)?;
        if reply["type"] != "answer" {
            bail!("{request} was answered with {reply}");
        }
        Ok(reply["answer"].clone())
    }

    /// The armored certificate of the key in use.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn certificate(&self) -> Result<String> {
        let keys = self.ask(json!({ "type": "keys" })).await?;
        let fingerprint = keys["keys"][0]["fingerprint"].clone();
        let answer = self
            .ask(json!({ "type": "exportCertificate", "fingerprint": fingerprint }))
            .await?;
        Ok(answer["text"].as_str().context("no text")?.to_owned())
    }

    /// Opens a thread in the webmail.
    ///
    /// # Errors
    ///
    /// When the page does not show it.
    pub async fn open_thread(&self, account: &str, thread: &str) -> Result<()> {
        // The same address again would change the fragment only.
        self.page.open("about:blank").await?;
        let address = format!("{}#inbox/{thread}", gmail::address(account));
        self.page.open(&address).await?;
        self.page
            .see(By::Css(format!("[data-ready=\"thread {thread}\"]")))
            .await?;
        Ok(())
    }

    /// Goes into a frame of ours: the one of this role and number in the page.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn enter(&self, role: &str, number: usize) -> Result<()> {
        let page = &self.page;
        page.driver().enter_default_frame().await?;
        page.until(&format!("frame {number} of {role}"), async || {
            let hosts = page.driver().find_all(ours(role)).await?;
            let Some(host) = hosts.get(number) else {
                return Ok(None);
            };
            host.scroll_into_view().await?;
            let frame = inside(page, self.kind, host, "iframe").await?;
            frame.enter_frame().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Back to the page itself.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn leave(&self) -> Result<()> {
        self.page.driver().enter_default_frame().await?;
        Ok(())
    }

    /// Waits in a reader until its message is open, and goes on in it.
    ///
    /// # Errors
    ///
    /// When it does not open.
    pub async fn read(&self, number: usize) -> Result<()> {
        self.enter("reader", number).await?;
        self.page
            .see(id_with("reader", "[data-state=\"open\"]"))
            .await?;
        Ok(())
    }

    /// The button in a compose window of the page.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn compose_button(&self, number: usize) -> Result<WebElement> {
        let page = &self.page;
        page.until("the button in the compose window", async || {
            let hosts = page.driver().find_all(ours("button")).await?;
            let Some(host) = hosts.get(number) else {
                return Ok(None);
            };
            Ok(Some(inside(page, self.kind, host, "button").await?))
        })
        .await
    }

    /// Opens a new compose window of the page with a recipient, and the editor in it.
    ///
    /// # Errors
    ///
    /// When one of them does not come.
    pub async fn compose(&self, to: &str) -> Result<()> {
        let page = &self.page;
        page.click(By::Id("compose")).await?;
        page.see(By::Css("[peoplekit-id=\"to\"]"))
            .await?
            .send_keys(format!("{to},"))
            .await?;
        self.compose_button(0).await?.click().await?;
        self.enter("editor", 0).await
    }

    /// Fills the editor that the window is in, and waits until this address can be sealed to.
    ///
    /// # Errors
    ///
    /// When a field does not come, or no key is found.
    pub async fn write(&self, letter: &Letter<'_>, to: &str) -> Result<()> {
        let page = &self.page;
        page.see(id("editor")).await?;
        if !letter.subject.is_empty() {
            page.fill("subject", letter.subject).await?;
        }
        if letter.hide_subject
            && page.attribute(id("hide-subject"), "aria-pressed").await? == "false"
        {
            page.click(id("hide-subject")).await?;
        }
        self.body().await?.send_keys(letter.text).await?;
        for file in &letter.files {
            page.choose_file("attach-input", file).await?;
        }
        let ready = format!("[data-address=\"{to}\"][data-state=\"ready\"]");
        page.see(id_with("chip", &ready)).await?;
        Ok(())
    }

    /// The place to write in, plain or rich.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn body(&self) -> Result<WebElement> {
        self.page
            .see(By::Css(
                "[data-testid=\"body\"],[data-testid=\"body-rich\"]",
            ))
            .await
    }

    /// Presses a guarded button until the click counts and `done` is there.
    ///
    /// # Errors
    ///
    /// When it never does.
    pub async fn press(&self, name: &str) -> Result<()> {
        self.press_at(&format!("[data-testid=\"{name}\"]")).await
    }

    /// The same with a selector, where one name is not enough.
    ///
    /// # Errors
    ///
    /// When it never does.
    pub async fn press_at(&self, selector: &str) -> Result<()> {
        let button = self.page.see(By::Css(selector)).await?;
        let driver = self.page.driver();
        driver.execute(BRING, vec![button.to_json()?]).await?;
        let ready = By::Css(format!("{selector}[data-guard=\"ready\"]"));
        let button = self.page.see(ready).await?;
        // A driver's own click scrolls first, and what just moved is no button to be trusted.
        self.page
            .driver()
            .action_chain()
            .click_element(&button)
            .perform()
            .await?;
        Ok(())
    }

    /// Lets the page have the letter in its container, sealed to those it names.
    ///
    /// # Errors
    ///
    /// When the editor does not ask.
    pub async fn agree(&self) -> Result<()> {
        self.page
            .see(ours("container"))
            .await?
            .enter_frame()
            .await?;
        self.press("page-yes").await?;
        // A click is not taken when the question moved under it: the button then waits anew. With
        // the answer given, the page may take the whole frame away at once.
        while matches!(self.page.shows(id("page-yes")).await, Ok(true)) {
            if self.press("page-yes").await.is_err() {
                break;
            }
        }
        self.leave().await
    }

    /// Seals what is in the editor, waits until it is in the page, and lets the page send it.
    ///
    /// # Errors
    ///
    /// When one of the steps does not come.
    pub async fn seal_and_send(&self) -> Result<()> {
        self.press("encrypt").await?;
        self.leave().await?;
        self.page.gone(ours("editor")).await?;
        self.page.click(By::Css(".T-I-atl")).await?;
        self.page.gone(By::Css(".T-I-atl")).await
    }

    /// All that the page saw, as text.
    ///
    /// # Errors
    ///
    /// When the page holds no probe.
    pub async fn seen(&self) -> Result<String> {
        self.leave().await?;
        let seen = self
            .page
            .driver()
            .execute("probe.look(); return probe.seen.join('\\n')", Vec::new())
            .await?;
        Ok(seen.json().as_str().context("no text")?.to_owned())
    }

    /// Types Tab until the focus is in the element that holds a button of ours.
    ///
    /// # Errors
    ///
    /// When a whole round does not lead there.
    pub async fn tab_to_compose_button(&self) -> Result<()> {
        let tab: char = Key::Tab.into();
        for _ in 0..80 {
            let focused = self
                .page
                .driver()
                .execute(
                    "return document.activeElement?.dataset?.letterlock ?? ''",
                    Vec::new(),
                )
                .await?;
            if focused.json() == "button" {
                return Ok(());
            }
            self.page.press(tab.to_string()).await?;
        }
        bail!("Tab does not lead to the button in the compose window");
    }
}

/// The page's text, whatever stands in a message of ours.
///
/// # Errors
///
/// When it does not come.
pub async fn message_text(page: &Page) -> Result<String> {
    page.text(id("message-text")).await
}
