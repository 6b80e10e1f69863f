//! `letterlock-sop` against GnuPG and rsop: whole processes, from files into files.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Options;
use super::report::Row;
use crate::cargo::{self, Profile};
use crate::tools::{self, Tool};
use crate::{interop, process, step};

const LIMIT: Duration = Duration::from_secs(120);
const SIZES: [u64; 3] = [1_000, 1_000_000, 25_000_000];
const ROUNDS: usize = 9;
/// Where SOP programs write whose signatures are good; they refuse to overwrite it.
const VERDICTS: &str = "verifications";

/// Measures.
///
/// # Errors
///
/// When a program cannot be had or fails.
pub(super) fn run(options: &Options) -> Result<Vec<Row>> {
    tools::require(&[Tool {
        program: "gpg",
        packages: &["gpg", "gpg-agent"],
    }])?;
    let rsop = interop::rsop_program()?;
    if !options.no_build {
        step::step("Building letterlock-sop (release)", || {
            let mut build = cargo::native("build");
            cargo::quiet(&mut build).args(["--release", "--package", "letterlock-sop"]);
            process::run(&mut build, cargo::LIMIT)
        })?;
    }
    let ours = cargo::binary(Profile::Release, "letterlock-sop");
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        folder: folder.path(),
        ours,
        rsop,
    };
    step::step("Measuring native programs", || bench.run(options.largest))
}

struct Bench<'a> {
    folder: &'a Path,
    ours: PathBuf,
    rsop: PathBuf,
}

/// A program that has been told everything but its input.
type Job<'a> = Box<dyn Fn() -> Command + 'a>;

impl Bench<'_> {
    fn run(&self, largest: u64) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        // Keys of the peer, so that nobody gets one that only we use to the full.
        for (profile, mode) in [("default", "SEIPDv1"), ("performance", "SEIPDv2")] {
            let key = self.path(&format!("{profile}.key"));
            let certificate = self.path(&format!("{profile}.cert"));
            let mut generate = Command::new(&self.rsop);
            generate.args(["generate-key", "--profile", profile]);
            generate.arg("Ann <ann@example.org>");
            into(&mut generate, None, &key)?;
            into(
                Command::new(&self.rsop).arg("extract-cert"),
                Some(&key),
                &certificate,
            )?;
            let gpg = (mode == "SEIPDv1")
                .then(|| self.gpg_home(&key))
                .transpose()?;
            for size in SIZES.into_iter().filter(|size| *size <= largest) {
                let plain = self.path("plain");
                fs::write(&plain, noise(size))?;
                let message = self.path("message");
                let sop = |program: &Path, sealing: bool| -> Command {
                    let mut command = Command::new(program);
                    if sealing {
                        command.args(["encrypt", "--no-armor"]);
                        command.arg(option("--sign-with", &key)).arg(&certificate);
                    } else {
                        command.arg("decrypt");
                        command.arg(option("--verify-with", &certificate));
                        command.arg(option("--verifications-out", &self.path(VERDICTS)));
                        command.arg(&key);
                    }
                    command
                };
                into(&mut sop(&self.rsop, true), Some(&plain), &message)?;
                for (op, sealing, input) in [
                    ("encrypt+sign", true, &plain),
                    ("decrypt+verify", false, &message),
                ] {
                    let ours: Job = Box::new(move || sop(&self.ours, sealing));
                    let rsop: Job = Box::new(move || sop(&self.rsop, sealing));
                    let mut peers = vec![("rsop", rsop)];
                    if let Some(home) = &gpg {
                        peers.push(("gpg", Box::new(move || gpg_command(home, sealing))));
                    }
                    for (peer, theirs) in peers {
                        let (ours_ms, peer_ms) = self.in_turns(&ours, &theirs, input)?;
                        rows.push(Row {
                            op: op.to_owned(),
                            mode: mode.to_owned(),
                            bytes: size,
                            peer: peer.to_owned(),
                            browser: "native".to_owned(),
                            ours_ms,
                            peer_ms,
                            ratio: peer_ms / ours_ms,
                        });
                    }
                }
            }
        }
        Ok(rows)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A keyring of GnuPG's with this key, which has no passphrase.
    fn gpg_home(&self, key: &Path) -> Result<PathBuf> {
        use std::os::unix::fs::PermissionsExt;
        let home = self.path("gnupg");
        fs::create_dir(&home)?;
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700))?;
        let mut import = Command::new("gpg");
        import.arg("--homedir").arg(&home);
        import.args(["--batch", "--quiet", "--import"]).arg(key);
        into(&mut import, None, &self.path("imported"))?;
        Ok(home)
    }

    /// Medians of both, in milliseconds.
    fn in_turns(&self, ours: &Job<'_>, theirs: &Job<'_>, input: &Path) -> Result<(f64, f64)> {
        let output = self.path("output");
        let mut times = (Vec::new(), Vec::new());
        for round in 0..=ROUNDS {
            let once = |job: &Job<'_>| {
                let verdicts = self.path(VERDICTS);
                if verdicts.is_file() {
                    fs::remove_file(verdicts)?;
                }
                timed(&mut job(), input, &output)
            };
            let (first, second) = (once(ours)?, once(theirs)?);
            // The first round fills caches.
            if round > 0 {
                times.0.push(first);
                times.1.push(second);
            }
        }
        Ok((median(times.0), median(times.1)))
    }
}

impl Drop for Bench<'_> {
    fn drop(&mut self) {
        // GnuPG starts an agent by itself; it ends when asked, or when its folder is gone.
        let mut kill = Command::new("gpgconf");
        kill.arg("--homedir").arg(self.path("gnupg"));
        let _ = process::capture(kill.args(["--kill", "all"]), LIMIT);
    }
}

fn option(name: &str, file: &Path) -> String {
    format!("{name}={}", file.display())
}

fn gpg_command(home: &Path, sealing: bool) -> Command {
    let mut command = Command::new("gpg");
    command.arg("--homedir").arg(home);
    command.args(["--batch", "--quiet", "--trust-model", "always"]);
    if sealing {
        // What rsop and we do: no compression.
        command.args(["--compress-algo", "none", "--sign", "--encrypt"]);
        command.args(["--recipient", "ann@example.org"]);
    } else {
        command.arg("--decrypt");
    }
    command
}

/// Runs a program from a file into a file.
fn into(command: &mut Command, input: Option<&Path>, output: &Path) -> Result<()> {
    command.stdin(match input {
        Some(file) => Stdio::from(File::open(file)?),
        None => Stdio::null(),
    });
    command.stdout(File::create(output)?).stderr(Stdio::piped());
    let mut running = process::start(command)?;
    let status = running.wait(LIMIT)?;
    if !status.success() {
        let mut told = String::new();
        if let Some(mut errors) = running.child().stderr.take() {
            std::io::Read::read_to_string(&mut errors, &mut told)?;
        }
        bail!("{command:?} failed ({status}): {told}");
    }
    Ok(())
}

fn timed(command: &mut Command, input: &Path, output: &Path) -> Result<f64> {
    let input = File::open(input)?;
    command.stdin(input).stdout(File::create(output)?);
    command.stderr(Stdio::null());
    let start = Instant::now();
    // Waiting by asking would measure how often one asks.
    let status = command
        .status()
        .with_context(|| format!("{command:?} could not be started"))?;
    let took = start.elapsed();
    if !status.success() {
        bail!("{command:?} failed ({status})");
    }
    Ok(took.as_secs_f64() * 1000.0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Incompressible, the same in every run.
fn noise(length: u64) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            state.to_le_bytes()[0]
        })
        .collect()
}
