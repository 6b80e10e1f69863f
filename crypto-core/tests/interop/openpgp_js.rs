//! OpenPGP.js in node: the peer of most webmail, and the one that has version 6.

use std::{
    collections::hash_map::DefaultHasher,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use crypto_core::{
    bulk::{AeadMode, NativeEngine},
    openpgp::{
        Certificate, CertificateStatus, Limits, Profile, ProtectionMode, SecretCertificate,
        sign_cleartext, sign_detached, verify_cleartext, verify_detached,
    },
};
use data_encoding::BASE64;
use futures::executor::block_on;
use serde_json::{Value, json};

use super::common::{exported, is_good, key, now, open, passphrase, rng, run, seal};

/// What our profiles are in OpenPGP.js' words; it has no post-quantum keys.
const PROFILES: [(Profile, u8); 2] = [(Profile::Compatible, 4), (Profile::Modern, 6)];

/// The directory with OpenPGP.js, installed from the lockfile beside this file.
///
/// Tests may run in processes of their own, all at once: each that finds nothing installs into a
/// directory of its own and moves that to its place whole. Whoever comes second uses the first's.
fn installed() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/js");
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
        let ran = run(&mut npm, b"", "install Node.js 18 or newer, with npm");
        assert!(
            ran.success,
            "`npm ci` could not install OpenPGP.js; it needs a reachable npm registry:\n{}",
            ran.errors
        );
        match std::fs::rename(own.path(), &target) {
            // It is not where it would be cleaned away any more.
            Ok(()) => drop(own.keep()),
            Err(error) => assert!(target.is_dir(), "{error}"),
        }
        target
    })
}

