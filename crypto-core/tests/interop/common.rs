//! Running other programs, and shorter calls of ours.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{SystemTime, UNIX_EPOCH},
};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        Certificate, DecryptRequest, EncryptRequest, Limits, Opened, Profile, SecretCertificate,
        SignatureVerdict, UserId, decrypt, encrypt, generate,
    },
    secret::Passphrase,
};
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Peers look at the clock, so these tests must too.
pub(crate) fn now() -> UnixTime {
    UnixTime(
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs(),
    )
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn key(profile: Profile, name: &str) -> SecretCertificate {
    let id = UserId::new(name, format!("{}@example.org", name.to_ascii_lowercase()));
    let created = UnixTime(now().0 - 3600);
    let seed = name.bytes().map(u64::from).sum();
    generate(profile, &[id], created, &mut rng(seed))
        .unwrap()
        .secret
}

pub(crate) fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// The private key as peers take it: locked.
pub(crate) fn exported(key: &SecretCertificate, lock: &str) -> String {
    key.export_locked(&passphrase(lock), &mut rng(9)).unwrap()
}

pub(crate) fn seal(
    plaintext: &[u8],
    recipients: &[&Certificate],
    passwords: &[&Passphrase],
    signer: Option<&SecretCertificate>,
) -> Vec<u8> {
    let request = EncryptRequest {
        recipients,
        passwords,
        signer,
        now: now(),
        armor: false,
    };
    block_on(encrypt(&NativeEngine, &mut rng(7), plaintext, &request)).unwrap()
}

pub(crate) fn open(
    message: &[u8],
    keys: &[&SecretCertificate],
    passwords: &[&Passphrase],
    verifiers: &[&Certificate],
) -> Opened {
    let request = DecryptRequest {
        keys,
        passwords,
        verifiers,
        limits: &Limits::default(),
        now: now(),
    };
    block_on(decrypt(&NativeEngine, message, &request)).unwrap()
}

pub(crate) fn is_good(verdict: &SignatureVerdict, signer: &Certificate) -> bool {
    matches!(verdict, SignatureVerdict::Good { signer: found, .. }
        if *found == signer.fingerprint())
}

/// What a program printed.
pub(crate) struct Ran {
    pub(crate) output: Vec<u8>,
    pub(crate) errors: String,
    pub(crate) success: bool,
}

impl Ran {
    /// The output of a program that must have succeeded.
    pub(crate) fn expect(self) -> Vec<u8> {
        assert!(self.success, "it failed:\n{}", self.errors);
        self.output
    }
}

/// Runs a program, feeds it, and waits for its end.
pub(crate) fn run(command: &mut Command, input: &[u8], install: &str) -> Ran {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("`{program}` cannot be run ({error}): {install}"));
    let mut pipe = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that does not read all of its input closes the pipe: that is its own affair.
    let feeder = std::thread::spawn(move || {
        let _ = pipe.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Ran {
        output: output.stdout,
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        success: output.status.success(),
    }
}

/// Writes a file into a directory of the test's own and returns its path as text.
pub(crate) fn file(directory: &Path, name: &str, content: &[u8]) -> String {
    let path = directory.join(name);
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}
