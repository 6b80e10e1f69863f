//! Starts everything on loopback.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::cargo::{self, Profile};
use crate::process::{self, Running};
use crate::{build, paths, setup, step};

/// The domain of addresses that nobody can mistake for real ones (RFC 2606).
pub(crate) const DOMAIN: &str = "letterlock.test";
const READY_LIMIT: Duration = Duration::from_secs(60);
const DEMO_LIMIT: Duration = Duration::from_secs(10 * 60);
/// What the server prints before its address, once it listens.
const READY: &str = "listening on ";

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// Fill two accounts with mail and tell how to enter
    #[arg(long)]
    demo: bool,
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 8480)]
    port: u16,
    /// The folder of the embedded database
    #[arg(long, default_value = "data")]
    data: PathBuf,
    /// Start what was built last
    #[arg(long)]
    no_build: bool,
    /// How much to optimise the webmail
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
}

/// The task.
///
/// # Errors
///
/// When something cannot be built or started.
pub(crate) fn run(options: &Options) -> Result<()> {
    let webmail = webmail_folder();
    if options.no_build {
        require_built(&webmail, options.demo)?;
    } else {
        let toolchain = setup::toolchain()?;
        build::webmail(&toolchain, options.profile, &webmail)?;
        if options.demo {
            build::programs(&["server-stub", "demo"])?;
        } else {
            build::programs(&["server-stub"])?;
        }
    }
    let data = std::env::current_dir()?.join(&options.data);
    std::fs::create_dir_all(&data)
        .with_context(|| format!("cannot make the folder {}", data.display()))?;
    let mut server = Server::start(&data, &webmail, options.port)?;
    if options.demo {
        demo(&server, &data)?;
    }
    println!("\nLetterlock is ready: {}", server.address);
    println!(
        "Accounts end in @{DOMAIN}; everything is kept in {}.",
        paths::shown(&data)
    );
    println!("Ctrl-C ends the server.");
    process::interrupt_is_success();
    let status = server.running.wait(Duration::MAX)?;
    bail!("the server has ended by itself ({status})");
}

/// Where `run` and the tests keep the site they serve.
pub(crate) fn webmail_folder() -> PathBuf {
    paths::own().join("run/webmail")
}

fn require_built(webmail: &Path, demo: bool) -> Result<()> {
    let mut wanted = vec![
        webmail.join("index.html"),
        cargo::binary(Profile::Dev, "server-stub"),
    ];
    if demo {
        wanted.push(cargo::binary(Profile::Dev, "demo"));
    }
    for path in wanted {
        if !path.exists() {
            bail!(
                "{} is not there yet: run once without --no-build",
                paths::shown(&path)
            );
        }
    }
    Ok(())
}

/// A running server.
pub(crate) struct Server {
    running: Running,
    /// `http://127.0.0.1:PORT`
    pub(crate) address: String,
}

impl Server {
    /// Starts the server and waits until it listens.
    ///
    /// # Errors
    ///
    /// When it cannot start, for instance because the port is taken.
    pub(crate) fn start(data: &Path, webmail: &Path, port: u16) -> Result<Self> {
        step::step("Starting the server", || {
            let mut command = process::command(cargo::binary(Profile::Dev, "server-stub"));
            command
                .arg("serve")
                .arg("--data")
                .arg(data)
                .args(["--listen", &format!("127.0.0.1:{port}")])
                .args(["--domain", DOMAIN])
                .arg("--webmail")
                .arg(webmail)
                .stdout(Stdio::piped());
            let mut running = process::start(&mut command)?;
            let output = running
                .child()
                .stdout
                .take()
                .context("the server's output is piped")?;
            let address = ready(output).with_context(|| {
                format!("the server does not listen on port {port}; is the port taken? `--port N` names another")
            })?;
            Ok(Self { running, address })
        })
    }
}

/// Waits for the line that tells the address; passes later lines on.
fn ready(output: impl std::io::Read + Send + 'static) -> Result<String> {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut told_address = false;
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            match line.strip_prefix(READY) {
                Some(address) if !told_address => {
                    told_address = true;
                    // A receiver that gave up has ended the server already.
                    let _ = tell.send(address.trim().to_owned());
                }
                _ => println!("{line}"),
            }
        }
    });
    // The sender vanishes when the server ends without a word.
    told.recv_timeout(READY_LIMIT)
        .context("it ended or gave no sign of life; its own messages stand above")
}

/// Fills the demo accounts and returns how to enter; safe to repeat.
///
/// # Errors
///
/// When the demo fails.
pub(crate) fn fill(server: &Server) -> Result<String> {
    step::step("Filling the demo accounts", || {
        let finished = process::capture(
            process::command(cargo::binary(Profile::Dev, "demo"))
                .args(["--server", &server.address]),
            DEMO_LIMIT,
        )?;
        if !finished.status.success() {
            bail!("{}{}", finished.stdout.trim(), finished.stderr.trim());
        }
        Ok(finished.stdout)
    })
}

fn demo(server: &Server, data: &Path) -> Result<()> {
    let story = fill(server)?;
    println!("\n{}", story.trim_end());
    for address in addresses(&story) {
        let finished = process::capture(
            process::command(cargo::binary(Profile::Dev, "server-stub"))
                .arg("token")
                .arg("--data")
                .arg(data)
                .arg(&address),
            READY_LIMIT,
        )?;
        if !finished.status.success() {
            bail!("no token for {address}: {}", finished.stderr.trim());
        }
        let secret = finished
            .stdout
            .split_whitespace()
            .last()
            .context("the server printed no token")?;
        println!("token: {address} {secret}");
    }
    Ok(())
}

/// The addresses that a text names, each once, in order.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|character: char| {
        character.is_whitespace() || matches!(character, '<' | '>' | '(' | ')' | ',' | ';' | '"')
    }) {
        let word = word.trim_matches(|character: char| matches!(character, '.' | ':'));
        if word.ends_with(&format!("@{DOMAIN}")) && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_once_each() {
        assert_eq!(
            addresses(
                "Alice <alice@letterlock.test>: x\nbob@letterlock.test, alice@letterlock.test."
            ),
            ["alice@letterlock.test", "bob@letterlock.test"]
        );
    }
}
