//! The front end: words in, objects and files, verbs, exit codes out.

mod arguments;
mod dates;
mod exit;
mod files;
mod verbs;

use std::io::Write;

use clap::{Parser, error::ErrorKind};

use arguments::Arguments;
use exit::{Code, Failure};

/// Does what the command line says.
pub(crate) fn run() -> Result<(), Failure> {
    match Arguments::try_parse() {
        Ok(arguments) => verbs::run(arguments.verb),
        Err(problem) => usage(&problem),
    }
}

/// The draft's code for a command line that cannot be understood.
fn usage(problem: &clap::Error) -> Result<(), Failure> {
    let code = match problem.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // Nobody is there to read it if this fails.
            let _ = write!(std::io::stdout(), "{}", problem.render());
            return Ok(());
        }
        ErrorKind::InvalidSubcommand => Code::UnsupportedSubcommand,
        ErrorKind::ArgumentConflict => Code::IncompatibleOptions,
        ErrorKind::MissingRequiredArgument
        | ErrorKind::MissingSubcommand
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::TooFewValues
        | ErrorKind::WrongNumberOfValues
        | ErrorKind::NoEquals => Code::MissingArg,
        _ => Code::UnsupportedOption,
    };
    Err(Failure::new(code, problem.render().to_string().trim_end()))
}
