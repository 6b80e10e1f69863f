use std::io::Write;

use attacks::memory::peak_of;
use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        DecryptError, DecryptRequest, ExceededLimit, Limits, Profile, SecretCertificate,
        StreamDecryptor, VerifyError, verify_inline,
    },
};
use flate2::{
    Compression,
    write::{DeflateEncoder, ZlibEncoder},
};
use futures::executor::block_on;
use pgp::types::Tag;
use zeroize::Zeroizing;

use super::{
    common::{NOW, key},
    forge::{container_with, literal, open_within, packet},
};

const MIB: usize = 1 << 20;

/// A compressed packet (RFC 9580, section 5.6): 1 is ZIP, 2 is ZLIB.
fn compressed(content: &[u8], kind: u8) -> Vec<u8> {
    let level = Compression::best();
    let body = if kind == 1 {
        let mut encoder = DeflateEncoder::new(Vec::new(), level);
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    } else {
        let mut encoder = ZlibEncoder::new(Vec::new(), level);
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    };
    packet(Tag::CompressedData, &[&[kind], &body[..]].concat())
}

/// The answer to a message with this content, and how much memory it took.
fn answer(content: &[u8], limits: &Limits) -> (DecryptError, usize) {
    let me = key(Profile::Modern, "Ann");
    let message = container_with(content, &me);
    let (answer, peak) = peak_of(|| open_within(&message, &me, limits));
    (answer.unwrap_err(), peak)
}

#[test]
fn one_layer_of_a_thousand_to_one() {
    let zeros = "\0".repeat(24 * MIB);
    for kind in [1, 2] {
        let bomb = compressed(&literal(&zeros), kind);
        assert!(bomb.len() < 100 << 10);
        let (error, peak) = answer(&bomb, &Limits::default());
        let expected = DecryptError::LimitExceeded(ExceededLimit::CompressionRatio);
        assert_eq!(error, expected);
        // A hundred times the input is allowed, and buffers grow by doubling.
        assert!(peak < 300 * bomb.len(), "{peak} bytes for {}", bomb.len());
        // Where only the size counts, that is the bound.
        let limits = Limits {
            decompressed: 4 * MIB,
            compression_ratio: usize::MAX,
            ..Limits::default()
        };
        let (error, peak) = answer(&bomb, &limits);
        let expected = DecryptError::LimitExceeded(ExceededLimit::Decompressed);
        assert_eq!(error, expected);
        assert!(peak < 16 * MIB, "{peak}");
    }
}

#[test]
fn layers_that_multiply() {
    // Hundreds of thousands to one, in two layers.
    let zeros = literal(&"\0".repeat(32 * MIB));
    let bomb = compressed(&compressed(&zeros, 1), 1);
    assert!(bomb.len() < 4096, "{}", bomb.len());
    let (error, peak) = answer(&bomb, &Limits::default());
    assert!(matches!(error, DecryptError::LimitExceeded(_)), "{error:?}");
    assert!(peak < 64 * MIB, "{peak}");
}

/// Compressed a hundred times at most: behind the data, empty stored blocks of five bytes each.
fn padded(content: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(vec![1], Compression::best());
    encoder.write_all(content).unwrap();
    // Ends on a byte, and leaves the stream open.
    encoder.flush().unwrap();
    let mut body = encoder.get_ref().clone();
    while body.len() * 90 < content.len() {
        body.extend_from_slice(&[0, 0, 0, 0xff, 0xff]);
    }
    body.extend_from_slice(&[1, 0, 0, 0xff, 0xff]);
    packet(Tag::CompressedData, &body)
}

/// What a stream makes of a message in pieces of a size: the length of what it releases.
fn streamed(message: &[u8], size: usize, me: &SecretCertificate) -> Result<usize, DecryptError> {
    let mut stream = StreamDecryptor::new(&DecryptRequest {
        keys: &[me],
        passwords: &[],
        verifiers: &[],
        limits: &Limits::for_streams(),
        now: NOW,
    });
    let mut output = Zeroizing::new(Vec::new());
    let mut released = 0;
    for piece in message.chunks(size) {
        block_on(stream.push(&NativeEngine, piece, &mut output))?;
        released += output.len();
        output.clear();
    }
    block_on(stream.finish(&NativeEngine, &mut output))?;
    Ok(released + output.len())
}

