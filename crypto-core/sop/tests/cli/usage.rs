//! The command line as such: versions, profiles, indirect parameters, usage errors.

use super::common::{Sop, code};

#[test]
fn it_says_what_it_is() {
    let sop = Sop::new();
    let version = sop.run("version", "").text();
    assert!(version.starts_with("letterlock-sop 0."), "{version}");
    assert_eq!(version.lines().count(), 1);
    assert!(
        sop.run("version --backend", "")
            .text()
            .starts_with("crypto-core ")
    );
    let extended = sop.run("version --extended", "").text();
    assert!(extended.starts_with(&version), "{extended}");
    assert!(extended.lines().count() > 2);
    let spec = sop.run("version --sop-spec", "").text();
    assert!(
        spec.starts_with("~draft-dkg-openpgp-stateless-cli-"),
        "{spec}"
    );
    assert_eq!(sop.run("version --sopv", "").text(), "1.0\n");
    sop.run("version --backend --extended", "")
        .fails(code::INCOMPATIBLE_OPTIONS);
}

#[test]
fn profiles_are_listed_and_each_can_be_used() {
    let sop = Sop::new();
    sop.key("ann", "");
    for verb in ["generate-key", "encrypt"] {
        let list = sop.run(&format!("list-profiles {verb}"), "").text();
        let names: Vec<&str> = list
            .lines()
            .map(|line| line.split_once(": ").unwrap().0)
            .collect();
        assert_eq!(names[0], "default");
        for name in names {
            let ran = match verb {
                "encrypt" => sop.run(&format!("encrypt --profile={name} ann.cert"), "x"),
                _ => sop.run(&format!("generate-key --profile={name}"), ""),
            };
            assert!(ran.ok().starts_with(b"-----BEGIN PGP "), "{name}");
        }
    }
    sop.run("list-profiles sign", "")
        .fails(code::UNSUPPORTED_PROFILE);
    sop.run("generate-key --profile=quantum-leap", "")
        .fails(code::UNSUPPORTED_PROFILE);
    sop.run("encrypt --profile=quantum-leap ann.cert", "x")
        .fails(code::UNSUPPORTED_PROFILE);
}

#[test]
fn usage_errors_have_codes_of_their_own() {
    let sop = Sop::new();
    sop.key("ann", "");
    let check = |words: &str, code: i32| sop.run(words, "x").fails(code);
    check("frobnicate", code::UNSUPPORTED_SUBCOMMAND);
    check("sign --frobnicate ann.key", code::UNSUPPORTED_OPTION);
    check("sign --as=mime ann.key", code::UNSUPPORTED_OPTION);
    check(
        "verify --not-before=yesterday x ann.cert",
        code::UNSUPPORTED_OPTION,
    );
    for words in [
        "",
        "sign",
        "verify",
        "verify ann.sig",
        "encrypt",
        "decrypt",
        "inline-sign",
        "inline-verify",
        "inline-detach",
        "list-profiles",
        "certify-userid --userid=x",
        "certify-userid ann.key",
        "validate-userid x",
    ] {
        check(words, code::MISSING_ARG);
    }
    check(
        "decrypt --verify-with=ann.cert ann.key",
        code::INCOMPLETE_VERIFICATION,
    );
    check(
        "decrypt --verifications-out=v ann.key",
        code::INCOMPLETE_VERIFICATION,
    );
    check(
        "inline-sign --as=clearsigned --no-armor ann.key",
        code::INCOMPATIBLE_OPTIONS,
    );
    assert_eq!(sop.run("--help", "").code, 0);
}

#[test]
fn indirect_parameters_are_files_variables_or_open_files() {
    let sop = Sop::new();
    sop.key("ann", "");
    let message = sop
        .run("encrypt --with-password=@ENV:SOP_PASSWORD", "x")
        .ok();
    sop.write("password", "over the wall\n");
    let opened = sop.run("decrypt --with-password=password", &message).ok();
    assert_eq!(opened, b"x");
    let written = sop.run(
        "decrypt --with-password=password --session-key-out=@FD:1",
        &message,
    );
    let written = written.text();
    assert!(
        written.starts_with("9:") && written.ends_with("\nx"),
        "{written}"
    );
    // Standard input is both here: what counts is that an open file can be named.
    let both = sop
        .run("encrypt --with-password=@FD:0", "over the wall")
        .ok();
    assert_eq!(sop.run("decrypt --with-password=password", both).ok(), b"");

    let check = |words: &str, code: i32| sop.run(words, "x").fails(code);
    check("encrypt missing.cert", code::MISSING_INPUT);
    check(
        "encrypt --with-password=@ENV:SOP_NOTHING",
        code::MISSING_INPUT,
    );
    check("encrypt @HARDWARE:card", code::UNSUPPORTED_SPECIAL_PREFIX);
    check("encrypt @FD:one", code::UNSUPPORTED_SPECIAL_PREFIX);
    check(
        "encrypt --session-key-out=@ENV:X ann.cert",
        code::UNSUPPORTED_SPECIAL_PREFIX,
    );
    sop.write("@ENV:SOP_PASSWORD", "");
    check(
        "encrypt --with-password=@ENV:SOP_PASSWORD",
        code::AMBIGUOUS_INPUT,
    );
}

