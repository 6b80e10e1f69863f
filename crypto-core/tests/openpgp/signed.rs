//! Detached and cleartext signatures.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        BadSignature, Certificate, SignError, SignatureVerdict, VerifyError, micalg,
        sign_cleartext, sign_detached, verify_cleartext, verify_detached,
    },
};
use futures::executor::block_on;

use super::common::{NOW, PROFILES, is_good, key, rng};

#[test]
fn detached_signatures_are_judged() {
    for profile in PROFILES {
        let ann = key(profile, "Ann");
        let certificate = ann.certificate();
        for armor in [true, false] {
            let signature = block_on(sign_detached(
                &NativeEngine,
                &mut rng(1),
                b"data\n",
                &ann,
                NOW,
                armor,
            ))
            .unwrap();
            assert_eq!(micalg(&signature).unwrap(), "pgp-sha256");
            let judge = |data: &[u8], by: &[&Certificate]| {
                block_on(verify_detached(&NativeEngine, data, &signature, by, NOW)).unwrap()
            };
            let [good] = &judge(b"data\n", &[&certificate])[..] else {
                panic!("not one verdict");
            };
            assert!(is_good(good, &ann));
            let changed = judge(b"data\r\n", &[&certificate]);
            assert_eq!(changed, [SignatureVerdict::Bad(BadSignature::Mismatch)]);
            let unknown = judge(b"data\n", &[]);
            assert!(matches!(
                unknown[..],
                [SignatureVerdict::UnknownSigner { .. }]
            ));
        }
    }
}

#[test]
fn what_is_no_signature_is_an_error() {
    let judge = |signature: &[u8]| {
        block_on(verify_detached(&NativeEngine, b"", signature, &[], NOW)).unwrap_err()
    };
    for text in [&b""[..], b"hello", b"\xcb\x02ab", b"\xc2\x7fab"] {
        assert!(matches!(judge(text), VerifyError::Malformed(_)));
    }
    let ann = key(PROFILES[0], "Ann");
    let one = block_on(sign_detached(
        &NativeEngine,
        &mut rng(1),
        b"",
        &ann,
        NOW,
        false,
    ))
    .unwrap();
    assert_eq!(judge(&one.repeat(33)), VerifyError::TooMany);
}

const TEXT: &str = "- dash\nFrom here\n\n-----BEGIN PGP SIGNATURE-----\ntrailing \t\nend";

#[test]
fn cleartext_comes_back_as_it_was_signed() {
    for profile in PROFILES {
        let ann = key(profile, "Ann");
        let certificate = ann.certificate();
        for text in [TEXT, "", "\n", "\n\n", "a\r\nb\r\n", "über\n"] {
            let message =
                block_on(sign_cleartext(&NativeEngine, &mut rng(1), text, &ann, NOW)).unwrap();
            for message in [message.clone(), message.replace('\n', "\r\n")] {
                let read = block_on(verify_cleartext(
                    &NativeEngine,
                    &message,
                    &[&certificate],
                    NOW,
                ))
                .unwrap();
                assert!(is_good(&read.signature(), &ann), "{text:?} {read:?}");
                let text = text.replace("\r\n", "\n").replace(" \t\n", "\n");
                assert_eq!(read.text, text.strip_suffix('\n').unwrap_or(&text));
            }
        }
        let refused = block_on(sign_cleartext(
            &NativeEngine,
            &mut rng(1),
            "a\rb",
            &ann,
            NOW,
        ));
        assert!(matches!(refused, Err(SignError::Text(_))));
    }
}

#[test]
fn tricks_with_the_framing_are_refused() {
    let ann = key(PROFILES[1], "Ann");
    let certificate = ann.certificate();
    let message = block_on(sign_cleartext(
        &NativeEngine,
        &mut rng(1),
        "hello",
        &ann,
        NOW,
    ))
    .unwrap();
    let read = |message: &str| {
        block_on(verify_cleartext(
            &NativeEngine,
            message,
            &[&certificate],
            NOW,
        ))
    };
    assert!(read(&message).is_ok());
    let with_header =
        |header: &str| message.replacen("Hash: SHA256\n", &format!("Hash: SHA256\n{header}\n"), 1);
    let refused = [
        // Headers that would be shown, or taken for text.
        with_header("Comment: you owe me 5"),
        with_header("you owe me 5"),
        with_header(" "),
        with_header("Hash: SHA256\u{b}you owe me 5"),
        with_header("Hash: SHA256\u{2028}you owe me 5"),
        message.replacen("Hash: SHA256", "Hash: SHA256 you owe me 5", 1),
        // Something before or after.
        format!("you owe me 5\n{message}"),
        format!("{message}you owe me 5\n"),
        format!("{message}{message}"),
        // A dash that is not escaped.
        message.replacen("hello", "- hello\n-----BEGIN PGP SIGNED MESSAGE-----", 1),
        message.replacen("hello", "-hello", 1),
        // A carriage return that some readers take for a line's end.
        message.replacen("hello", "hello\rworld", 1),
        message.replacen(
            "-----BEGIN PGP SIGNED MESSAGE-----\n",
            "-----BEGIN PGP SIGNED MESSAGE-----\u{a0}\n",
            1,
        ),
    ];
    for message in refused {
        let answer = read(&message);
        assert!(
            matches!(answer, Err(VerifyError::Malformed(_))),
            "{message}\n{answer:?}"
        );
    }
    // A changed text is no error but a bad signature, with the text as it would be hashed.
    let changed = read(&message.replacen("hello", "hello Eve  ", 1)).unwrap();
    let mismatch = SignatureVerdict::Bad(BadSignature::Mismatch);
    assert_eq!(
        (changed.text.as_str(), changed.signature()),
        ("hello Eve", mismatch.clone())
    );
    // Text in front of the blank line belongs to the headers; behind it, to the text.
    let moved = read(&message.replacen("\n\nhello", "\n\n\nhello", 1)).unwrap();
    assert_eq!(
        (moved.text.as_str(), moved.signature()),
        ("\nhello", mismatch)
    );
}
