//! Alice, Bob, and Carol with gpg, in one webmail.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::{File, Message};
use extension_tests::peers::Gpg;
use extension_tests::person::{Letter, message_text};
use extension_tests::webmail::{Look, Webmail};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{ALICE, BOB, CAROL, World, words};

struct Play {
    world: World,
    webmail: Webmail,
}

pub(crate) async fn play(kind: Kind, look: Look) -> Result<()> {
    let play = Play {
        world: World::make(kind).await?,
        webmail: Webmail::new(look),
    };
    play.world.web.put(look.host(), play.webmail.clone());
    let carol = Gpg::make(play.world.folder.path(), "Carol Example", CAROL).await?;
    play.world
        .directory
        .publish("carol", carol.certificate().await?);
    let alice = play.world.person("Alice Example", ALICE, &[]).await?;
    carol.import(&alice.certificate().await?).await?;
    let bob = play.world.person("Bob Example", BOB, &[]).await?;
    // Enough that no list shows them all at once.
    for number in 0..30 {
        play.webmail.deliver(Message {
            from: CAROL.to_owned(),
            subject: format!("Old letter {number}"),
            ..Message::default()
        });
    }

    play.write_and_send(&alice).await?;
    play.world.nothing_was_seen(&alice).await?;
    let thread = play.webmail.last_thread().context("nothing was sent")?;
    play.read(&bob, &thread).await?;
    play.reply(&bob).await?;
    play.world.nothing_was_seen(&bob).await?;
    // Her own letter, its file, and the answer.
    play.shows(&alice, &thread, 3, words::REPLY).await?;
    play.foreign(&alice, &carol).await?;
    play.typed_before(&alice).await?;
    if look == Look::Outlook {
        play.unknown_recipient(&alice).await?;
    }
    play.world.nothing_was_seen(&alice).await?;
    alice.close().await?;
    bob.close().await
}

impl Play {
    async fn open_thread(&self, person: &Extended, account: &str, thread: &str) -> Result<()> {
        person.page.open("about:blank").await?;
        let address = self.webmail.look.thread(account, thread);
        person.page.open(&address).await?;
        // After the page has drawn everything anew, where it does.
        person
            .page
            .see(By::Css(format!("[role=main][data-ready=\"{thread}\"]")))
            .await?;
        Ok(())
    }

    /// To Bob and Carol, a copy to Alice's other self, with a file: whoever the page shows is
    /// whom the editor has, and nobody else.
    async fn write_and_send(&self, alice: &Extended) -> Result<()> {
        let page = &alice.page;
        page.open(&self.webmail.look.address(ALICE)).await?;
        page.click(By::Id("compose")).await?;
        let to = page.see(By::Id("to-field")).await?;
        to.send_keys(format!("{BOB},")).await?;
        page.see(By::Id("bcc-field"))
            .await?
            .send_keys(format!("{CAROL},"))
            .await?;
        alice.compose_button(0).await?.click().await?;
        alice.enter("editor", 0).await?;
        let file = self.world.folder.path().join("plan.txt");
        std::fs::write(&file, format!("{} in the file", words::FILE))?;
        let letter = Letter {
            subject: &format!("About the {}", words::SUBJECT),
            text: &format!("Dear Bob, meet me at {}.", words::BODY),
            hide_subject: true,
            files: vec![&file],
        };
        alice.write(&letter, BOB).await?;
        page.see(id_with(
            "chip",
            &format!("[data-address=\"{CAROL}\"][data-state=\"ready\"]"),
        ))
        .await?;
        let chips = page.driver().find_all(id("chip")).await?;
        assert_eq!(chips.len(), 2, "somebody else is written to");
        page.picture("editor").await?;
        self.seal_and_send(alice).await?;
        let sent = self.webmail.sent();
        let sent = sent.last().context("the page sent nothing")?;
        assert_eq!(
            (&sent.to[..], &sent.bcc[..]),
            (&[BOB.to_owned()][..], &[CAROL.to_owned()][..])
        );
        assert!(
            sent.text.trim().starts_with("-----BEGIN PGP MESSAGE-----"),
            "{}",
            sent.text
        );
        assert_eq!(sent.subject, "...");
        let names: Vec<_> = sent.files.iter().map(|file| file.name.as_str()).collect();
        assert!(
            names.len() == 1 && names.iter().all(|name| name.ends_with(".pgp")),
            "{names:?}"
        );
        Ok(())
    }

