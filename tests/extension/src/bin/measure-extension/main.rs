//! What the extension costs and how long a person waits for it, in real browsers at a page with
//! Gmail's structure.
//!
//! Started by `cargo xtask bench --part extension`. Not a test: it prints, and judges nothing.
#![allow(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]
#![allow(
    clippy::indexing_slicing,
    reason = "invariant: indexing a JSON value gives null and never panics"
)]

mod cost;
mod first;
mod memory;
mod profile;
mod reading;
mod stage;
mod writing;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use letterlock_tests::browser::Kind;
use letterlock_tests::rows::Rows;

use crate::stage::Stage;

/// The command line.
#[derive(Parser)]
struct Arguments {
    /// How often everything is done on a fresh profile
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many messages are opened in each round, with the background awake and stopped
    #[arg(long, default_value_t = 5)]
    opened: usize,
    /// Where: chromium or firefox; may be given twice
    #[arg(long = "browser", default_value = "chromium")]
    browsers: Vec<String>,
    /// Measure these things alone; may be given more than once
    #[arg(long = "scene", value_enum)]
    scenes: Vec<Scene>,
    /// Print the functions in which the content script's time went, and what each opening waited for
    #[arg(long)]
    timeline: bool,
    /// Write the rows into this file as well
    #[arg(long)]
    json: Option<PathBuf>,
}

/// What is measured together.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Scene {
    /// The content script where there is no mail, and at a long thread
    Cost,
    /// From a click on a thread to its text
    Reading,
    /// From a press of "Encrypt" to the armor in the page
    Writing,
    /// Processes and heaps
    Memory,
    /// Clicks and fields to the first encrypted mail
    First,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let wanted = |scene| arguments.scenes.is_empty() || arguments.scenes.contains(&scene);
    let mut rows = Rows::default();
    for name in &arguments.browsers {
        let kind = kind(name)?;
        println!("Load before {name}: {}", load());
        for round in 0..arguments.rounds.max(1) {
            let mut stage = Stage::build(kind, &arguments, &mut rows).await?;
            stage.yardstick().await?;
            if wanted(Scene::First) {
                first::mail(&mut stage).await?;
            }
            if wanted(Scene::Cost) {
                cost::play(&mut stage).await?;
            }
            if wanted(Scene::Reading) {
                reading::play(&mut stage).await?;
            }
            if wanted(Scene::Writing) {
                writing::play(&mut stage).await?;
            }
            if wanted(Scene::Memory) {
                memory::play(&mut stage).await?;
            }
            stage.end().await?;
            println!("Load after round {} of {name}: {}", round + 1, load());
        }
    }
    println!("\n{}", rows.table());
    if let Some(file) = &arguments.json {
        rows.write(file)?;
    }
    Ok(())
}

fn kind(name: &str) -> Result<Kind> {
    [Kind::Chromium, Kind::Firefox]
        .into_iter()
        .find(|kind| kind.name() == name)
        .with_context(|| format!("there is no browser {name} here"))
}

/// The machine's load over the last minute, as far as it is told.
fn load() -> f64 {
    std::fs::read_to_string("/proc/loadavg")
        .ok()
        .and_then(|text| text.split_whitespace().next()?.parse().ok())
        .unwrap_or(f64::NAN)
}
