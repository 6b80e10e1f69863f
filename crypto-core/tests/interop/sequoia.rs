//! Sequoia's `sqop`, the most careful of the command-line peers.

use std::process::Command;

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        Certificate, Limits, Profile, SecretCertificate, sign_cleartext, sign_detached,
        verify_cleartext, verify_detached,
    },
};
use futures::executor::block_on;
use tempfile::TempDir;

use super::common::{Ran, exported, file, is_good, key, now, open, passphrase, rng, run, seal};

/// Files of one test; sqop itself keeps nothing.
struct Sqop(TempDir);

impl Sqop {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("sqop").tempdir().unwrap())
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        file(self.0.path(), name, content)
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = Command::new("sqop");
        command.args(arguments);
        run(
            &mut command,
            input,
            "install Sequoia's SOP, Debian's package `sqop`",
        )
    }

    /// A new key's file and its certificate.
    fn make(&self) -> (String, Certificate) {
        let secret = self
            .run(&["generate-key", "Sequoia <sequoia@example.org>"], b"")
            .expect();
        let public = self.run(&["extract-cert"], &secret).expect();
        let path = self.file("theirs.key", &secret);
        (path, Certificate::parse(&public).unwrap())
    }
}

#[test]
fn messages_go_both_ways() {
    let sqop = Sqop::new();
    let (their_key, theirs) = sqop.make();
    let ann = key(Profile::Compatible, "Ann");
    let our_certificate = sqop.file("ann.cert", ann.certificate().to_armor().as_bytes());
    let sign_with = format!("--sign-with={their_key}");
    let message = sqop
        .run(&["encrypt", &sign_with, &our_certificate], b"dear Ann")
        .expect();
    let opened = open(&message, &[&ann], &[], &[&theirs]);
    assert_eq!(opened.plaintext.as_slice(), b"dear Ann");
    assert!(
        is_good(&opened.signature, &theirs),
        "{:?}",
        opened.signature
    );

    let ours = seal(
        b"dear Sequoia",
        &[&theirs, &ann.certificate()],
        &[],
        Some(&ann),
    );
    let verified = sqop.0.path().join("verified");
    let out = format!("--verify-out={}", verified.display());
    let with = format!("--verify-with={our_certificate}");
    let read = sqop
        .run(&["decrypt", &out, &with, &their_key], &ours)
        .expect();
    assert_eq!(read, b"dear Sequoia");
    let verified = std::fs::read_to_string(verified).unwrap();
    assert!(verified.contains(ann.fingerprint().as_hex()), "{verified}");
}

#[test]
fn keys_go_both_ways() {
    let sqop = Sqop::new();
    let (their_key, theirs) = sqop.make();
    let secret = SecretCertificate::parse(&std::fs::read(&their_key).unwrap()).unwrap();
    assert_eq!(secret.certificate(), theirs);
    let certificate = sqop.file("theirs.cert", &theirs.to_bytes());
    let message = sqop.run(&["encrypt", &certificate], b"to itself").expect();
    let opened = open(&message, &[&secret], &[], &[]);
    assert_eq!(opened.plaintext.as_slice(), b"to itself");

    // sqop 0.27 reads keys in the clear only.
    let ann = key(Profile::Compatible, "Ann");
    let ours = sqop.file("ann.key", &ann.to_bytes());
    let message = seal(b"to Ann", &[&ann.certificate()], &[], None);
    assert_eq!(sqop.run(&["decrypt", &ours], &message).expect(), b"to Ann");
    let again = SecretCertificate::parse(exported(&ann, "x").as_bytes()).unwrap();
    assert!(again.unlock(&passphrase("x"), &Limits::default()).is_ok());
}

#[test]
fn their_locked_keys_are_unlocked() {
    let sqop = Sqop::new();
    let lock = sqop.file("lock", b"sequoia's lock");
    let with = format!("--with-key-password={lock}");
    let made = sqop.run(
        &["generate-key", &with, "Sequoia <sequoia@example.org>"],
        b"",
    );
    let locked = SecretCertificate::parse(&made.expect()).unwrap();
    assert!(locked.is_locked());
    let limits = Limits::default();
    let unlocked = locked.unlock(&passphrase("sequoia's lock"), &limits);
    let unlocked = unlocked.unwrap();
    let certificate = unlocked.certificate();
    let message = seal(b"hello", &[&certificate], &[], Some(&unlocked));
    let opened = open(&message, &[&unlocked], &[], &[&certificate]);
    assert!(is_good(&opened.signature, &certificate));
}

#[test]
fn passwords_go_both_ways() {
    let sqop = Sqop::new();
    let file = sqop.file("password", b"over the wall");
    let with = format!("--with-password={file}");
    let password = passphrase("over the wall");
    let theirs = sqop.run(&["encrypt", &with], b"by password").expect();
    let opened = open(&theirs, &[], &[&password], &[]);
    assert_eq!(opened.plaintext.as_slice(), b"by password");
    let ours = seal(b"by ours", &[], &[&password], None);
    assert_eq!(sqop.run(&["decrypt", &with], &ours).expect(), b"by ours");
}

#[test]
fn signatures_go_both_ways() {
    let sqop = Sqop::new();
    let (their_key, theirs) = sqop.make();
    let ann = key(Profile::Compatible, "Ann");
    let our_certificate = sqop.file("ann.cert", ann.certificate().to_armor().as_bytes());
    let text = b"a line\n- and -- dashes\nFrom me\n\nend\n";
    for kind in ["--as=binary", "--as=text"] {
        let signature = sqop.run(&["sign", kind, &their_key], text).expect();
        let verdicts = block_on(verify_detached(
            &NativeEngine,
            text,
            &signature,
            &[&theirs],
            now(),
        ))
        .unwrap();
        assert!(is_good(&verdicts[0], &theirs), "{verdicts:?}");
    }
    let ours = block_on(sign_detached(
        &NativeEngine,
        &mut rng(1),
        text,
        &ann,
        now(),
        true,
    ));
    let path = sqop.file("signature", &ours.unwrap());
    let verified = sqop
        .run(&["verify", &path, &our_certificate], text)
        .expect();
    let verified = String::from_utf8(verified).unwrap();
    assert!(verified.contains(ann.fingerprint().as_hex()), "{verified}");

    let message = sqop
        .run(&["inline-sign", "--as=clearsigned", &their_key], text)
        .expect();
    let message = String::from_utf8(message).unwrap();
    let read = block_on(verify_cleartext(&NativeEngine, &message, &[&theirs], now())).unwrap();
    assert!(is_good(&read.signature(), &theirs), "{message}");
    let text = std::str::from_utf8(text).unwrap();
    let ours = block_on(sign_cleartext(
        &NativeEngine,
        &mut rng(1),
        text,
        &ann,
        now(),
    ))
    .unwrap();
    let read = sqop
        .run(&["inline-verify", &our_certificate], ours.as_bytes())
        .expect();
    assert_eq!(String::from_utf8(read).unwrap().trim_end(), text.trim_end());
}
