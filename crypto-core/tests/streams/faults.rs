//! What is cut, changed or out of order is refused, and releases only what was sealed.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{DecryptError, Limits, Profile, StreamDecryptor, StreamEncryptor, encrypt},
};
use futures::executor::block_on;
use zeroize::Zeroizing;

use crate::common::{CHUNK, bytes, key, open_once, open_twice, rng, seal, to, with};

const SEALED_CHUNK: usize = CHUNK + 16;

/// A binary SEIPDv2 message of a few chunks in one packet, and where its chunks begin.
fn whole(plaintext: &[u8]) -> (Vec<u8>, usize) {
    let certificate = key(Profile::Modern).certificate();
    let recipients = [&certificate];
    let message = block_on(encrypt(
        &NativeEngine,
        &mut rng(3),
        plaintext,
        &to(&recipients, false),
    ))
    .unwrap();
    // One session-key packet with a length of one byte; for a large container a header of six
    // bytes; a head of 36.
    let container = 2 + usize::from(message[1]);
    assert_eq!(message[container], 0xd2);
    (message, container + 6 + 36)
}

/// Reads in pieces, expects damage, and checks that what came out was sealed.
fn refused(message: &[u8], plaintext: &[u8]) -> usize {
    let key = key(Profile::Modern);
    let limits = Limits::default();
    let keys = [&key];
    let (released, end) = open_once(message, 100_000, &with(&keys, &[], &limits));
    assert!(
        matches!(
            end.unwrap_err(),
            DecryptError::Damaged | DecryptError::Malformed(_)
        ),
        "{}",
        message.len()
    );
    assert!(plaintext.starts_with(&released));
    released.len()
}

#[test]
fn a_cut_at_any_place_is_refused() {
    let plaintext = bytes(2 * CHUNK + 5000);
    let (message, start) = whole(&plaintext);
    let ends = [
        start - 1,
        start,
        start + 1,
        start + SEALED_CHUNK - 1,
        start + SEALED_CHUNK,
        start + SEALED_CHUNK + 16,
        start + 2 * SEALED_CHUNK,
        start + 2 * SEALED_CHUNK + 16,
        message.len() - 17,
        message.len() - 16,
        message.len() - 1,
    ];
    for end in ends {
        refused(&message[..end], &plaintext);
        // The same with the packet's length changed, so that only the tags can tell.
        let mut shorter = message[..end].to_vec();
        if end > start {
            let body = (end - start + 36) as u32;
            shorter[start - 40..start - 36].copy_from_slice(&body.to_be_bytes());
            refused(&shorter, &plaintext);
        }
    }
    for end in (0..start).step_by(7) {
        assert_eq!(refused(&message[..end], &plaintext), 0);
    }
    // Streams are written in parts.
    let certificate = key(Profile::Modern).certificate();
    for armor in [false, true] {
        let message = seal(&plaintext, 10_000, &to(&[&certificate], armor));
        for cut in [1, 15, 16, 17, 40, 1000, 100_000, 300_000] {
            // Armor is whole without the end of its last line.
            if armor && cut == 1 {
                continue;
            }
            refused(&message[..message.len() - cut], &plaintext);
        }
    }
}

#[test]
fn a_changed_chunk_releases_nothing_from_there_on() {
    let plaintext = bytes(3 * CHUNK + 10);
    let (message, start) = whole(&plaintext);
    for (place, at_most) in [
        (start, 0),
        (start + CHUNK + 3, 0),
        (start + SEALED_CHUNK, CHUNK),
        (start + 3 * SEALED_CHUNK + 2, 3 * CHUNK),
        (message.len() - 1, 3 * CHUNK),
        (start - 1, 0),
        (start - 34, 0),
    ] {
        let mut changed = message.clone();
        changed[place] ^= 1;
        assert!(refused(&changed, &plaintext) <= at_most, "{place}");
    }
}

