//! Programs that the tests start, each ended with its whole process group.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const READY_LIMIT: Duration = Duration::from_secs(60);
const END_LIMIT: Duration = Duration::from_secs(10);

/// A started program.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program and waits for the line of its output that `sign` accepts;
    /// returns what `sign` made of that line.
    ///
    /// # Errors
    ///
    /// When the program cannot be started or ends or is silent for a minute.
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
        let process = Self { child };
        let mut lines = BufReader::new(output).lines();
        let wait = async {
            while let Some(line) = lines.next_line().await? {
                if let Some(found) = sign(&line) {
                    return Ok(found);
                }
            }
            bail!("{name} ended before it was ready");
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
        let group = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw);
        if let Some(group) = group {
            // It may have ended by itself.
            let _ = kill_process_group(group, signal);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
