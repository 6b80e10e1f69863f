//! Detached, inline and cleartext signatures.

use super::common::{Sop, code};

/// The fields of one line of a verification, and the file it names.
fn fields(line: &str) -> (&str, &str, &str, &str) {
    let mut words = line.splitn(5, ' ');
    let mut next = || words.next().unwrap_or_default();
    let (time, key, certificate, mode) = (next(), next(), next(), next());
    assert!(
        time.len() == 20 && time.ends_with('Z') && time.contains('T'),
        "{line}"
    );
    assert!(
        key.chars().all(|c| matches!(c, '0'..='9' | 'A'..='F')),
        "{line}"
    );
    (time, key, certificate, mode)
}

#[test]
fn detached_signatures_of_several_keys() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.key("bob", "--profile=rfc9580");
    for kind in ["binary", "text"] {
        let signed = sop.run(&format!("sign --as={kind} ann.key bob.key"), "a\nb\n");
        sop.write("x.sig", signed.ok());
        for (certs, count) in [("ann.cert", 1), ("bob.cert", 1), ("ann.cert bob.cert", 2)] {
            let lines = sop.run(&format!("verify x.sig {certs}"), "a\nb\n").text();
            assert_eq!(lines.lines().count(), count);
            for line in lines.lines() {
                let (_, key, certificate, mode) = fields(line);
                assert_eq!(key, certificate, "our keys sign with the primary key");
                assert_eq!(mode, format!("mode:{kind}"));
                assert!(key.len() == 40 || key.len() == 64);
            }
        }
        let other_ends = sop.run("verify x.sig ann.cert", "a\r\nb\r\n");
        if kind == "text" {
            other_ends.ok();
        } else {
            other_ends.fails(code::NO_SIGNATURE);
        }
        sop.run("verify x.sig ann.cert", "a\nB\n")
            .fails(code::NO_SIGNATURE);
    }
    sop.key("eve", "");
    sop.run("verify x.sig eve.cert", "a\nb\n")
        .fails(code::NO_SIGNATURE);
    sop.run("verify ann.cert ann.cert", "a\nb\n")
        .fails(code::BAD_DATA);
    sop.run("sign --as=text ann.key", [0xff, 0xfe])
        .fails(code::EXPECTED_TEXT);
}

#[test]
fn the_hash_algorithm_is_told() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.key("bob", "--profile=rfc9580");
    sop.run("sign --micalg-out=one ann.key", "x").ok();
    assert_eq!(sop.read("one"), "pgp-sha256");
    sop.run("sign --micalg-out=two ann.key bob.key", "x").ok();
    let two = sop.read("two");
    assert!(two.is_empty() || two == "pgp-sha256", "{two}");
}

#[test]
fn signatures_count_in_their_time_only() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.write("x.sig", sop.run("sign ann.key", "x").ok());
    let check = |bounds: &str| sop.run(&format!("verify {bounds} x.sig ann.cert"), "x");
    for bounds in [
        "--not-before=2020-01-01",
        "--not-before=- --not-after=-",
        "--not-after=now",
        "--not-after=2100-01-01T00:00:00Z",
    ] {
        check(bounds).ok();
    }
    check("--not-before=2100-01-01").fails(code::NO_SIGNATURE);
    check("--not-after=2020-01-01T00:00:00Z").fails(code::NO_SIGNATURE);
    let message = sop.run("inline-sign ann.key", "x").ok();
    sop.run("inline-verify --not-after=2020-01-01 ann.cert", &message)
        .fails(code::NO_SIGNATURE);
    let sealed = sop.run("encrypt --sign-with=ann.key ann.cert", "x").ok();
    let late = "decrypt --verify-not-after=2020-01-01 --verifications-out=v --verify-with=ann.cert ann.key";
    assert_eq!(sop.run(late, &sealed).ok(), b"x");
    assert_eq!(sop.read("v"), "");
}

#[test]
fn signed_messages_go_around() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580"] {
        sop.key("ann", &format!("--profile={profile}"));
        sop.key("bob", "");
        let text = "- a line\nFrom me \n\n-----BEGIN PGP SIGNED MESSAGE-----\nend\n";
        for kind in ["binary", "text", "clearsigned"] {
            let signed = sop
                .run(&format!("inline-sign --as={kind} ann.key bob.key"), text)
                .text();
            let _ = std::fs::remove_file(sop.path("v"));
            let read = sop
                .run(
                    "inline-verify --verifications-out=v ann.cert bob.cert",
                    &signed,
                )
                .text();
            let lines = sop.read("v");
            assert_eq!(lines.lines().count(), 2, "{lines}");
            // Cleartext signatures do not cover blanks at ends of lines, nor the last end.
            let expected = match kind {
                "clearsigned" => {
                    assert!(signed.starts_with("-----BEGIN PGP SIGNED MESSAGE-----\nHash: "));
                    text.replace("me \n", "me\n").trim_end().to_owned()
                }
                _ => text.to_owned(),
            };
            assert_eq!(read, expected);
            for line in lines.lines() {
                let mode = if kind == "binary" {
                    "mode:binary"
                } else {
                    "mode:text"
                };
                assert_eq!(fields(line).3, mode);
            }
            let _ = std::fs::remove_file(sop.path("x.sig"));
            let detached = sop
                .run("inline-detach --signatures-out=x.sig", &signed)
                .ok();
            assert_eq!(detached, expected.as_bytes());
            assert!(
                sop.read("x.sig")
                    .starts_with("-----BEGIN PGP SIGNATURE-----")
            );
            let lines = sop.run("verify x.sig ann.cert bob.cert", &detached).text();
            assert_eq!(lines.lines().count(), 2);

            let changed = signed.replacen("a line", "A line", 1);
            if kind == "clearsigned" {
                sop.run("inline-verify ann.cert", changed)
                    .fails(code::NO_SIGNATURE);
            }
        }
        sop.key("eve", "");
        let signed = sop.run("inline-sign --no-armor ann.key", text).ok();
        assert_ne!(signed[0] & 0x80, 0);
        sop.run("inline-verify eve.cert", &signed)
            .fails(code::NO_SIGNATURE);
        for kind in ["text", "clearsigned"] {
            sop.run(&format!("inline-sign --as={kind} ann.key"), [0xff])
                .fails(code::EXPECTED_TEXT);
        }
        sop.run("inline-verify ann.cert", "hello")
            .fails(code::BAD_DATA);
        sop.run("inline-detach --signatures-out=y.sig", "hello")
            .fails(code::BAD_DATA);
        let sealed = sop.run("encrypt ann.cert", text).ok();
        sop.run("inline-verify ann.cert", sealed)
            .fails(code::BAD_DATA);
    }
}
