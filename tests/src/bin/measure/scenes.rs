//! What a person does, and what is measured of it.

use anyhow::{Context, Result, bail};
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::page::{Page, id, id_with};
use letterlock_tests::person;
use thirtyfour::Key;

use crate::probe::{self, Run};
use letterlock_tests::rows::Rows;

type What = (&'static str, &'static str, Option<f64>);

const FIRST_LOAD: What = ("first load, until the first page can be used", "ms", None);
const LOAD: What = ("first load, brotli", "KB", Some(1500.0));
const LOG_IN: What = ("log in: submit to inbox", "ms", Some(1000.0));
const STRETCH: What = ("log in: of that stretching the passphrase", "ms", None);
const FIRST_ROW: What = (
    "log in on a new device: submit to first messages",
    "ms",
    None,
);
const SYNC: What = ("first synchronisation", "messages/s", None);
const RELOAD: What = ("second visit: reload to unlock page", "ms", None);
const UNLOCK: What = ("second visit: submit to inbox drawn", "ms", None);
const UNLOCK_AFTER: What = (
    "second visit: passphrase stretched to inbox drawn",
    "ms",
    Some(300.0),
);
const OPEN: What = (
    "open a message of 20 KB: click to text drawn",
    "ms",
    Some(50.0),
);
const OPEN_DOM: What = ("open: of that until the text is in the page", "ms", None);
const OPEN_WORKER: What = ("open: of that until the worker's answer", "ms", None);
const SEND: What = ("send a message of 20 KB: click to sent", "ms", None);
const SEAL: What = ("send: of that sealing and keeping", "ms", None);

/// Who enters, and what waits for them.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) address: String,
    pub(crate) passphrase: String,
    pub(crate) messages: usize,
}

/// How much is done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Amount {
    pub(crate) rounds: usize,
    pub(crate) opened: usize,
    pub(crate) print_timelines: bool,
}

/// One browser and one account.
pub(crate) struct Scene<'a> {
    pub(crate) environment: &'a Environment,
    pub(crate) kind: Kind,
    pub(crate) server: &'a str,
    pub(crate) account: &'a Account,
    pub(crate) amount: Amount,
    pub(crate) rows: &'a mut Rows,
}

