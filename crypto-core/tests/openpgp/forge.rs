//! Messages that our own writer never would make, built with rPGP's packet types.

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{DecryptError, DecryptRequest, Limits, Opened, SecretCertificate, decrypt},
};
use futures::executor::block_on;
use pgp::{
    composed::{Deserializable, PlainSessionKey, RawSessionKey, SignedSecretKey},
    crypto::{
        aead::{AeadAlgorithm, ChunkSize},
        sym::SymmetricKeyAlgorithm,
    },
    packet::{
        LiteralData, Packet, PacketHeader, PacketParser, PacketTrait, PublicKeyEncryptedSessionKey,
        SymEncryptedProtectedData,
    },
    ser::Serialize,
    types::{DecryptionKey, EskType, KeyDetails, KeyVersion, Password, Seipdv1ReadMode, Tag},
};

use super::common::{NOW, is_good, open, passphrase, rng};

pub(crate) const AES: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;

pub(crate) fn in_rpgp(key: &SecretCertificate) -> SignedSecretKey {
    SignedSecretKey::from_bytes(key.to_bytes().as_slice()).unwrap()
}

pub(crate) fn packets(message: &[u8]) -> Vec<Packet> {
    PacketParser::new(message).map(Result::unwrap).collect()
}

pub(crate) fn joined(packets: &[Packet]) -> Vec<u8> {
    packets
        .iter()
        .flat_map(|one| one.to_bytes().unwrap())
        .collect()
}

/// The packets inside a message's container.
pub(crate) fn content_of(message: &[u8], key: &SecretCertificate) -> Vec<u8> {
    let secret = in_rpgp(key);
    let all = packets(message);
    let Some(Packet::SymEncryptedProtectedData(sealed)) = all.last() else {
        panic!("not an encrypted message");
    };
    let kind = match secret.version() {
        KeyVersion::V4 => EskType::V3_4,
        _ => EskType::V6,
    };
    // A key may have several encryption keys, and the message a packet for each.
    let opened = all.iter().find_map(|packet| {
        let Packet::PublicKeyEncryptedSessionKey(wrapped) = packet else {
            return None;
        };
        let subkey = secret
            .secret_subkeys
            .iter()
            .find(|subkey| wrapped.match_identity(subkey.key.public_key()))?;
        let values = wrapped.values().ok()?;
        let session = subkey.key.decrypt(&Password::empty(), values, kind);
        session.ok()?.ok()
    });
    let (key, cipher) = match opened.unwrap() {
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

pub(crate) fn literal(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    LiteralData::from_bytes("", text.as_bytes().to_vec().into())
        .unwrap()
        .to_writer_with_header(&mut bytes)
        .unwrap();
    bytes
}

pub(crate) fn packet(tag: Tag, body: &[u8]) -> Vec<u8> {
    let mut bytes = PacketHeader::new_fixed(tag, body.len() as u32)
        .to_bytes()
        .unwrap();
    bytes.extend_from_slice(body);
    bytes
}

/// Session-key packets and the body of the container of a message.
pub(crate) fn split(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let all = packets(message);
    let (last, front) = all.split_last().unwrap();
    let Packet::SymEncryptedProtectedData(sealed) = last else {
        panic!("not a container");
    };
    (joined(front), sealed.to_bytes().unwrap())
}

pub(crate) fn with_container(message: &[u8], change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let (mut changed, mut body) = split(message);
    change(&mut body);
    changed.extend(packet(Tag::SymEncryptedProtectedData, &body));
    changed
}

pub(crate) fn open_within(
    message: &[u8],
    key: &SecretCertificate,
    limits: &Limits,
) -> Result<Opened, DecryptError> {
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