    async fn seal_and_send(&self, person: &Extended) -> Result<()> {
        person.press("encrypt").await?;
        person.leave().await?;
        person.page.gone(ours("editor")).await?;
        person.page.click(By::Id("send")).await?;
        person.page.gone(By::Id("send")).await
    }

    async fn read(&self, bob: &Extended, thread: &str) -> Result<()> {
        self.open_thread(bob, BOB, thread).await?;
        bob.read(0).await?;
        let text = message_text(&bob.page).await?;
        assert!(text.contains(words::BODY), "{text}");
        let inside = bob.page.text(id("subject-inside")).await?;
        assert!(inside.contains(words::SUBJECT), "{inside}");
        bob.page
            .see(id_with("reader", "[data-protection=\"sealed\"]"))
            .await?;
        bob.page.see(id("verdict")).await?;
        bob.leave().await?;
        bob.page.picture("reader").await?;
        if self.webmail.look == Look::Outlook {
            self.scroll_the_list(bob).await?;
        }
        bob.read(1).await?;
        bob.press("attachment-save").await?;
        let saved = bob.downloads.join("plan.txt");
        bob.page
            .until("the saved file", async || {
                Ok(std::fs::read_to_string(&saved)
                    .ok()
                    .filter(|text| text.contains(words::FILE)))
            })
            .await?;
        bob.leave().await
    }

    /// Rows come and go beside the reader, which stays the element that it was.
    async fn scroll_the_list(&self, bob: &Extended) -> Result<()> {
        let page = &bob.page;
        let scroll = "document.querySelector('[data-letterlock=reader]').marked = true; \
                      document.querySelector('.list').scrollTop = 800";
        page.driver().execute(scroll, Vec::new()).await?;
        page.until("other rows", async || {
            let first = "return document.querySelector('.list [role=option]')?.textContent";
            let first = page.driver().execute(first, Vec::new()).await?;
            let text = first.json().as_str().unwrap_or_default();
            Ok((text.starts_with("Old letter") && text != "Old letter 0").then_some(()))
        })
        .await?;
        bob.read(0).await?;
        bob.leave().await?;
        let same = "return document.querySelector('[data-letterlock=reader]').marked === true";
        let same = page.driver().execute(same, Vec::new()).await?;
        assert_eq!(same.json(), true, "the reader was placed anew");
        Ok(())
    }

    /// From the reader: the page's own box for answers opens, the editor in it quotes what was
    /// read. Outlook draws its whole reading pane anew meanwhile, the reader with it.
    async fn reply(&self, bob: &Extended) -> Result<()> {
        let before = self.webmail.sent().len();
        bob.read(0).await?;
        bob.press("reply").await?;
        bob.leave().await?;
        bob.enter("editor", 0).await?;
        let quoted = bob.written().await?;
        assert!(quoted.contains(words::BODY), "{quoted}");
        let letter = Letter {
            text: &format!("I will bring the {}. ", words::REPLY),
            ..Letter::default()
        };
        bob.write(&letter, ALICE).await?;
        self.seal_and_send(bob).await?;
        let sent = self.webmail.sent();
        assert_eq!(sent.len(), before + 1);
        let sent = sent.last().context("nothing was sent")?;
        assert_eq!(sent.to, [ALICE]);
        assert!(sent.thread.is_some(), "it left the thread");
        assert!(
            sent.text.trim().starts_with("-----BEGIN PGP MESSAGE-----"),
            "{}",
            sent.text
        );
        Ok(())
    }

    async fn shows(
        &self,
        person: &Extended,
        thread: &str,
        readers: usize,
        expected: &str,
    ) -> Result<()> {
        self.open_thread(person, ALICE, thread).await?;
        let page = &person.page;
        let mut texts = Vec::new();
        for number in 0..readers {
            person.read(number).await?;
            if page.shows(id("message-text")).await? {
                texts.push(message_text(page).await?);
            }
            person.leave().await?;
        }
        assert!(
            texts.iter().any(|text| text.contains(expected)),
            "{thread}: {texts:?}"
        );
        Ok(())
    }

