//! What a person waits for, measured in the page by its own clock.
//!
//! Started by `cargo xtask bench`. Not a test: it prints, and judges nothing.
#![allow(
    clippy::print_stdout,
    reason = "printing figures is what this program is for"
)]

mod ports;
mod probe;
mod scenes;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Parser;
use letterlock_tests::browser::Kind;
use letterlock_tests::environment::Environment;
use letterlock_tests::server::Server;
use tokio::process::Command;

use crate::scenes::{Account, Amount, Scene};
use letterlock_tests::rows::Rows;

/// The command line.
#[derive(Parser)]
struct Arguments {
    /// The program that fills an account
    #[arg(long)]
    fill: PathBuf,
    /// The folder of the page that measures the browser's ports
    #[arg(long)]
    pages: Option<PathBuf>,
    /// How many messages lie in the inbox
    #[arg(long, default_value_t = 1000)]
    messages: usize,
    /// How often each thing is done on a fresh profile, and repeated in it
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How many messages are opened
    #[arg(long, default_value_t = 20)]
    opened: usize,
    /// Where: chromium or firefox; may be given twice
    #[arg(long = "browser", default_value = "chromium")]
    browsers: Vec<String>,
    /// Write the rows into this file as well
    #[arg(long)]
    json: Option<PathBuf>,
    /// Print when each thing happened
    #[arg(long)]
    timeline: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let environment = Environment::read()?;
    let kinds = arguments
        .browsers
        .iter()
        .map(|name| kind(name))
        .collect::<Result<Vec<_>>>()?;
    let data = tempfile::tempdir()?;
    let mut server = Server::start(&environment, data.path()).await?;
    println!("Load before filling: {}", probe::load());
    let account = fill(&arguments, &server.address).await?;
    let mut rows = Rows::default();
    for kind in kinds {
        println!("Load before {}: {}", kind.name(), probe::load());
        let amount = Amount {
            rounds: arguments.rounds.max(1),
            opened: arguments.opened,
            print_timelines: arguments.timeline,
        };
        Scene {
            environment: &environment,
            kind,
            server: &server.address,
            account: &account,
            amount,
            rows: &mut rows,
        }
        .play()
        .await?;
        if let Some(pages) = &arguments.pages {
            ports::measure(&environment, kind, pages, amount.rounds, &mut rows).await?;
        }
        println!("Load after {}: {}", kind.name(), probe::load());
    }
    server.stop().await?;
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

/// Fills an account and reads from the filler's words how to enter it.
async fn fill(arguments: &Arguments, server: &str) -> Result<Account> {
    let output = Command::new(&arguments.fill)
        .args(["--server", server])
        .args(["--messages", &arguments.messages.to_string()])
        .output()
        .await
        .context("the filler could not be started")?;
    let told = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!("{told}{}", String::from_utf8_lossy(&output.stderr));
    }
    let (address, passphrase) = told
        .lines()
        .find_map(|line| line.strip_prefix("account: ")?.split_once(" passphrase: "))
        .context("the filler told of no account")?;
    Ok(Account {
        address: address.to_owned(),
        passphrase: passphrase.to_owned(),
        messages: arguments.messages,
    })
}
