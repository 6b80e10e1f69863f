//! The web that the stories happen in.

use anyhow::Result;
use extension_tests::extension::{self, Extended};
use extension_tests::peers::{self, Directory};
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;
use letterlock_tests::markers;
use tempfile::TempDir;

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
    pub(crate) directory: Directory,
}

impl World {
    pub(crate) async fn make(kind: Kind) -> Result<Self> {
        let world = Self {
            kind,
            folder: tempfile::tempdir()?,
            web: Web::start().await?,
            directory: Directory::default(),
        };
        world
            .web
            .put("openpgpkey.example.org", world.directory.clone());
        Ok(world)
    }

    /// A browser with the extension after its first run, allowed on further sites; its
    /// certificate is published.
    pub(crate) async fn person(
        &self,
        name: &str,
        address: &str,
        sites: &[&str],
    ) -> Result<Extended> {
        let local = address.split('@').next().unwrap_or_default();
        let folder = self.folder.path();
        let browser =
            extension::start_with_sites(self.kind, folder, local, &self.web, sites).await?;
        browser.first_run(address, name).await?;
        let certificate = browser.certificate().await?;
        self.directory.publish(local, peers::bare(&certificate)?);
        Ok(browser)
    }

    /// Searches what this page saw, and all that any server got.
    pub(crate) async fn nothing_was_seen(&self, browser: &Extended) -> Result<()> {
        let seen = browser.seen().await?;
        assert!(seen.contains("document: "), "the probe saw no page at all");
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
