//! Sealed objects, as a server or a disk hands them back.
//!
//! The keys are derived here by `docs/formats.md` and other crates than the core's own code, so
//! this is also a second implementation of the format.

use std::sync::OnceLock;

use chacha20poly1305::{AeadInPlace, KeyInit, XChaCha20Poly1305, XNonce};
use crypto_core::{
    ids::Revision,
    vault::{Namespace, Record, RecordName, Vault, VaultKey},
};
use hkdf::Hkdf;
use hmac_013::{Hmac, KeyInit as _, Mac};
use rand::{CryptoRng, RngCore};
use sha2::Sha256;

const VAULT_KEY: [u8; 32] = [0x42; 32];
const REVISION: Revision = Revision(3);

/// A generator that yields the vault key of this target.
struct Fixed;

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        u32::from_ne_bytes([VAULT_KEY[0]; 4])
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_ne_bytes([VAULT_KEY[0]; 8])
    }

    fn fill_bytes(&mut self, target: &mut [u8]) {
        target.fill(VAULT_KEY[0]);
    }

    fn try_fill_bytes(&mut self, target: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(target);
        Ok(())
    }
}

impl CryptoRng for Fixed {}

/// The vault of this target.
pub(crate) fn the_vault() -> &'static Vault {
    static VAULT: OnceLock<Vault> = OnceLock::new();
    VAULT.get_or_init(|| Vault::new(&VaultKey::make(&mut Fixed)))
}

fn derived(label: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(None, &VAULT_KEY)
        .expand(label, &mut out)
        .unwrap();
    out
}

/// What `docs/formats.md` says of an object's inside: id, content, and zeros.
fn unpack(inside: &[u8]) -> Option<(&str, &[u8])> {
    let id_length = u16::from_be_bytes(inside.get(..2)?.try_into().ok()?);
    let id_end = 2 + usize::from(id_length);
    let id = std::str::from_utf8(inside.get(2..id_end)?).ok()?;
    let length = inside.get(id_end..id_end + 4)?.try_into().ok()?;
    let start = id_end + 4;
    let end = start.checked_add(u32::from_be_bytes(length) as usize)?;
    let content = inside.get(start..end)?;
    inside
        .get(end..)?
        .iter()
        .all(|byte| *byte == 0)
        .then_some((id, content))
}

/// The first byte chooses the kind, the rest is the inside of an object whose tag is right.
pub(crate) fn vault(data: &[u8]) {
    let Some((kind, inside)) = data.split_first() else {
        return;
    };
    let namespace = Namespace::ALL[usize::from(*kind) % Namespace::ALL.len()];
    let expected = unpack(inside);
    let id = expected.map_or("x", |(id, _)| id);
    let record = seal(namespace, id, inside);
    match (the_vault().open_record(&record), expected) {
        (Ok(opened), Some((id, content))) => {
            assert_eq!(opened.id.0, id);
            assert_eq!(opened.plaintext.as_slice(), content);
            assert_eq!(opened.namespace, namespace);
            assert_eq!(opened.revision, REVISION);
        }
        (Err(_), None) => {}
        (answer, expected) => panic!("{answer:?} instead of {expected:?}"),
    }
}

/// Seals an inside, whatever it is.
fn seal(namespace: Namespace, id: &str, inside: &[u8]) -> Record {
    let names = derived(b"letterlock/1 vault names");
    let mut mac = Hmac::<sha2_011::Sha256>::new_from_slice(&names).unwrap();
    mac.update(&[namespace.code()]);
    mac.update(id.as_bytes());
    let name: [u8; 32] = mac.finalize().into_bytes().into();
    let revision = REVISION.0.to_be_bytes();

    let objects = Hkdf::<Sha256>::from_prk(&derived(b"letterlock/1 vault objects")).unwrap();
    let mut key = [0; 32];
    objects
        .expand(&[&name[..], &revision].concat(), &mut key)
        .unwrap();
    let aad = [
        &b"letterlock/1 object\x01"[..],
        &[namespace.code()],
        &revision,
        &name,
    ]
    .concat();
    let nonce = [7; 24];
    let mut body = inside.to_vec();
    let tag = XChaCha20Poly1305::new((&key).into())
        .encrypt_in_place_detached(XNonce::from_slice(&nonce), &aad, &mut body)
        .unwrap();
    Record {
        name: RecordName(name),
        collection: the_vault().collection(namespace),
        revision: REVISION,
        bytes: [&[1], &nonce[..], &body, &tag].concat(),
    }
}

/// The first bytes choose kind and name, the rest is what the store hands back under them.
pub(crate) fn records(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let namespace = Namespace::ALL[usize::from(*kind) % Namespace::ALL.len()];
    let vault = the_vault();
    let honest = honest_record(namespace);
    let record = Record {
        bytes: bytes.to_vec(),
        ..honest.clone()
    };
    let opened = vault.open_record(&record);
    assert_eq!(opened.is_ok(), record.bytes == honest.bytes);
    // Nor under another name.
    let elsewhere = Record {
        name: RecordName([1; 32]),
        ..record
    };
    assert!(vault.open_record(&elsewhere).is_err());
}

/// The one record of this kind that opens.
pub(crate) fn honest_record(namespace: Namespace) -> Record {
    let id = "bob@example.org";
    let mut inside = vec![0, 15];
    inside.extend_from_slice(id.as_bytes());
    inside.extend_from_slice(&[0, 0, 0, 3]);
    inside.extend_from_slice(b"Bob");
    inside.resize(256, 0);
    seal(namespace, id, &inside)
}
