//! Who looks at a message, and what they see.

use std::{
    ffi::OsString,
    fs,
    io::Write,
    process::{Command, Stdio},
};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        DecryptRequest, Limits, Profile, SecretCertificate, SignatureVerdict, decrypt,
        verify_cleartext, verify_detached,
    },
};
use futures::executor::block_on;
use pgp::{
    composed::{
        CleartextSignedMessage, Deserializable, DetachedSignature, Message, SignedPublicKey,
        SignedSecretKey,
    },
    types::Password,
};

use super::bases::{Base, Kind, NOW, key};

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) text: Vec<u8>,
    /// A signature by the one who is expected is good.
    pub(crate) good: bool,
}

/// Another implementation.
pub(crate) trait Peer {
    fn name(&self) -> &'static str;

    /// `None` if the message is refused.
    fn look(&self, base: &Base, bytes: &[u8]) -> Option<Seen>;
}

fn owner(base: &Base) -> &'static SecretCertificate {
    key(if base.name.contains("Modern") {
        Profile::Modern
    } else {
        Profile::Compatible
    })
}

/// What we see.
pub(crate) fn ours(base: &Base, bytes: &[u8]) -> Option<Seen> {
    let ann = owner(base);
    let certificate = ann.certificate();
    let later = UnixTime(NOW.0 + 100);
    let verifiers = [&certificate];
    let good = |verdict: &SignatureVerdict| matches!(verdict, SignatureVerdict::Good { .. });
    match base.kind {
        Kind::Sealed | Kind::SealedAndSigned => {
            let opened = block_on(decrypt(
                &NativeEngine,
                bytes,
                &DecryptRequest {
                    keys: &[ann],
                    passwords: &[],
                    verifiers: &verifiers,
                    limits: &Limits::default(),
                    now: later,
                },
            ))
            .ok()?;
            Some(Seen {
                text: opened.plaintext.to_vec(),
                good: good(&opened.signature),
            })
        }
        Kind::Detached => {
            let verdicts = block_on(verify_detached(
                &NativeEngine,
                &base.text,
                bytes,
                &verifiers,
                later,
            ))
            .ok()?;
            // SOP has one answer for "no signature" and "no good signature".
            verdicts.iter().any(good).then(|| Seen {
                text: base.text.clone(),
                good: true,
            })
        }
        Kind::Cleartext => {
            let text = std::str::from_utf8(bytes).ok()?;
            let read = block_on(verify_cleartext(&NativeEngine, text, &verifiers, later)).ok()?;
            good(&read.signature()).then(|| Seen {
                text: read.text.into_bytes(),
                good: true,
            })
        }
    }
}

/// rPGP by its own means.
pub(crate) struct Rpgp;

impl Peer for Rpgp {
    fn name(&self) -> &'static str {
        "rPGP"
    }

    fn look(&self, base: &Base, bytes: &[u8]) -> Option<Seen> {
        // It may panic on such input; that is a refusal.
        let quiet = std::panic::take_hook();
        std::panic::set_hook(Box::new(|_| {}));
        let seen = std::panic::catch_unwind(|| rpgp(base, bytes));
        std::panic::set_hook(quiet);
        seen.ok().flatten()
    }
}

fn rpgp(base: &Base, bytes: &[u8]) -> Option<Seen> {
    let ann = owner(base);
    let secret = SignedSecretKey::from_bytes(ann.to_bytes().as_slice()).unwrap();
    let public = SignedPublicKey::from_bytes(ann.certificate().to_bytes().as_slice()).unwrap();
    match base.kind {
        Kind::Sealed | Kind::SealedAndSigned => {
            let message = Message::from_bytes(bytes).ok()?;
            let message = message.decrypt(&Password::empty(), &secret).ok()?;
            let mut message = if message.is_compressed() {
                message.decompress().ok()?
            } else {
                message
            };
            let text = message.as_data_vec().ok()?;
            let good = message.verify(&public).is_ok();
            Some(Seen { text, good })
        }
        Kind::Detached => {
            let signature = DetachedSignature::from_bytes(bytes).ok()?;
            signature.verify(&public, &base.text).ok()?;
            Some(Seen {
                text: base.text.clone(),
                good: true,
            })
        }
        Kind::Cleartext => {
            let text = std::str::from_utf8(bytes).ok()?;
            let (message, _) = CleartextSignedMessage::from_string(text).ok()?;
            message.verify(&public).ok()?;
            // Normalised as SOP wants it, and without the end that belongs to the framework.
            let text = message.signed_text().replace("\r\n", "\n");
            Some(Seen {
                text: text.into_bytes(),
                good: true,
            })
        }
    }
}

/// rsop, a program of its own.
pub(crate) struct Rsop {
    program: OsString,
    folder: tempfile::TempDir,
}

impl Rsop {
    pub(crate) fn new(program: OsString) -> Self {
        Self {
            program,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn file(&self, name: &str, content: &[u8]) -> OsString {
        let path = self.folder.path().join(name);
        fs::write(&path, content).unwrap();
        path.into_os_string()
    }

    /// Standard output, if it succeeds.
    fn run(&self, arguments: &[OsString], input: &[u8]) -> Option<Vec<u8>> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // It may have stopped reading.
        let _ = child.stdin.take().unwrap().write_all(input);
        let output = child.wait_with_output().unwrap();
        output.status.success().then_some(output.stdout)
    }
}

impl Peer for Rsop {
    fn name(&self) -> &'static str {
        "rsop"
    }

    fn look(&self, base: &Base, bytes: &[u8]) -> Option<Seen> {
        let ann = owner(base);
        let secret = self.file("key", &ann.to_bytes());
        let public = self.file("certificate", &ann.certificate().to_bytes());
        match base.kind {
            Kind::Sealed | Kind::SealedAndSigned => {
                let verdicts = self.folder.path().join("verdicts");
                let _ = fs::remove_file(&verdicts);
                let mut out = OsString::from("--verifications-out=");
                out.push(&verdicts);
                let mut with = OsString::from("--verify-with=");
                with.push(&public);
                let text = self.run(&["decrypt".into(), out, with, secret], bytes)?;
                let good = fs::read(&verdicts).is_ok_and(|lines| !lines.is_empty());
                Some(Seen { text, good })
            }
            Kind::Detached => {
                let signature = self.file("signature", bytes);
                self.run(&["verify".into(), signature, public], &base.text)?;
                Some(Seen {
                    text: base.text.clone(),
                    good: true,
                })
            }
            Kind::Cleartext => {
                let text = self.run(&["inline-verify".into(), public], bytes)?;
                let text = String::from_utf8(text).ok()?.replace("\r\n", "\n");
                Some(Seen {
                    text: text.into_bytes(),
                    good: true,
                })
            }
        }
    }
}
