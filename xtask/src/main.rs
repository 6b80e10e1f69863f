//! The project's own tasks, run as `cargo xtask TASK`.
//!
//! One file a task. Everything a task needs from outside the workspace (a
//! wasm32 target, browsers, drivers) is looked for first, installed where that
//! can be done without asking, and otherwise named together with the command
//! that brings it. Every process started here has a time limit and dies with
//! its whole process group, and only such processes are ever ended.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool talks to the terminal"
)]

mod assets;
mod bench;
mod bindgen;
mod browser;
mod build;
mod cache;
mod cargo;
mod deny;
mod extension;
mod fuzz;
mod interop;
mod lint;
mod npm;
mod pages;
mod paths;
mod process;
mod run;
mod screenshots;
mod setup;
mod size;
mod step;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The command line.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    about = "Letterlock's own tasks"
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Set up, build, and start the webmail and its server on loopback
    Run(run::Options),
    /// Check and test everything, browsers included
    Test(test::Options),
    /// Build the webmail and the server into `dist/`
    Build(build::Options),
    /// Build the browser extension into `dist/extension`
    Extension(extension::Options),
    /// Build the extension and make the signed packages in `dist/packages`
    Package(extension::package::Options),
    /// Check packages of the extension: integrity and signatures
    Verify(extension::package::VerifyOptions),
    /// Show the size of each download and compare it with its budget
    Size(size::Options),
    /// Build the npm package of the core into `dist/npm`
    Npm(npm::Options),
    /// Check the rules that no compiler knows: imports, names, file sizes
    Tidy,
    /// Formatting, clippy, tidy, documentation and dependency policy
    Lint,
    /// Exchange keys and messages with other people's OpenPGP, and write the table
    Interop(interop::Options),
    /// Make the wasm32 target work, and do nothing else
    Setup,
    /// Take pictures of every page, light and dark, wide and narrow
    Screenshots(screenshots::Options),
    /// Give hostile bytes to everything that reads bytes (needs a nightly compiler)
    Fuzz(fuzz::Options),
    /// Measure the library against its peers, or what a person waits for in the webmail or with
    /// the extension
    Bench(bench::Options),
}

fn main() -> ExitCode {
    step::start_clock();
    if let Err(problem) = process::end_children_on_interrupt() {
        eprintln!("warning: Ctrl-C will not end started programs: {problem}");
    }
    let result = match Arguments::parse().task {
        Task::Run(options) => run::run(&options),
        Task::Test(options) => test::run(&options),
        Task::Build(options) => build::run(&options),
        Task::Extension(options) => extension::run(&options),
        Task::Package(options) => extension::package::run(&options),
        Task::Verify(options) => extension::package::verify(&options),
        Task::Size(options) => size::run(&options),
        Task::Npm(options) => npm::run(&options),
        Task::Tidy => tidy::run(),
        Task::Lint => lint::run(),
        Task::Interop(options) => interop::run(&options),
        Task::Setup => setup::run(),
        Task::Screenshots(options) => screenshots::run(&options),
        Task::Fuzz(options) => fuzz::run(&options),
        Task::Bench(options) => bench::run(&options),
    };
    process::yield_to_interrupt();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nerror: {problem:#}");
            ExitCode::FAILURE
        }
    }
}
