//! Messages that an attacker made or changed. Each must fail with its own error and no plaintext.
//!
//! rPGP's packet types build what our own writer never would.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        BadSignature, Certificate, DecryptError, DecryptRequest, ExceededLimit, Limits, Profile,
        SecretCertificate, SignatureVerdict, decrypt,
    },
};
use futures::executor::block_on;
use pgp::{
    composed::{Deserializable, MessageBuilder, PlainSessionKey, RawSessionKey, SignedSecretKey},
    crypto::{
        aead::{AeadAlgorithm, ChunkSize},
        hash::HashAlgorithm,
        sym::SymmetricKeyAlgorithm,
    },
    packet::{
        LiteralData, OnePassSignature, Packet, PacketHeader, PacketParser, PacketTrait,
        PublicKeyEncryptedSessionKey, SymEncryptedProtectedData, SymKeyEncryptedSessionKey,
    },
    ser::Serialize,
    types::{
        CompressionAlgorithm, DecryptionKey, EncryptionKey, EskType, KeyDetails, KeyVersion,
        Password, Seipdv1ReadMode, StringToKey, Tag,
    },
};

use super::common::{NOW, is_good, key, open, passphrase, rng, seal};

const AES: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;

fn in_rpgp(key: &SecretCertificate) -> SignedSecretKey {
    SignedSecretKey::from_bytes(key.to_bytes().as_slice()).unwrap()
}

fn packets(message: &[u8]) -> Vec<Packet> {
    PacketParser::new(message).map(Result::unwrap).collect()
}

fn joined(packets: &[Packet]) -> Vec<u8> {
    packets
        .iter()
        .flat_map(|one| one.to_bytes().unwrap())
        .collect()
}

/// The packets inside a message's container.
pub(crate) fn content_of(message: &[u8], key: &SecretCertificate) -> Vec<u8> {
    let secret = in_rpgp(key);
    let [
        Packet::PublicKeyEncryptedSessionKey(wrapped),
        Packet::SymEncryptedProtectedData(sealed),
    ] = &packets(message)[..]
    else {
        panic!("not a message to one recipient");
    };
    let kind = match secret.version() {
        KeyVersion::V4 => EskType::V3_4,
        _ => EskType::V6,
    };
    let unlocked = Password::empty();
    let values = wrapped.values().unwrap();
    let session = secret.secret_subkeys[0]
        .key
        .decrypt(&unlocked, values, kind);
    let (key, cipher) = match session.unwrap().unwrap() {
        PlainSessionKey::V3_4 { ref key, sym_alg } => (key.clone(), Some(sym_alg)),
        PlainSessionKey::V6 { ref key } => (key.clone(), None),
        PlainSessionKey::V5 { .. } => panic!("version 5"),
    };
    sealed
        .decrypt(key.as_ref(), cipher, Seipdv1ReadMode::default())
        .unwrap()
}

/// A message with these packets inside, made by rPGP.
pub(crate) fn container_with(content: &[u8], to: &SecretCertificate) -> Vec<u8> {
    let secret = in_rpgp(to);
    let recipient = secret.secret_subkeys[0].key.public_key();
    let session = RawSessionKey::from([9u8; 32].as_slice());
    let mut message = Vec::new();
    if secret.version() == KeyVersion::V4 {
        PublicKeyEncryptedSessionKey::from_session_key_v3(rng(4), &session, AES, recipient)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
        SymEncryptedProtectedData::encrypt_seipdv1(rng(5), AES, session.as_ref(), content)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
    } else {
        PublicKeyEncryptedSessionKey::from_session_key_v6(rng(4), &session, recipient)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
        SymEncryptedProtectedData::encrypt_seipdv2(
            rng(5),
            AES,
            AeadAlgorithm::Ocb,
            ChunkSize::C64KiB,
            session.as_ref(),
            content,
        )
        .unwrap()
        .to_writer_with_header(&mut message)
        .unwrap();
    }
    message
}

fn literal(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    LiteralData::from_bytes("", text.as_bytes().to_vec().into())
        .unwrap()
        .to_writer_with_header(&mut bytes)
        .unwrap();
    bytes
}