#[test]
fn layers_that_are_each_within_the_ratio() {
    let me = key(Profile::Modern, "Ann");
    let bomb = (0..3).fold(literal(&"\0".repeat(48 * MIB)), |inner, _| padded(&inner));
    assert!(bomb.len() < 4096, "{}", bomb.len());
    let message = container_with(&bomb, &me);
    let expected = DecryptError::LimitExceeded(ExceededLimit::CompressionRatio);
    let large = Limits {
        decompressed: 1 << 30,
        ..Limits::default()
    };
    let (answer, peak) = peak_of(|| open_within(&message, &me, &large));
    assert_eq!(answer.unwrap_err(), expected);
    assert!(peak < 8 * MIB, "{peak}");
    for size in [100, MIB] {
        let (answer, peak) = peak_of(|| streamed(&message, size, &me));
        assert_eq!(answer.unwrap_err(), expected);
        assert!(peak < 8 * MIB, "{peak}");
    }
}

#[test]
fn what_incompressible_data_save_up_is_not_spent_in_one_piece() {
    let me = key(Profile::Modern, "Ann");
    // Half a MiB of noise, and 48 MiB of zeros that are 47 KiB: within the ratio over all.
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        char::from((seed >> 25) as u8)
    });
    let mut text: String = noise.take(600 << 10).collect();
    text.extend(std::iter::repeat_n('\0', 48 * MIB));
    let content = compressed(&literal(&text), 2);
    let message = container_with(&content, &me);
    assert!(open_within(&message, &me, &Limits::default()).is_ok());
    let (answer, peak) = peak_of(|| streamed(&message, 32 << 10, &me));
    let expected = DecryptError::LimitExceeded(ExceededLimit::CompressionRatio);
    assert_eq!(answer.unwrap_err(), expected);
    // What comes out of a piece is in a buffer that doubles.
    assert!(peak < 64 * MIB, "{peak}");
}

#[test]
fn honest_data_that_compress_well_are_read() {
    let me = key(Profile::Modern, "Ann");
    let line = |number: usize| format!("{number} 2026-09-01 12:00:00 all is well\n").repeat(6);
    let text: String = (0..21_000).map(line).collect();
    assert!(text.len() > 4 * MIB);
    let content = compressed(&literal(&text), 2);
    let ratio = text.len() / content.len();
    assert!((40..100).contains(&ratio), "{ratio}");
    let message = container_with(&content, &me);
    let opened = open_within(&message, &me, &Limits::default()).unwrap();
    assert!(*opened.plaintext == text.as_bytes());
    for size in [10_000, MIB] {
        assert_eq!(streamed(&message, size, &me), Ok(text.len()));
    }
}

#[test]
fn what_is_allowed_is_shared_by_all_layers() {
    let inner = compressed(&literal(&"x".repeat(3 * MIB)), 1);
    let limits = |decompressed: usize| Limits {
        decompressed,
        compression_ratio: usize::MAX,
        ..Limits::default()
    };
    let me = key(Profile::Modern, "Ann");
    let message = container_with(&compressed(&inner, 2), &me);
    assert!(open_within(&message, &me, &limits(4 * MIB)).is_ok());
    assert_eq!(
        open_within(&message, &me, &limits(3 * MIB)).unwrap_err(),
        DecryptError::LimitExceeded(ExceededLimit::Decompressed)
    );
}

#[test]
fn a_packet_that_decompresses_to_itself() {
    let quine = quine();
    for nesting in [3, 100] {
        let limits = Limits {
            nesting,
            ..Limits::default()
        };
        let (error, peak) = answer(&quine, &limits);
        // After a hundred layers there is still another one.
        let expected = DecryptError::LimitExceeded(ExceededLimit::Nesting);
        assert_eq!(error, expected);
        assert!(peak < 4 * MIB, "{peak}");
        let signed = block_on(verify_inline(&NativeEngine, &quine, &[], &limits, NOW));
        assert!(matches!(signed, Err(VerifyError::Malformed(_))));
    }
}

