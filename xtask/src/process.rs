//! Child processes with a time limit, each in a process group of its own.
//!
//! A tool that hangs takes its helpers with it: the whole group is ended, and
//! nothing that was not started here is ever signalled.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

use crate::step;

/// How long a group may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(20);
/// How often a silent build says that it is alive where nobody sees cargo's bar.
const HEARTBEAT: Duration = Duration::from_secs(60);

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());
static INTERRUPT_CODE: AtomicI32 = AtomicI32::new(130);
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Builds a command that runs in the workspace's root without what `cargo run`
/// added to the environment, so that a cargo below sees the same world as one
/// started by hand and rebuilds nothing.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::paths::root());
    command.stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let Some(name) = name.to_str() else { continue };
        let added = name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || matches!(
                name,
                "CARGO"
                    | "CARGO_BIN_NAME"
                    | "CARGO_CRATE_NAME"
                    | "CARGO_PRIMARY_PACKAGE"
                    | "OUT_DIR"
                    | "LD_LIBRARY_PATH"
            );
        if added {
            command.env_remove(name);
        }
    }
    command
}

/// What a finished process left.
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A child that is ended, with its whole group, when this is dropped.
pub(crate) struct Running {
    child: Child,
    name: String,
    reaped: bool,
}

/// Starts a process in a group of its own.
///
/// # Errors
///
/// When the program cannot be started.
pub(crate) fn start(command: &mut Command) -> Result<Running> {
    let name = name_of(command);
    let child = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    remember(&child, true);
    Ok(Running {
        child,
        name,
        reaped: false,
    })
}

impl Running {
    /// The child, to take its pipes.
    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits for the end at most until `limit` has passed; then ends the group.
    ///
    /// # Errors
    ///
    /// When the limit passes first.
    pub(crate) fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let started = Instant::now();
        let mut next_heartbeat = HEARTBEAT;
        loop {
            if let Some(status) = self.poll()? {
                return Ok(status);
            }
            let elapsed = started.elapsed();
            if elapsed > limit {
                self.end();
                bail!(
                    "{} did not finish within {} and was ended",
                    self.name,
                    step::shown(limit)
                );
            }
            if elapsed > next_heartbeat {
                if !step::watched() {
                    step::say(format!("  … {} still runs", self.name));
                }
                next_heartbeat += HEARTBEAT;
            }
            thread::sleep(POLL);
        }
    }

    /// Whether the process has ended.
    ///
    /// # Errors
    ///
    /// When the system refuses to tell.
    pub(crate) fn poll(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.reaped = true;
            remember(&self.child, false);
        }
        Ok(status)
    }

    /// Ends the whole group: politely, then for good.
    pub(crate) fn end(&mut self) {
        if self.reaped {
            return;
        }
        let Some(group) = group_of(&self.child) else {
            return;
        };
        let _ = kill_process_group(group, Signal::TERM);
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline {
            if matches!(self.poll(), Ok(Some(_))) {
                // The leader is gone; what it left behind in its group goes too.
                let _ = kill_process_group(group, Signal::KILL);
                return;
            }
            thread::sleep(POLL);
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.child.wait();
        self.reaped = true;
        remember(&self.child, false);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Runs a command to its end; its output goes to the terminal.
///
/// # Errors
///
/// When it cannot be started, fails, or exceeds the limit.
pub(crate) fn run(command: &mut Command, limit: Duration) -> Result<()> {
    let name = name_of(command);
    let status = start(command)?.wait(limit)?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs a command to its end and keeps its output.
///
/// # Errors
///
/// When it cannot be started or exceeds the limit; a failure of the program
/// itself is in the status.
pub(crate) fn capture(command: &mut Command, limit: Duration) -> Result<Finished> {
    let mut running = start(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let stdout = reader(running.child().stdout.take());
    let stderr = reader(running.child().stderr.take());
    let status = running.wait(limit)?;
    Ok(Finished {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// The first line of a successful command's output; `None` when it is missing
/// or fails.
pub(crate) fn first_line(command: &mut Command) -> Option<String> {
    let finished = capture(command, Duration::from_secs(30)).ok()?;
    finished.status.success().then(|| {
        finished
            .stdout
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    })
}

/// Where a program of this name lies: on the search path, or where cargo
/// installs programs.
pub(crate) fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(crate::cargo::home().map(|home| home.join("bin")))
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

/// Whether there is a program of this name.
pub(crate) fn on_path(program: &str) -> bool {
    which(program).is_some()
}

/// Makes Ctrl-C and SIGTERM end every group started here, then this process.
///
/// # Errors
///
/// When the signal handler cannot be installed.
pub(crate) fn end_children_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::Relaxed);
        let groups: Vec<i32> = GROUPS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .copied()
            .collect();
        let groups: Vec<Pid> = groups.into_iter().filter_map(Pid::from_raw).collect();
        for group in &groups {
            let _ = kill_process_group(*group, Signal::TERM);
        }
        let deadline = Instant::now() + GRACE;
        while Instant::now() < deadline
            && groups
                .iter()
                .any(|group| test_kill_process_group(*group).is_ok())
        {
            thread::sleep(POLL);
        }
        for group in &groups {
            let _ = kill_process_group(*group, Signal::KILL);
        }
        std::process::exit(INTERRUPT_CODE.load(Ordering::Relaxed));
    })?;
    Ok(())
}

/// Once Ctrl-C was pressed, leaves the last word to its handler: what ends then
/// has not failed.
pub(crate) fn yield_to_interrupt() {
    while INTERRUPTED.load(Ordering::Relaxed) {
        thread::park();
    }
}

/// From here on Ctrl-C is the normal way to stop, not a failure.
pub(crate) fn interrupt_is_success() {
    INTERRUPT_CODE.store(0, Ordering::Relaxed);
}

fn remember(child: &Child, alive: bool) {
    let Ok(id) = i32::try_from(child.id()) else {
        return;
    };
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    if alive {
        groups.insert(id);
    } else {
        groups.remove(&id);
    }
}

fn group_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

fn name_of(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let arguments: Vec<_> = command
        .get_args()
        .take(4)
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    format!("`{program} {}`", arguments.join(" "))
}

fn reader(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What could be read before a failure is all there is to show.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hanging_process_is_ended_with_its_helpers() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("helper");
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("sleep 600 & echo $! > {}; wait", file.display()));
        let problem = run(&mut command, Duration::from_millis(700)).unwrap_err();
        assert!(problem.to_string().contains("did not finish"), "{problem}");
        let helper: i32 = std::fs::read_to_string(&file)
            .unwrap()
            .trim()
            .parse()
            .unwrap();
        let helper = Pid::from_raw(helper).unwrap();
        let deadline = Instant::now() + Duration::from_secs(10);
        while rustix::process::test_kill_process(helper).is_ok() {
            // A zombie waiting for init counts as ended.
            let state = std::fs::read_to_string(format!("/proc/{}/stat", helper.as_raw_nonzero()))
                .unwrap_or_default();
            if state.contains(") Z ") {
                break;
            }
            assert!(Instant::now() < deadline, "the helper still runs: {state}");
            thread::yield_now();
        }
    }

    #[test]
    fn a_failure_is_told() {
        let problem = run(&mut Command::new("false"), Duration::from_secs(10)).unwrap_err();
        assert!(problem.to_string().contains("failed"), "{problem}");
    }
}