    /// From gpg: armor in the text, and PGP/MIME as the webmail shows it, two files whose names
    /// say little.
    async fn foreign(&self, alice: &Extended, carol: &Gpg) -> Result<()> {
        let from_carol = |text: String, files: Vec<File>| Message {
            from: CAROL.to_owned(),
            name: "Carol Example".to_owned(),
            to: vec![ALICE.to_owned()],
            subject: "From elsewhere".to_owned(),
            text,
            files,
            ..Message::default()
        };
        let inline = carol
            .seal(ALICE, &format!("{} from gpg", words::FOREIGN))
            .await?;
        let thread = self
            .webmail
            .deliver(from_carol(format!("Hello\n{inline}Regards"), Vec::new()));
        self.shows(alice, &thread, 1, words::FOREIGN).await?;
        let entity = format!(
            "Content-Type: text/plain; charset=utf-8\r\n\r\n{} inside MIME\r\n",
            words::FOREIGN
        );
        let sealed = carol.seal(ALICE, &entity).await?;
        let names = match self.webmail.look {
            Look::Outlook => ["ATT00001", "OpenPGP encrypted message.asc"],
            Look::Yahoo => ["noname", "encrypted.asc"],
        };
        let files = names.iter().zip(["Version: 1\r\n", sealed.as_str()]);
        let files = files
            .map(|(name, data)| File {
                name: (*name).to_owned(),
                media_type: String::new(),
                data: data.as_bytes().to_vec(),
            })
            .collect();
        let message = from_carol(String::new(), files);
        let thread = self.webmail.deliver(message.clone());
        self.shows(alice, &thread, 1, words::FOREIGN).await?;
        if self.webmail.look == Look::Outlook {
            let kept = Message {
                clipped: true,
                ..message
            };
            let thread = self.webmail.deliver(kept);
            self.open_thread(alice, ALICE, &thread).await?;
            alice.page.see(ours("note")).await?;
            assert!(!alice.page.shows(ours("reader")).await?);
        }
        Ok(())
    }

    /// What stood in the page's own box comes along, and the box is emptied.
    async fn typed_before(&self, alice: &Extended) -> Result<()> {
        let page = &alice.page;
        page.open("about:blank").await?;
        page.open(&self.webmail.look.address(ALICE)).await?;
        page.click(By::Id("compose")).await?;
        let typed = "harmless words typed too early";
        page.click(By::Css(".body")).await?;
        // Above a signature, where a person writes.
        let first_line = "const box = document.querySelector('.body'); box.focus(); \
                          getSelection().setPosition(box.firstChild, 0)";
        page.driver().execute(first_line, Vec::new()).await?;
        page.press(typed).await?;
        let draft = |wanted: bool| {
            let drafts = self.webmail.drafts();
            let last = drafts.last().and_then(|draft| draft["text"].as_str());
            last.is_some_and(|text| text.contains(typed) == wanted)
                .then_some(())
        };
        page.until("a draft saved by the page", async || Ok(draft(true)))
            .await?;
        alice.compose_button(0).await?.click().await?;
        alice.enter("editor", 0).await?;
        page.see(id("was-typed")).await?;
        let held = alice.written().await?;
        assert!(held.contains(typed), "{held}");
        alice.leave().await?;
        page.until("a draft without it", async || Ok(draft(false)))
            .await
    }

    /// Somebody whose card does not open is named in the editor, which does not seal for fewer
    /// people than the page sends to.
    async fn unknown_recipient(&self, alice: &Extended) -> Result<()> {
        let page = &alice.page;
        page.open("about:blank").await?;
        page.open(&self.webmail.look.address(ALICE)).await?;
        page.click(By::Id("compose")).await?;
        let to = page.see(By::Id("to-field")).await?;
        to.send_keys("silent@example.org,").await?;
        to.send_keys(format!("{BOB},")).await?;
        alice.compose_button(0).await?.click().await?;
        alice.enter("editor", 0).await?;
        let named = "[data-address=\"Silent Person\"][data-state=\"not-an-address\"]";
        page.see(id_with("chip", named)).await?;
        // Nobody is missing: whose card was not read yet is told by name, too.
        assert_eq!(page.driver().find_all(id("chip")).await?.len(), 2);
        page.see(id_with("outlook", "[data-state=\"trouble\"]"))
            .await?;
        let told = page.text(id("chip-trouble")).await?;
        assert!(told.contains("Silent Person"), "{told}");
        // The next card is read after a while.
        let ready = format!("[data-address=\"{BOB}\"][data-state=\"ready\"]");
        page.see(id_with("chip", &ready)).await?;
        page.click(id("chip-drop")).await?;
        page.gone(id("chip-trouble")).await?;
        alice.leave().await
    }
}
