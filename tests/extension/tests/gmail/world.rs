//! The web that the stories happen in.

use anyhow::{Context as _, Result};
use extension_tests::extension::{self, Extended};
use extension_tests::gmail::{self, Gmail};
use extension_tests::peers::{self, Directory};
use extension_tests::person::message_text;
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;
use letterlock_tests::markers;
use letterlock_tests::page::id;
use tempfile::TempDir;
use thirtyfour::{By, WebElement};

/// Words that occur nowhere else; no page and no server may ever see one.
pub(crate) mod words {
    pub(crate) const SUBJECT: &str = "Quagmirelantern";
    pub(crate) const BODY: &str = "Velvetharbour";
    pub(crate) const FILE: &str = "Copperwhistle";
    pub(crate) const REPLY: &str = "Saltmeadowfinch";
    pub(crate) const FOREIGN: &str = "Hollowbramble";

    pub(crate) const ALL: [&str; 5] = [SUBJECT, BODY, FILE, REPLY, FOREIGN];
}

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const BOB: &str = "bob@example.org";
pub(crate) const CAROL: &str = "carol@example.org";

pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) folder: TempDir,
    pub(crate) web: Web,
    pub(crate) gmail: Gmail,
    pub(crate) directory: Directory,
}

impl World {
    pub(crate) async fn make(kind: Kind) -> Result<Self> {
        let world = Self {
            kind,
            folder: tempfile::tempdir()?,
            web: Web::start().await?,
            gmail: Gmail::default(),
            directory: Directory::default(),
        };
        world.web.put(gmail::HOST, world.gmail.clone());
        world
            .web
            .put("openpgpkey.example.org", world.directory.clone());
        Ok(world)
    }

    /// A browser with the extension, after its first run; its certificate is published.
    pub(crate) async fn person(&self, name: &str, address: &str) -> Result<Extended> {
        let local = address.split('@').next().unwrap_or_default();
        let browser = extension::start(self.kind, self.folder.path(), local, &self.web).await?;
        browser.first_run(address, name).await?;
        let certificate = browser.certificate().await?;
        self.directory.publish(local, peers::bare(&certificate)?);
        Ok(browser)
    }

    /// Searches what this page saw, and all that any server got.
    pub(crate) async fn nothing_was_seen(&self, browser: &Extended) -> Result<()> {
        let seen = browser.seen().await?;
        // Firefox gives the extension one address on all sites: no page may read it.
        let names = "return performance.getEntries().map((entry) => entry.name).join(' ')";
        let names = browser.page.driver().execute(names, Vec::new()).await?;
        for text in [seen.as_str(), names.json().as_str().unwrap_or_default()] {
            assert!(!text.contains("-extension:"), "the page saw our address");
        }
        let mut found = markers::search("what the page saw", seen.as_bytes(), &words::ALL);
        for asked in self.web.asked() {
            let place = format!("{} {}{}", asked.method, asked.host, asked.path);
            found.extend(markers::search(&place, asked.query.as_bytes(), &words::ALL));
            found.extend(markers::search(&place, &asked.body, &words::ALL));
        }
        assert!(found.is_empty(), "{found:?}");
        Ok(())
    }
}

/// Opens a thread whose first message was sealed, and has this text and this verdict on its
/// signature.
pub(crate) async fn opens(
    browser: &Extended,
    account: &str,
    thread: &str,
    text: &str,
    signature: &str,
) -> Result<()> {
    browser.open_thread(account, thread).await?;
    browser
        .read(0)
        .await
        .with_context(|| format!("{thread} does not open"))?;
    let shown = message_text(&browser.page).await?;
    assert!(shown.contains(text), "{thread}: {shown}");
    let reader = browser.page.see(id("reader")).await?;
    let said = async |name| reader.attr(name).await;
    assert_eq!(said("data-protection").await?.as_deref(), Some("sealed"));
    let verdict = said("data-signature").await?;
    assert_eq!(verdict.as_deref(), Some(signature), "{thread}: {shown}");
    browser.leave().await
}

/// Scrolls to the middle of the editor what its head or foot, which stay, may lie over.
pub(crate) async fn in_sight(browser: &Extended, by: By) -> Result<WebElement> {
    let found = browser.page.see(by).await?;
    let scroll = "arguments[0].scrollIntoView({ behavior: 'instant', block: 'center' })";
    let driver = browser.page.driver();
    driver.execute(scroll, vec![found.to_json()?]).await?;
    Ok(found)
}
