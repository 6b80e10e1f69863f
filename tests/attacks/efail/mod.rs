use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        DecryptError, DecryptRequest, Limits, Profile, SecretCertificate, StreamChecker,
        StreamDecryptor,
    },
};
use futures::executor::block_on;
use pgp::types::Tag;
use zeroize::Zeroizing;

use super::{
    common::{NOW, key, open, seal},
    forge::{packet, split},
};

const BLOCK: usize = 16;
const SECRET: &[u8] = b"the plan of the whole campaign, attack at dawn, nobody must know of it";

/// An honest SEIPDv1 message whose plaintext begins in a known way.
fn honest(me: &SecretCertificate) -> (Vec<u8>, Vec<u8>) {
    split(&seal(SECRET, &[&me.certificate()], None))
}

/// The gadget: two blocks of ciphertext whose xor with a known block makes the attacker's text
/// come out, followed by the honest ciphertext. `body` is what follows the version octet.
fn with_gadget(body: &[u8]) -> Vec<u8> {
    const WANTED: &[u8; BLOCK] = b"<img src=\"//x.y/";
    let known: Vec<u8> = SECRET.iter().copied().take(BLOCK).collect();
    // Behind the prefix and the literal packet's header, on a block's border.
    let at = 2 * BLOCK;
    let mut gadget = body[at..at + 2 * BLOCK].to_vec();
    for (index, byte) in gadget.iter_mut().skip(BLOCK).enumerate() {
        *byte ^= known[index] ^ WANTED[index];
    }
    let mut changed = body[..at].to_vec();
    changed.extend_from_slice(&gadget);
    changed.extend_from_slice(&body[at..]);
    changed
}

#[test]
fn a_gadget_opens_in_no_container() {
    let me = key(Profile::Compatible, "Ann");
    let (front, body) = honest(&me);
    let ciphertext = &body[1..];
    let gadget = with_gadget(ciphertext);
    let stripped = &gadget[..gadget.len() - 22];
    // Without the resynchronisation of SED, and with the two bytes moved as it wants them.
    let resynchronised = [&gadget[..2], &gadget].concat();
    let message = |tag: Tag, body: &[u8]| [&front[..], &packet(tag, body)].concat();

    // With its integrity protection: changed, and one answer for it, wherever the change is.
    let seipd = |body: &[u8]| {
        let body = [&[1], body].concat();
        open(&message(Tag::SymEncryptedProtectedData, &body), &[&me], &[]).unwrap_err()
    };
    assert_eq!(seipd(&gadget), DecryptError::Damaged);
    assert_eq!(seipd(stripped), DecryptError::Damaged);
    assert_eq!(
        seipd(&ciphertext[..ciphertext.len() - 22]),
        DecryptError::Damaged
    );

    // Without it: refused by its kind, before a key is used.
    for body in [&gadget[..], stripped, &resynchronised, ciphertext] {
        let answer = open(&message(Tag::SymEncryptedData, body), &[&me], &[]).unwrap_err();
        assert_eq!(answer, DecryptError::NoIntegrity);
    }
    // GnuPG's own AEAD packet, and versions that do not exist.
    let body = [&[1, 9, 2, 16], ciphertext].concat();
    assert!(matches!(
        open(&message(Tag::GnupgAeadData, &body), &[&me], &[]),
        Err(DecryptError::Unsupported(_))
    ));
    for version in [0, 3, 0xff] {
        let body = [&[version], ciphertext].concat();
        assert!(matches!(
            open(&message(Tag::SymEncryptedProtectedData, &body), &[&me], &[]),
            Err(DecryptError::Unsupported(_))
        ));
    }
}

#[test]
fn a_container_without_integrity_hides_nowhere() {
    // In front, behind, or inside an honest message: it is never read.
    let me = key(Profile::Compatible, "Ann");
    let message = seal(SECRET, &[&me.certificate()], None);
    let (front, body) = split(&message);
    let sed = packet(Tag::SymEncryptedData, &body[1..]);
    let seipd = packet(Tag::SymEncryptedProtectedData, &body);
    for parts in [
        [&front[..], &sed, &seipd].concat(),
        [&front[..], &seipd, &sed].concat(),
        [&sed[..], &front, &seipd].concat(),
    ] {
        let answer = open(&parts, &[&me], &[]);
        assert!(
            matches!(
                answer,
                Err(DecryptError::NoIntegrity | DecryptError::Malformed(_))
            ),
            "{answer:?}"
        );
    }
    let inside = super::forge::container_with(&sed, &me);
    assert!(matches!(
        open(&inside, &[&me], &[]),
        Err(DecryptError::Malformed(_))
    ));
}

