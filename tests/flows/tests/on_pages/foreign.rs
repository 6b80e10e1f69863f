//! Keys and mail of GnuPG and OpenPGP.js, in an account without a server.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crypto_core::openpgp::Profile;
use data_encoding::BASE64;
use mail_client::{
    ClientError,
    keys::{ImportOutcome, RevocationReason},
    local_account::FirstKeys,
    people::KeySource,
    ports::Clock as _,
    view::{Person, SignatureState, Trust},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::world::{
    Loner, MAIN, found_file, found_text, letter, loner, loner_with, open, refused, seal, secret,
};

const LOCK: &str = "gnu's lock";

/// What a program printed.
struct Ran {
    output: Vec<u8>,
    errors: String,
    success: bool,
}

impl Ran {
    fn expect(self) -> Vec<u8> {
        assert!(self.success, "it failed:\n{}", self.errors);
        self.output
    }
}

fn run(command: &mut Command, input: &[u8], install: &str) -> Ran {
    let program = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; {install}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeding = std::thread::spawn(move || {
        // A program that has heard enough closes its end.
        let _enough = stdin.write_all(&input);
    });
    let ran = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Ran {
        output: ran.stdout,
        errors: String::from_utf8_lossy(&ran.stderr).into_owned(),
        success: ran.status.success(),
    }
}

/// GnuPG with a home of its own.
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

    fn make(&self, name: &str, algorithm: &str, usage: &str) {
        let id = format!("{name} <{}@example.org>", name.to_lowercase());
        let arguments = ["--quick-generate-key", &id, algorithm, usage, "never"];
        self.run(&arguments, b"").expect();
    }

    fn secret(&self, names: &[&str]) -> Vec<u8> {
        let arguments = [&["--armor", "--export-secret-keys"], names].concat();
        self.run(&arguments, b"").expect()
    }

    fn public(&self, name: &str) -> Vec<u8> {
        self.run(&["--armor", "--export", name], b"").expect()
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

fn gnu() -> Person {
    Person {
        name: "Gnu".into(),
        address: "gnu@example.org".into(),
    }
}

fn signer(opened: &mail_client::found::OpenedLetter) -> (String, Trust) {
    match &opened.verdict.signature {
        SignatureState::Good { signer, trust, .. } => (signer.address.clone(), *trust),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn keys_move_in_from_gnupg_and_its_mail_is_read() {
    let gpg = Gpg::new();
    gpg.make("Ann", "default", "default");
    gpg.make("Gnu", "rsa2048", "sign,encr");
    let exported = gpg.secret(&["ann@example.org"]);
    let lock = secret(LOCK);
    let keys = FirstKeys::Bring {
        file: &exported,
        passphrase: Some(&lock),
    };
    let ann = loner_with(1, "Ann", keys).await;
    let listed = ann.client.own_keys().unwrap();
    assert_eq!(listed[0].people[0].name, "Ann");
    ann.client
        .import_certificates(&MAIN, &gpg.public("gnu@example.org"), KeySource::Imported)
        .await
        .unwrap();

    let arguments = [
        "--armor",
        "-u",
        "gnu@example.org",
        "-r",
        "ann@example.org",
        "-se",
    ];
    let message = gpg.run(&arguments, "Grüße\n".as_bytes()).expect();
    let text = String::from_utf8(message).unwrap();
    let opened = open(&ann, &found_text(&text, &gnu())).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("Grüße\n"));
    assert_eq!(signer(&opened), ("gnu@example.org".into(), Trust::Known));

    // Signed only, both ways; and with a password alone.
    let arguments = ["--armor", "-u", "gnu@example.org", "--clearsign"];
    let message = gpg.run(&arguments, b"- at eight\nFrom me\n").expect();
    let text = String::from_utf8(message).unwrap();
    let opened = open(&ann, &found_text(&text, &gnu())).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("- at eight\nFrom me"));
    assert_eq!(signer(&opened).1, Trust::Known);
    let arguments = ["--armor", "-u", "gnu@example.org", "--sign"];
    let message = gpg.run(&arguments, b"packed").expect();
    let text = String::from_utf8(message).unwrap();
    let opened = open(&ann, &found_text(&text, &gnu())).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("packed"));
    assert_eq!(signer(&opened).1, Trust::Known);
    let message = gpg.run(&["--no-armor", "--symmetric"], b"a file").expect();
    let password = secret(LOCK);
    let file = ann
        .client
        .decrypt_file(&MAIN, "a.txt.gpg", &message, Some(&password))
        .await
        .unwrap();
    assert_eq!(
        (file.file.name.as_str(), file.file.data.as_slice()),
        ("a.txt", &b"a file"[..])
    );

    // And the other way.
    let mut mail = letter(&[&gnu()], "to GnuPG");
    mail.bcc = vec![ann.person.clone()];
    let sealed = seal(&ann, &mail).await;
    let read = gpg.run(&["--decrypt"], sealed.body.as_bytes());
    assert!(
        read.errors
            .contains(&format!("VALIDSIG {}", ann.fingerprint)),
        "{}",
        read.errors
    );
    assert_eq!(read.expect(), b"to GnuPG");
    mail.encrypt = false;
    let signed = seal(&ann, &mail).await;
    let checked = gpg.run(&["--verify"], signed.body.as_bytes());
    assert!(checked.success, "{}", checked.errors);
}

#[tokio::test]
async fn a_blind_copy_is_read_by_gnupg_and_names_nobody() {
    let gpg = Gpg::new();
    gpg.make("Gnu", "default", "default");
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    ann.meets(&bob).await;
    ann.client
        .import_certificates(&MAIN, &gpg.public("gnu@example.org"), KeySource::Imported)
        .await
        .unwrap();
    let mut mail = letter(&[&bob.person], "between us");
    mail.bcc = vec![gnu()];
    let sealed = seal(&ann, &mail).await;
    let read = gpg.run(&["--decrypt"], sealed.body.as_bytes());
    assert!(
        read.errors.contains("ENC_TO 0000000000000000"),
        "{}",
        read.errors
    );
    // Nobody here has Ann's key, so GnuPG says the signature cannot be checked.
    assert_eq!(read.output, b"between us", "{}", read.errors);
}

#[tokio::test]
async fn several_keys_in_one_file_and_a_withdrawal_of_gnupg() {
    let gpg = Gpg::new();
    gpg.make("Ann", "default", "default");
    gpg.make("Gnu", "default", "default");
    let ann = loner(1, "Ann").await;
    let both = gpg.secret(&["ann@example.org", "gnu@example.org"]);
    let preview = ann.client.preview_key_file(&MAIN, &both).unwrap();
    assert_eq!(preview.len(), 2);
    assert!(preview.iter().all(|key| key.private && key.locked));
    assert_eq!(
        refused(ann.client.import_key_file(&MAIN, &both, None).await),
        ClientError::PasswordNeeded
    );
    let wrong = secret("wrong");
    assert_eq!(
        refused(ann.client.import_key_file(&MAIN, &both, Some(&wrong)).await),
        ClientError::WrongPassphrase
    );
    assert_eq!(ann.client.own_keys().unwrap().len(), 1, "nothing was taken");
    let lock = secret(LOCK);
    let done = ann
        .client
        .import_key_file(&MAIN, &both, Some(&lock))
        .await
        .unwrap();
    assert!(done.iter().all(|one| one.outcome == ImportOutcome::New));
    assert_eq!(ann.client.own_keys().unwrap().len(), 3);
    let again = ann.client.import_key_file(&MAIN, &both, Some(&lock)).await;
    assert!(
        again
            .unwrap()
            .iter()
            .all(|one| one.outcome == ImportOutcome::Unchanged)
    );

    // The certificate that GnuPG lays aside for bad days, with its colon taken off.
    let bob = loner(2, "Bob").await;
    bob.client
        .import_certificates(&MAIN, &gpg.public("gnu@example.org"), KeySource::Imported)
        .await
        .unwrap();
    let print = bob
        .client
        .contact(&MAIN, "gnu@example.org")
        .unwrap()
        .fingerprint;
    let path = gpg.0.path().join(format!("openpgp-revocs.d/{print}.rev"));
    let stored = std::fs::read_to_string(path).unwrap();
    let revocation = stored.replace(":-----BEGIN", "-----BEGIN");
    let done = bob
        .client
        .import_key_file(&MAIN, revocation.as_bytes(), None)
        .await
        .unwrap();
    assert_eq!(done[0].outcome, ImportOutcome::Revoked);
    assert!(
        bob.client
            .contact(&MAIN, "gnu@example.org")
            .unwrap()
            .problem
            .is_some()
    );
    let ann_has = ann.client.own_keys().unwrap();
    assert!(ann_has.iter().all(|key| !key.revoked));
    let done = ann
        .client
        .import_key_file(&MAIN, revocation.as_bytes(), None)
        .await
        .unwrap();
    assert_eq!(done[0].outcome, ImportOutcome::Revoked, "one's own as well");
    let eve = loner(3, "Eve").await;
    let unknown = eve
        .client
        .import_key_file(&MAIN, revocation.as_bytes(), None)
        .await;
    assert!(matches!(refused(unknown), ClientError::WrongKind(_)));
}

#[tokio::test]
async fn the_sheet_of_paper_opens_in_gnupg() {
    let ann = loner(1, "Ann").await;
    let sheet = ann.client.make_recovery_sheet().await.unwrap();
    let gpg = Gpg::new();
    let home = gpg.0.path().to_owned();
    let mut command = Command::new("gpg");
    command
        .args([
            "--batch",
            "--no-tty",
            "--yes",
            "--pinentry-mode",
            "loopback",
        ])
        .args(["--passphrase", &sheet.code.join("-"), "--homedir"])
        .arg(home)
        .arg("--decrypt");
    let keys = run(&mut command, sheet.backup.as_bytes(), "install GnuPG").expect();
    let imported = gpg.run(&["--import"], &keys);
    assert!(
        imported.errors.contains("secret keys imported: 1"),
        "{}",
        imported.errors
    );
    assert!(
        imported.errors.contains(&ann.fingerprint),
        "{}",
        imported.errors
    );
}

#[tokio::test]
async fn gnupg_sees_when_a_key_ends_and_why() {
    let ann = loner(1, "Ann").await;
    let end = ann.device.clock.now().0 + 86_400;
    let print = ann
        .client
        .generate_key(&ann.person, Profile::Compatible, Some(end))
        .await
        .unwrap();
    let gpg = Gpg::new();
    let import = |armored: String| gpg.run(&["--import"], armored.as_bytes()).expect();
    import(ann.client.export_certificate(&print).unwrap());
    let list = || {
        let listed = gpg.run(&["--with-colons", "--list-keys", &print], b"");
        String::from_utf8(listed.expect()).unwrap()
    };
    let first = list()
        .lines()
        .find(|l| l.starts_with("pub:"))
        .unwrap()
        .to_owned();
    let fields: Vec<&str> = first.split(':').collect();
    assert_eq!(fields[6], end.to_string(), "{first}");
    assert_ne!(fields[1], "r");
    let revoked = ann
        .client
        .revoke_key(&print, RevocationReason::Superseded)
        .await
        .unwrap();
    import(revoked);
    assert!(list().contains("pub:r:"), "{}", list());
}

/// The directory with OpenPGP.js, installed from the lockfile of the core's own tests; whichever
/// test comes first installs, into a directory of its own that is moved to its place whole.
fn installed() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crypto-core/tests/interop/js");
    let files = ["package.json", "package-lock.json", "peer.mjs"]
        .map(|name| (name, std::fs::read(source.join(name)).unwrap()));
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    let all = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = all.join(format!("interop-js-{:016x}", hasher.finish()));
    if target.is_dir() {
        return target;
    }
    let own = tempfile::tempdir_in(all).unwrap();
    for (name, bytes) in &files {
        std::fs::write(own.path().join(name), bytes).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        .current_dir(own.path());
    run(&mut npm, b"", "install Node.js 18 or newer, with npm").expect();
    match std::fs::rename(own.path(), &target) {
        // It is not where it would be cleaned away any more.
        Ok(()) => drop(own.keep()),
        Err(error) => assert!(target.is_dir(), "{error}"),
    }
    target
}

/// Lets OpenPGP.js do a job.
fn js(job: &str, mut options: Value) -> Value {
    options["job"] = job.into();
    let mut node = Command::new("node");
    node.arg("peer.mjs").current_dir(installed());
    let input = options.to_string();
    let ran = run(&mut node, input.as_bytes(), "install Node.js 18 or newer");
    serde_json::from_slice(&ran.expect()).unwrap()
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn keys_move_in_from_openpgp_js_and_its_mail_is_read() {
    for version in [4, 6] {
        let made = js("generate", json!({"version": version, "passphrase": "js"}));
        let (public, private) = (text_of(&made["publicKey"]), text_of(&made["privateKey"]));
        // One text with both parts, as exports of web programs are.
        let file = format!("{public}\n{private}\n");
        let lock = secret("js");
        let keys = FirstKeys::Bring {
            file: file.as_bytes(),
            passphrase: Some(&lock),
        };
        let jo = loner_with(1, "Jo", keys).await;
        let bob = loner(2, "Bob").await;
        jo.meets(&bob).await;
        bob.client
            .import_certificates(&MAIN, public.as_bytes(), KeySource::Imported)
            .await
            .unwrap();
        read_from_js(&jo, &bob, &private, version).await;

        let sealed = seal(&bob, &letter(&[&jo.person], "to OpenPGP.js")).await;
        let read = js(
            "decrypt",
            json!({
                "message": BASE64.encode(&binary(&sealed.body)),
                "key": {"key": private, "passphrase": "js"},
                "from": [bob.certificate()],
            }),
        );
        let data = BASE64.decode(text_of(&read["data"]).as_bytes()).unwrap();
        assert_eq!(data, b"to OpenPGP.js");
        assert_eq!(read["signatures"], json!(["good"]));
    }
}

/// Jo writes with OpenPGP.js, Bob reads with us.
async fn read_from_js(jo: &Loner, bob: &Loner, private: &str, version: u8) {
    let signer_key = json!({"key": private, "passphrase": "js"});
    let data = BASE64.encode("Grüße\n".as_bytes());
    let sealed = js(
        "encrypt",
        json!({
            "to": [bob.certificate()], "signer": signer_key, "data": data, "armor": true,
            "config": {},
        }),
    );
    let armored = BASE64
        .decode(text_of(&sealed["message"]).as_bytes())
        .unwrap();
    let text = String::from_utf8(armored).unwrap();
    let opened = open(bob, &found_text(&text, &jo.person)).await.unwrap();
    assert_eq!(opened.text.as_deref(), Some("Grüße\n"), "version {version}");
    assert_eq!(signer(&opened), (jo.person.address.clone(), Trust::Known));

    let sealed = js(
        "encrypt",
        json!({
            "to": [bob.certificate()], "signer": signer_key, "data": data, "armor": false,
            "config": {},
        }),
    );
    let bytes = BASE64
        .decode(text_of(&sealed["message"]).as_bytes())
        .unwrap();
    let opened = open(bob, &found_file("note.txt.pgp", &bytes, &jo.person))
        .await
        .unwrap();
    assert_eq!(opened.attachments[0].name, "note.txt");
    assert_eq!(opened.attachments[0].data, "Grüße\n".as_bytes());

    let signed = js(
        "signCleartext",
        json!({"signer": signer_key, "content": "in the clear"}),
    );
    let opened = open(bob, &found_text(&text_of(&signed["message"]), &jo.person))
        .await
        .unwrap();
    assert_eq!(opened.text.as_deref(), Some("in the clear"));
    assert_eq!(signer(&opened).1, Trust::Known);
}

fn binary(armor: &str) -> Vec<u8> {
    let data: String = armor
        .lines()
        .filter(|line| !line.starts_with('-') && !line.starts_with('='))
        .collect();
    BASE64.decode(data.as_bytes()).unwrap()
}