fn packet(tag: Tag, body: &[u8]) -> Vec<u8> {
    let mut bytes = PacketHeader::new_fixed(tag, body.len() as u32)
        .to_bytes()
        .unwrap();
    bytes.extend_from_slice(body);
    bytes
}

/// Session-key packets and the body of the container of a message.
fn split(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let all = packets(message);
    let (last, front) = all.split_last().unwrap();
    let Packet::SymEncryptedProtectedData(sealed) = last else {
        panic!("not a container");
    };
    (joined(front), sealed.to_bytes().unwrap())
}

fn with_container(message: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (mut changed, mut body) = split(message);
    change(&mut body);
    changed.extend(packet(Tag::SymEncryptedProtectedData, &body));
    changed
}

#[test]
fn a_stripped_modification_code_is_noticed() {
    let me = key(Profile::Compatible, "Ann");
    let message = seal(&[b'x'; 100], &[&me.certificate()], None);
    for cut in [1, 20, 22, 40] {
        let changed = with_container(&message, |body| body.truncate(body.len() - cut));
        assert_eq!(
            open(&changed, &[&me], &[]).unwrap_err(),
            DecryptError::Damaged
        );
    }
    let nothing = with_container(&message, |body| body.truncate(1));
    assert_eq!(
        open(&nothing, &[&me], &[]).unwrap_err(),
        DecryptError::Damaged
    );
}

#[test]
fn a_container_without_integrity_is_refused_by_its_kind() {
    let me = key(Profile::Compatible, "Ann");
    let message = seal(b"hello", &[&me.certificate()], None);
    let (mut downgraded, body) = split(&message);
    downgraded.extend(packet(Tag::SymEncryptedData, &body[1..]));
    assert_eq!(
        open(&downgraded, &[&me], &[]).unwrap_err(),
        DecryptError::NoIntegrity
    );
}

#[test]
fn aead_cannot_be_turned_into_cfb() {
    let me = key(Profile::Modern, "Ann");
    let message = seal(b"hello", &[&me.certificate()], None);
    let changed = with_container(&message, |body| {
        body[0] = 1;
    });
    // Version 6 session keys are not for version 1 containers, so nothing is even tried.
    assert!(matches!(
        open(&changed, &[&me], &[]).unwrap_err(),
        DecryptError::NotForUs { .. }
    ));
}

#[test]
fn cut_and_swapped_chunks_are_noticed() {
    let me = key(Profile::Modern, "Ann");
    let chunk = (256 << 10) + 16;
    let message = seal(&vec![b'x'; 3 * chunk], &[&me.certificate()], None);
    let refuse = |change: &dyn Fn(&mut Vec<u8>)| {
        let changed = with_container(&message, change);
        assert_eq!(
            open(&changed, &[&me], &[]).unwrap_err(),
            DecryptError::Damaged
        );
    };
    let header = 36;
    // Without the last tag; a part of a chunk; a whole chunk with the last tag kept.
    refuse(&|body| body.truncate(body.len() - 16));
    refuse(&|body| body.truncate(header + chunk + 100));
    refuse(&|body| {
        body.drain(header..header + chunk);
    });
    refuse(&|body| body.truncate(header + chunk));
    refuse(&|body| body.truncate(header + chunk + 16));
    refuse(&|body| {
        let first = body[header..header + chunk].to_vec();
        let second = body[header + chunk..header + 2 * chunk].to_vec();
        body[header..header + chunk].copy_from_slice(&second);
        body[header + chunk..header + 2 * chunk].copy_from_slice(&first);
    });
    refuse(&|body| body.truncate(header));
}

