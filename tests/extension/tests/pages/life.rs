//! The background is ended under whatever is open. State comes back; where it cannot, the person is
//! told and the second try works.

use anyhow::{Context as _, Result, bail};
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::gmail::{File, Message, address};
use extension_tests::manager::file;
use extension_tests::peers::Gpg;
use extension_tests::person::{Letter, message_text};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::world::{ALICE, CAROL, World};
use crate::{api, drafts, sites};

const BODY: &str = "Velvetharbour";
const FILE: &str = "Copperwhistle";

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = world.carol().await?;
    let alice = world.browser("alice").await?;
    let (passphrase, _) = alice.first_run(ALICE, "Alice Example").await?;
    carol.import(&alice.certificate().await?).await?;

    let thread = with_a_file(&world, &carol).await?;
    reader(&alice, &thread).await?;
    half_a_letter(&world, &alice, &carol).await?;
    drafts::found_again(&alice).await?;
    sealing(&world, &alice, &carol).await?;
    sites::switches(&alice).await?;
    api::outlives(&alice, &carol).await?;
    locked(&alice, &thread, &passphrase).await?;
    unlocking(&alice, &passphrase).await?;
    by_the_clock(&alice, &passphrase).await?;
    sites::settings(&alice).await?;
    alice.close().await?;
    // With the browser went its memory: what is on disk opens with the passphrase only.
    let again = world.browser("alice").await?;
    another_day(&again, &thread, &passphrase).await?;
    again.close().await
}

/// A message with a file in it, which the page shows as two attachments.
async fn with_a_file(world: &World, carol: &Gpg) -> Result<String> {
    let entity = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{BODY} inside MIME\r\n--b\r\n\
         Content-Type: text/plain; name=\"notes.txt\"\r\n\
         Content-Disposition: attachment; filename=\"notes.txt\"\r\n\r\n{FILE}\r\n--b--\r\n"
    );
    let sealed = carol.seal(ALICE, &entity).await?;
    let attached = |name: &str, media_type: &str, data: &str| File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: data.as_bytes().to_vec(),
    };
    Ok(world.gmail.deliver(Message {
        from: CAROL.to_owned(),
        name: "Carol Example".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "From elsewhere".to_owned(),
        files: vec![
            attached("noname", "application/pgp-encrypted", "Version: 1\r\n"),
            attached("encrypted.asc", "application/octet-stream", &sealed),
        ],
        ..Message::default()
    }))
}

/// An open reader saves its file and quotes itself, though nobody remembers what was opened.
async fn reader(alice: &Extended, thread: &str) -> Result<()> {
    alice.open_thread(ALICE, thread).await?;
    alice.read(0).await?;
    alice.stop_background().await?;
    alice.press("attachment-save").await?;
    let saved = alice.saved("notes.txt").await?;
    assert!(String::from_utf8_lossy(&saved).contains(FILE));
    alice.stop_background().await?;
    alice.press("reply").await?;
    alice.leave().await?;
    alice.enter("editor", 0).await?;
    alice.page.see(id("editor")).await?;
    let quoted = alice.written().await?;
    assert!(quoted.contains(BODY), "{quoted}");
    alice.leave().await
}

/// Words and a file outlive the background twice: before and after they were kept as a draft.
async fn half_a_letter(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let page = &alice.page;
    let plan = file(
        world.folder.path(),
        "plan.txt",
        format!("{FILE} in the file"),
    )?;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    alice.compose(CAROL).await?;
    let letter = Letter {
        text: &format!("Dear Carol, {BODY}"),
        files: vec![&plan],
        ..Letter::default()
    };
    alice.write(&letter, CAROL).await?;
    page.see(id_with("file", "[data-name=\"plan.txt\"]"))
        .await?;
    alice.stop_background().await?;
    alice.body().await?.send_keys(" and more").await?;
    page.see(id_with("draft-state", "[data-state=\"kept\"]"))
        .await?;
    alice.stop_background().await?;
    let written = alice.written().await?;
    assert!(
        written.contains(BODY) && written.contains("and more"),
        "{written}"
    );
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    let opened = String::from_utf8(carol.open(sent.text.as_bytes()).await?)?;
    assert!(
        opened.contains(BODY) && opened.contains("and more"),
        "{opened}"
    );
    let attached = sent.files.first().context("the file is lost")?;
    let opened = carol.open(&attached.data).await?;
    assert!(String::from_utf8_lossy(&opened).contains(FILE));
    Ok(())
}

/// In the middle of sealing: told as a failure, with everything still there; then it works.
async fn sealing(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let page = &alice.page;
    // Large enough to be caught while it is on its way.
    let large = file(world.folder.path(), "large.bin", vec![7; 12 << 20])?;
    page.open("about:blank").await?;
    page.open(&address(ALICE)).await?;
    alice.compose(CAROL).await?;
    let letter = Letter {
        text: &format!("Dear Carol, {BODY} once more"),
        files: vec![&large],
        ..Letter::default()
    };
    alice.write(&letter, CAROL).await?;
    page.see(id_with("file", "[data-name=\"large.bin\"]"))
        .await?;
    // The file is there already, so that it is the sealing that is caught.
    page.see(id_with("draft-state", "[data-state=\"kept\"]"))
        .await?;
    alice.press("encrypt").await?;
    page.see(id_with("editor", "[data-state=\"working\"]"))
        .await?;
    alice.stop_background().await?;
    page.see(id_with("editor", "[data-state=\"failed\"]"))
        .await?;
    page.see(id("failure")).await?;
    let written = alice.written().await?;
    assert!(written.contains(BODY), "{written}");
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sent = sent.last().context("nothing was sent")?;
    let opened = String::from_utf8(carol.open(sent.text.as_bytes()).await?)?;
    assert!(opened.contains("once more"), "{opened}");
    let attached = sent.files.first().context("the file is lost")?;
    assert_eq!(carol.open(&attached.data).await?.len(), 12 << 20);
    Ok(())
}

