//! Programs that the tests start, each ended with its whole process group: a
//! driver's browser stays in the driver's group. Whoever ends the tests ends
//! these groups with them.

use std::collections::BTreeSet;
use std::fmt;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

const READY_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(10);

static GROUPS: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// A program ended before it was ready.
#[derive(Debug)]
pub struct EndedEarly {
    name: String,
    /// What it wrote to its output until then
    pub said: String,
}

impl fmt::Display for EndedEarly {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, said } = self;
        write!(form, "{name} ended before it was ready; it said: {said:?}")
    }
}

impl std::error::Error for EndedEarly {}

/// A started program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Option<i32>,
}

impl Process {
    /// Starts a program and waits for the line of its output that `sign` accepts;
    /// returns what `sign` made of that line.
    ///
    /// # Errors
    ///
    /// When the program cannot be started, ends ([`EndedEarly`]) or is silent for a minute.
    pub async fn start<T>(
        command: &mut Command,
        mut sign: impl FnMut(&str) -> Option<T>,
    ) -> Result<(Self, T)> {
        let name = format!("{:?}", command.as_std().get_program());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} could not be started"))?;
        let output = child.stdout.take().context("the output is piped")?;
        let group = child.id().and_then(|id| i32::try_from(id).ok());
        let process = Self { child, group };
        process.remember(true);
        end_with_the_tests()?;
        let mut lines = BufReader::new(output).lines();
        let wait = async {
            let mut said = String::new();
            while let Some(line) = lines.next_line().await? {
                if let Some(found) = sign(&line) {
                    return Ok(found);
                }
                said.push_str(&line);
                said.push('\n');
            }
            let name = name.clone();
            bail!(EndedEarly { name, said });
        };
        let found = timeout(READY_LIMIT, wait)
            .await
            .with_context(|| format!("{name} gave no sign of life"))??;
        // A full pipe would stop the program.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok((process, found))
    }

    /// Asks the program to end and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not end in time; it is then ended for good.
    pub async fn end(mut self) -> Result<()> {
        self.signal(Signal::TERM);
        let ended = timeout(END_LIMIT, self.child.wait()).await;
        self.signal(Signal::KILL);
        ended.context("the program did not end when asked to")??;
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.group.and_then(Pid::from_raw) {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }

    fn remember(&self, alive: bool) {
        let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(group) = self.group {
            if alive {
                groups.insert(group);
            } else {
                groups.remove(&group);
            }
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
        self.remember(false);
    }
}

/// When the tests are told to end, everything they started ends first.
fn end_with_the_tests() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        let groups = GROUPS
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        for group in groups.into_iter().filter_map(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        std::process::exit(130);
    });
    Ok(())
}
