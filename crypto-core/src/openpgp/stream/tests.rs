//! Containers and packets as others may write them.

use std::io::Write;

use flate2::{
    Compression,
    write::{DeflateEncoder, ZlibEncoder},
};
use futures::executor::block_on;
use pgp::types::Tag;
use rand::{SeedableRng, rngs::StdRng};
use zeroize::Zeroizing;

use super::{grammar::Grammar, inflate::Meter, keys::Opener, opener::Chunks};
use crate::{
    bulk::{AeadMode, BLOCK_LEN, Cipher, NativeEngine},
    openpgp::{
        Limits,
        container::{Container, Content, SessionKey, Suite, seal_v1, seal_v2},
        error::{DecryptError, ExceededLimit},
        message,
        packets::{PacketWalk, write_header},
    },
};

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 % 251) as u8).collect()
}

fn packet(tag: Tag, body: &[u8]) -> Vec<u8> {
    let mut packet = Vec::new();
    write_header(tag, body.len(), &mut packet).unwrap();
    packet.extend_from_slice(body);
    packet
}

fn literal(content: &[u8]) -> Vec<u8> {
    packet(Tag::LiteralData, &[b"b\x04name\0\0\0\0", content].concat())
}

fn deflated(content: &[u8], kind: u8) -> Vec<u8> {
    let mut body = vec![kind];
    match kind {
        1 => {
            let mut encoder = DeflateEncoder::new(&mut body, Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap();
        }
        2 => {
            let mut encoder = ZlibEncoder::new(&mut body, Compression::fast());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap();
        }
        _ => body.extend_from_slice(content),
    }
    packet(Tag::CompressedData, &body)
}

/// The content, as the stream's grammar reads it in pieces of a size.
fn streamed(packets: &[u8], size: usize, limits: &Limits) -> Result<Vec<u8>, DecryptError> {
    let mut grammar = Grammar::new(limits);
    let mut meter = Meter::new(limits);
    let mut content = Vec::new();
    for piece in packets.chunks(size) {
        meter.next_piece(piece.len());
        grammar.push(piece, &mut content, &mut meter)?;
    }
    let ending = grammar.finish()?;
    assert_eq!(ending.length, content.len() as u64);
    Ok(content)
}

/// The same as a whole.
fn whole(packets: &[u8], limits: &Limits) -> Result<Vec<u8>, DecryptError> {
    let content = message::read(Zeroizing::new(packets.to_vec()), limits)?;
    Ok(content.data.to_vec())
}

#[test]
fn both_readers_of_the_grammar_agree() {
    let limits = Limits::default();
    let text = bytes(10_000);
    let plain = literal(&text);
    let marker = packet(Tag::Marker, b"PGP");
    let padding = packet(Tag::Padding, &[7; 300]);
    let one_pass = packet(
        Tag::OnePassSignature,
        &[3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 1],
    );
    let nested = packet(
        Tag::OnePassSignature,
        &[3, 0, 8, 22, 1, 2, 3, 4, 5, 6, 7, 8, 0],
    );
    let signature = packet(Tag::Signature, &[9, 9, 9]);
    let zip = deflated(&plain, 1);
    let zlib = deflated(&plain, 2);
    let stored = deflated(&plain, 0);
    let parts: [&[u8]; 12] = [
        &plain,
        &marker,
        &padding,
        &one_pass,
        &nested,
        &signature,
        &zip,
        &zlib,
        &stored,
        b"",
        b"\x00",
        b"\xcb\x05b",
    ];
    let mut accepted = 0;
    for first in parts {
        for second in parts {
            for third in parts {
                let packets = [first, second, third].concat();
                let expected = whole(&packets, &limits);
                accepted += usize::from(expected.is_ok());
                for size in [7, 100_000] {
                    let got = streamed(&packets, size, &limits);
                    assert_eq!(got.is_ok(), expected.is_ok(), "{got:?} {expected:?}");
                    if expected.is_ok() {
                        assert_eq!(got, expected);
                    }
                }
            }
        }
    }
    assert!(accepted > 100, "{accepted}");
    // One more layer around each.
    for inner in parts {
        for kind in [0, 1, 2, 3, 9] {
            let packets = deflated(&deflated(inner, kind), 2);
            let expected = whole(&packets, &limits).is_ok();
            assert_eq!(streamed(&packets, 5, &limits).is_ok(), expected);
        }
    }
}

#[test]
fn compression_stays_within_limits() {
    let limits = Limits::default();
    let bomb = deflated(&literal(&vec![0; 8 << 20]), 2);
    let exceeded = |limit| Err(DecryptError::LimitExceeded(limit));
    let ratio = exceeded(ExceededLimit::CompressionRatio);
    assert_eq!(streamed(&bomb, 1000, &limits), ratio);
    let small = Limits {
        decompressed: 5000,
        ..limits
    };
    let size = exceeded(ExceededLimit::Decompressed);
    let text = deflated(&literal(&bytes(9000)), 1);
    assert_eq!(streamed(&text, 1000, &small), size);
    assert!(streamed(&text, 1000, &limits).is_ok());
    let deep = (0..4).fold(literal(b"x"), |inner, _| deflated(&inner, 1));
    let nesting = exceeded(ExceededLimit::Nesting);
    assert_eq!(streamed(&deep, 1000, &limits), nesting);
    // A compressed packet that is cut within its data, though not as a packet.
    let cut = deflated(&literal(&bytes(9000)), 2);
    let body = PacketWalk::new(&cut)
        .next()
        .unwrap()
        .unwrap()
        .body()
        .to_vec();
    let cut = packet(Tag::CompressedData, &body[..body.len() / 2]);
    assert!(matches!(
        streamed(&cut, 100, &limits),
        Err(DecryptError::Malformed(_))
    ));
}

#[test]
fn too_much_without_meaning_is_refused() {
    let limits = Limits::default();
    let many = [packet(Tag::Marker, b"PGP").repeat(100), literal(b"x")].concat();
    assert!(streamed(&many, 50, &limits).is_err());
    let large = packet(Tag::Signature, &vec![4; 1 << 20]);
    assert!(streamed(&large, 5000, &limits).is_err());
}

#[test]
fn chunks_of_all_sizes_come_back() {
    let mut rng = StdRng::seed_from_u64(1);
    for mode in [AeadMode::Gcm, AeadMode::Ocb, AeadMode::Eax] {
        let sizes: &[(u8, usize)] = match mode {
            // The largest chunks there may be, which take their time in an unoptimised build.
            AeadMode::Ocb => &[(0, 1000), (6, 9000), (14, 2_200_000), (16, 4_500_000)],
            _ => &[(0, 1000), (0, 64), (6, 9000), (10, 300_000)],
        };
        for &(octet, length) in sizes {
            let key = SessionKey {
                cipher: Cipher::Aes256,
                key: Zeroizing::new(vec![9; 32]),
            };
            let suite = Suite::new(Cipher::Aes256, mode).with_chunk_octet(octet);
            let content = bytes(length);
            let mut sealed = Vec::new();
            let done = seal_v2(
                &NativeEngine,
                &mut rng,
                suite,
                &key.key,
                Content::whole(&content),
                &mut sealed,
            );
            block_on(done).unwrap();
            let whole = PacketWalk::new(&sealed).next().unwrap().unwrap();
            let Ok(Container::V2 {
                suite,
                salt,
                ciphertext,
            }) = Container::parse(whole.body())
            else {
                panic!("it is another container");
            };
            // The right key stands behind a wrong one.
            let opener = |byte| Opener {
                key: SessionKey {
                    cipher: Cipher::Aes256,
                    key: Zeroizing::new(vec![byte; 32]),
                },
                recipient: None,
            };
            let mut chunks = Chunks::new(suite, salt, vec![opener(1), opener(9)]);
            let (mut body, mut plaintext) = (Vec::new(), Zeroizing::new(Vec::new()));
            for piece in ciphertext.chunks(1 << 20) {
                body.extend_from_slice(piece);
                block_on(chunks.take(&NativeEngine, &mut body, false, &mut plaintext)).unwrap();
                assert!(body.len() <= suite.chunk_len() + 2 * BLOCK_LEN);
            }
            block_on(chunks.take(&NativeEngine, &mut body, true, &mut plaintext)).unwrap();
            assert!(plaintext.as_slice() == content, "{mode:?} {octet}");
            assert!(chunks.opener().is_some());
        }
    }
}

#[test]
fn large_data_are_sealed_without_being_put_together() {
    let key = SessionKey {
        cipher: Cipher::Aes256,
        key: Zeroizing::new(vec![9; 32]),
    };
    for length in [4 << 20, (4 << 20) + (256 << 10) - 3] {
        let (front, data, tail) = (bytes(100), bytes(length), bytes(333));
        let whole = [front.as_slice(), &data, &tail].concat();
        let apart = Content {
            front: &front,
            data: &data,
            tail: &tail,
        };
        let suite = Suite::new(Cipher::Aes256, AeadMode::Gcm);
        let sealed = |content| {
            let (mut rng, mut both) = (StdRng::seed_from_u64(1), [Vec::new(), Vec::new()]);
            let [one, two] = &mut both;
            block_on(seal_v1(&NativeEngine, &mut rng, &key, content, one)).unwrap();
            let two = seal_v2(&NativeEngine, &mut rng, suite, &key.key, content, two);
            block_on(two).unwrap();
            both
        };
        assert!(sealed(apart) == sealed(Content::whole(&whole)), "{length}");
    }
}