/// Locked is locked, whether somebody remembers it or not, and opens again.
async fn locked(alice: &Extended, thread: &str, passphrase: &str) -> Result<()> {
    alice.lock().await?;
    alice.stop_background().await?;
    alice.open_thread(ALICE, thread).await?;
    alice.enter("reader", 0).await?;
    alice
        .page
        .see(id_with("reader", "[data-state=\"locked\"]"))
        .await?;
    alice.stop_background().await?;
    alice.press("unlock").await?;
    alice.leave().await?;
    in_its_window(alice, passphrase).await?;
    alice.read(0).await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(BODY), "{text}");
    alice.leave().await
}

/// A frame in somebody's page takes no passphrase: a window of our own opens for it, goes when it
/// is done, and the frame shows the message.
async fn in_its_window(alice: &Extended, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    let mail = page.driver().window().await?;
    page.until("the window for the passphrase", async || {
        for window in page.driver().windows().await? {
            page.driver().switch_to_window(window).await?;
            if page
                .driver()
                .current_url()
                .await?
                .path()
                .ends_with("/unlock.html")
            {
                return Ok(Some(()));
            }
        }
        Ok(None)
    })
    .await?;
    page.see(id("unlock-page")).await?;
    alice.type_passphrase(passphrase).await?;
    page.until("the end of that window", async || {
        Ok((page.driver().windows().await?.len() == 1).then_some(()))
    })
    .await?;
    page.driver().switch_to_window(mail).await?;
    Ok(())
}

/// In the middle of unlocking: told as a failure, and a second try opens.
async fn unlocking(alice: &Extended, passphrase: &str) -> Result<()> {
    let page = &alice.page;
    for _ in 0..5 {
        alice.lock().await?;
        alice.manager("locked").await?;
        alice.type_passphrase(passphrase).await?;
        alice.stop_background().await?;
        let failed = page
            .until("an end of the unlocking", async || {
                if page.shows(id("failure")).await? {
                    return Ok(Some(true));
                }
                let open = id_with("manager", "[data-route=\"keys\"]");
                Ok(page.shows(open).await?.then_some(false))
            })
            .await?;
        if failed {
            let kind = page.attribute(id("failure"), "data-kind").await?;
            assert_eq!(kind, "Internal");
            alice.type_passphrase(passphrase).await?;
            page.see(id_with("manager", "[data-route=\"keys\"]"))
                .await?;
            return Ok(());
        }
        // It was quicker than we were.
    }
    bail!("the background could not be caught while it unlocked");
}

/// The time runs out while no background lives: the alarm wakes it, and it forgets the key.
async fn by_the_clock(alice: &Extended, passphrase: &str) -> Result<()> {
    alice.manager("settings").await?;
    alice.stop_background().await?;
    alice
        .with_api(
            "const { vault } = await api.storage.session.get('vault');
             const held = JSON.parse(vault);
             held.deadline = Date.now() - 1;
             await api.storage.session.set({ vault: JSON.stringify(held) });
             await api.alarms.create('lock', { when: Date.now() + 100 });",
            serde_json::Value::Null,
        )
        .await?;
    // Reading the storage wakes nobody: if the key goes, the alarm did it.
    alice
        .page
        .until("the end of the kept key", async || {
            let left = alice
                .with_api(
                    "return Object.keys(await api.storage.session.get('vault')).length;",
                    serde_json::Value::Null,
                )
                .await?;
            Ok((left == 0).then_some(()))
        })
        .await?;
    // The page still shows what it showed; at the next step it asks for the passphrase.
    alice
        .page
        .click(By::Css(".switch:has([data-testid=\"set-sign\"])"))
        .await?;
    alice
        .page
        .see(id_with("manager", "[data-route=\"locked\"]"))
        .await?;
    alice.popup(None, "locked").await?;
    alice.type_passphrase(passphrase).await?;
    alice
        .page
        .see(id_with("popup", "[data-state=\"unlocked\"]"))
        .await?;
    Ok(())
}

/// After a restart of the browser: locked, with everything that was chosen.
async fn another_day(alice: &Extended, thread: &str, passphrase: &str) -> Result<()> {
    alice.popup(None, "locked").await?;
    alice.open_thread(ALICE, thread).await?;
    alice.enter("reader", 0).await?;
    alice
        .page
        .see(id_with("reader", "[data-state=\"locked\"]"))
        .await?;
    alice.leave().await?;
    assert!(!alice.page.shows(ours("editor")).await?);
    alice.unlock(passphrase).await?;
    sites::settings_are_kept(alice).await?;
    alice.open_thread(ALICE, thread).await?;
    alice.read(0).await?;
    alice.leave().await
}
