//! A page whose structure changed: the person is told which roles are not found any more, and with
//! newer rules they are found again.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::Gpg;
use extension_tests::web::{Asked, Site as _};
use letterlock_tests::browser::Kind;
use thirtyfour::By;

use crate::rules;
use crate::world::{ALICE, BOB, World};

/// What the changed page calls otherwise: as its script has it, and in the newer one. A thread of one
/// subject has no wrappers by their names, and a message of one text no body.
const CHANGES: [(&str, &str); 6] = [
    (
        "name: \"subjectbox\", class: \"aoT\"",
        "name: \"topic\", class: \"zz1\"",
    ),
    (
        "class: \"adn ads\"",
        "class: thread.subject === \"Unwrapped\" ? \"zz2\" : \"adn ads\"",
    ),
    (
        "class: \"gs\"",
        "class: thread.subject === \"Unwrapped\" ? \"zz3\" : \"gs\"",
    ),
    (
        "class: \"a3s aiL\"",
        "class: message.text === \"Bodiless\" ? \"zz4\" : \"a3s aiL\"",
    ),
    (
        "class: \"ii gt\"",
        "class: one.text === \"Bodiless\" ? \"zz5\" : \"ii gt\"",
    ),
    ("view=lg", "view=%6Cg"),
];

/// The roles that these changes hide, the first of the selectors that find nothing then, and one that
/// newer rules have.
const ROLES: [(&str, &str, &str); 4] = [
    (
        "clippedLink",
        ".iX a[href*=\"view=lg\"]",
        "a[href*=\"view=%6Cg\"]",
    ),
    (
        "message",
        "div.adn[data-message-id]",
        "div.zz2[data-message-id]",
    ),
    ("messageBody", "div.a3s", "div.zz4"),
    ("subject", "input[name=\"subjectbox\"]", "input.zz1"),
];

struct Play {
    alice: Extended,
    /// Threads whose look was changed, each for one role.
    threads: [String; 3],
}

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let releases = Gpg::make(world.folder.path(), "Releases", "releases@example.org").await?;
    // With a site more, so that the extension is a copy of this test's own.
    let alice = world
        .person("Alice Example", ALICE, &["https://mail.example.org/*"])
        .await?;
    let copy = world.folder.path().join("extension-alice");
    rules::trust(&alice, &copy, &releases).await?;
    let gmail = Gmail::default();
    let play = Play {
        alice,
        threads: deliver(&gmail),
    };
    world.web.put(gmail::HOST, gmail.clone());
    play.nothing_is_missing().await?;
    world
        .web
        .put(gmail::HOST, move |asked: &Asked| changed(&gmail, asked));
    play.is_told().await?;

    let newer = rules::with_selectors(&copy, ROLES.map(|(role, _, newer)| (role, newer)))?;
    rules::altered_are_refused(&play.alice, &world, &releases, &newer).await?;
    // What the old ones missed is forgotten with them, and not before.
    play.told("4").await?;
    rules::are_taken(&play.alice, &world, &releases, &newer).await?;
    // They are kept, too.
    play.alice.page.open("about:blank").await?;
    play.alice.stop_background().await?;
    play.nothing_is_missing().await?;
    play.alice.close().await
}

/// A clipped message beside a whole one, a whole one, and one without anything to open.
fn deliver(gmail: &Gmail) -> [String; 3] {
    let lines = "wcFMA0r5mJ2xQe3lAQ/9FvTqJ8bJ0sPp1nqS1kqg7yYz2m0Xb4o9cKj3Vw1d\n";
    let armored = |count: usize| {
        format!(
            "-----BEGIN PGP MESSAGE-----\n\n{}=abcd\n-----END PGP MESSAGE-----\n",
            lines.repeat(count)
        )
    };
    let message = |subject: &str, text: String, clipped: bool| Message {
        from: BOB.to_owned(),
        to: vec![ALICE.to_owned()],
        subject: subject.to_owned(),
        text,
        clipped,
        ..Message::default()
    };
    let clipped = gmail.deliver(message("Clipped", armored(60), true));
    gmail.deliver_to(message("Clipped", armored(3), false), Some(clipped.clone()));
    [
        clipped,
        gmail.deliver(message("Unwrapped", armored(3), false)),
        gmail.deliver(message("Plain", "Bodiless".to_owned(), false)),
    ]
}

/// The page after its maker's next release.
fn changed(gmail: &Gmail, asked: &Asked) -> extension_tests::web::Said {
    let mut said = gmail.answer(asked);
    if asked.path == "/static/gmail.js" {
        let mut script = String::from_utf8_lossy(&said.body).into_owned();
        for (before, after) in CHANGES {
            assert!(script.contains(before), "the page has no {before}");
            script = script.replace(before, after);
        }
        said.body = script.into_bytes();
    }
    said
}

impl Play {
    /// Goes to all that was changed, in one life of the page.
    async fn walk(&self) -> Result<()> {
        let page = &self.alice.page;
        page.open("about:blank").await?;
        page.open(&gmail::address(ALICE)).await?;
        page.click(By::Id("compose")).await?;
        page.see(ours("button")).await?;
        for (index, thread) in self.threads.iter().enumerate() {
            let go = format!("location.hash = 'inbox/{thread}'");
            page.driver().execute(go, Vec::new()).await?;
            page.see(By::Css(format!("[data-ready=\"thread {thread}\"]")))
                .await?;
            // Nothing is to be opened in the last one.
            if index < 2 {
                page.see(ours("reader")).await?;
            }
        }
        Ok(())
    }

    /// What the key manager tells of this page's self-test, once so many roles are missing and the
    /// page's threads were looked at.
    async fn told(&self, missing: &str) -> Result<String> {
        let page = &self.alice.page;
        let own = page.driver().window().await?;
        let tab = page.driver().new_tab().await?;
        page.driver().switch_to_window(tab).await?;
        let note = format!(
            "[data-origin=\"https://{}\"] [data-testid=\"self-test\"][data-missing=\"{missing}\"]",
            gmail::HOST
        );
        let told = page
            .until("what the self-test says", async || {
                self.alice.manager("sites").await?;
                page.see(By::Css("[data-testid=\"site-card\"]")).await?;
                page.driver()
                    .find(By::Css(format!("{note} summary")))
                    .await?
                    .click()
                    .await?;
                let told = page.driver().find(By::Css(format!("{note} .mono"))).await?;
                let told = told.text().await?;
                Ok(told.contains("messageBody").then_some(told))
            })
            .await?;
        page.picture(&format!("self-test-{missing}")).await?;
        page.driver().close_window().await?;
        page.driver().switch_to_window(own).await?;
        Ok(told)
    }

    async fn nothing_is_missing(&self) -> Result<()> {
        self.walk().await?;
        let told = self.told("0").await?;
        let found = told.split('·').nth(1).context("nothing was found")?;
        let found: Vec<&str> = found.split([',', ':', ' ']).collect();
        for (role, _, _) in ROLES {
            assert!(found.contains(&role), "no {role} in {told}");
        }
        Ok(())
    }

    /// Each role, with what was looked for.
    async fn is_told(&self) -> Result<()> {
        self.walk().await?;
        let told = self.told("4").await?;
        let missing = told.rsplit("missing:").next().unwrap_or_default();
        for (role, selector, _) in ROLES {
            let named = format!("{role} ({selector}");
            assert!(missing.contains(&named), "no {named} in {told}");
        }
        Ok(())
    }
}
