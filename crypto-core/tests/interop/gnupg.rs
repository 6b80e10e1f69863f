//! GnuPG 2.2: the oldest peer that must read us.

use std::process::Command;

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        Certificate, CertificateStatus, Limits, Profile, SecretCertificate, UnlockError,
        sign_cleartext, sign_detached, verify_cleartext, verify_detached, verify_inline,
    },
};
use futures::executor::block_on;
use tempfile::TempDir;

use super::common::{Ran, exported, file, is_good, key, now, open, passphrase, rng, run, seal};

const LOCK: &str = "gnu's lock";

/// A home of its own for one test.
struct Gpg(TempDir);

impl Gpg {
    fn new() -> Self {
        Self(tempfile::Builder::new().prefix("gpg").tempdir().unwrap())
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Ran {
        let mut command = Command::new("gpg");
        command
            .args(["--batch", "--no-tty", "--yes", "--trust-model", "always"])
            .args(["--pinentry-mode", "loopback", "--passphrase", LOCK])
            .args(["--status-fd", "2", "--homedir"])
            .arg(self.0.path())
            .args(arguments);
        run(
            &mut command,
            input,
            "install GnuPG, Debian's package `gnupg`",
        )
    }

    /// Makes a key for `name@example.org` and returns its public part.
    fn make(&self, name: &str, algorithm: &str, usage: &str, expires: &str) -> Certificate {
        let id = format!("{name} <{name}@example.org>");
        self.run(
            &["--quick-generate-key", &id, algorithm, usage, expires],
            b"",
        )
        .expect();
        self.public(name)
    }

    fn public(&self, name: &str) -> Certificate {
        Certificate::parse(&self.run(&["--export", name], b"").expect()).unwrap()
    }

    fn secret(&self, name: &str) -> SecretCertificate {
        let exported = self
            .run(&["--armor", "--export-secret-keys", name], b"")
            .expect();
        SecretCertificate::parse(&exported).unwrap()
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // The agent that GnuPG started for this home would outlive it.
        let _ = Command::new("gpgconf")
            .arg("--homedir")
            .arg(self.0.path())
            .args(["--kill", "all"])
            .output();
    }
}

#[test]
fn our_key_is_taken_in_and_written_to() {
    let gpg = Gpg::new();
    let theirs = gpg.make("gnu", "default", "default", "never");
    let ann = key(Profile::Compatible, "Ann");
    let imported = gpg.run(&["--import"], ann.certificate().to_armor().as_bytes());
    assert!(
        imported.errors.contains("IMPORT_OK 1"),
        "{}",
        imported.errors
    );
    assert!(imported.errors.contains(ann.fingerprint().as_hex()));

    // With and without armor; the text is long enough to come in parts and compressed.
    let text = "dear Ann\n".repeat(5000);
    for armor in ["--armor", "--no-armor"] {
        let message = gpg
            .run(&[armor, "-r", "ann@example.org", "-se"], text.as_bytes())
            .expect();
        let opened = open(&message, &[&ann], &[], &[&theirs]);
        assert_eq!(opened.plaintext.as_slice(), text.as_bytes());
        assert!(
            is_good(&opened.signature, &theirs),
            "{:?}",
            opened.signature
        );
    }
}

#[test]
fn what_we_write_is_read_and_verified() {
    let gpg = Gpg::new();
    let theirs = gpg.make("gnu", "default", "default", "never");
    let ann = key(Profile::Compatible, "Ann");
    gpg.run(&["--import"], &ann.certificate().to_bytes())
        .expect();
    // A reader of a newer kind beside GnuPG: both must be able to read.
    let bob = key(Profile::Modern, "Bob");
    let message = seal(
        b"hello gnu",
        &[&theirs, &bob.certificate()],
        &[],
        Some(&ann),
    );
    let read = gpg.run(&["--decrypt"], &message);
    let good = format!("VALIDSIG {}", ann.fingerprint());
    assert!(read.errors.contains(&good), "{}", read.errors);
    assert!(read.errors.contains("GOODMDC"));
    assert_eq!(read.expect(), b"hello gnu");
    let opened = open(&message, &[&bob], &[], &[&ann.certificate()]);
    assert!(is_good(&opened.signature, &ann.certificate()));
}

#[test]
fn locked_keys_go_both_ways() {
    let gpg = Gpg::new();
    for (name, algorithm) in [("curve", "default"), ("rsa", "rsa2048")] {
        let usage = if name == "rsa" {
            "sign,encr"
        } else {
            "default"
        };
        let public = gpg.make(name, algorithm, usage, "never");
        let locked = gpg.secret(name);
        assert!(locked.is_locked());
        let limits = Limits::default();
        let wrong = locked.unlock(&passphrase("wrong"), &limits);
        assert_eq!(wrong.unwrap_err(), UnlockError::WrongPassphrase);
        let unlocked = locked.unlock(&passphrase(LOCK), &limits).unwrap();
        assert_eq!(unlocked.fingerprint(), public.fingerprint());
        // Their key used by us: it reads what they write to it, and they verify what it signs.
        let message = gpg.run(&["-r", name, "-e"], b"to myself").expect();
        let opened = open(&message, &[&unlocked], &[], &[]);
        assert_eq!(opened.plaintext.as_slice(), b"to myself");
        let signed = seal(b"from us", &[&public], &[], Some(&unlocked));
        let read = gpg.run(&["--decrypt"], &signed);
        assert!(read.errors.contains("GOODSIG"), "{}", read.errors);
        assert_eq!(read.expect(), b"from us");
    }

    let ann = key(Profile::Compatible, "Ann");
    // The certificate is there already, as it is with owners who published it: its post-quantum
    // key must not keep GnuPG from finding the private keys.
    gpg.run(&["--import"], &ann.certificate().to_bytes())
        .expect();
    gpg.run(&["--import"], exported(&ann, LOCK).as_bytes())
        .expect();
    let message = seal(b"to Ann", &[&ann.certificate()], &[], None);
    assert_eq!(gpg.run(&["--decrypt"], &message).expect(), b"to Ann");
    let signed = gpg.run(
        &["-u", "ann@example.org", "-r", "ann@example.org", "-se"],
        b"by Ann",
    );
    let opened = open(&signed.expect(), &[&ann], &[], &[&ann.certificate()]);
    assert!(is_good(&opened.signature, &ann.certificate()));
}

#[test]
fn a_key_without_its_primary_secret_is_used() {
    let gpg = Gpg::new();
    gpg.make("gnu", "default", "default", "never");
    let exported = gpg.run(&["--export-secret-subkeys", "gnu"], b"").expect();
    let partial = SecretCertificate::parse(&exported).unwrap();
    let unlocked = partial
        .unlock(&passphrase(LOCK), &Limits::default())
        .unwrap();
    let message = gpg.run(&["-r", "gnu", "-e"], b"hello").expect();
    let opened = open(&message, &[&unlocked], &[], &[]);
    assert_eq!(opened.plaintext.as_slice(), b"hello");
}

#[test]
fn hidden_recipients_find_their_message() {
    let gpg = Gpg::new();
    let ann = key(Profile::Compatible, "Ann");
    gpg.run(&["--import"], &ann.certificate().to_bytes())
        .expect();
    let message = gpg
        .run(&["-R", "ann@example.org", "-e"], b"to nobody in particular")
        .expect();
    let other = key(Profile::Compatible, "Bob");
    let opened = open(&message, &[&other, &ann], &[], &[]);
    assert_eq!(opened.plaintext.as_slice(), b"to nobody in particular");
    assert_eq!(opened.recipient, Some(ann.fingerprint()));
}

#[test]
fn signed_messages_that_are_not_encrypted_are_read() {
    let gpg = Gpg::new();
    let theirs = gpg.make("gnu", "default", "default", "never");
    // Compressed, as GnuPG does by default.
    let message = gpg.run(&["--sign"], b"for all to read").expect();
    let limits = Limits::default();
    let verifiers = [&theirs];
    let read = verify_inline(&NativeEngine, &message, &verifiers, &limits, now());
    let read = block_on(read).unwrap();
    assert_eq!(read.data, b"for all to read");
    assert!(is_good(&read.signature(), &theirs));
}

#[test]
fn passwords_go_both_ways() {
    let gpg = Gpg::new();
    let password = passphrase(LOCK);
    let theirs = gpg.run(&["--symmetric"], b"by password").expect();
    let opened = open(&theirs, &[], &[&password], &[]);
    assert_eq!(opened.plaintext.as_slice(), b"by password");
    let ours = seal(b"by ours", &[], &[&password], None);
    assert_eq!(gpg.run(&["--decrypt"], &ours).expect(), b"by ours");
}

#[test]
fn detached_and_cleartext_signatures_go_both_ways() {
    let gpg = Gpg::new();
    let theirs = gpg.make("gnu", "default", "default", "never");
    let ann = key(Profile::Compatible, "Ann");
    gpg.run(&["--import"], &ann.certificate().to_bytes())
        .expect();
    let text = b"a line \n- and -- dashes\nFrom me\n\nend\n";

    for armor in ["--armor", "--no-armor"] {
        let signature = gpg.run(&[armor, "--detach-sign"], text).expect();
        let verdicts = block_on(verify_detached(
            &NativeEngine,
            text,
            &signature,
            &[&theirs],
            now(),
        ))
        .unwrap();
        assert!(is_good(&verdicts[0], &theirs));
    }
    let textual = gpg.run(&["--textmode", "--detach-sign"], text).expect();
    let crlf = String::from_utf8(text.to_vec())
        .unwrap()
        .replace('\n', "\r\n");
    for text in [&text[..], crlf.as_bytes()] {
        let verdicts = block_on(verify_detached(
            &NativeEngine,
            text,
            &textual,
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
    let path = file(gpg.0.path(), "signature", &ours.unwrap());
    let verified = gpg.run(&["--verify", &path, "-"], text);
    assert!(verified.errors.contains("GOODSIG"), "{}", verified.errors);

    let message = gpg.run(&["--clear-sign"], text).expect();
    let message = String::from_utf8(message).unwrap();
    let read = block_on(verify_cleartext(&NativeEngine, &message, &[&theirs], now())).unwrap();
    assert!(is_good(&read.signature(), &theirs));
    assert_eq!(read.text, "a line\n- and -- dashes\nFrom me\n\nend");
    let text = std::str::from_utf8(text).unwrap();
    let ours = block_on(sign_cleartext(
        &NativeEngine,
        &mut rng(1),
        text,
        &ann,
        now(),
    ))
    .unwrap();
    let verified = gpg.run(&["--decrypt"], ours.as_bytes());
    assert!(verified.errors.contains("GOODSIG"), "{}", verified.errors);
    assert_eq!(
        verified.expect(),
        b"a line\n- and -- dashes\nFrom me\n\nend\n"
    );
}

#[test]
fn revocations_and_expiry_go_both_ways() {
    let gpg = Gpg::new();
    let theirs = gpg.make("gnu", "default", "default", "7d");
    let end = theirs.expires().unwrap();
    assert!(end.0.abs_diff(now().0 + 7 * 86_400) < 86_400);
    assert_eq!(theirs.status(now()), CertificateStatus::Usable);
    assert!(matches!(theirs.status(end), CertificateStatus::Expired(_)));

    let name = format!("openpgp-revocs.d/{}.rev", theirs.fingerprint());
    let file = std::fs::read_to_string(gpg.0.path().join(name)).unwrap();
    let (_, revocation) = file.split_once(":-----BEGIN").unwrap();
    let revocation = format!("-----BEGIN{revocation}");
    let revoked = theirs.revoke(revocation.as_bytes()).unwrap();
    assert!(matches!(
        revoked.status(now()),
        CertificateStatus::Revoked(_)
    ));

    let ann = key(Profile::Compatible, "Ann");
    gpg.run(&["--import"], &ann.certificate().to_bytes())
        .expect();
    let revocation = ann.make_revocation(now(), &mut rng(1)).unwrap();
    gpg.run(&["--import"], revocation.as_bytes()).expect();
    let listed = gpg
        .run(&["--with-colons", "--list-keys", "ann"], b"")
        .expect();
    assert!(String::from_utf8(listed).unwrap().contains("pub:r:"));
    let again = gpg.public("ann");
    assert!(matches!(again.status(now()), CertificateStatus::Revoked(_)));
}
