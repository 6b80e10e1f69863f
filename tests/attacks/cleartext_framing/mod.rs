use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        Profile, SecretCertificate, SignatureVerdict, SignedText, VerifyError, sign_cleartext,
        verify_cleartext,
    },
};
use futures::executor::block_on;
use proptest::prelude::*;

use super::common::{NOW, is_good, key, rng};

const TEXT: &str = "Dear Bob,\n\n- I owe you 5\nFrom now on\n\nAnn";

fn signed(ann: &SecretCertificate) -> String {
    block_on(sign_cleartext(&NativeEngine, &mut rng(1), TEXT, ann, NOW)).unwrap()
}

fn read(message: &str, ann: &SecretCertificate) -> Result<SignedText, VerifyError> {
    let certificate = ann.certificate();
    block_on(verify_cleartext(
        &NativeEngine,
        message,
        &[&certificate],
        NOW,
    ))
}

/// Good, with the text that was signed; or not good at all.
fn never_lies(message: &str, ann: &SecretCertificate) -> bool {
    match read(message, ann) {
        Ok(read) if matches!(read.signature(), SignatureVerdict::Good { .. }) => {
            assert_eq!(read.text, TEXT, "{message}");
            true
        }
        _ => false,
    }
}

#[test]
fn white_space_other_than_space_and_tab_counts() {
    let ann = key(Profile::Modern, "Ann");
    let honest = signed(&ann);
    assert!(never_lies(&honest, &ann));
    // Space and tab at the ends of lines are not signed, and not shown.
    assert!(never_lies(&honest.replace("Bob,\n", "Bob, \t\n"), &ann));
    // All others would be shown, so they must spoil the signature.
    for space in [
        '\u{a0}', '\u{2003}', '\u{3000}', '\u{200b}', '\u{feff}', '\u{b}', '\u{c}', '\u{85}',
        '\u{2028}', '\u{2029}', '\u{ad}', '\0', '\u{202e}',
    ] {
        for changed in [
            honest.replace("Bob,\n", &format!("Bob,{space}\n")),
            honest.replace("Bob,\n", &format!("Bob,{space}I owe you 500\n")),
            honest.replace("\nAnn", &format!("\n{space}Ann")),
        ] {
            assert_ne!(changed, honest);
            assert!(!never_lies(&changed, &ann), "{space:?}");
        }
        // Nor is it a header, or the line that ends the headers.
        for changed in [
            honest.replacen("Hash: ", &format!("Hash:{space}"), 1),
            honest.replacen("Hash: SHA256\n\n", &format!("Hash: SHA256\n{space}\n\n"), 1),
            honest.replacen("Hash: SHA256", &format!("Hash: SHA256{space}you won"), 1),
        ] {
            assert!(matches!(
                read(&changed, &ann),
                Err(VerifyError::Malformed(_))
            ));
        }
    }
}

#[test]
fn dashes_are_escaped_in_one_way() {
    let ann = key(Profile::Modern, "Ann");
    let honest = signed(&ann);
    assert!(honest.contains("\n- - I owe you 5\n- From now on\n"));
    // A line may be escaped without need, which changes nothing.
    assert!(never_lies(&honest.replace("\nDear", "\n- Dear"), &ann));
    // The escape is dash and space; anything else is part of the text or an error.
    for (from, to) in [
        ("\n- - I", "\n-\t- I"),
        ("\n- - I", "\n-- I"),
        ("\n- - I", "\n-\u{a0}- I"),
        ("\n- - I", "\n- I"),
        ("\n- - I", "\n - - I"),
        ("\n- From", "\n- - From"),
        ("\nAnn", "\n- -----BEGIN PGP SIGNATURE-----\nAnn"),
        ("\nAnn", "\n-----BEGIN PGP SIGNATURE----- \nAnn"),
        ("\nAnn", "\n-----END PGP SIGNATURE-----\nAnn"),
        ("\nDear", "\n- -----BEGIN PGP SIGNED MESSAGE-----\nDear"),
    ] {
        let changed = honest.replacen(from, to, 1);
        assert_ne!(changed, honest);
        assert!(!never_lies(&changed, &ann), "{to:?}");
    }
}

#[test]
fn hash_headers_promise_nothing() {
    let ann = key(Profile::Modern, "Ann");
    let honest = signed(&ann);
    // Left out, repeated, or naming something else: the signature itself says what it used.
    for changed in [
        honest.replacen("Hash: SHA256\n", "", 1),
        honest.replacen("Hash: SHA256\n", "Hash: SHA256\nHash: SHA512\n", 1),
        honest.replacen("SHA256", "MD5", 1),
    ] {
        assert!(is_good(&read(&changed, &ann).unwrap().signature(), &ann));
        assert!(never_lies(&changed, &ann));
    }
    for header in [
        "Hash : SHA256",
        "HASH: SHA256",
        "Hash:SHA256",
        "Hash: SHA256,",
        "X: y",
        "\t",
    ] {
        let changed = honest.replacen("Hash: SHA256", header, 1);
        assert!(
            matches!(read(&changed, &ann), Err(VerifyError::Malformed(_))),
            "{header:?}"
        );
    }
}

#[test]
fn two_texts_never_share_a_signature() {
    let ann = key(Profile::Modern, "Ann");
    let honest = signed(&ann);
    let other = honest.replace("you 5", "you 500");
    let (text, signature) = honest.split_at(honest.find("-----BEGIN PGP SIGNATURE").unwrap());
    let (other_text, _) = other.split_at(other.find("-----BEGIN PGP SIGNATURE").unwrap());
    for message in [
        format!("{other_text}{text}{signature}"),
        format!("{text}{other_text}{signature}"),
        format!("{text}{signature}{other_text}{signature}"),
        format!("{other_text}{signature}"),
        format!("{text}{signature}{signature}"),
        format!(
            "{text}{}",
            signature.replacen("\n\n", "\nComment: you won\n\n", 1)
        ),
    ] {
        never_lies(&message, &ann);
        assert!(
            !message.contains("500") || !never_lies(&message, &ann),
            "{message}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_shown_is_what_was_hashed(
        place in any::<prop::sample::Index>(),
        taken in 0usize..4,
        put in prop_oneof![
            Just(String::new()), Just("\n".into()), Just("\r\n".into()), Just("\r".into()),
            Just("- ".into()), Just("-".into()), Just(" \n".into()), Just("\u{2028}".into()),
            Just("-----".into()), Just("Hash: SHA256\n".into()), ".{0,5}",
        ],
    ) {
        let ann = key(Profile::Modern, "Ann");
        let honest = signed(&ann);
        let at = place.index(honest.len());
        let mut changed = honest[..at].to_owned();
        changed.push_str(&put);
        changed.push_str(honest.get(at + taken..).unwrap_or_default());
        never_lies(&changed, &ann);
    }
}
