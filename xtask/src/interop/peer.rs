//! Other people's OpenPGP, and ours, behind the same few operations.
//!
//! All but GnuPG speak Stateless OpenPGP: `sqop`, `rsop` and `letterlock-sop` by themselves,
//! OpenPGP.js and pysequoia through a script each.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process;

/// No single operation of a peer takes longer.
const LIMIT: Duration = Duration::from_secs(120);

/// What a peer answered instead of doing it.
pub(super) type Refusal = String;

/// What a peer did, or its own words about why not.
pub(super) type Answer<T = Vec<u8>> = Result<T, Refusal>;

/// A private key's file and its certificate's.
#[derive(Clone, Debug)]
pub(super) struct KeyFiles {
    pub(super) secret: PathBuf,
    pub(super) certificate: PathBuf,
}

/// The forms of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Detached,
    Inline,
    Cleartext,
}

/// What a message is opened with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Opener<'a> {
    Key(&'a Path),
    Locked { key: &'a Path, password: &'a Path },
    Password(&'a Path),
}

/// How a message is written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Writing<'a> {
    pub(super) recipients: &'a [&'a Path],
    pub(super) password: Option<&'a Path>,
    pub(super) signer: Option<&'a Path>,
    /// A profile of `encrypt`, for those who have any.
    pub(super) profile: Option<&'a str>,
}

/// One OpenPGP implementation.
pub(super) trait Peer {
    /// Its name in the table.
    fn name(&self) -> &'static str;
    /// Which version was run.
    fn version(&self) -> Answer<String>;
    /// Makes a key of one of its kinds.
    fn generate(&self, kind: &str, files: &KeyFiles) -> Answer<()>;
    fn encrypt(&self, data: &[u8], writing: &Writing<'_>) -> Answer;
    /// Opens a message; if somebody is named, their signature must be in it and good.
    fn decrypt(&self, message: &[u8], opener: Opener<'_>, signer: Option<&Path>) -> Answer;
    fn sign(&self, data: &[u8], key: &Path, form: Form) -> Answer;
    /// Verifies, and returns what was signed.
    fn verify(&self, data: &[u8], signed: &[u8], certificate: &Path, form: Form) -> Answer;
}

/// A folder for the files of one run, and names in it that are new.
pub(super) struct Scratch(tempfile::TempDir);

impl Scratch {
    pub(super) fn new() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("interop").tempdir()?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        self.0.path().join(format!("{count}-{name}"))
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, bytes).with_context(|| format!("cannot write {name}"))?;
        Ok(path)
    }
}

/// Runs a program with this input, and returns its output, or the line of its complaint that says
/// most.
pub(super) fn run(program: &Path, arguments: &[&str], input: &[u8]) -> Answer {
    complete(program, arguments, input).map_err(|error| format!("{error:#}"))?
}

fn complete(program: &Path, arguments: &[&str], input: &[u8]) -> Result<Answer> {
    let mut command = process::command(program);
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut running = process::start(&mut command)?;
    let child = running.child();
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = pipes else {
        anyhow::bail!("a pipe is missing");
    };
    let input = input.to_vec();
    // A program that does not read all of its input closes the pipe: that is its own affair.
    let feeder = thread::spawn(move || drop(stdin.write_all(&input)));
    let errors = thread::spawn(move || {
        let mut text = Vec::new();
        let _ = stderr.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    });
    let output = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stdout.read_to_end(&mut bytes);
        bytes
    });
    let status = running.wait(LIMIT)?;
    let _ = feeder.join();
    let output = output.join().unwrap_or_default();
    let errors = errors.join().unwrap_or_default();
    Ok(if status.success() {
        Ok(output)
    } else {
        Err(complaint(&errors))
    })
}

/// The line of a program's errors that says most: the one that is called an error, or the last one
/// that is not empty.
fn complaint(errors: &str) -> String {
    let mut lines = errors
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("[GNUPG:]"));
    let line = lines
        .clone()
        .find(|line| line.starts_with("error:"))
        .or_else(|| lines.next_back())
        .unwrap_or("it failed without a word");
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
