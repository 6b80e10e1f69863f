//! Progress: one line a step, with the time since the start.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use anyhow::Result;

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Starts the clock that [`say`] shows.
pub(crate) fn start_clock() {
    STARTED.get_or_init(Instant::now);
}

/// Prints one line of progress with the time since the start.
pub(crate) fn say(text: impl AsRef<str>) {
    let elapsed = STARTED.get_or_init(Instant::now).elapsed().as_secs();
    eprintln!(
        "[{:02}:{:02}] {}",
        elapsed / 60,
        elapsed % 60,
        text.as_ref()
    );
}

/// Runs `work` under a name, and says how long it took when that is worth a line.
///
/// # Errors
///
/// What `work` returns.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    say(name);
    let started = Instant::now();
    let result = work();
    let took = started.elapsed();
    match &result {
        Ok(_) if took >= Duration::from_secs(1) => {
            say(format!("{name}: done in {}", shown(took)));
        }
        Ok(_) => {}
        Err(_) => say(format!("{name}: FAILED after {}", shown(took))),
    }
    result
}

/// A duration for people: `3.2 s`, `2 min 05 s`.
pub(crate) fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// Whether a person watches, so that cargo may draw its own progress bar.
pub(crate) fn watched() -> bool {
    std::io::stderr().is_terminal()
}