#[test]
fn no_file_is_written_over_and_none_is_left_by_a_failure() {
    let sop = Sop::new();
    sop.key("ann", "");
    let message = sop.run("encrypt --sign-with=ann.key ann.cert", "x").ok();
    let signed = sop.run("inline-sign ann.key", "x").ok();
    sop.write("there", "mine");
    for (words, input) in [
        ("encrypt --session-key-out=there ann.cert", &b"x"[..]),
        ("sign --micalg-out=there ann.key", b"x"),
        ("decrypt --session-key-out=there ann.key", &message),
        (
            "decrypt --verifications-out=there --verify-with=ann.cert ann.key",
            &message,
        ),
        ("inline-verify --verifications-out=there ann.cert", &signed),
        ("inline-detach --signatures-out=there", &signed),
    ] {
        sop.run(words, input).fails(code::OUTPUT_EXISTS);
    }
    assert_eq!(sop.read("there"), "mine");

    let mut damaged = message.clone();
    // Near the end are the data, whatever stands in front.
    let place = damaged.len() - 120;
    damaged[place] ^= 1;
    let ran = sop.run(
        "decrypt --session-key-out=k --verifications-out=v --verify-with=ann.cert ann.key",
        damaged,
    );
    assert_ne!(ran.code, 0);
    assert!(ran.output.is_empty());
    assert!(!sop.path("k").exists() && !sop.path("v").exists());
}

#[test]
fn what_a_verb_writes_beside_its_output_stays_only_if_it_ends_well() {
    let sop = Sop::new();
    sop.key("ann", "");
    let message = sop.run("encrypt --sign-with=ann.key ann.cert", "x").ok();
    for (one, other) in [("sk", "sk"), ("sk", "./sk")] {
        let words = format!(
            "decrypt --session-key-out={one} --verifications-out={other} --verify-with=ann.cert ann.key"
        );
        sop.run(&words, &message).fails(code::INCOMPATIBLE_OPTIONS);
        assert!(!sop.path("sk").exists());
    }
    // The first can be written, the second cannot.
    let words =
        "decrypt --session-key-out=sk --verifications-out=no/v --verify-with=ann.cert ann.key";
    let ran = sop.run(words, &message);
    assert_ne!(ran.code, 0);
    assert!(ran.output.is_empty());
    assert!(!sop.path("sk").exists());
    let words = "decrypt --session-key-out=sk --verifications-out=v --verify-with=ann.cert ann.key";
    assert_eq!(sop.run(words, &message).ok(), b"x");
    for name in ["sk", "v"] {
        assert!(!sop.read(name).is_empty());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(sop.path(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_stays_if_the_output_cannot_be_written() {
    let sop = Sop::new();
    sop.key("ann", "");
    let message = sop.run("encrypt --sign-with=ann.key ann.cert", "x").ok();
    let signed = sop.run("inline-sign ann.key", "x").ok();
    for (words, input) in [
        (
            "inline-verify --verifications-out=out ann.cert",
            &signed[..],
        ),
        ("inline-detach --signatures-out=out", &signed),
        ("encrypt --session-key-out=out ann.cert", b"x"),
        ("sign --micalg-out=out ann.key", b"x"),
        ("decrypt --session-key-out=out ann.key", &message),
    ] {
        sop.write("input", input);
        let status = std::process::Command::new(env!("CARGO_BIN_EXE_letterlock-sop"))
            .args(words.split_whitespace())
            .current_dir(sop.folder())
            .stdin(std::fs::File::open(sop.path("input")).unwrap())
            .stdout(
                std::fs::OpenOptions::new()
                    .write(true)
                    .open("/dev/full")
                    .unwrap(),
            )
            .stderr(std::process::Stdio::null())
            .status()
            .unwrap();
        assert!(!status.success(), "{words}");
        assert!(!sop.path("out").exists(), "{words}");
    }
}

#[test]
fn a_password_that_is_no_text_is_told() {
    let sop = Sop::new();
    sop.key("ann", "--with-key-password=@ENV:SOP_PASSWORD");
    let message = sop
        .run("encrypt --with-password=@ENV:SOP_PASSWORD ann.cert", "x")
        .ok();
    sop.write("latin", b"over the w\xe4ll");
    for (words, input) in [
        ("decrypt --with-password=latin", &message[..]),
        ("decrypt --with-key-password=latin ann.key", &message),
        ("sign --with-key-password=latin ann.key", b"x"),
        ("inline-sign --with-key-password=latin ann.key", b"x"),
        (
            "encrypt --with-key-password=latin --sign-with=ann.key ann.cert",
            b"x",
        ),
        (
            "change-key-password --old-key-password=latin",
            sop.read("ann.key").as_bytes(),
        ),
        (
            "revoke-key --with-key-password=latin",
            sop.read("ann.key").as_bytes(),
        ),
        (
            "update-key --with-key-password=latin",
            sop.read("ann.key").as_bytes(),
        ),
    ] {
        sop.run(words, input)
            .fails(code::PASSWORD_NOT_HUMAN_READABLE);
    }
}
