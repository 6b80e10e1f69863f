//! Pictures of every page and frame of the extension, light and dark, wide and narrow.
//!
//! Started by `cargo xtask screenshots --extension`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;
use extension_tests::extension::{self, Extended};
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::manager::file;
use extension_tests::peers::{Directory, Gpg};
use extension_tests::person::Letter;
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{Page, id, id_with};
use serde_json::json;
use thirtyfour::By;

const ALICE: &str = "alice@example.org";
const CAROL: &str = "carol@example.org";

/// The command line.
#[derive(Parser)]
struct Arguments {
    /// The folder for the pictures
    #[arg(long)]
    out: PathBuf,
    /// Firefox instead of Chromium
    #[arg(long)]
    firefox: bool,
}

/// Paints the page and whatever the frames of ours are told by it.
const THEME: &str = r"
const [theme, done] = arguments;
document.documentElement.dataset.theme = theme;
Promise.allSettled(document.getAnimations().filter((a) => a.effect?.getComputedTiming().iterations !== Infinity).map((a) => a.finished))
  .then(() => requestAnimationFrame(() => requestAnimationFrame(() => done(document.documentElement.scrollHeight))));
";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let kind = if arguments.firefox {
        Kind::Firefox
    } else {
        Kind::Chromium
    };
    let folder = tempfile::tempdir()?;
    let (web, gmail, directory) = (Web::start().await?, Gmail::default(), Directory::default());
    web.put(gmail::HOST, gmail.clone());
    web.put("openpgpkey.example.org", directory.clone());
    let carol = Gpg::make(folder.path(), "Carol Example", CAROL).await?;
    directory.publish("carol", carol.certificate().await?);
    let browser = extension::start_with_sites(
        kind,
        folder.path(),
        "pictures",
        &web,
        &["https://mail.google.com/*"],
    )
    .await?;
    let camera = Camera {
        browser,
        out: arguments.out,
    };
    let passphrase = camera.first_run().await?;
    carol.import(&camera.browser.certificate().await?).await?;
    camera.files(folder.path()).await?;
    camera.manager(&passphrase).await?;
    camera.frames(&gmail, &carol, folder.path()).await?;
    camera.popup(&passphrase).await?;
    camera.browser.close().await
}

struct Camera {
    browser: Extended,
    out: PathBuf,
}

impl Camera {
    fn page(&self) -> &Page {
        &self.browser.page
    }

