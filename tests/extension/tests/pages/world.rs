//! The web around the pages: a Gmail-like webmail, a webmail that calls the client API, and a Web
//! Key Directory.

use anyhow::Result;
use extension_tests::extension::{self, Extended};
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::{Directory, Gpg};
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use tempfile::TempDir;

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const CAROL: &str = "carol@example.org";
pub(crate) const DORA: &str = "dora@example.org";

/// A webmail that calls the client API, once it may.
pub(crate) const API_HOST: &str = "webmail.test";

pub(crate) struct World {
    pub(crate) kind: Kind,
    pub(crate) folder: TempDir,
    web: Web,
    pub(crate) gmail: Gmail,
    pub(crate) directory: Directory,
}

fn api_site(asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/" => Said::body(
            "text/html; charset=utf-8",
            include_str!("../../pages/client.html"),
        ),
        "/static/probe.js" => Said::body("text/javascript", include_str!("../../pages/probe.js")),
        _ => Said::not_found(),
    }
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
        world.web.put(API_HOST, api_site);
        let directory = world.directory.clone();
        world.web.put("openpgpkey.example.org", directory);
        Ok(world)
    }

    /// A browser with the extension; the same name is the same profile.
    pub(crate) async fn browser(&self, name: &str) -> Result<Extended> {
        // What a person would grant in the browser's own question, and by opening the popup.
        let sites = [API_HOST, gmail::HOST].map(|host| format!("https://{host}/*"));
        let sites: Vec<&str> = sites.iter().map(String::as_str).collect();
        let browser =
            extension::start_with_sites(self.kind, self.folder.path(), name, &self.web, &sites)
                .await?;
        Ok(browser)
    }

    /// Somebody with GnuPG whose key can be looked up.
    pub(crate) async fn carol(&self) -> Result<Gpg> {
        let carol = Gpg::make(self.folder.path(), "Carol Example", CAROL).await?;
        self.directory.publish("carol", carol.certificate().await?);
        Ok(carol)
    }

    /// A message with text from Carol, laid into every mailbox; its thread.
    pub(crate) fn deliver(&self, to: &str, text: String) -> String {
        self.gmail.deliver(Message {
            from: CAROL.to_owned(),
            name: "Carol Example".to_owned(),
            to: vec![to.to_owned()],
            subject: "From elsewhere".to_owned(),
            text,
            ..Message::default()
        })
    }
}
