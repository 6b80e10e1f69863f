//! Keys and certificates.

use super::common::{Sop, code};

#[test]
fn keys_are_made_with_any_user_ids_or_none() {
    let sop = Sop::new();
    for profile in ["default", "rfc4880", "rfc9580", "rfc9980"] {
        let words = ["generate-key", "--profile", profile];
        for ids in [
            &[][..],
            &[
                "Ann",
                "no mail address <at> all",
                "Ännchen <ann@example.org>",
            ],
        ] {
            let key = sop.words(&[&words[..], ids].concat(), "").ok();
            let certificate = sop.run("extract-cert", &key).ok();
            sop.write("one.cert", &certificate);
            sop.write("one.key", &key);
            let message = sop.run("encrypt --sign-with=one.key one.cert", "x").ok();
            assert_eq!(sop.run("decrypt one.key", &message).ok(), b"x");
        }
    }
    let binary = sop.run("generate-key --no-armor Ann", "").ok();
    assert_ne!(binary[0] & 0x80, 0);
    let armored = sop.run("armor", &binary).text();
    assert!(armored.starts_with("-----BEGIN PGP PRIVATE KEY BLOCK-----"));
    assert_eq!(sop.run("dearmor", &armored).ok(), binary);
    assert_eq!(sop.run("armor", &armored).text(), armored);
    sop.run("dearmor", &binary).fails(code::BAD_DATA);
    sop.run("armor", "hello").fails(code::BAD_DATA);
}

#[test]
fn signing_only_keys_do_not_encrypt() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580", "rfc9980"] {
        sop.key("ann", &format!("--signing-only --profile={profile}"));
        let signature = sop.run("sign ann.key", "x").ok();
        sop.write("x.sig", signature);
        sop.run("verify x.sig ann.cert", "x").ok();
        sop.run("encrypt ann.cert", "x")
            .fails(code::CERT_CANNOT_ENCRYPT);
        // An update gives it an encryption key, unless it shall not.
        let key = std::fs::read(sop.path("ann.key")).unwrap();
        for options in ["--signing-only", "--no-added-capabilities", ""] {
            let updated = sop.run(&format!("update-key {options}"), &key).ok();
            sop.write("new.cert", sop.run("extract-cert", &updated).ok());
            let ran = sop.run("encrypt new.cert", "x");
            if options.is_empty() {
                sop.write("new.key", updated);
                assert_eq!(sop.run("decrypt new.key", ran.ok()).ok(), b"x");
            } else {
                ran.fails(code::CERT_CANNOT_ENCRYPT);
            }
        }
    }
}

#[test]
fn passwords_lock_and_unlock() {
    let sop = Sop::new();
    sop.write("one", "first \n");
    sop.write("two", "second");
    sop.write("bad", [b'a', 0xff]);
    for profile in ["default", "rfc9580"] {
        sop.key(
            "ann",
            &format!("--with-key-password=one --profile={profile}"),
        );
        let message = sop.run("encrypt ann.cert", "x").ok();
        sop.run("decrypt ann.key", &message)
            .fails(code::KEY_IS_PROTECTED);
        sop.run("decrypt --with-key-password=two ann.key", &message)
            .fails(code::KEY_IS_PROTECTED);
        let opened = sop.run(
            "decrypt --with-key-password=two --with-key-password=one ann.key",
            &message,
        );
        assert_eq!(opened.ok(), b"x");
        sop.run("sign ann.key", "x").fails(code::KEY_IS_PROTECTED);
        sop.run("sign --with-key-password=one ann.key", "x").ok();
        sop.run("revoke-key", sop.read("ann.key"))
            .fails(code::KEY_IS_PROTECTED);

        let change = "change-key-password --old-key-password=one";
        sop.run(
            "change-key-password --new-key-password=two",
            sop.read("ann.key"),
        )
        .fails(code::KEY_IS_PROTECTED);
        let changed = sop.run(
            &format!("{change} --new-key-password=two"),
            sop.read("ann.key"),
        );
        sop.write("ann.two", changed.ok());
        assert_eq!(
            sop.run("decrypt --with-key-password=two ann.two", &message)
                .ok(),
            b"x"
        );
        sop.run("decrypt --with-key-password=one ann.two", &message)
            .fails(code::KEY_IS_PROTECTED);
        sop.write("ann.open", sop.run(change, sop.read("ann.key")).ok());
        assert_eq!(sop.run("decrypt ann.open", &message).ok(), b"x");
    }
    sop.run("generate-key --with-key-password=bad Ann", "")
        .fails(code::PASSWORD_NOT_HUMAN_READABLE);
}

