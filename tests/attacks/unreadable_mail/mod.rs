//! Bombs and broken armor in a real reader frame, one thread of them, and good mail after each.

use anyhow::{Context as _, Result};
use extension_tests::gmail::{File, Message};
use extension_tests::person::message_text;
use letterlock_tests::page::{id, id_with};

use crate::stage::{ALICE, SECRET, Stage, from_carol};

/// Far above every bound, and quickly made.
const BOMB: usize = 80 << 20;

async fn bombs(stage: &Stage) -> Result<Vec<(String, Vec<u8>)>> {
    let zeros = "0".repeat(BOMB);
    let mut made = Vec::new();
    for algorithm in ["zip", "zlib", "bzip2"] {
        let arguments = [
            "--sign",
            "--encrypt",
            "--recipient",
            ALICE,
            "--compress-algo",
            algorithm,
            "--compress-level",
            "9",
        ];
        let sealed = stage.carol.gpg(&arguments, zeros.as_bytes()).await?;
        assert!(sealed.len() < BOMB / 100, "{algorithm} makes no bomb of it");
        made.push((format!("bomb by {algorithm}"), sealed));
    }
    Ok(made)
}

/// Armor that is not what it seems, of a good message.
fn armors(good: &str) -> Vec<(&'static str, String)> {
    let begin = "-----BEGIN PGP MESSAGE-----";
    let end = "-----END PGP MESSAGE-----";
    let lines: Vec<&str> = good.lines().collect();
    let body = lines
        .iter()
        .skip(2)
        .take(lines.len() - 4)
        .copied()
        .collect::<Vec<_>>()
        .join("\n");
    let half: String = body.chars().take(body.len() / 2).collect();
    let flipped = {
        let at = body.len() / 2;
        let other = if body.as_bytes().get(at) == Some(&b'A') {
            "B"
        } else {
            "A"
        };
        format!("{}{other}{}", &body[..at], &body[at + 1..])
    };
    vec![
        (
            "one character changed",
            format!("{begin}\n\n{flipped}\n{end}\n"),
        ),
        ("cut in the middle", format!("{begin}\n\n{half}\n{end}\n")),
        ("nothing inside", format!("{begin}\n\n{end}\n")),
        (
            "no base64",
            format!("{begin}\n\n{}\n{end}\n", "%&/()=?!".repeat(2000)),
        ),
        (
            "a thousand headers",
            format!(
                "{begin}\n{}\n{half}\n{end}\n",
                "Comment: junk and more junk\n".repeat(2_000)
            ),
        ),
        (
            "one endless line",
            format!("{begin}\n\n{}\n{end}\n", "A".repeat(200 << 10)),
        ),
        (
            "armor in armor",
            format!("{begin}\n\n{begin}\n\n{half}\n{end}\n{end}\n"),
        ),
        (
            "zeros",
            format!(
                "{begin}\n\n{}\n{end}\n",
                format!("{}\n", "A".repeat(64)).repeat(1000)
            ),
        ),
    ]
}

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let good = stage
        .carol
        .seal(ALICE, &format!("{SECRET} at last"))
        .await?;
    for (what, sealed) in bombs(stage).await? {
        let file = File {
            name: "encrypted.asc".to_owned(),
            media_type: "application/octet-stream".to_owned(),
            data: sealed,
        };
        let message = Message {
            files: vec![file],
            ..from_carol(String::new())
        };
        refused_and_alive(stage, vec![(what.as_str(), message)], &good).await?;
    }
    let armors = armors(&good);
    let messages = armors
        .into_iter()
        .map(|(what, text)| (what, from_carol(text)))
        .collect();
    refused_and_alive(stage, messages, &good).await?;
    stage.nothing_leaked().await
}

/// A thread of bad messages and a good one: the good one opens, none of the others.
async fn refused_and_alive(stage: &Stage, bad: Vec<(&str, Message)>, good: &str) -> Result<()> {
    let alice = &stage.alice;
    let count = bad.len();
    let mut thread = None;
    let mut names = Vec::new();
    for (name, message) in bad {
        names.push(name);
        thread = Some(stage.gmail.deliver_to(message, thread));
    }
    stage
        .gmail
        .deliver_to(from_carol(good.to_owned()), thread.clone());
    let thread = thread.context("no thread")?;
    alice.open_thread(ALICE, &thread).await?;
    let readers = alice
        .page
        .until("the readers", async || {
            let found = alice
                .page
                .driver()
                .find_all(extension_tests::frames::ours("reader"))
                .await?
                .len();
            let bodies = stage
                .script("return document.querySelectorAll('.adn').length")
                .await?;
            Ok((bodies == count + 1 && found > 0).then_some(found))
        })
        .await?;
    // What no reader was made for stays as the page shows it. The good one is the last.
    for number in 0..readers - 1 {
        alice.enter("reader", number).await?;
        let done = alice
            .page
            .see(id_with(
                "reader",
                "[data-state=\"failed\"],[data-testid=\"reader\"][data-state=\"open\"]",
            ))
            .await
            .with_context(|| format!("reader {number} of {names:?}"))?;
        assert_eq!(
            done.attr("data-state").await?.as_deref(),
            Some("failed"),
            "{number} of {names:?}"
        );
        let words = done.text().await?;
        assert!(
            words.len() > 30 && !words.contains(SECRET),
            "{number} of {names:?}: {words}"
        );
        alice.page.see(id("try-again")).await?;
    }
    alice.read(readers - 1).await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(SECRET), "{text}");
    alice.leave().await
}
