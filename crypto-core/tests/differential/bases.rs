//! Honest messages to begin with, and which of their bytes nothing protects.

use std::{ops::Range, sync::OnceLock};

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        EncryptRequest, Profile, SecretCertificate, UserId, encrypt, generate, sign_cleartext,
        sign_detached,
    },
};
use futures::executor::block_on;
use pgp::{
    packet::{Packet, PacketHeader, PacketParser},
    ser::Serialize,
    types::{PacketLength, Tag},
};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// Long past, so that peers with a clock of their own do not take it for the future.
pub(crate) const NOW: UnixTime = UnixTime(1_700_000_000);

/// What is to be done with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Decrypt; nobody signed it.
    Sealed,
    /// Decrypt and verify.
    SealedAndSigned,
    /// Verify over the text.
    Detached,
    /// Verify the text inside.
    Cleartext,
}

/// An honest message.
pub(crate) struct Base {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: Vec<u8>,
    /// Session-key packets.
    pub(crate) front: Range<usize>,
    /// Headers of packets.
    pub(crate) headers: Vec<Range<usize>>,
    /// Unhashed subpackets.
    pub(crate) unsigned: Vec<Range<usize>>,
    /// Of a cleartext message: its headers, and the armor of its signature.
    pub(crate) hints: Vec<Range<usize>>,
    /// What stands in a literal packet beside the text.
    pub(crate) literal: Range<usize>,
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

/// The reader and writer of all bases of a profile.
pub(crate) fn key(profile: Profile) -> &'static SecretCertificate {
    static KEYS: OnceLock<[SecretCertificate; 2]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        [Profile::Compatible, Profile::Modern].map(|profile| {
            let id = [UserId::new("Ann", "ann@example.org")];
            let made = UnixTime(NOW.0 - 1000);
            generate(profile, &id, made, &mut rng(profile as u64 + 3))
                .unwrap()
                .secret
        })
    });
    &keys[usize::from(profile == Profile::Modern)]
}

fn base(name: &str, kind: Kind, profile: Profile, bytes: Vec<u8>, text: &[u8]) -> Base {
    let mut base = Base {
        name: format!("{name} {profile:?}"),
        kind,
        text: text.to_vec(),
        front: 0..0,
        headers: Vec::new(),
        unsigned: Vec::new(),
        literal: 0..0,
        hints: Vec::new(),
        bytes,
    };
    if kind == Kind::Cleartext {
        let message = String::from_utf8_lossy(&base.bytes);
        let headers = message.find("Hash: ").unwrap()..message.find("\n\n").unwrap();
        let armor = message.find("-----BEGIN PGP SIGNATURE").unwrap()..message.len() + 1;
        base.hints.extend([headers, armor]);
    } else {
        map(&mut base);
    }
    base
}

/// Finds the packets, by code of its own.
fn map(base: &mut Base) {
    let mut rest = base.bytes.as_slice();
    while !rest.is_empty() {
        let start = base.bytes.len() - rest.len();
        let header = PacketHeader::try_from_reader(&mut rest).unwrap();
        let body = base.bytes.len() - rest.len();
        let PacketLength::Fixed(length) = header.packet_length() else {
            panic!("we write fixed lengths");
        };
        let end = body + length as usize;
        base.headers.push(start..body);
        match header.tag() {
            Tag::PublicKeyEncryptedSessionKey => base.front.end = end,
            Tag::Signature => {
                let one = PacketParser::new(&base.bytes[start..])
                    .next()
                    .unwrap()
                    .unwrap();
                let Packet::Signature(signature) = one else {
                    panic!("it says it is a signature");
                };
                let config = signature.config().unwrap();
                let length: usize = config
                    .unhashed_subpackets()
                    .map(|one| one.to_bytes().unwrap().len())
                    .sum();
                // Behind version, kind, two algorithms and the hashed area, with its own length.
                let hashed: usize = config
                    .hashed_subpackets()
                    .map(|one| one.to_bytes().unwrap().len())
                    .sum();
                let count = if base.bytes[body] == 6 { 4 } else { 2 };
                let from = body + 4 + count + hashed;
                base.unsigned.push(from..from + count + length);
            }
            _ => {}
        }
        rest = &base.bytes[end..];
    }
}

/// All bases.
pub(crate) fn all() -> Vec<Base> {
    let text: &[u8] = b"I owe you 5.\nAnn";
    let mut all = Vec::new();
    for profile in [Profile::Compatible, Profile::Modern] {
        let ann = key(profile);
        let certificate = ann.certificate();
        for signer in [None, Some(ann)] {
            let bytes = block_on(encrypt(
                &NativeEngine,
                &mut rng(11),
                text,
                &EncryptRequest {
                    recipients: &[&certificate],
                    passwords: &[],
                    signer,
                    now: NOW,
                    armor: false,
                },
            ));
            let kind = if signer.is_some() {
                Kind::SealedAndSigned
            } else {
                Kind::Sealed
            };
            all.push(base("message", kind, profile, bytes.unwrap(), text));
        }
        let beside = block_on(sign_detached(
            &NativeEngine,
            &mut rng(12),
            text,
            ann,
            NOW,
            false,
        ));
        all.push(base(
            "signature",
            Kind::Detached,
            profile,
            beside.unwrap(),
            text,
        ));
        let clear = block_on(sign_cleartext(
            &NativeEngine,
            &mut rng(13),
            std::str::from_utf8(text).unwrap(),
            ann,
            NOW,
        ));
        all.push(base(
            "cleartext",
            Kind::Cleartext,
            profile,
            clear.unwrap().into_bytes(),
            text,
        ));
    }
    all
}