#[test]
fn an_update_leaves_a_locked_key_locked() {
    let sop = Sop::new();
    sop.write("one", "first");
    sop.key("ann", "--signing-only --with-key-password=one");
    let key = sop.read("ann.key");
    sop.run("update-key", &key).fails(code::KEY_IS_PROTECTED);
    let updated = sop.run("update-key --with-key-password=one", &key).ok();
    sop.write("new.key", &updated);
    sop.write("new.cert", sop.run("extract-cert", &updated).ok());
    let message = sop.run("encrypt new.cert", "x").ok();
    sop.run("decrypt new.key", &message)
        .fails(code::KEY_IS_PROTECTED);
    let opened = sop.run("decrypt --with-key-password=one new.key", &message);
    assert_eq!(opened.ok(), b"x");
    // Nothing more is to be done.
    let again = sop.run("update-key --with-key-password=one", &updated).ok();
    assert_eq!(again, updated);
}

#[test]
fn revocations_are_merged_in() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580"] {
        sop.key("ann", &format!("--profile={profile}"));
        let revocation = sop.run("revoke-key", sop.read("ann.key")).ok();
        sop.write("ann.rev", revocation);
        let revoked = sop.run("merge-certs ann.rev", sop.read("ann.cert")).ok();
        sop.write("gone.cert", revoked);
        sop.run("encrypt gone.cert", "x")
            .fails(code::CERT_CANNOT_ENCRYPT);
        sop.run("encrypt ann.cert", "x").ok();
        let gone = sop.run("update-key --merge-certs=ann.rev", sop.read("ann.key"));
        gone.fails(code::PRIMARY_KEY_BAD);
        sop.write("x.sig", sop.run("sign ann.key", "x").ok());
        sop.run("verify x.sig gone.cert", "x")
            .fails(code::NO_SIGNATURE);
    }
}

#[test]
fn merging_keeps_to_the_certificates_given() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.key("bob", "");
    let both = format!("{}{}", sop.read("ann.cert"), sop.read("bob.cert"));
    sop.write("both.cert", &both);
    // Given twice, there once; Bob is an update without a certificate to update.
    let twice = format!("{0}{0}", sop.read("ann.cert"));
    let merged = sop.run("merge-certs both.cert", twice).ok();
    assert_eq!(merged, sop.read("ann.cert").into_bytes());
    // A keyring is one block with all.
    let joined = sop.run("merge-certs", &both).ok();
    sop.write("joined.cert", &joined);
    let message = sop.run("encrypt joined.cert", "x").ok();
    for key in ["ann.key", "bob.key"] {
        assert_eq!(sop.run(&format!("decrypt {key}"), &message).ok(), b"x");
    }
    let keys = format!("{}{}", sop.read("ann.key"), sop.read("bob.key"));
    assert_eq!(sop.run("extract-cert", keys).ok(), joined);
}

