//! What older and newer software writes: read where that is safe, left out where not.

use super::common::{Sop, code};

#[test]
fn a_keyring_with_a_key_of_the_future_is_used() {
    let sop = Sop::new();
    sop.key("ann", "");
    let ann = sop.run("dearmor", sop.read("ann.cert")).ok();
    // A public-key packet of version 9, with a User ID packet behind it.
    let future = [&[0xc6, 4, 9, 1, 2, 3, 0xcd, 1, b'x'][..]].concat();
    for ring in [[&future[..], &ann].concat(), [&ann[..], &future].concat()] {
        sop.write("ring.cert", ring);
        let message = sop.run("encrypt ring.cert", "x").ok();
        assert_eq!(sop.run("decrypt ann.key", message).ok(), b"x");
    }
    sop.write("ring.cert", future);
    sop.run("encrypt ring.cert", "x")
        .fails(code::UNSUPPORTED_ASYMMETRIC_ALGO);
}

#[test]
fn signatures_and_session_keys_of_the_future_are_passed_over() {
    let sop = Sop::new();
    sop.key("ann", "");
    let signature = sop.run("sign --no-armor ann.key", "x").ok();
    // Version 9 of a signature, and a packet that may be ignored (tag 60).
    let future = [0xc2, 3, 9, 1, 2, 0xfc, 1, 0];
    sop.write("x.sig", [&future[..], &signature, &future].concat());
    let lines = sop.run("verify x.sig ann.cert", "x").text();
    assert_eq!(lines.lines().count(), 1);
    // A packet that must be understood (tag 33).
    sop.write("y.sig", [&[0xe1, 1, 0][..], &signature].concat());
    sop.run("verify y.sig ann.cert", "x").fails(code::BAD_DATA);

    let message = sop.run("encrypt --no-armor ann.cert", "x").ok();
    let future = [
        0xc1, 3, 9, 1, 2, 0xc3, 3, 9, 1, 2, 0xca, 3, b'P', b'G', b'P',
    ];
    let message = [&future[..], &message].concat();
    assert_eq!(sop.run("decrypt ann.key", message).ok(), b"x");
}

#[test]
fn a_key_whose_secret_is_on_a_card_is_not_found() {
    // Made by GnuPG 2.2.40: `--quick-generate-key`, then exported with the secret
    // kept back (`--export-secret-subkeys`), which it writes as it does for keys on cards.
    let sop = Sop::new();
    sop.write("card.key", include_bytes!("data/stub-key.asc"));
    sop.run("sign card.key", "x")
        .fails(code::NO_HARDWARE_KEY_FOUND);
}

#[test]
fn compressed_messages_of_all_kinds_are_read() {
    // By GnuPG 2.2.40: `--symmetric --compress-algo zip|zlib|bzip2`, password "over the wall".
    let sop = Sop::new();
    for (name, message) in [
        ("zip", &include_bytes!("data/zip.asc")[..]),
        ("zlib", include_bytes!("data/zlib.asc")),
        ("bzip2", include_bytes!("data/bzip2.asc")),
    ] {
        let opened = sop.run("decrypt --with-password=@ENV:SOP_PASSWORD", message);
        assert_eq!(opened.text(), "compressed ".repeat(40), "{name}");
    }
}

#[test]
fn messages_without_integrity_are_not_read() {
    // By GnuPG 2.2.40: `--rfc2440 --cipher-algo 3DES --symmetric`: no modification detection.
    let sop = Sop::new();
    sop.run(
        "decrypt --with-password=@ENV:SOP_PASSWORD",
        include_bytes!("data/no-mdc.asc"),
    )
    .fails(code::CANNOT_DECRYPT);
}

#[test]
fn a_sha1_bound_key_is_renewed() {
    // Made by GnuPG 2.2.40 with SHA-1 alone: `--faked-system-time 20200101T000000
    // --cert-digest-algo SHA1`, `--quick-generate-key`, and `--quick-add-key` for encryption.
    let sop = Sop::new();
    let old = &include_bytes!("data/sha1-key.asc")[..];
    let renewed = sop.run("update-key", old).ok();
    assert_ne!(renewed, old);
    sop.write("new.key", &renewed);
    sop.write("new.cert", sop.run("extract-cert", &renewed).ok());
    let again = sop.run("update-key", &renewed).ok();
    assert_eq!(again, renewed, "what is up to date stays as it is");
    let message = sop.run("encrypt --sign-with=new.key new.cert", "x").ok();
    assert_eq!(sop.run("decrypt new.key", message).ok(), b"x");
}

#[test]
fn elgamal_is_said_to_be_unsupported_and_dsa_signatures_are_verified() {
    // By GnuPG 2.2.40: DSA with 2048 bits, an ElGamal subkey, and a signature over "x".
    let sop = Sop::new();
    sop.write("elgamal.cert", include_bytes!("data/elgamal.asc"));
    sop.write("x.sig", include_bytes!("data/dsa-signature.asc"));
    sop.run("encrypt elgamal.cert", "x")
        .fails(code::UNSUPPORTED_ASYMMETRIC_ALGO);
    sop.run("verify x.sig elgamal.cert", "x").ok();
    sop.run("verify x.sig elgamal.cert", "y")
        .fails(code::NO_SIGNATURE);
}
