//! From a click on a thread to the text of its message, drawn in a reader frame.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::stage::{Stage, What, ask, between, number, open_inbox};

const LETTER: usize = 20_000;
const NOTE: usize = 3_000;

const FIRST: What = (
    "open 20 KB, the first after the browser's start",
    "ms",
    None,
);
const AWAKE: Rowed = Rowed {
    drawn: (
        "open 20 KB, background awake: click to text drawn",
        "ms",
        Some(150.0),
    ),
    wrapped: ("awake: of that until the block is wrapped", "ms", None),
    frame: ("awake: of that until the frame begins", "ms", None),
    painted: ("awake: of that until the frame shows anything", "ms", None),
    opened: ("awake: of that until the message is open", "ms", None),
    whole: ("awake: click to all of it at its full height", "ms", None),
};
const WOKEN: Rowed = Rowed {
    drawn: (
        "open 20 KB, background stopped: click to text drawn",
        "ms",
        Some(350.0),
    ),
    wrapped: ("stopped: of that until the block is wrapped", "ms", None),
    frame: ("stopped: of that until the frame begins", "ms", None),
    painted: (
        "stopped: of that until the frame shows anything",
        "ms",
        None,
    ),
    opened: ("stopped: of that until the message is open", "ms", None),
    whole: ("stopped: click to all of it at its full height", "ms", None),
};
const NOTE_AWAKE: What = (
    "open 3 KB, background awake: click to text drawn",
    "ms",
    None,
);
const NOTE_WOKEN: What = (
    "open 3 KB, background stopped: click to text drawn",
    "ms",
    None,
);

/// What is told of one kind of opening.
struct Rowed {
    drawn: What,
    wrapped: What,
    frame: What,
    painted: What,
    opened: What,
    whole: What,
}

const FRAME: &str = include_str!("frame.js");

/// Opens messages that were never opened before, one after the other, each from an inbox at rest.
///
/// # Errors
///
/// When one is not drawn.
pub(crate) async fn play(stage: &mut Stage<'_>) -> Result<()> {
    let opened = stage.arguments.opened;
    let mut letters = Vec::new();
    for index in 0..=2 * opened {
        letters.push(stage.deliver(LETTER, index).await?);
    }
    let mut notes = Vec::new();
    for index in 0..2 * opened {
        notes.push(stage.deliver(NOTE, index).await?);
    }
    open_inbox(&stage.alice.page).await?;
    for (index, thread) in letters.iter().enumerate() {
        let is_awake = index <= opened;
        let found = open(stage, thread, LETTER, is_awake).await?;
        let drawn = between(&found, "clicked", "drawn")?;
        if index == 0 {
            stage.add(FIRST, drawn);
            continue;
        }
        let row = if is_awake { &AWAKE } else { &WOKEN };
        stage.add(row.drawn, drawn);
        stage.add(row.wrapped, between(&found, "clicked", "wrapped")?);
        stage.add(row.frame, between(&found, "clicked", "began")?);
        if let Ok(painted) = between(&found, "clicked", "painted") {
            stage.add(row.painted, painted);
        }
        if let Ok(opened) = between(&found, "clicked", "opened") {
            stage.add(row.opened, opened);
        }
        stage.add(row.whole, between(&found, "clicked", "whole")?);
    }
    for (index, thread) in notes.iter().enumerate() {
        let is_awake = index < opened;
        let found = open(stage, thread, NOTE, is_awake).await?;
        let row = if is_awake { NOTE_AWAKE } else { NOTE_WOKEN };
        stage.add(row, between(&found, "clicked", "drawn")?);
    }
    Ok(())
}

/// Opens a thread; tells the moments, by the clocks of page and frame, which both count from the
/// same beginning (`timeOrigin`).
async fn open(stage: &Stage<'_>, thread: &str, bytes: usize, is_awake: bool) -> Result<Value> {
    let page = &stage.alice.page;
    // The list is drawn anew, so that it holds what was delivered since.
    ask(page, "await measure.inbox(); return null;").await?;
    if !is_awake {
        stage.alice.stop_background().await?;
    }
    let body = format!("return await measure.open({thread:?}, 1, true);");
    let mut found = ask(page, &body).await?;
    stage.alice.enter("reader", 0).await?;
    let answer = page.driver().execute_async(FRAME, Vec::new()).await?;
    let frame: Value = serde_json::from_str(answer.json().as_str().unwrap_or_default())?;
    stage.alice.leave().await?;
    let length = number(&frame, "length")?;
    ensure!(
        length > bytes as f64 * 0.9,
        "the message has {length} characters of {bytes}"
    );
    // Drawn in a frame that has room for it. A browser that does not tell when that was tells when
    // the page was drawn with the height of the whole text, which is later.
    let drawn = match frame["opened"].as_f64() {
        Some(opened) => opened.max(number(&found, "room")?),
        None => number(&found, "drawn")?,
    };
    found["whole"] = found["drawn"].clone();
    found["drawn"] = json!(drawn);
    if let (Value::Object(found), Value::Object(frame)) = (&mut found, frame) {
        found.extend(frame);
    }
    if stage.arguments.timeline {
        timeline(&found, is_awake)?;
    }
    Ok(found)
}

fn timeline(found: &Value, is_awake: bool) -> Result<()> {
    let clicked = number(found, "clicked")?;
    let mut moments: Vec<(f64, &str)> = found
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| *name != "length")
        .filter_map(|(name, at)| Some((at.as_f64()? - clicked, name.as_str())))
        .collect();
    moments.sort_by(|one, other| one.0.total_cmp(&other.0));
    let line: Vec<String> = moments
        .iter()
        .map(|(at, name)| format!("{name} {at:.0}"))
        .collect();
    let state = if is_awake { "awake" } else { "stopped" };
    println!("{state}: {}", line.join(", "));
    Ok(())
}