#[test]
fn authorities_vouch_for_user_ids() {
    let sop = Sop::new();
    for profile in ["default", "rfc9580"] {
        sop.key("ca", &format!("--profile={profile}"));
        sop.key("ann", "--profile=rfc9580");
        sop.key("bob", "");
        let bob = "bob <bob@example.org>";
        let certify = ["certify-userid", "--userid", bob, "ca.key"];
        let certified = sop.words(&certify, sop.read("bob.cert")).ok();
        let validate = |words: &[&str], certs: &[u8]| {
            sop.words(&[&["validate-userid"], words].concat(), certs)
        };
        validate(&[bob, "ca.cert"], &certified).ok();
        validate(
            &["--addr-spec-only", "bob@example.org", "ca.cert"],
            &certified,
        )
        .ok();
        validate(
            &["--addr-spec-only", "BOB@example.org", "ann.cert", "ca.cert"],
            &certified,
        )
        .ok();
        let refused = |words: &[&str], certs: &[u8]| {
            validate(words, certs).fails(code::CERT_USERID_NO_MATCH);
        };
        refused(&[bob, "ann.cert"], &certified);
        refused(&["bob", "ca.cert"], &certified);
        refused(
            &["--addr-spec-only", "ob@example.org", "ca.cert"],
            &certified,
        );
        refused(&["--validate-at=2001-01-01", bob, "ca.cert"], &certified);
        refused(&[bob, "ca.cert"], sop.read("bob.cert").as_bytes());
        // All certificates must have it.
        let both = [certified.as_slice(), sop.read("ann.cert").as_bytes()].concat();
        refused(&[bob, "ca.cert"], &both);

        let other = ["certify-userid", "--userid", "Robert", "ca.key"];
        sop.words(&other, sop.read("bob.cert"))
            .fails(code::CERT_USERID_NO_MATCH);
        let forced = [&other[..3], &["--no-require-self-sig", "ca.key"]].concat();
        let forced = sop.words(&forced, sop.read("bob.cert")).ok();
        // Certified, but Bob himself does not say so.
        refused(&["Robert", "ca.cert"], &forced);

        let revocation = sop.run("revoke-key", sop.read("ca.key")).ok();
        sop.write("ca.rev", revocation);
        sop.write(
            "gone.cert",
            sop.run("merge-certs ca.rev", sop.read("ca.cert")).ok(),
        );
        refused(&[bob, "gone.cert"], &certified);
    }
}

#[test]
fn who_is_revoked_can_neither_certify_nor_sign() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.key("bob", "");
    let revocation = sop.run("revoke-key --no-armor", sop.read("ann.key")).ok();
    // The primary key's packet comes first, then the revocation: put into the private key.
    let header = 2 + usize::from(revocation[1]);
    let revocation = &revocation[header..];
    let key = sop.run("dearmor", sop.read("ann.key")).ok();
    let header = 2 + usize::from(key[1]);
    let gone = [&key[..header], revocation, &key[header..]].concat();
    sop.write("gone.key", gone);
    sop.words(
        &[
            "certify-userid",
            "--userid=bob <bob@example.org>",
            "gone.key",
        ],
        sop.read("bob.cert"),
    )
    .fails(code::KEY_CANNOT_CERTIFY);
    sop.run("sign gone.key", "x").fails(code::KEY_CANNOT_SIGN);
    sop.run("inline-sign gone.key", "x")
        .fails(code::KEY_CANNOT_SIGN);
    sop.run("encrypt --sign-with=gone.key bob.cert", "x")
        .fails(code::KEY_CANNOT_SIGN);
}

#[test]
fn private_and_public_are_not_mixed_up() {
    let sop = Sop::new();
    sop.key("ann", "");
    sop.run("encrypt ann.key", "x").fails(code::BAD_DATA);
    sop.run("decrypt ann.cert", "x").fails(code::BAD_DATA);
    sop.run("sign ann.cert", "x").fails(code::BAD_DATA);
    sop.run("extract-cert", sop.read("ann.cert"))
        .fails(code::BAD_DATA);
    sop.run("extract-cert", "hello").fails(code::BAD_DATA);
    sop.run("merge-certs", sop.read("ann.key"))
        .fails(code::BAD_DATA);
    let public = sop.run("extract-cert", sop.read("ann.key")).ok();
    let public = sop.run("dearmor", public).ok();
    // No secret packet (tags 5 and 7) is where a public one belongs.
    assert!(public[0] == 0xc6 || public[0] == 0x98, "{:x}", public[0]);
}
