//! The web, the people and the mail that everything is measured with.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use extension_tests::extension::{self, Extended};
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::{self, Directory, Gpg};
use extension_tests::web::{Said, Web};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::Page;
use letterlock_tests::rows::Rows;
use serde_json::Value;
use tempfile::TempDir;

use crate::Arguments;

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const BOB: &str = "bob@example.org";
/// A page that the extension has no business with.
pub(crate) const ELSEWHERE: &str = "https://www.example.org/";

/// Name, unit and aim of a row.
pub(crate) type What = (&'static str, &'static str, Option<f64>);

const YARDSTICK: What = ("yardstick: to sort and write 200,000 numbers", "ms", None);

/// How long one thing may take. Ends what would never end; decides nothing else.
const LIMIT: Duration = Duration::from_secs(120);

/// One round in one browser: a fresh profile with the extension, in which Alice has her key.
pub(crate) struct Stage<'a> {
    pub(crate) kind: Kind,
    pub(crate) arguments: &'a Arguments,
    rows: &'a mut Rows,
    pub(crate) folder: TempDir,
    pub(crate) web: Web,
    pub(crate) gmail: Gmail,
    pub(crate) bob: Gpg,
    pub(crate) alice: Extended,
    pub(crate) passphrase: String,
}

impl<'a> Stage<'a> {
    pub(crate) async fn build(
        kind: Kind,
        arguments: &'a Arguments,
        rows: &'a mut Rows,
    ) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (web, gmail, directory) = (
            Web::start().await?,
            Gmail::measured_by(PROBE),
            Directory::default(),
        );
        web.put(gmail::HOST, gmail.clone());
        web.put("openpgpkey.example.org", directory.clone());
        web.put("www.example.org", |_: &extension_tests::web::Asked| {
            Said::body(
                "text/html",
                format!(
                    "<!doctype html><title>A page</title>{}",
                    "<p>Words.".repeat(500)
                ),
            )
        });
        let bob = Gpg::make(folder.path(), "Bob Example", BOB).await?;
        directory.publish("bob", bob.certificate().await?);
        let alice = extension::start(kind, folder.path(), "alice", &web).await?;
        alice.page.driver().set_script_timeout(LIMIT).await?;
        let (passphrase, _) = alice.first_run(ALICE, "Alice Example").await?;
        let certificate = alice.certificate().await?;
        directory.publish("alice", peers::bare(&certificate)?);
        bob.import(&certificate).await?;
        Ok(Self {
            kind,
            arguments,
            rows,
            folder,
            web,
            gmail,
            bob,
            alice,
            passphrase,
        })
    }

    pub(crate) fn add(&mut self, what: What, sample: f64) {
        self.rows.add(self.kind.name(), what, sample);
    }

    /// A fixed piece of work in the page, none of it ours: how quick the machine is in this hour.
    pub(crate) async fn yardstick(&mut self) -> Result<()> {
        const WORK: &str = "const began = performance.now(); \
            const numbers = Array.from({ length: 200000 }, (_, index) => (index * 7919) % 1000003); \
            const sorted = JSON.stringify(numbers.sort((one, other) => one - other)); \
            const took = performance.now() - began; \
            if (sorted.length < 1000000) throw new Error('not done'); \
            return took;";
        open_inbox(&self.alice.page).await?;
        for _ in 0..5 {
            let took = ask(&self.alice.page, WORK).await?;
            self.add(YARDSTICK, took.as_f64().context("no time")?);
        }
        Ok(())
    }

    pub(crate) async fn end(self) -> Result<()> {
        self.alice.close().await
    }

    /// A letter of Bob's to Alice, signed and encrypted, as text.
    pub(crate) async fn sealed(&self, bytes: usize, number: usize) -> Result<String> {
        let arguments = [
            "--armor",
            "--compress-algo",
            "none",
            "--sign",
            "--encrypt",
            "--recipient",
            ALICE,
        ];
        let letter = words(bytes, number);
        let sealed = self.bob.gpg(&arguments, letter.as_bytes()).await?;
        Ok(String::from_utf8(sealed)?)
    }

    /// Delivers one in a thread of its own.
    pub(crate) async fn deliver(&self, bytes: usize, number: usize) -> Result<String> {
        let text = self.sealed(bytes, number).await?;
        Ok(self.gmail.deliver(from_bob(text)))
    }

    /// A thread of 100 messages of which every tenth is encrypted, and holds so much; with words
    /// of the page's or the writer's around the armor, or without.
    pub(crate) async fn long_thread(&self, bytes: usize, around: bool) -> Result<String> {
        let mut thread = None;
        for number in 0..100 {
            let text = if number % 10 == 5 {
                let sealed = self.sealed(bytes, number).await?;
                if around {
                    format!("Letter {number}:\n\n{sealed}\n--\nA list of friends\n")
                } else {
                    sealed
                }
            } else {
                words(2_000, number)
            };
            thread = Some(self.gmail.deliver_to(from_bob(text), thread));
        }
        thread.context("no thread was made")
    }
}

fn from_bob(text: String) -> Message {
    Message {
        from: BOB.to_owned(),
        name: "Bob Example".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "How it went".to_owned(),
        text,
        ..Message::default()
    }
}

/// So much text, in lines as people's programs break them.
pub(crate) fn words(bytes: usize, number: usize) -> String {
    let line =
        format!("Letter {number}: the quick brown fox jumps over the lazy dog, and again.\n");
    let mut text = line.repeat(bytes / line.len() + 1);
    text.truncate(bytes);
    text
}

/// Every page of the webmail begins with it.
const PROBE: &str = include_str!("probe.js");

/// Opens Alice's inbox, and waits until it is at rest.
pub(crate) async fn open_inbox(page: &Page) -> Result<()> {
    page.open("about:blank").await?;
    page.open(&gmail::address(ALICE)).await?;
    ask(page, "await measure.inbox(); return null;").await?;
    Ok(())
}

/// Runs the body of an asynchronous function in the page, with the probe as `measure`.
pub(crate) async fn ask(page: &Page, body: &str) -> Result<Value> {
    let script = format!(
        "const done = arguments[arguments.length - 1];\
         const measure = window.letterlockMeasure;\
         (async () => {{ {body} }})().then(\
           (result) => done(JSON.stringify({{ result }})),\
           (error) => done(JSON.stringify({{ error: String(error) }})));"
    );
    let answer = page.driver().execute_async(script, Vec::new()).await;
    let text = answer.with_context(|| body.to_owned())?;
    let answer: Value = serde_json::from_str(text.json().as_str().unwrap_or_default())?;
    if let Some(error) = answer.get("error") {
        bail!("{body}: {error}");
    }
    Ok(answer["result"].clone())
}

/// A number of an answer.
pub(crate) fn number(answer: &Value, name: &str) -> Result<f64> {
    answer[name]
        .as_f64()
        .with_context(|| format!("{answer} tells no {name}"))
}

/// The time between two moments of an answer.
pub(crate) fn between(answer: &Value, from: &str, to: &str) -> Result<f64> {
    Ok(number(answer, to)? - number(answer, from)?)
}