#[test]
fn aead_cannot_be_opened_as_something_weaker() {
    let me = key(Profile::Modern, "Ann");
    let (front, body) = split(&seal(SECRET, &[&me.certificate()], None));
    let message = |tag: Tag, body: &[u8]| [&front[..], &packet(tag, body)].concat();
    // The ciphertext of the chunks alone, under the older kinds of container.
    let ciphertext = &body[36..];
    let sed = open(&message(Tag::SymEncryptedData, ciphertext), &[&me], &[]);
    assert_eq!(sed.unwrap_err(), DecryptError::NoIntegrity);
    let v1 = [&[1], ciphertext].concat();
    let v1 = open(&message(Tag::SymEncryptedProtectedData, &v1), &[&me], &[]);
    assert!(matches!(v1, Err(DecryptError::NotForUs { .. })));
    // Another cipher, mode or chunk size than the sender's is a different key.
    for (place, values) in [(1, [7, 8]), (2, [1, 2]), (3, [6, 13])] {
        for value in values {
            let mut changed = body.clone();
            changed[place] = value;
            let answer = open(
                &message(Tag::SymEncryptedProtectedData, &changed),
                &[&me],
                &[],
            );
            assert_eq!(
                answer.unwrap_err(),
                DecryptError::Damaged,
                "{place} {value}"
            );
        }
    }
}

/// What a stream has handed out when it fails, in one pass and in two.
fn streamed(message: &[u8], me: &SecretCertificate) -> [(Result<(), DecryptError>, Vec<u8>); 2] {
    let limits = Limits::default();
    let request = DecryptRequest {
        keys: &[me],
        passwords: &[],
        verifiers: &[],
        limits: &limits,
        now: NOW,
    };
    [false, true].map(|twice| {
        let mut released = Zeroizing::new(Vec::new());
        let answer = block_on(async {
            let mut opening = if twice {
                let mut checker = StreamChecker::new(&request);
                for piece in message.chunks(10_000) {
                    checker.push(&NativeEngine, piece).await?;
                }
                StreamDecryptor::second_pass(&request, checker.finish(&NativeEngine).await?)
            } else {
                StreamDecryptor::new(&request)
            };
            for piece in message.chunks(10_000) {
                opening.push(&NativeEngine, piece, &mut released).await?;
            }
            opening
                .finish(&NativeEngine, &mut released)
                .await
                .map(|_| ())
        });
        (answer, released.to_vec())
    })
}

#[test]
fn streams_release_nothing_that_is_not_authenticated() {
    const CHUNK: usize = 256 << 10;
    let text: Vec<u8> = (0..3 * CHUNK as u32)
        .flat_map(|n| n.to_be_bytes())
        .collect();
    for profile in [Profile::Compatible, Profile::Modern] {
        let me = key(profile, "Ann");
        let message = seal(&text, &[&me.certificate()], None);
        let aead = profile == Profile::Modern;
        let [once, twice] = streamed(&message, &me);
        assert!(twice.0.is_ok() && twice.1 == text);
        assert_eq!(once.0.is_ok(), aead);
        assert_eq!(once.1 == text, aead);
        for place in [message.len() / 3, message.len() / 2, message.len() - 10] {
            let mut flipped = message.clone();
            flipped[place] ^= 1;
            for damaged in [flipped, message[..place].to_vec()] {
                let [once, twice] = streamed(&damaged, &me);
                // A stream that is read twice releases nothing of a message that is not whole.
                assert!(twice.0.is_err() && twice.1.is_empty());
                // One that is read once has released whole chunks, unchanged, or nothing at all.
                assert!(once.0.is_err());
                assert!(text.starts_with(&once.1));
                assert!(aead || once.1.is_empty());
                assert!(once.1.len() <= place, "more than had come");
            }
        }
    }
}
