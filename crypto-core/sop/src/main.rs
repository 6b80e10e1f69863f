//! The command line of Stateless OpenPGP: every verb, indirect parameter and exit code of
//! draft-dkg-openpgp-stateless-cli.
//!
//! The verbs themselves are [`letterlock_sop::Sop`]'s. What is here is why the `sop` crate's own
//! front end is not used: it answers most usage errors with 1, where the draft has a code for
//! each, and it creates output files before there is anything to write.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to its caller"
)]

mod cli;

use std::process::ExitCode;

use zeroizing_alloc::ZeroAlloc;

/// Wipes memory when it is freed: the packet library leaves copies of secrets behind.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<std::alloc::System> = ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code.number())
        }
    }
}
