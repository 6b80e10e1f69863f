//! Running the program.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

/// The draft's exit codes that tests look for.
pub(crate) mod code {
    pub(crate) const NO_SIGNATURE: i32 = 3;
    pub(crate) const UNSUPPORTED_ASYMMETRIC_ALGO: i32 = 13;
    pub(crate) const CERT_CANNOT_ENCRYPT: i32 = 17;
    pub(crate) const MISSING_ARG: i32 = 19;
    pub(crate) const INCOMPLETE_VERIFICATION: i32 = 23;
    pub(crate) const CANNOT_DECRYPT: i32 = 29;
    pub(crate) const PASSWORD_NOT_HUMAN_READABLE: i32 = 31;
    pub(crate) const UNSUPPORTED_OPTION: i32 = 37;
    pub(crate) const BAD_DATA: i32 = 41;
    pub(crate) const EXPECTED_TEXT: i32 = 53;
    pub(crate) const OUTPUT_EXISTS: i32 = 59;
    pub(crate) const MISSING_INPUT: i32 = 61;
    pub(crate) const KEY_IS_PROTECTED: i32 = 67;
    pub(crate) const UNSUPPORTED_SUBCOMMAND: i32 = 69;
    pub(crate) const UNSUPPORTED_SPECIAL_PREFIX: i32 = 71;
    pub(crate) const AMBIGUOUS_INPUT: i32 = 73;
    pub(crate) const KEY_CANNOT_SIGN: i32 = 79;
    pub(crate) const INCOMPATIBLE_OPTIONS: i32 = 83;
    pub(crate) const UNSUPPORTED_PROFILE: i32 = 89;
    pub(crate) const NO_HARDWARE_KEY_FOUND: i32 = 97;
    pub(crate) const PRIMARY_KEY_BAD: i32 = 103;
    pub(crate) const CERT_USERID_NO_MATCH: i32 = 107;
    pub(crate) const KEY_CANNOT_CERTIFY: i32 = 109;
}

/// A folder of its own, in which the program runs.
pub(crate) struct Sop(TempDir);

impl Sop {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs it with words split at blanks.
    pub(crate) fn run(&self, words: &str, input: impl AsRef<[u8]>) -> Ran {
        let words: Vec<&str> = words.split_whitespace().collect();
        self.words(&words, input)
    }

    pub(crate) fn words(&self, words: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = Command::new(env!("CARGO_BIN_EXE_letterlock-sop"))
            .args(words)
            .current_dir(self.folder())
            .env("SOP_PASSWORD", "over the wall")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let input = input.as_ref().to_vec();
        // A program that does not read all of its input closes the pipe: that is its own affair.
        let feeder = std::thread::spawn(move || {
            let _ = pipe.write_all(&input);
        });
        let output = child.wait_with_output().unwrap();
        feeder.join().unwrap();
        Ran {
            what: words.join(" "),
            code: output.status.code().unwrap(),
            output: output.stdout,
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Makes `NAME.key` and `NAME.cert`.
    pub(crate) fn key(&self, name: &str, options: &str) {
        let id = format!("{name} <{name}@example.org>");
        let mut words = vec!["generate-key"];
        words.extend(options.split_whitespace());
        words.push(&id);
        let key = self.words(&words, "").ok();
        self.write(&format!("{name}.key"), &key);
        let certificate = self.run("extract-cert", &key).ok();
        self.write(&format!("{name}.cert"), certificate);
    }
}

/// What the program did.
pub(crate) struct Ran {
    what: String,
    pub(crate) code: i32,
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
}

impl Ran {
    /// The output of a run that must have succeeded.
    pub(crate) fn ok(self) -> Vec<u8> {
        assert_eq!(self.code, 0, "{}: {}", self.what, self.errors);
        self.output
    }

    /// The output as text.
    pub(crate) fn text(self) -> String {
        String::from_utf8(self.ok()).unwrap()
    }

    /// It must have failed in this way, without writing anything.
    pub(crate) fn fails(self, code: i32) {
        assert_eq!(self.code, code, "{}: {}", self.what, self.errors);
        assert!(self.output.is_empty(), "{} wrote something", self.what);
        assert!(!self.errors.is_empty(), "{} said nothing", self.what);
    }
}
