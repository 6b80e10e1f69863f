//! Who and what the story is about.

use std::path::PathBuf;

use anyhow::Result;
use letterlock_tests::browser::{Browser, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::page::Page;
use letterlock_tests::person::Person;
use letterlock_tests::server::Server;
use tempfile::TempDir;

/// Words that occur nowhere else. Each stands in one kind of thing that must
/// never lie anywhere in the clear.
pub(crate) mod words {
    pub(crate) const SUBJECT: &str = "Quagmirelantern";
    pub(crate) const BODY: &str = "Velvetharbour";
    pub(crate) const FILE_NAME: &str = "thistledown";
    pub(crate) const FILE_TEXT: &str = "Copperwhistle";
    pub(crate) const ALICES_NAME: &str = "Marrowfield";
    pub(crate) const BOBS_NAME: &str = "Umberquill";
    pub(crate) const REPLY: &str = "Saltmeadowfinch";
    pub(crate) const FOREIGN: &str = "Hollowbramble";
    pub(crate) const OLD_PASSPHRASE: &str = "nickelwortgantry";
    pub(crate) const NEW_PASSPHRASE: &str = "tamariskplover";
    pub(crate) const BOBS_PASSPHRASE: &str = "junipersextant";
    /// The part of Bob's address before the `@`: whom Alice knows
    pub(crate) const BOBS_ADDRESS: &str = "ortolanbob";

    pub(crate) const ALL: [&str; 11] = [
        SUBJECT,
        BODY,
        FILE_NAME,
        FILE_TEXT,
        ALICES_NAME,
        BOBS_NAME,
        REPLY,
        FOREIGN,
        OLD_PASSPHRASE,
        NEW_PASSPHRASE,
        BOBS_PASSPHRASE,
    ];
}

/// The server, the people, and a folder for everything.
pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) environment: Environment,
    pub(crate) server: Server,
    pub(crate) alice: Person,
    pub(crate) bob: Person,
    pub(crate) folder: TempDir,
}

impl World {
    pub(crate) async fn make(kind: Kind) -> Result<Self> {
        let environment = Environment::read()?;
        let folder = tempfile::tempdir()?;
        let server = Server::start(&environment, &folder.path().join("data")).await?;
        Ok(Self {
            kind,
            environment,
            server,
            alice: Person {
                local: "alice".to_owned(),
                name: format!("Alice {}", words::ALICES_NAME),
                passphrase: format!("seven {} under rain", words::OLD_PASSPHRASE),
            },
            bob: Person {
                local: words::BOBS_ADDRESS.to_owned(),
                name: format!("Bob {}", words::BOBS_NAME),
                passphrase: format!("a {} and two bells", words::BOBS_PASSPHRASE),
            },
            folder,
        })
    }

    /// Opens the webmail in a browser with a profile of this name.
    pub(crate) async fn open(&self, profile: &str) -> Result<Page> {
        let browser = Browser::start(
            &self.environment,
            self.kind,
            &self.profile(profile),
            &self.downloads(),
        )
        .await?;
        let page = Page::new(
            browser,
            self.kind,
            profile,
            self.environment.artifacts.clone(),
        );
        page.open(&self.server.address).await?;
        Ok(page)
    }

    pub(crate) fn profile(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("profile-{name}"))
    }

    pub(crate) fn downloads(&self) -> PathBuf {
        self.folder.path().join("downloads")
    }
}