#[test]
fn chunks_of_a_mebibyte_and_more_are_read() {
    let me = key(Profile::Modern, "Ann");
    let secret = in_rpgp(&me);
    let session = RawSessionKey::from([9u8; 32].as_slice());
    let text = "0123456789abcdef".repeat(300_000);
    let mut message = Vec::new();
    PublicKeyEncryptedSessionKey::from_session_key_v6(
        rng(4),
        &session,
        secret.secret_subkeys[0].key.public_key(),
    )
    .unwrap()
    .to_writer_with_header(&mut message)
    .unwrap();
    let front = message;
    for mode in [AeadAlgorithm::Ocb, AeadAlgorithm::Eax, AeadAlgorithm::Gcm] {
        for size in [ChunkSize::C1MiB, ChunkSize::C4MiB] {
            let mut message = front.clone();
            SymEncryptedProtectedData::encrypt_seipdv2(
                rng(5),
                AES,
                mode,
                size,
                session.as_ref(),
                &literal(&text),
            )
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
            let opened = open(&message, &[&me], &[]).unwrap();
            assert!(opened.plaintext.as_slice() == text.as_bytes());
        }
    }
}

#[test]
fn every_flipped_bit_is_noticed() {
    let (ann, bob) = (key(Profile::Modern, "Ann"), key(Profile::Compatible, "Bob"));
    for me in [&ann, &bob] {
        let certificate = me.certificate();
        let message = seal(b"attack at dawn", &[&certificate], Some(me));
        for index in 0..message.len() {
            for bit in [0, 3, 7] {
                let mut changed = message.clone();
                changed[index] ^= 1 << bit;
                refuse_or_open_unchanged(&changed, index, &message, me, b"attack at dawn");
            }
        }
    }
}

/// Nothing of the container can be changed. In front of it, the count of bits of a number that
/// ECDH writes is covered by nothing; then the message must open as if untouched.
pub(crate) fn refuse_or_open_unchanged(
    changed: &[u8],
    place: usize,
    message: &[u8],
    me: &SecretCertificate,
    text: &[u8],
) {
    if let Ok(opened) = open(changed, &[me], &[&me.certificate()]) {
        let (front, _) = split(message);
        assert!(place < front.len(), "{place} of {}", front.len());
        assert_eq!(opened.plaintext.as_slice(), text);
        assert!(is_good(&opened.signature, me));
    }
}

#[test]
fn every_cut_is_noticed() {
    let me = key(Profile::Modern, "Ann");
    let certificate = me.certificate();
    let message = seal(b"attack at dawn", &[&certificate], Some(&me));
    for length in 0..message.len() {
        assert!(
            open(&message[..length], &[&me], &[&certificate]).is_err(),
            "{length}"
        );
    }
}

#[test]
fn what_is_added_around_a_message_is_noticed() {
    let me = key(Profile::Modern, "Ann");
    let message = seal(b"hello", &[&me.certificate()], None);
    for extra in [literal("evil"), message.clone(), vec![0xff]] {
        let behind = [&message[..], &extra].concat();
        assert!(matches!(
            open(&behind, &[&me], &[]).unwrap_err(),
            DecryptError::Malformed(_)
        ));
    }
    let in_front = [&literal("evil")[..], &message].concat();
    assert_eq!(
        open(&in_front, &[&me], &[]).unwrap_err(),
        DecryptError::NotEncrypted
    );
}

/// The signed packets of an honest message by Ann: one-pass, literal, signature.
fn signed_packets(ann: &SecretCertificate) -> [Vec<u8>; 3] {
    let message = seal(b"I owe you 5", &[&ann.certificate()], Some(ann));
    let inner = packets(&content_of(&message, ann));
    let one = |index: usize| inner[index].to_bytes().unwrap();
    [one(0), one(1), one(2)]
}

#[test]
fn signed_packets_are_read_only_as_one_message() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let [ops, text, signature] = signed_packets(&ann);
    let evil = literal("I owe you 500");
    let read = |parts: &[&[u8]]| {
        let message = container_with(&parts.concat(), &ann);
        open(&message, &[&ann], &[&certificate])
    };
    let honest = read(&[&ops, &text, &signature]).unwrap();
    assert!(is_good(&honest.signature, &ann));
    assert_eq!(honest.plaintext.as_slice(), b"I owe you 5");
    let old_style = read(&[&signature, &text]).unwrap();
    assert!(is_good(&old_style.signature, &ann));

    let refused: [&[&[u8]]; 14] = [
        &[&ops, &text, &signature, &evil],
        &[&evil, &ops, &text, &signature],
        &[&ops, &evil, &text, &signature],
        &[&ops, &text, &evil, &signature],
        &[&ops, &text],
        &[&text, &signature],
        &[&text, &text],
        &[&ops, &signature],
        &[&ops, &ops, &text, &signature, &signature],
        &[&ops, &text, &signature, &signature],
        &[&signature, &ops, &text, &signature],
        &[&ops, &signature, &text, &signature],
        &[],
        &[&ops, &text, &signature, b"\0"],
    ];
    for (index, parts) in refused.iter().enumerate() {
        let answer = read(parts);
        assert!(
            matches!(answer, Err(DecryptError::Malformed(_))),
            "{index}: {answer:?}"
        );
    }
}