#[test]
fn damaged_and_unknown_compression() {
    let whole = compressed(&literal("hello"), 2);
    let me = key(Profile::Modern, "Ann");
    let open = |content: &[u8]| open_within(&container_with(content, &me), &me, &Limits::default());
    assert_eq!(open(&whole).unwrap().plaintext.as_slice(), b"hello");
    let body = &whole[2..];
    for length in 1..body.len() {
        let cut = packet(Tag::CompressedData, &body[..length]);
        // Raw deflate has no end of its own, ZLIB has a checksum: never something else.
        if let Ok(opened) = open(&cut) {
            assert_eq!(opened.plaintext.as_slice(), b"hello");
        }
    }
    for kind in [4, 99, 255] {
        let unknown = packet(Tag::CompressedData, &[&[kind], &body[1..]].concat());
        assert!(matches!(open(&unknown), Err(DecryptError::Unsupported(_))));
    }
}

/// Two marker packets and a compressed packet of indeterminate length which decompresses to these
/// very bytes.
///
/// After Russ Cox, "Zip Files All The Way Down" (2010): `literal(n)` is a stored block of n bytes,
/// `repeat` a block that copies what came out last; both take five bytes, so that they can quote
/// themselves. Behind each step stands how far the output lags behind the code.
fn quine() -> Vec<u8> {
    const PREFIX: &[u8; 12] = b"\xca\x03PGP\xca\x03PGP\xa3\x01";
    // Prefix and one step; four steps; one step.
    let (first, four, one) = (17, 20, 5);
    let l1 = literal_block(one);
    let l4 = literal_block(four);
    let lp = literal_block(first);
    // 17 and 20 bytes back are both written with 8 bits, and two copies make 40 bits.
    let rp = repeat_block(&[10, 7], first);
    let r4 = repeat_block(&[10, 10], four);
    let end = last_block();
    let mut filler = vec![0; usize::from(four) - end.len()];
    filler.extend_from_slice(&end);
    let steps: [&[u8]; 23] = [
        PREFIX, // PREFIX
        &lp, PREFIX, &lp, // PREFIX lp
        &rp, // rp
        &l1, &rp, // l1 rp
        &l1, &l1, // rp l1 l1
        &l4, &rp, &l1, &l1, &l4, // rp l1 l1 l4
        &r4, // r4
        &l4, &r4, &l4, &r4, &l4, // r4 l4
        &r4, // the output is ahead by l4
        &l4, &filler, // nothing: they are even
    ];
    let mut quine = steps.concat();
    // The last block copies the three bytes before it, which are its own.
    quine.extend_from_slice(&end);
    quine
}

fn literal_block(length: u16) -> Vec<u8> {
    let mut block = vec![0];
    block.extend_from_slice(&length.to_le_bytes());
    block.extend_from_slice(&(!length).to_le_bytes());
    block
}

/// Bits as deflate packs them: the lowest first; codes come with their highest bit first.
#[derive(Default)]
struct Bits(Vec<bool>);

impl Bits {
    fn number(&mut self, value: u16, count: u32) {
        self.0.extend((0..count).map(|bit| value >> bit & 1 == 1));
    }

    fn code(&mut self, value: u16, count: u32) {
        self.0
            .extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    }

    /// A copy of 3 to 10 bytes, with fixed codes (RFC 1951, section 3.2.6).
    fn copy(&mut self, length: u16, (code, extra, extra_bits): (u16, u16, u32)) {
        self.code(length - 2, 7);
        self.code(code, 5);
        self.number(extra, extra_bits);
    }

    fn bytes(&self) -> Vec<u8> {
        self.0
            .chunks(8)
            .map(|bits| {
                bits.iter()
                    .enumerate()
                    .fold(0, |byte, (index, bit)| byte | u8::from(*bit) << index)
            })
            .collect()
    }
}

fn repeat_block(lengths: &[u16], distance: u16) -> Vec<u8> {
    // Code 8 is for distances from 17 to 24.
    let distance = (8, distance - 17, 3);
    let mut bits = Bits::default();
    bits.number(0b010, 3);
    for length in lengths {
        bits.copy(*length, distance);
    }
    bits.code(0, 7);
    assert_eq!(bits.0.len(), 40);
    bits.bytes()
}

fn last_block() -> Vec<u8> {
    let mut bits = Bits::default();
    bits.number(0b011, 3);
    bits.copy(3, (2, 0, 0));
    bits.code(0, 7);
    bits.bytes()
}