#[test]
fn chunks_keep_their_places() {
    let plaintext = bytes(4 * CHUNK);
    let (message, start) = whole(&plaintext);
    let chunk = |index: usize| {
        let from = start + index * SEALED_CHUNK;
        message[from..from + SEALED_CHUNK].to_vec()
    };
    let [first, second, third] = [0, 1, 2].map(chunk);
    let rest = &message[start + 3 * SEALED_CHUNK..];
    for order in [
        [&second, &first, &third],
        [&first, &third, &second],
        [&first, &first, &third],
    ] {
        let changed = [&message[..start], &order.map(Vec::as_slice).concat(), rest].concat();
        assert!(refused(&changed, &plaintext) <= CHUNK);
    }
    // One left out, its length with it.
    let mut shorter = [&message[..start], &first, &third, rest].concat();
    let body = (shorter.len() - start + 36) as u32;
    shorter[start - 40..start - 36].copy_from_slice(&body.to_be_bytes());
    assert!(refused(&shorter, &plaintext) <= CHUNK);
}

#[test]
fn something_behind_the_container_is_refused() {
    let plaintext = bytes(1000);
    let (mut message, _) = whole(&plaintext);
    message.extend_from_slice(b"\xcb\x07b\0\0\0\0\0x");
    refused(&message, &plaintext);
}

#[test]
fn version_1_releases_nothing_that_was_not_checked() {
    let key = key(Profile::Compatible);
    let certificate = key.certificate();
    let plaintext = bytes((1 << 20) + 300_000);
    let message = seal(&plaintext, 99_999, &to(&[&certificate], false));
    let limits = Limits::default();
    let keys = [&key];
    let request = with(&keys, &[], &limits);
    for place in [5000, 1 << 20, message.len() - 3, message.len() - 30] {
        let mut changed = message.clone();
        changed[place] ^= 1;
        let (released, end) = open_twice(&changed, &changed, 65_537, &request);
        assert!(end.is_err(), "{place}");
        assert!(released.is_empty());
        // Changed between the passes: only stretches that are as they were come out.
        let (released, end) = open_twice(&message, &changed, 65_537, &request);
        assert!(end.is_err(), "{place}");
        assert!(plaintext.starts_with(&released));
        assert!(released.len() <= place);
    }
    for cut in [1, 22, 23, 400_000] {
        let cut = &message[..message.len() - cut];
        let (released, end) = open_twice(cut, cut, 65_537, &request);
        assert!(end.is_err());
        assert!(released.is_empty());
        let (released, end) = open_twice(&message, cut, 65_537, &request);
        assert!(end.is_err());
        assert!(plaintext.starts_with(&released));
    }
    // Another message in the second pass.
    let other = seal(&bytes(10), 10, &to(&[&certificate], false));
    assert!(open_twice(&message, &other, 1000, &request).1.is_err());
    assert!(open_twice(&other, &message, 1000, &request).1.is_err());
}

#[test]
fn a_stream_that_is_dropped_leaves_no_message() {
    let certificate = key(Profile::Modern).certificate();
    let recipients = [&certificate];
    let plaintext = bytes(5 << 20);
    let request = to(&recipients, false);
    let (mut stream, mut sealed) = StreamEncryptor::start(&mut rng(5), &request).unwrap();
    block_on(stream.push(&NativeEngine, &plaintext, &mut sealed)).unwrap();
    drop(stream);
    assert!(sealed.len() > 4 << 20);
    let released = refused(&sealed, &plaintext);
    assert!(released > 3 << 20, "{released}");

    let key = key(Profile::Modern);
    let limits = Limits::default();
    let keys = [&key];
    let mut reading = StreamDecryptor::new(&with(&keys, &[], &limits));
    let mut output = Zeroizing::new(Vec::new());
    block_on(reading.push(&NativeEngine, &sealed, &mut output)).unwrap();
    assert_eq!(reading.bytes_in(), sealed.len() as u64);
    drop(reading);
    assert!(plaintext.starts_with(&output));
}

#[test]
fn other_keys_open_nothing() {
    let (message, _) = whole(&bytes(100));
    let stranger = key(Profile::PostQuantum);
    let limits = Limits::default();
    let keys = [&stranger];
    let (_, end) = open_once(&message, 10, &with(&keys, &[], &limits));
    assert!(matches!(end.unwrap_err(), DecryptError::NotForUs { .. }));
    for text in [&b""[..], b"hello", b"-----BEGIN PGP MESSAGE-----\n\n"] {
        let (_, end) = open_once(text, 10, &with(&keys, &[], &limits));
        assert!(matches!(end.unwrap_err(), DecryptError::Malformed(_)));
    }
}