/// Lets OpenPGP.js do a job.
fn js(job: &str, options: Value) -> Value {
    let mut options = options;
    options["job"] = job.into();
    let mut node = Command::new("node");
    node.arg("peer.mjs").current_dir(installed());
    let ran = run(
        &mut node,
        options.to_string().as_bytes(),
        "install Node.js 18 or newer",
    );
    assert!(ran.success, "{job}: {}", ran.errors);
    serde_json::from_slice(&ran.output).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

struct Peer {
    made: Value,
    certificate: Certificate,
}

impl Peer {
    fn make(version: u8) -> Self {
        let made = js(
            "generate",
            json!({ "version": version, "passphrase": "js" }),
        );
        let public = made["publicKey"].as_str().unwrap();
        let certificate = Certificate::parse(public.as_bytes()).unwrap();
        Self { made, certificate }
    }

    fn secret(&self) -> Value {
        json!({ "key": self.made["privateKey"], "passphrase": "js" })
    }
}

#[test]
fn our_keys_are_what_they_seem() {
    for (profile, _) in PROFILES {
        let ann = key(profile, "Ann");
        let armored = ann.certificate().to_armor();
        let seen = js("inspect", json!({ "key": armored, "now": now().0 }));
        let print = seen["fingerprint"].as_str().unwrap().to_uppercase();
        assert_eq!(print, ann.fingerprint().as_hex());
        assert_eq!(seen["users"], json!(["Ann <ann@example.org>"]));
        let revocation = ann.make_revocation(now(), &mut rng(1)).unwrap();
        let revoked = ann.certificate().revoke(revocation.as_bytes()).unwrap();
        let seen = js("revoked", json!({ "key": revoked.to_armor() }));
        assert_eq!(seen["revoked"], true);
    }
}

#[test]
fn their_keys_are_read_unlocked_and_revoked() {
    for version in [4, 6] {
        let peer = Peer::make(version);
        let print = peer.made["fingerprint"].as_str().unwrap().to_uppercase();
        assert_eq!(peer.certificate.fingerprint().as_hex(), print);
        assert!(peer.certificate.has_address("jo@example.org"));
        let features = peer.certificate.check_encryption(now()).unwrap();
        assert_eq!(features.seipd_v2, version == 6);
        let locked =
            SecretCertificate::parse(peer.made["privateKey"].as_str().unwrap().as_bytes()).unwrap();
        let unlocked = locked
            .unlock(&passphrase("js"), &Limits::default())
            .unwrap();
        let message = seal(b"hello", &[&peer.certificate], &[], Some(&unlocked));
        let opened = open(&message, &[&unlocked], &[], &[&peer.certificate]);
        assert!(is_good(&opened.signature, &peer.certificate));
        let revocation = peer.made["revocationCertificate"].as_str().unwrap();
        let revoked = peer.certificate.revoke(revocation.as_bytes()).unwrap();
        assert!(matches!(
            revoked.status(now()),
            CertificateStatus::Revoked(_)
        ));
    }
}

#[test]
fn what_they_write_is_read() {
    for (profile, version) in PROFILES {
        let peer = Peer::make(version);
        let ann = key(profile, "Ann");
        let text = b"dear Ann ".repeat(5000);
        let written = js(
            "encrypt",
            json!({
                "to": [ann.certificate().to_armor()],
                "signer": peer.secret(),
                "data": base64(&text),
            }),
        );
        let opened = open(
            &bytes(&written["message"]),
            &[&ann],
            &[],
            &[&peer.certificate],
        );
        assert!(opened.plaintext.as_slice() == text);
        assert!(
            is_good(&opened.signature, &peer.certificate),
            "{:?}",
            opened.signature
        );
        let aead = matches!(opened.protection.mode, ProtectionMode::Aead { .. });
        assert_eq!(aead, profile == Profile::Modern);
    }
}

#[test]
fn all_their_modes_and_chunk_sizes_are_read() {
    // The sender chooses both; with stock rPGP on wasm32, OCB from 2^20 on ends the program.
    let password = passphrase("over the wall");
    let text = b"0123456789".repeat(250_000);
    for (mode, id) in [(AeadMode::Eax, 1), (AeadMode::Ocb, 2), (AeadMode::Gcm, 3)] {
        for octet in [0, 6, 14, 16] {
            // Small chunks of a large text take OpenPGP.js long.
            let text = if octet < 14 { &text[..10_000] } else { &text };
            let written = js(
                "encrypt",
                json!({
                    "passwords": ["over the wall"],
                    "data": base64(text),
                    "config": {
                        "aeadProtect": true,
                        "preferredAEADAlgorithm": id,
                        "aeadChunkSizeByte": octet,
                    },
                }),
            );
            let opened = open(&bytes(&written["message"]), &[], &[&password], &[]);
            assert!(opened.plaintext.as_slice() == text, "{mode:?} {octet}");
            let chunk_len = 1 << (octet + 6);
            let expected = ProtectionMode::Aead { mode, chunk_len };
            assert_eq!(opened.protection.mode, expected);
        }
    }
}

#[test]
fn what_we_write_is_read() {
    for (profile, version) in PROFILES {
        let peer = Peer::make(version);
        let ann = key(profile, "Ann");
        // More than one chunk of ours.
        for text in [&b"dear Jo"[..], &b"0123456789".repeat(60_000)] {
            let message = seal(
                text,
                &[&peer.certificate, &ann.certificate()],
                &[],
                Some(&ann),
            );
            let from = json!([ann.certificate().to_armor()]);
            for reader in [
                peer.secret(),
                json!({ "key": exported(&ann, "x"), "passphrase": "x" }),
            ] {
                let read = js(
                    "decrypt",
                    json!({ "message": base64(&message), "key": reader, "from": from }),
                );
                assert!(bytes(&read["data"]) == text);
                assert_eq!(read["signatures"], json!(["good"]));
            }
        }
        let password = passphrase("over the wall");
        let message = seal(b"by password", &[&ann.certificate()], &[&password], None);
        let read = js(
            "decrypt",
            json!({ "message": base64(&message), "passwords": ["over the wall"] }),
        );
        assert_eq!(bytes(&read["data"]), b"by password");
    }
}

#[test]
fn signatures_go_both_ways() {
    for (profile, version) in PROFILES {
        let peer = Peer::make(version);
        let ann = key(profile, "Ann");
        let from = json!([ann.certificate().to_armor()]);
        let text = "a line\n- and -- dashes\nFrom me\n\nend";

        let made = js(
            "signDetached",
            json!({ "signer": peer.secret(), "data": base64(b"data") }),
        );
        let signature = made["signature"].as_str().unwrap().as_bytes();
        let theirs = [&peer.certificate];
        let verdicts = block_on(verify_detached(
            &NativeEngine,
            b"data",
            signature,
            &theirs,
            now(),
        ))
        .unwrap();
        assert!(is_good(&verdicts[0], &peer.certificate), "{verdicts:?}");
        let ours = block_on(sign_detached(
            &NativeEngine,
            &mut rng(1),
            b"data",
            &ann,
            now(),
            true,
        ))
        .unwrap();
        let ours = String::from_utf8(ours).unwrap();
        let seen = js(
            "verifyDetached",
            json!({ "signature": ours, "data": base64(b"data"), "from": from }),
        );
        assert_eq!(seen["signatures"], json!(["good"]));

        let made = js(
            "signCleartext",
            json!({ "signer": peer.secret(), "content": text }),
        );
        let message = made["message"].as_str().unwrap();
        let read = block_on(verify_cleartext(&NativeEngine, message, &theirs, now())).unwrap();
        assert!(is_good(&read.signature(), &peer.certificate), "{message}");
        assert_eq!(read.text, text);
        let ours = block_on(sign_cleartext(
            &NativeEngine,
            &mut rng(1),
            text,
            &ann,
            now(),
        ))
        .unwrap();
        let seen = js("verifyCleartext", json!({ "message": ours, "from": from }));
        assert_eq!(seen["content"], text);
        assert_eq!(seen["signatures"], json!(["good"]));
    }
}
