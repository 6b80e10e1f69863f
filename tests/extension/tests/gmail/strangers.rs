//! Mail from and to GnuPG and OpenPGP.js, in the shapes in which webmails show it.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::gmail::{File, Message, address};
use extension_tests::peers::Gpg;
use extension_tests::person::{Letter, message_text};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id_with;

use crate::world::{ALICE, CAROL, World, opens, words};
use crate::{openpgp_js, redrawn};

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = Gpg::make(world.folder.path(), "Carol Example", CAROL).await?;
    world.directory.publish("carol", carol.certificate().await?);
    let alice = world.person("Alice Example", ALICE).await?;
    let certificate = alice.certificate().await?;
    carol.import(&certificate).await?;

    broken_by_the_page(&world, &alice, &carol).await?;
    let sealed = carol
        .seal(ALICE, &format!("{} again", words::FOREIGN))
        .await?;
    let thread = world.gmail.deliver(from_carol(sealed));
    redrawn::play(&world, &alice, &thread).await?;
    mime_as_attachments(&world, &alice, &carol).await?;
    clipped(&world, &alice, &carol).await?;
    written_to_gpg(&world, &alice, &carol).await?;
    // Since then her key is remembered.
    let answer = carol
        .seal(ALICE, &format!("{} in answer", words::FOREIGN))
        .await?;
    let thread = world.gmail.deliver(from_carol(answer));
    opens(&alice, ALICE, &thread, words::FOREIGN, "good").await?;
    signed_in_the_clear(&world, &alice, &carol).await?;
    openpgp_js::play(&world, &alice, &certificate).await?;
    world.nothing_was_seen(&alice).await?;
    alice.close().await
}

fn from_carol(text: String) -> Message {
    Message {
        from: CAROL.to_owned(),
        name: "Carol Example".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "From elsewhere".to_owned(),
        text,
        ..Message::default()
    }
}

async fn shows(alice: &Extended, thread: &str, expected: &str) -> Result<()> {
    alice.open_thread(ALICE, thread).await?;
    alice
        .read(0)
        .await
        .with_context(|| format!("{} does not open", thread))?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(expected), "{thread}: {text}");
    alice.leave().await
}

/// Quote marks, non-breaking spaces, quoted-printable left-overs, one line a paragraph.
async fn broken_by_the_page(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let text = format!("{} from gpg", words::FOREIGN);
    let sealed = carol.seal(ALICE, &text).await?;
    let lines: Vec<&str> = sealed.lines().collect();
    let quoted = lines
        .iter()
        .map(|line| format!("> {line}"))
        .collect::<Vec<_>>()
        .join("\n");
    let mangled = lines
        .iter()
        .map(|line| {
            if line.starts_with('=') {
                line.replacen('=', "=3D", 1)
            } else if line.starts_with("-----") {
                line.replace(' ', "\u{a0}")
            } else {
                (*line).to_owned()
            }
        })
        .collect::<Vec<_>>()
        .join("\n");
    let paragraphs = lines
        .iter()
        .map(|line| format!("<p>{line}</p>"))
        .collect::<String>();
    let broken = lines.join("<br>");
    for text in [
        sealed.clone(),
        format!("Before\n{sealed}After"),
        quoted,
        mangled,
    ] {
        let thread = world.gmail.deliver(from_carol(text));
        shows(alice, &thread, words::FOREIGN).await?;
    }
    // The source of a page has line ends where it likes.
    let words = format!("<p>{}</p>", sealed.replace("\n\n", "\n"));
    let torn = lines
        .join("<br>\n")
        .replace("BEGIN PGP MESSAGE", "BEGIN PGP\nMESSAGE");
    let header = "Comment: a line that was so long -\nhttps://example.org/ that it was torn";
    let wrapped = [lines[0], header]
        .iter()
        .chain(&lines[1..])
        .copied()
        .collect::<Vec<_>>()
        .join("<br>");
    // The same header, and behind it data that the source alone breaks.
    let flowing = format!("{}<br>{header}<br>{}", lines[0], lines[1..].join("\n"));
    for html in [paragraphs, broken, words, torn, wrapped, flowing] {
        let thread = world.gmail.deliver(Message {
            html: Some(html),
            ..from_carol(String::new())
        });
        shows(alice, &thread, words::FOREIGN).await?;
    }
    Ok(())
}

