//! Pictures of every page of the webmail, light and dark, wide and narrow.
//!
//! Started by `cargo xtask screenshots`, which fills a server with the demo first.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::page::{Page, id, id_with};
use serde_json::json;
use thirtyfour::{By, Key};

/// The command line.
#[derive(Parser)]
struct Arguments {
    /// The address of the running server
    #[arg(long)]
    server: String,
    /// The folder for the pictures
    #[arg(long)]
    out: PathBuf,
    /// Firefox instead of Chromium
    #[arg(long)]
    firefox: bool,
}

/// One way to look at the webmail.
#[derive(Clone, Copy)]
struct View {
    theme: &'static str,
    shape: &'static str,
    width: u32,
    height: u32,
}

const VIEWS: [View; 4] = [
    view("light", "wide", 1280, 800),
    view("dark", "wide", 1280, 800),
    view("light", "narrow", 390, 844),
    view("dark", "narrow", 390, 844),
];

const fn view(theme: &'static str, shape: &'static str, width: u32, height: u32) -> View {
    View {
        theme,
        shape,
        width,
        height,
    }
}

/// Somebody of the demo.
struct Account {
    address: String,
    passphrase: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let environment = Environment::read()?;
    let accounts = accounts(&std::env::var("LETTERLOCK_DEMO").unwrap_or_default());
    let [alice, bob, ..] = accounts.as_slice() else {
        anyhow::bail!("LETTERLOCK_DEMO names no two accounts");
    };
    let kind = if arguments.firefox {
        Kind::Firefox
    } else {
        Kind::Chromium
    };
    for view in VIEWS {
        let folder = tempfile::tempdir()?;
        let browser = Browser::start(
            &environment,
            kind,
            &folder.path().join("profile"),
            &folder.path().join("downloads"),
        )
        .await?;
        let camera = Camera {
            page: Page::new(browser, kind, "screenshots", environment.artifacts.clone()),
            view,
            server: arguments.server.clone(),
            out: arguments.out.clone(),
        };
        camera.set_up(kind).await?;
        camera.doors(alice).await?;
        camera.mail(alice, bob).await?;
        camera.page.close().await?;
    }
    Ok(())
}

/// Reads lines of the form `account: ADDRESS passphrase: PASSPHRASE`.
fn accounts(story: &str) -> Vec<Account> {
    story
        .lines()
        .filter_map(|line| {
            let (address, passphrase) = line
                .trim()
                .strip_prefix("account: ")?
                .split_once(" passphrase: ")?;
            Some(Account {
                address: address.to_owned(),
                passphrase: passphrase.to_owned(),
            })
        })
        .collect()
}

struct Camera {
    page: Page,
    view: View,
    server: String,
    out: PathBuf,
}

impl Camera {
    async fn set_up(&self, kind: Kind) -> Result<()> {
        let driver = self.page.driver();
        let View {
            theme,
            width,
            height,
            ..
        } = self.view;
        if kind == Kind::Chromium {
            driver
                .cdp()
                .send_raw(
                    "Emulation.setDeviceMetricsOverride",
                    json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
                )
                .await?;
        } else {
            driver.set_window_rect(0, 0, width, height + 90).await?;
        }
        self.page.open(&self.server).await?;
        driver
            .execute(
                format!("localStorage.setItem('letterlock.theme', '{theme}')"),
                Vec::new(),
            )
            .await?;
        driver.refresh().await?;
        Ok(())
    }

    /// The pages before the mail.
    async fn doors(&self, alice: &Account) -> Result<()> {
        let page = &self.page;
        page.see(id("page-welcome")).await?;
        self.take("01-welcome").await?;
        page.click(id("welcome-create")).await?;
        page.see(id("signup-address")).await?;
        self.take("02-sign-up-address").await?;
        page.fill("signup-address", "charlie").await?;
        page.fill("signup-name", "Charlie Example").await?;
        page.click(id("signup-next")).await?;
        page.fill("signup-passphrase", "four lanterns over the quiet harbour")
            .await?;
        page.fill("signup-repeat", "four lanterns over the quiet harbour")
            .await?;
        page.see(id_with("signup-strength", "[data-score=\"4\"]"))
            .await?;
        self.take("03-sign-up-passphrase").await?;
        page.click(id("signup-next")).await?;
        page.see(id("signup-create")).await?;
        self.take("04-sign-up-ready").await?;
        self.go("#/log-in").await?;
        page.fill("login-address", &alice.address).await?;
        page.fill("login-passphrase", "not the passphrase").await?;
        page.click(id("login-submit")).await?;
        page.see(id("failure")).await?;
        self.take("05-log-in-failed").await?;
        page.fill("login-passphrase", &alice.passphrase).await?;
        page.click(id("login-submit")).await?;
        page.see(id("page-mail")).await?;
        Ok(())
    }