impl Scene<'_> {
    /// Everything, from the first visit to a sent message.
    ///
    /// # Errors
    ///
    /// When something does not come.
    pub(crate) async fn play(&mut self) -> Result<()> {
        for round in 0..self.amount.rounds {
            let folder = tempfile::tempdir()?;
            let browser = Browser::start(
                self.environment,
                self.kind,
                &folder.path().join("profile"),
                &folder.path().join("downloads"),
            )
            .await?;
            let artifacts = self.environment.artifacts.clone();
            let page = Page::new(browser, self.kind, "measure", artifacts);
            self.first_visit(&page, round).await?;
            for visit in 0..self.amount.rounds {
                self.second_visit(&page, visit + round).await?;
            }
            if round + 1 == self.amount.rounds {
                self.read(&page).await?;
                for number in 0..self.amount.rounds {
                    self.send(&page, number).await?;
                }
            }
            page.close().await?;
        }
        Ok(())
    }

    async fn first_visit(&mut self, page: &Page, round: usize) -> Result<()> {
        page.open(self.server).await?;
        probe::install(page).await?;
        let first = probe::run(page, "", &[("welcome", "seen('page-welcome')")]).await?;
        self.add(FIRST_LOAD, first.began + first.reached("welcome")?);
        if round == 0 {
            let bytes = self.first_load(page).await?;
            self.add(LOAD, bytes / 1000.0);
        }
        person::go_to_log_in(page).await?;
        page.fill("login-address", &self.account.address).await?;
        page.fill("login-passphrase", &self.account.passphrase)
            .await?;
        let entered = probe::run(
            page,
            "seen('login-submit').click()",
            &[
                ("inbox", "seen('page-mail') && seen('message-list')"),
                ("first messages", "seen('message-row')"),
                ("all messages", &self.all_there()),
            ],
        )
        .await?;
        self.tell(round, "Log in on a new device", &entered);
        self.add(LOG_IN, entered.reached("inbox")?);
        self.add(STRETCH, stretching(&entered)?);
        self.add(FIRST_ROW, entered.reached("first messages")?);
        let opened = entered
            .heard("Answer Entered")
            .context("the worker opened the account")?;
        let seconds = (entered.reached("all messages")? - opened) / 1000.0;
        #[allow(clippy::cast_precision_loss, reason = "a thousand or so")]
        self.add(SYNC, self.account.messages as f64 / seconds);
        self.settled(page).await
    }

    async fn second_visit(&mut self, page: &Page, visit: usize) -> Result<()> {
        page.driver().refresh().await?;
        probe::install(page).await?;
        let reloaded = probe::run(page, "", &[("unlock", "seen('page-unlock')")]).await?;
        self.add(RELOAD, reloaded.began + reloaded.reached("unlock")?);
        page.fill("unlock-passphrase", &self.account.passphrase)
            .await?;
        let unlocked = probe::run(
            page,
            "seen('unlock-submit').click()",
            &[(
                "inbox",
                &format!("seen('message-row') && {}", self.all_there()),
            )],
        )
        .await?;
        self.tell(visit, "Second visit", &unlocked);
        self.add(UNLOCK, unlocked.drawn);
        let stretched = unlocked
            .heard("Event OpeningVault")
            .context("the worker tells when it opens the vault")?;
        self.add(UNLOCK_AFTER, unlocked.drawn - stretched);
        self.settled(page).await
    }

    /// Opens messages that were never opened, one after the other, each once what
    /// the one before caused has come to rest.
    async fn read(&mut self, page: &Page) -> Result<()> {
        for number in 0..self.amount.opened {
            let row = self.unread_row(page).await?;
            let opened = probe::run(
                page,
                &format!("seen('message-row', '[data-id={row:?}]').click()"),
                &[(
                    "text",
                    &format!(
                        "seen('reader', '[data-id={row:?}][data-state=\"open\"]') && seen('message-text') && seen('message-text').textContent.length > 15000"
                    ),
                )],
            )
            .await?;
            self.tell(number, "Open a message", &opened);
            self.add(OPEN, opened.drawn);
            self.add(OPEN_DOM, opened.reached("text")?);
            self.add(
                OPEN_WORKER,
                opened
                    .heard("Answer Message")
                    .context("the worker answered")?,
            );
            page.see(id_with(
                "message-row",
                &format!("[data-id={row:?}][data-seen=\"true\"]"),
            ))
            .await?;
            self.settled(page).await?;
        }
        Ok(())
    }

    /// The id of an unread message whose row is in sight; scrolls when there is none.
    async fn unread_row(&self, page: &Page) -> Result<String> {
        page.until("an unread message", async || {
            let found = page
                .driver()
                .execute(
                    "const list = document.querySelector('[data-testid=\"message-list\"]');\
                     const box = list.getBoundingClientRect();\
                     const row = [...list.querySelectorAll('[data-testid=\"message-row\"][data-seen=\"false\"]')]\
                       .find((row) => { const at = row.getBoundingClientRect(); return at.top >= box.top && at.bottom <= box.bottom; });\
                     if (row) return row.dataset.id;\
                     list.scrollTop += box.height - 84;\
                     return '';",
                    Vec::new(),
                )
                .await?;
            let row = found.json().as_str().unwrap_or_default().to_owned();
            Ok((!row.is_empty()).then_some(row))
        })
        .await
    }

    async fn send(&mut self, page: &Page, number: usize) -> Result<()> {
        let to = format!("writer0@{}", letterlock_tests::server::DOMAIN);
        page.click(id("compose-button")).await?;
        let field = page.see(id("to-input")).await?;
        field
            .send_keys(format!("{to}{}", char::from(Key::Enter)))
            .await?;
        page.see(id_with("chip", "[data-state=\"ready\"]")).await?;
        page.fill("subject", &format!("Measured letter {number}"))
            .await?;
        // Typed all at once: 20,000 keys would take longer than everything else.
        page.driver()
            .execute(
                "const field = document.querySelector('[data-testid=\"body\"]');\
                 Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, 'A line of a letter, long enough to be folded.\\n'.repeat(450));\
                 field.dispatchEvent(new Event('input', { bubbles: true }));",
                Vec::new(),
            )
            .await?;
        self.settled(page).await?;
        let sent = probe::run(
            page,
            "seen('send').click()",
            &[("sent", "!seen('page-compose')")],
        )
        .await?;
        self.tell(number, "Send a message", &sent);
        self.add(SEND, sent.drawn);
        if let Some(at) = sent.heard("Event Sending") {
            self.add(SEAL, at);
        }
        self.settled(page).await
    }

    /// Waits until the worker has said nothing for as long as ten frames: what was
    /// caused by one thing must not be counted to the next.
    async fn settled(&self, page: &Page) -> Result<()> {
        page.driver()
            .execute_async(
                "const finish = arguments[arguments.length - 1];\
                 const worker = globalThis.letterlockWorker;\
                 let frames = 0;\
                 const heard = () => { frames = 0; };\
                 worker.addEventListener('message', heard);\
                 const frame = () => {\
                   frames += 1;\
                   if (frames < 10) return requestAnimationFrame(frame);\
                   worker.removeEventListener('message', heard);\
                   finish(true);\
                 };\
                 frame();",
                Vec::new(),
            )
            .await?;
        Ok(())
    }

    /// Bytes of everything the first page loaded, compressed. What the worker
    /// fetches by itself is not in the page's list: its size is the file's.
    async fn first_load(&self, page: &Page) -> Result<f64> {
        let answer = page
            .driver()
            .execute(
                "return [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]\
                   .map((entry) => [new URL(entry.name).pathname, entry.encodedBodySize]);",
                Vec::new(),
            )
            .await?;
        let entries: Vec<(String, f64)> = answer.convert()?;
        let mut bytes: f64 = 0.0;
        let mut counted: Vec<&str> = Vec::new();
        for (path, size) in &entries {
            if !counted.contains(&path.as_str()) {
                counted.push(path);
                bytes += size;
            }
        }
        for entry in std::fs::read_dir(self.environment.webmail.join("assets"))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(plain) = name.strip_suffix(".br") else {
                continue;
            };
            let is_counted = counted.iter().any(|path| path.ends_with(plain));
            if plain.starts_with("crypto-worker") && !is_counted {
                #[allow(clippy::cast_precision_loss, reason = "a file of some megabytes")]
                let size = entry.metadata()?.len() as f64;
                bytes += size;
            }
        }
        if bytes < 1.0 {
            bail!("the browser tells no sizes");
        }
        Ok(bytes)
    }

    fn all_there(&self) -> String {
        format!(
            "seen('message-list', '[data-count=\"{}\"]')",
            self.account.messages
        )
    }

    fn add(&mut self, what: What, sample: f64) {
        self.rows.add(self.kind.name(), what, sample);
    }

    fn tell(&self, number: usize, title: &str, run: &Run) {
        // The first of its kind is warm-up; the second is typical.
        if self.amount.print_timelines && (number == 1 || self.amount.rounds == 1) {
            println!(
                "{}",
                run.timeline(&format!("{} ({})", title, self.kind.name()))
            );
        }
    }
}

/// Between the worker's word that it stretches the passphrase and its next one.
fn stretching(run: &Run) -> Result<f64> {
    let mut from = None;
    for (at, what) in &run.heard {
        match from {
            None if what.starts_with("Event StretchingPassphrase") => from = Some(*at),
            Some(from) if what.starts_with("Event") => return Ok(at - from),
            _ => {}
        }
    }
    bail!("the worker did not tell of the stretching")
}
