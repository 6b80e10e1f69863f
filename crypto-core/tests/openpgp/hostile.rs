//! Messages that an attacker made or changed. Each must fail with its own error and no plaintext.

use crypto_core::openpgp::{Certificate, DecryptError, ExceededLimit, Limits, Profile};
use pgp::{
    composed::RawSessionKey,
    crypto::{
        aead::{AeadAlgorithm, ChunkSize},
        public_key::PublicKeyAlgorithm,
        sym::SymmetricKeyAlgorithm,
    },
    packet::{
        PacketHeader, PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData,
        SymKeyEncryptedSessionKey,
    },
    ser::Serialize,
    types::{EncryptionKey, EskType, KeyDetails, Password, StringToKey, Tag},
};

use super::{
    common::{key, open, rng, seal},
    forge::{
        AES, in_rpgp, literal, open_within, packet, refuse_or_open_unchanged, split, with_container,
    },
};

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
    let text = "0123456789abcdef".repeat(80_000);
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
fn private_keys_are_not_used_for_ever() {
    // Packets that name our key and hold a session key of impossible length: none opens.
    let me = key(Profile::Modern, "Ann");
    let (front, body) = split(&seal(b"hello", &[&me.certificate()], None));
    let secret = in_rpgp(&me);
    let recipient = secret.secret_subkeys[0].key.public_key();
    let session = RawSessionKey::from([1; 16].as_slice());
    let mut one = Vec::new();
    PublicKeyEncryptedSessionKey::from_session_key_v6(rng(8), &session, recipient)
        .unwrap()
        .to_writer_with_header(&mut one)
        .unwrap();
    let flooded = |count: usize| {
        let mut message = one.repeat(count);
        message.extend_from_slice(&front);
        message.extend(packet(Tag::SymEncryptedProtectedData, &body));
        open(&message, &[&me], &[])
    };
    assert!(flooded(100).is_ok());
    let exceeded = DecryptError::LimitExceeded(ExceededLimit::SessionKeys);
    assert_eq!(flooded(200).unwrap_err(), exceeded);
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
    let curve25519 = secret
        .secret_subkeys
        .iter()
        .find(|subkey| subkey.key.algorithm() == PublicKeyAlgorithm::ECDH);
    let recipient = curve25519.unwrap().key.public_key();
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