#[test]
fn a_signature_over_another_text_is_bad() {
    let ann = key(Profile::Modern, "Ann");
    let certificate = ann.certificate();
    let [ops, _, signature] = signed_packets(&ann);
    let evil = literal("I owe you 500");
    for parts in [
        [&ops[..], &evil, &signature].concat(),
        [&signature[..], &evil].concat(),
    ] {
        let opened = open(&container_with(&parts, &ann), &[&ann], &[&certificate]).unwrap();
        let expected = SignatureVerdict::Bad(BadSignature::Mismatch);
        assert_eq!(opened.signature, expected);
    }
}

#[test]
fn a_signature_that_does_not_fit_its_announcement_is_bad() {
    let ann = key(Profile::Compatible, "Ann");
    let certificate = ann.certificate();
    let [_, text, signature] = signed_packets(&ann);
    let secret = in_rpgp(&ann);
    let other = OnePassSignature::v3(
        pgp::packet::SignatureType::Text,
        HashAlgorithm::Sha256,
        secret.algorithm(),
        secret.legacy_key_id(),
    );
    let mut content = Vec::new();
    other.to_writer_with_header(&mut content).unwrap();
    content.extend_from_slice(&text);
    content.extend_from_slice(&signature);
    let opened = open(&container_with(&content, &ann), &[&ann], &[&certificate]).unwrap();
    let expected = SignatureVerdict::Bad(BadSignature::Malformed);
    assert_eq!(opened.signature, expected);
}

#[test]
fn two_signatures_over_one_text_are_judged_each() {
    let (ann, bob) = (
        key(Profile::Compatible, "Ann"),
        key(Profile::Compatible, "Bob"),
    );
    let sign = |by: &SecretCertificate| {
        let message = seal(b"hello", &[&ann.certificate()], Some(by));
        packets(&content_of(&message, &ann))
    };
    let (outer, inner) = (sign(&bob), sign(&ann));
    let Packet::OnePassSignature(mut first) = outer[0].clone() else {
        panic!("no one-pass signature");
    };
    first.set_is_nested();
    let content = joined(&[
        Packet::OnePassSignature(first),
        inner[0].clone(),
        inner[1].clone(),
        inner[2].clone(),
        outer[2].clone(),
    ]);
    let message = container_with(&content, &ann);
    let opened = open(&message, &[&ann], &[&ann.certificate()]).unwrap();
    assert!(is_good(&opened.signature, &ann));
    assert_eq!(opened.signatures.len(), 2);
    assert!(matches!(
        opened.signatures[1],
        SignatureVerdict::UnknownSigner { .. }
    ));
}

fn compressed(content: &[u8], kind: CompressionAlgorithm) -> Vec<u8> {
    let mut builder = MessageBuilder::from_bytes("", content.to_vec());
    builder.compression(kind);
    builder.to_vec(rng(6)).unwrap()
}

#[test]
fn compressed_messages_are_read_within_limits() {
    let me = key(Profile::Modern, "Ann");
    for kind in [CompressionAlgorithm::ZIP, CompressionAlgorithm::ZLIB] {
        let content = compressed(b"hello hello hello", kind);
        let opened = open(&container_with(&content, &me), &[&me], &[]).unwrap();
        assert_eq!(opened.plaintext.as_slice(), b"hello hello hello");
    }
    // 200 MB of zeros.
    let bomb = compressed(&vec![0; 200 << 20], CompressionAlgorithm::ZIP);
    assert!(bomb.len() < 1 << 20);
    let message = container_with(&bomb, &me);
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        open_within(&message, &me, &limits).unwrap_err()
    };
    let exceeded = DecryptError::LimitExceeded;
    assert_eq!(limits(|_| ()), exceeded(ExceededLimit::CompressionRatio));
    let ratio = limits(|limits| limits.compression_ratio = 100_000);
    assert_eq!(ratio, exceeded(ExceededLimit::Decompressed));
    let depth = limits(|limits| limits.nesting = 0);
    assert_eq!(depth, exceeded(ExceededLimit::Nesting));
}