/// Gmail shows a PGP/MIME message as two attachments without good names.
async fn mime_as_attachments(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let entity = format!(
        "Content-Type: multipart/mixed; boundary=\"b\"\r\n\r\n--b\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\n{} inside MIME\r\n--b\r\n\
         Content-Type: text/plain; name=\"notes.txt\"\r\n\
         Content-Disposition: attachment; filename=\"notes.txt\"\r\n\r\n{}\r\n--b--\r\n",
        words::FOREIGN,
        words::FILE
    );
    let sealed = carol.seal(ALICE, &entity).await?;
    let file = |name: &str, media_type: &str, data: &str| File {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: data.as_bytes().to_vec(),
    };
    let thread = world.gmail.deliver(Message {
        files: vec![
            file("noname", "application/pgp-encrypted", "Version: 1\r\n"),
            file("encrypted.asc", "application/octet-stream", &sealed),
        ],
        ..from_carol(String::new())
    });
    shows(alice, &thread, words::FOREIGN).await?;
    alice.enter("reader", 0).await?;
    alice
        .page
        .see(letterlock_tests::page::id("attachment"))
        .await?;
    alice.leave().await
}

/// Longer than Gmail shows: the rest is fetched by the page's own link.
async fn clipped(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let text = format!("{}{} at the end", "long ".repeat(20_000), words::FOREIGN);
    // Uncompressible enough to be long when sealed.
    let noise: String = (0..4000_u32)
        .map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761)))
        .collect();
    let sealed = carol.seal(ALICE, &format!("{noise}\n{text}")).await?;
    let thread = world.gmail.deliver(Message {
        clipped: true,
        ..from_carol(sealed)
    });
    shows(alice, &thread, words::FOREIGN).await
}

/// Survives the page as it is; never good after one word was changed.
async fn signed_in_the_clear(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    let signed = carol
        .sign_clear("Everybody may read this.\n\nTwo  spaces, and a dash:\n- like this.\n")
        .await?;
    let changed = signed.replace("Everybody", "Nobody");
    // Preformatted, with one line break that is an element: the line ends beside it count.
    let kept = format!(
        "<pre>{}</pre>",
        signed.replacen(".\n\nTwo", ".<br>\nTwo", 1)
    );
    assert!(kept.contains("<br>"), "{signed}");
    let kept = Message {
        html: Some(kept),
        ..from_carol(String::new())
    };
    for (message, is_whole) in [
        (from_carol(signed), true),
        (from_carol(changed), false),
        (kept, true),
    ] {
        let thread = world.gmail.deliver(message);
        alice.open_thread(ALICE, &thread).await?;
        alice.enter("reader", 0).await?;
        let done = "[data-state=\"open\"],[data-testid=\"reader\"][data-state=\"failed\"]";
        let found = alice.page.see(id_with("reader", done)).await?;
        assert_ne!(
            found.attr("data-protection").await?.as_deref(),
            Some("sealed")
        );
        let verdict = found.attr("data-signature").await?;
        let verdict = verdict.as_deref().unwrap_or_default();
        if is_whole {
            assert_eq!(verdict, "good");
        } else {
            assert_ne!(verdict, "good");
        }
        alice.leave().await?;
    }
    Ok(())
}

async fn written_to_gpg(world: &World, alice: &Extended, carol: &Gpg) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.page.open(&address(ALICE)).await?;
    // Nobody is written to whose address is a part of another's.
    alice.compose("o'brien@example.org").await?;
    let whole = "[data-address=\"o'brien@example.org\"]";
    alice.page.see(id_with("chip", whole)).await?;
    alice.leave().await?;
    alice.page.open("about:blank").await?;
    alice.page.open(&address(ALICE)).await?;
    alice.compose(CAROL).await?;
    let letter = Letter {
        text: &format!("Dear Carol, {}", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, CAROL).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sealed = &sent.last().context("nothing was sent")?.text;
    let opened = carol.open_signed_by(ALICE, sealed.as_bytes()).await?;
    assert!(opened.contains(words::BODY), "{opened}");
    Ok(())
}