    /// The mail and what belongs to it.
    async fn mail(&self, alice: &Account, bob: &Account) -> Result<()> {
        let page = &self.page;
        page.see(id("message-row")).await?;
        page.see(id_with("message-list", "[data-loading=\"false\"]"))
            .await
            .ok();
        self.take("06-inbox").await?;
        let rows = page.driver().find_all(id("row-subject")).await?.len();
        for index in 0..rows.min(6) {
            self.go("#/mail/inbox").await?;
            page.until("a row to open", async || {
                let rows = page.driver().find_all(id("message-row")).await?;
                let Some(row) = rows.get(index) else {
                    return Ok(None);
                };
                row.click().await?;
                Ok(Some(()))
            })
            .await?;
            page.see(id_with("reader", "[data-state=\"open\"]")).await?;
            self.take(&format!("07-message-{}", index + 1)).await?;
            if index == 0 {
                page.click(id("verdict-toggle")).await?;
                page.see(id("verdict-details")).await?;
                self.take("08-verdict-details").await?;
            }
        }
        self.go("#/mail/sent").await?;
        page.see(id_with("page-mail", "[data-mailbox=\"sent\"]"))
            .await?;
        self.take("09-sent").await?;
        self.go("#/mail/trash").await?;
        page.see(id("list-empty")).await?;
        self.take("10-empty").await?;
        if page.shows(id("nav-toggle")).await? {
            page.click(id("nav-toggle")).await?;
            page.see(id("nav-sent")).await?;
            self.take("11-side-bar").await?;
        }
        self.compose(bob).await?;
        self.go("#/settings").await?;
        page.see(id("page-settings")).await?;
        self.take("15-settings").await?;
        self.go("#/mail/inbox").await?;
        page.see(id("message-row")).await?;
        page.press("?").await?;
        page.see(id("help-dialog")).await?;
        self.take("16-help").await?;
        page.press(char::from(Key::Escape).to_string()).await?;
        page.driver().refresh().await?;
        page.see(id("page-unlock")).await?;
        self.take("17-unlock").await?;
        page.fill("unlock-passphrase", "not it").await?;
        page.click(id("unlock-submit")).await?;
        page.see(id("failure")).await?;
        self.take("18-unlock-failed").await?;
        let _ = alice;
        Ok(())
    }

    async fn compose(&self, bob: &Account) -> Result<()> {
        let page = &self.page;
        let enter = char::from(Key::Enter);
        self.go("#/mail/inbox").await?;
        page.see(id("message-row")).await?;
        if !page.shows(id("compose-button")).await? {
            page.click(id("nav-toggle")).await?;
        }
        page.click(id("compose-button")).await?;
        page.see(id("page-compose")).await?;
        self.take("12-compose-empty").await?;
        let field = page.see(id("to-input")).await?;
        field.send_keys(format!("{}{enter}", bob.address)).await?;
        page.see(id_with("chip", "[data-state=\"ready\"]")).await?;
        page.fill("subject", "Lunch on Thursday?").await?;
        page.fill(
            "body",
            "Hello Bob,\n\nthe small place by the canal, at noon?\n\nAlice",
        )
        .await?;
        self.take("13-compose").await?;
        let field = page.see(id("to-input")).await?;
        field
            .send_keys(format!("nobody@letterlock.test{enter}"))
            .await?;
        page.see(By::Css(
            "[data-testid=\"chip\"][data-address=\"nobody@letterlock.test\"]:not([data-state=\"looking\"])",
        ))
        .await?;
        self.take("14-compose-no-key").await?;
        page.click(id("discard")).await?;
        if page.shows(id("discard-dialog")).await? {
            page.click(id("discard-confirm")).await?;
        }
        Ok(())
    }

    async fn go(&self, route: &str) -> Result<()> {
        self.page
            .driver()
            .execute(format!("location.hash = '{route}'"), Vec::new())
            .await?;
        Ok(())
    }

    async fn take(&self, title: &str) -> Result<()> {
        let View { theme, shape, .. } = self.view;
        let file = self.out.join(format!("{title}-{shape}-{theme}.png"));
        self.quiet().await;
        self.page
            .driver()
            .screenshot(Path::new(&file))
            .await
            .with_context(|| format!("no picture of {title}"))?;
        Ok(())
    }

    /// Lets fonts and transitions come to their end.
    async fn quiet(&self) {
        const SETTLED: &str = r"
const done = arguments[arguments.length - 1];
document.fonts.ready
  .then(() => Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished)))
  .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(true))));
";
        // A picture a moment too early is still a picture.
        let _ = self.page.driver().execute_async(SETTLED, Vec::new()).await;
    }
}