#[test]
fn layers_of_compression_are_counted() {
    let me = key(Profile::Modern, "Ann");
    // Kind 0 is "not compressed": a layer all the same.
    let wrap = |content: &[u8]| packet(Tag::CompressedData, &[&[0], content].concat());
    let mut content = literal("deep");
    for depth in 1..=4 {
        content = wrap(&content);
        let answer = open(&container_with(&content, &me), &[&me], &[]);
        match answer {
            Ok(opened) => assert!(depth <= 3 && opened.plaintext.as_slice() == b"deep"),
            Err(error) => {
                assert_eq!(error, DecryptError::LimitExceeded(ExceededLimit::Nesting));
                assert_eq!(depth, 4);
            }
        }
    }
}

#[test]
fn signatures_over_compressed_data_are_refused() {
    let ann = key(Profile::Modern, "Ann");
    let [ops, text, signature] = signed_packets(&ann);
    let inside = packet(Tag::CompressedData, &[&[0], &text[..]].concat());
    let message = container_with(&[ops, inside, signature].concat(), &ann);
    assert!(matches!(
        open(&message, &[&ann], &[]),
        Err(DecryptError::Malformed(_))
    ));
}

fn open_within(
    message: &[u8],
    key: &SecretCertificate,
    limits: &Limits,
) -> Result<crypto_core::openpgp::Opened, DecryptError> {
    let password = passphrase("x");
    block_on(decrypt(
        &NativeEngine,
        message,
        &DecryptRequest {
            keys: &[key],
            passwords: &[&password],
            verifiers: &[],
            limits,
            now: NOW,
        },
    ))
}

#[test]
fn a_hundred_thousand_recipients_are_too_many() {
    let me = key(Profile::Modern, "Ann");
    let message = seal(b"hello", &[&me.certificate()], None);
    let (front, body) = split(&message);
    let mut flood = front.repeat(100_000);
    flood.extend(packet(Tag::SymEncryptedProtectedData, &body));
    assert_eq!(
        open(&flood, &[&me], &[]).unwrap_err(),
        DecryptError::LimitExceeded(ExceededLimit::SessionKeys)
    );
}

#[test]
fn wrong_session_keys_are_not_tried_for_ever() {
    let me = key(Profile::Modern, "Ann");
    let message = seal(b"hello", &[&me.certificate()], None);
    let (front, body) = split(&message);
    let secret = in_rpgp(&me);
    let mut flood = Vec::new();
    for number in 0..100u8 {
        let session = RawSessionKey::from([number; 32].as_slice());
        let recipient = secret.secret_subkeys[0].key.public_key();
        PublicKeyEncryptedSessionKey::from_session_key_v6(rng(8), &session, recipient)
            .unwrap()
            .to_writer_with_header(&mut flood)
            .unwrap();
    }
    flood.extend(front);
    flood.extend(packet(Tag::SymEncryptedProtectedData, &body));
    assert_eq!(
        open(&flood, &[&me], &[]).unwrap_err(),
        DecryptError::LimitExceeded(ExceededLimit::SessionKeys)
    );
}