    /// Four pictures of a page of ours, each as long as the page.
    async fn take(&self, title: &str) -> Result<()> {
        for (shape, width) in [("wide", None), ("narrow", Some(360))] {
            self.browser.set_width(width).await?;
            for theme in ["light", "dark"] {
                let driver = self.page().driver();
                let height = driver.execute_async(THEME, vec![json!(theme)]).await?;
                let height = height.json().as_u64().unwrap_or(800).clamp(400, 2400);
                if self.browser.kind == Kind::Chromium {
                    let width = width.unwrap_or(1280);
                    driver
                        .cdp()
                        .send_raw(
                            "Emulation.setDeviceMetricsOverride",
                            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false }),
                        )
                        .await?;
                }
                self.shoot(title, shape, theme).await?;
            }
            self.browser.set_width(None).await?;
        }
        let light = "delete document.documentElement.dataset.theme";
        self.page().driver().execute(light, Vec::new()).await?;
        Ok(())
    }

    /// Four pictures of a page of somebody else's with a frame of ours in it.
    async fn take_frame(&self, role: &str, title: &str) -> Result<()> {
        for (shape, width) in [("wide", None), ("narrow", Some(360))] {
            self.browser.set_width(width).await?;
            for theme in ["light", "dark"] {
                let driver = self.page().driver();
                let ground = if theme == "dark" { "#1b1c1f" } else { "" };
                let paint = format!("document.body.style.background = '{ground}'");
                driver.execute(paint, Vec::new()).await?;
                self.browser.enter(role, 0).await?;
                driver.execute_async(THEME, vec![json!(theme)]).await?;
                self.browser.leave().await?;
                self.shoot(title, shape, theme).await?;
            }
            self.browser.set_width(None).await?;
        }
        let light = "document.body.style.background = ''";
        self.page().driver().execute(light, Vec::new()).await?;
        Ok(())
    }

    async fn shoot(&self, title: &str, shape: &str, theme: &str) -> Result<()> {
        let file = self.out.join(format!("ext-{title}-{shape}-{theme}.png"));
        self.page()
            .driver()
            .screenshot(&file)
            .await
            .with_context(|| format!("no picture of {title}"))?;
        Ok(())
    }

    async fn first_run(&self) -> Result<String> {
        let (browser, page) = (&self.browser, self.page());
        browser.popup(None, "not-set-up").await?;
        browser.only_window().await?;
        self.take("01-popup-not-set-up").await?;
        page.open("about:blank").await?;
        browser.own("welcome.html").await?;
        page.click(id("from-file")).await?;
        page.see(id("key-file-button")).await?;
        self.take("02-welcome-from-file").await?;
        page.click(id("back")).await?;
        page.click(id("from-sheet")).await?;
        page.see(id("recovery-code")).await?;
        self.take("03-welcome-from-sheet").await?;
        page.click(id("back")).await?;
        page.see(id("address")).await?;
        self.take("04-welcome-address").await?;
        page.fill("address", ALICE).await?;
        page.fill("name", "Alice Example").await?;
        browser.next().await?;
        let passphrase = browser.type_drawn_words().await?;
        self.take("05-welcome-passphrase").await?;
        browser.next().await?;
        page.see(id("create")).await?;
        self.take("06-welcome-picture").await?;
        page.click(id("create")).await?;
        page.see(id("open-letter")).await?;
        self.take("07-welcome-done").await?;
        page.click(id("open-letter")).await?;
        page.see(id("opened-letter")).await?;
        self.take("08-welcome-letter").await?;
        Ok(passphrase)
    }

    async fn manager(&self, passphrase: &str) -> Result<()> {
        let (browser, page) = (&self.browser, self.page());
        browser.manager("keys").await?;
        page.see(id("own-key")).await?;
        self.take("10-keys").await?;
        page.click(id("key-generate")).await?;
        self.take("11-generate").await?;
        page.click(id("key-import")).await?;
        self.take("12-import").await?;
        page.click(id("key-export-private")).await?;
        page.see(id("export-dialog")).await?;
        self.take("13-export-private").await?;
        page.click(id("dialog-close")).await?;
        page.click(id("key-revoke")).await?;
        page.see(id("revoke-dialog")).await?;
        self.take("14-withdraw").await?;
        page.click(id("dialog-close")).await?;
        page.click(id("key-publish-how")).await?;
        page.see(id("account-none")).await?;
        self.take("15-account").await?;
        browser.manager("contacts").await?;
        page.fill("look-up", CAROL).await?;
        page.click(id("look-up-submit")).await?;
        page.see(id("looked-up")).await?;
        page.see(id("contact")).await?;
        page.click(By::Css("[data-testid=\"contact\"] summary"))
            .await?;
        self.take("17-contacts").await?;
        for (route, there) in [("sites", "site-card"), ("settings", "lock-after")] {
            browser.manager(route).await?;
            page.see(id(there)).await?;
            self.take(&format!("18-{route}")).await?;
        }
        page.click(id("change-begin")).await?;
        page.see(id("passphrase-new")).await?;
        self.take("19-change-passphrase").await?;
        browser.manager("sheet").await?;
        page.see(id("sheet-form")).await?;
        self.take("20-sheet").await?;
        page.fill("sheet-passphrase", passphrase).await?;
        page.click(id("sheet-make")).await?;
        page.see(id("sheet-paper")).await?;
        self.take("21-sheet-paper").await
    }

    async fn files(&self, folder: &std::path::Path) -> Result<()> {
        let (browser, page) = (&self.browser, self.page());
        let plain = file(folder, "minutes of the meeting.csv", "a,b\n".repeat(400))?;
        browser.manager("files").await?;
        page.see(id("files-form")).await?;
        self.take("22-files-empty").await?;
        page.choose_file("files-input", &plain).await?;
        page.fill("files-to", &format!("{ALICE}, {CAROL}")).await?;
        page.click(id("files-submit")).await?;
        page.see(id("result")).await?;
        self.take("23-files-sealed").await?;
        let name = page.attribute(id("result"), "data-name").await?;
        page.click(id("result-save")).await?;
        browser.saved(&name).await?;
        browser.manager("files").await?;
        page.choose_file("files-input", &browser.downloads.join(&name))
            .await?;
        page.see(id("file")).await?;
        page.click(id("files-submit")).await?;
        page.see(id("result")).await?;
        self.take("24-files-opened").await
    }

    async fn frames(&self, gmail: &Gmail, carol: &Gpg, folder: &std::path::Path) -> Result<()> {
        let (browser, page) = (&self.browser, self.page());
        let text = "Dear Alice,\n\nthe small place by the canal, at noon? I shall bring the plan \
                    and the two letters we spoke about.\n\nCarol";
        let thread = gmail.deliver(Message {
            from: CAROL.to_owned(),
            name: "Carol Example".to_owned(),
            to: vec![ALICE.to_owned()],
            subject: "Lunch on Thursday".to_owned(),
            text: carol.seal(ALICE, text).await?,
            ..Message::default()
        });
        browser.open_thread(ALICE, &thread).await?;
        browser.read(0).await?;
        browser.leave().await?;
        self.take_frame("reader", "30-reader").await?;
        browser.enter("reader", 0).await?;
        page.click(id("verdict-toggle")).await?;
        browser.leave().await?;
        self.take_frame("reader", "31-reader-details").await?;
        page.open("about:blank").await?;
        page.open(&gmail::address(ALICE)).await?;
        browser.compose(CAROL).await?;
        let plan = file(folder, "plan.txt", "where and when")?;
        let letter = Letter {
            subject: "Lunch on Thursday",
            text: "Dear Carol,\n\nat noon is fine.",
            files: vec![&plan],
            ..Letter::default()
        };
        browser.write(&letter, CAROL).await?;
        browser.leave().await?;
        self.take_frame("editor", "32-editor").await?;
        page.see(By::Css("[peoplekit-id=\"to\"]"))
            .await?
            .send_keys("nobody@example.org,")
            .await?;
        browser.enter("editor", 0).await?;
        page.see(id_with("chip", "[data-state=\"noKey\"]"))
            .await
            .ok();
        browser.leave().await?;
        self.take_frame("editor", "33-editor-no-key").await?;
        browser.enter("editor", 0).await?;
        page.click(id("discard")).await?;
        browser.leave().await?;
        self.take_frame("editor", "34-editor-discard").await?;
        browser.lock().await?;
        browser.open_thread(ALICE, &thread).await?;
        browser.enter("reader", 0).await?;
        page.see(id_with("reader", "[data-state=\"locked\"]"))
            .await?;
        browser.leave().await?;
        self.take_frame("reader", "35-reader-locked").await
    }

    async fn popup(&self, passphrase: &str) -> Result<()> {
        let (browser, page) = (&self.browser, self.page());
        browser.popup(None, "locked").await?;
        self.take("40-popup-locked").await?;
        browser.type_passphrase("not the passphrase").await?;
        page.see(id("passphrase-fault")).await?;
        self.take("41-popup-wrong").await?;
        page.open("about:blank").await?;
        browser.own("unlock.html").await?;
        page.see(id("unlock-page")).await?;
        self.take("42-unlock").await?;
        browser.manager("locked").await?;
        self.take("43-manager-locked").await?;
        browser.unlock(passphrase).await?;
        page.open(&gmail::address(ALICE)).await?;
        let tab = browser.tab_beside("manager.html").await?;
        browser.popup(Some(tab), "unlocked").await?;
        page.see(id("this-site")).await?;
        self.take("44-popup").await?;
        page.open("about:blank").await?;
        browser.own("webmail.html").await?;
        page.see(By::Css(
            "main[data-testid^=\"page-\"]:not([data-testid=\"page-starting\"]):not([data-testid=\"page-fault\"])",
        ))
        .await?;
        self.take("45-webmail").await
    }
}
