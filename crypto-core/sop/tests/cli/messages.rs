//! Encrypted messages.

use super::common::{Sop, code};

#[test]
fn several_recipients_and_signers() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.key("bob", "--profile=rfc9580");
    sop.key("cleo", "--profile=rfc9980");
    let text = "x".repeat(300_000);
    for options in [
        "",
        "--no-armor",
        "--as=text",
        "--profile=rfc4880",
        "--profile=rfc9580",
    ] {
        let words = format!(
            "encrypt {options} --sign-with=ann.key --sign-with=bob.key ann.cert bob.cert cleo.cert"
        );
        let message = sop.run(&words, &text).ok();
        assert_eq!(
            message.starts_with(b"-----BEGIN PGP MESSAGE-----"),
            options != "--no-armor"
        );
        for key in ["ann.key", "bob.key", "cleo.key"] {
            let _ = std::fs::remove_file(sop.path("v"));
            let words = format!(
                "decrypt --verifications-out=v --verify-with=ann.cert --verify-with=bob.cert {key}"
            );
            assert_eq!(sop.run(&words, &message).text(), text);
            let lines = sop.read("v");
            assert_eq!(lines.lines().count(), 2, "{lines}");
            assert_eq!(lines.contains("mode:text"), options == "--as=text");
        }
        sop.key("eve", "");
        sop.run("decrypt eve.key", &message)
            .fails(code::CANNOT_DECRYPT);
    }
    sop.run("encrypt --as=text ann.cert", [0xff])
        .fails(code::EXPECTED_TEXT);
    // No signature that counts is no error here: the file says so.
    let message = sop.run("encrypt --sign-with=ann.key bob.cert", "x").ok();
    let words = "decrypt --verifications-out=w --verify-with=cleo.cert bob.key";
    assert_eq!(sop.run(words, message).ok(), b"x");
    assert_eq!(sop.read("w"), "");
}

#[test]
fn session_keys_open_one_message() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580"] {
        sop.key("ann", &format!("--profile={profile}"));
        let _ = std::fs::remove_file(sop.path("one"));
        let message = sop.run("encrypt --session-key-out=one ann.cert", "x").ok();
        let key = sop.read("one");
        assert!(key.starts_with("9:") && key.trim().len() == 2 + 64, "{key}");
        assert_eq!(
            sop.run("decrypt --with-session-key=one", &message).ok(),
            b"x"
        );
        let _ = std::fs::remove_file(sop.path("two"));
        sop.run("decrypt --session-key-out=two ann.key", &message)
            .ok();
        assert_eq!(sop.read("two"), key);
        let other = sop.run("encrypt ann.cert", "x").ok();
        sop.run("decrypt --with-session-key=one", &other)
            .fails(code::CANNOT_DECRYPT);
        // A wrong one does not keep a key from opening it.
        assert_eq!(
            sop.run("decrypt --with-session-key=one ann.key", &other)
                .ok(),
            b"x"
        );
    }
    sop.write("bad", "no session key");
    sop.run("decrypt --with-session-key=bad", "x")
        .fails(code::BAD_DATA);
}

#[test]
fn passwords_open_messages() {
    let sop = Sop::new();
    sop.write("one", "first\n");
    sop.write("spelt", "first");
    sop.write("two", "second");
    sop.write("bad", [0xff]);
    sop.key("ann", "");
    for options in ["", "--profile=rfc9580", "ann.cert"] {
        let words = format!("encrypt --with-password=one --with-password=two {options}");
        let message = sop.run(&words, "x").ok();
        for password in ["one", "spelt", "two"] {
            let words = format!("decrypt --with-password={password}");
            assert_eq!(sop.run(&words, &message).ok(), b"x");
        }
        sop.write("wrong", "third");
        sop.run("decrypt --with-password=wrong", &message)
            .fails(code::CANNOT_DECRYPT);
    }
    sop.run("encrypt --with-password=bad", "x")
        .fails(code::PASSWORD_NOT_HUMAN_READABLE);
}

#[test]
fn nothing_is_written_unless_all_is_authentic() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580"] {
        sop.key("ann", &format!("--profile={profile}"));
        let text = "secret ".repeat(100_000);
        let message = sop.run("encrypt --no-armor ann.cert", &text).ok();
        assert_eq!(sop.run("decrypt ann.key", &message).text(), text);
        let mut changed = message.clone();
        *changed.last_mut().unwrap() ^= 1;
        sop.run("decrypt ann.key", &changed)
            .fails(code::CANNOT_DECRYPT);
        let mut changed = message.clone();
        changed[400_000] ^= 1;
        sop.run("decrypt ann.key", &changed)
            .fails(code::CANNOT_DECRYPT);
        sop.run("decrypt ann.key", &message[..message.len() - 1])
            .fails(code::BAD_DATA);
        sop.run("decrypt ann.key", "hello").fails(code::BAD_DATA);
        let signed = sop.run("inline-sign ann.key", "x").ok();
        sop.run("decrypt ann.key", signed).fails(code::BAD_DATA);
    }
}

#[test]
fn purposes_are_known() {
    let sop = Sop::new();
    sop.key("ann", "");
    for purpose in ["any", "storage", "communications"] {
        let message = sop
            .run(&format!("encrypt --for={purpose} ann.cert"), "x")
            .ok();
        assert_eq!(sop.run("decrypt ann.key", message).ok(), b"x");
    }
    sop.run("encrypt --for=fun ann.cert", "x")
        .fails(code::UNSUPPORTED_OPTION);
}