#[test]
fn passwords_that_ask_for_a_gigabyte_are_refused() {
    let me = key(Profile::Modern, "Eve");
    let session = RawSessionKey::from([9u8; 32].as_slice());
    let s2k = StringToKey::new_argon2(rng(1), 1, 1, 3 + 3);
    let wrapped = SymKeyEncryptedSessionKey::encrypt_v6(
        rng(1),
        &Password::from("x"),
        &session,
        s2k,
        AES,
        AeadAlgorithm::Ocb,
    )
    .unwrap();
    let mut front = Vec::new();
    wrapped.to_writer_with_header(&mut front).unwrap();
    let content = SymEncryptedProtectedData::encrypt_seipdv2(
        rng(5),
        AES,
        AeadAlgorithm::Ocb,
        ChunkSize::C64KiB,
        session.as_ref(),
        &literal("hello"),
    )
    .unwrap();
    let build = |front: &[u8]| {
        let mut message = front.to_vec();
        content.to_writer_with_header(&mut message).unwrap();
        message
    };
    let limits = Limits::default();
    assert!(open_within(&build(&front), &me, &limits).is_ok());
    // Header (2), version, count, cipher, mode, length of S2K, its kind, salt (16), t, p, m.
    let (passes, memory) = (2 + 6 + 16, 2 + 6 + 18);
    let refused = DecryptError::LimitExceeded(ExceededLimit::PasswordDerivation);
    for (place, value) in [(memory, 30), (memory, 19), (passes, 255)] {
        let mut bomb = front.clone();
        bomb[passes] = 16;
        bomb[memory] = 18;
        bomb[place] = value;
        assert_eq!(
            open_within(&build(&bomb), &me, &limits).unwrap_err(),
            refused
        );
    }
}

#[test]
fn a_session_key_packet_that_wraps_nothing_is_survived() {
    let me = key(Profile::Compatible, "Ann");
    let secret = in_rpgp(&me);
    let recipient = secret.secret_subkeys[0].key.public_key();
    for wrapped in [&[][..], &[9], &[9, 0]] {
        let values = recipient.encrypt(rng(1), wrapped, EskType::V3_4).unwrap();
        let id = recipient.legacy_key_id();
        let length = 10 + values.write_len();
        let front = PublicKeyEncryptedSessionKey::V3 {
            packet_header: PacketHeader::new_fixed(
                Tag::PublicKeyEncryptedSessionKey,
                length as u32,
            ),
            id,
            pk_algo: recipient.algorithm(),
            values,
        };
        let mut message = Vec::new();
        front.to_writer_with_header(&mut message).unwrap();
        let (_, body) = split(&seal(b"hello", &[&me.certificate()], None));
        message.extend(packet(Tag::SymEncryptedProtectedData, &body));
        assert_eq!(
            open(&message, &[&me], &[]).unwrap_err(),
            DecryptError::Damaged
        );
    }
}

#[test]
fn other_ciphers_than_aes_are_named() {
    let me = key(Profile::Compatible, "Ann");
    let secret = in_rpgp(&me);
    let des = SymmetricKeyAlgorithm::TripleDES;
    let session = RawSessionKey::from([9u8; 24].as_slice());
    let mut message = Vec::new();
    let recipient = secret.secret_subkeys[0].key.public_key();
    PublicKeyEncryptedSessionKey::from_session_key_v3(rng(4), &session, des, recipient)
        .unwrap()
        .to_writer_with_header(&mut message)
        .unwrap();
    SymEncryptedProtectedData::encrypt_seipdv1(rng(5), des, session.as_ref(), &literal("x"))
        .unwrap()
        .to_writer_with_header(&mut message)
        .unwrap();
    assert!(matches!(
        open(&message, &[&me], &[]).unwrap_err(),
        DecryptError::Unsupported(_)
    ));
}

#[test]
fn what_is_no_message_is_refused() {
    let me = key(Profile::Modern, "Ann");
    let certificate: Certificate = me.certificate();
    let armored = certificate.to_armor();
    for text in [
        &b""[..],
        b"hello",
        b"\xff\xff\xff",
        b"\xd2\xff\xff\xff\xff\xff",
    ] {
        assert!(matches!(
            open(text, &[&me], &[]).unwrap_err(),
            DecryptError::Malformed(_)
        ));
    }
    assert_eq!(
        open(armored.as_bytes(), &[&me], &[]).unwrap_err(),
        DecryptError::NotEncrypted
    );
    assert_eq!(
        open(&literal("hello"), &[&me], &[]).unwrap_err(),
        DecryptError::NotEncrypted
    );
}
