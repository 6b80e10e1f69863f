use futures::executor::block_on;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

use super::*;
use crate::{
    bulk::NativeEngine,
    ids::{Revision, UnixTime},
    openpgp::{
        Certificate, DecryptError, Limits, Profile, SecretCertificate, SignatureVerdict, UserId,
        generate,
    },
    secret::Passphrase,
    vault::VaultKey,
};

const NOW: UnixTime = UnixTime(1_790_000_000);

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(4880)
}

fn vault() -> Vault {
    Vault::new(&VaultKey::make(&mut rng()))
}

fn key(name: &str, rng: &mut ChaCha20Rng) -> SecretCertificate {
    let user = [UserId::new(name, format!("{name}@example.org"))];
    generate(Profile::Compatible, &user, NOW, rng)
        .unwrap()
        .secret
}

fn to<'a>(recipients: &'a [&'a Certificate], signer: Option<&'a SlotId>) -> EncryptFor<'a> {
    EncryptFor {
        recipients,
        passwords: &[],
        signer,
        now: NOW,
        armor: false,
    }
}

fn with<'a>(verifiers: &'a [&'a Certificate], limits: &'a Limits) -> OpenWith<'a> {
    OpenWith {
        passwords: &[],
        verifiers,
        limits,
        now: NOW,
    }
}

#[test]
fn two_people_exchange_a_message_by_slot() {
    let (mut rng, vault, limits) = (rng(), vault(), Limits::default());
    let (mut anns, mut bobs) = (Keyring::new(), Keyring::new());
    let ann = anns.add(key("ann", &mut rng), &vault, &mut rng).unwrap();
    let bob = bobs.add(key("bob", &mut rng), &vault, &mut rng).unwrap();
    let ann_certificate = anns.certificate(&ann).unwrap().clone();
    let bob_certificate = bobs.certificate(&bob).unwrap().clone();

    let recipients = [&bob_certificate, &ann_certificate];
    let message = block_on(anns.encrypt(
        &NativeEngine,
        &mut rng,
        b"hello",
        &to(&recipients, Some(&ann)),
    ))
    .unwrap();
    let verifiers = [&ann_certificate];
    let opened = block_on(bobs.decrypt(&NativeEngine, &message, &with(&verifiers, &limits)));
    let opened = opened.unwrap();
    assert_eq!(*opened.plaintext, b"hello");
    assert!(
        matches!(&opened.signature, SignatureVerdict::Good { signer, .. } if signer == ann.fingerprint())
    );
    // The writer reads her own copy, and knows her own signature without being told.
    let own = block_on(anns.decrypt(&NativeEngine, &message, &with(&[], &limits))).unwrap();
    assert!(matches!(own.signature, SignatureVerdict::Good { .. }));
    // Nobody else reads it.
    let mut eves = Keyring::new();
    eves.add(key("eve", &mut rng), &vault, &mut rng).unwrap();
    let refused = block_on(eves.decrypt(&NativeEngine, &message, &with(&[], &limits)));
    assert!(matches!(refused, Err(DecryptError::NotForUs { .. })));
}

#[test]
fn every_key_is_tried() {
    let (mut rng, vault, limits) = (rng(), vault(), Limits::default());
    let mut keyring = Keyring::new();
    for name in ["old", "new", "other"] {
        let slot = keyring.add(key(name, &mut rng), &vault, &mut rng).unwrap();
        let certificate = keyring.certificate(&slot).unwrap().clone();
        let message =
            block_on(keyring.encrypt(&NativeEngine, &mut rng, b"x", &to(&[&certificate], None)))
                .unwrap();
        let opened = block_on(keyring.decrypt(&NativeEngine, &message, &with(&[], &limits)));
        assert_eq!(opened.unwrap().recipient.as_ref(), Some(slot.fingerprint()));
    }
}

#[test]
fn an_unknown_slot_does_nothing() {
    let (mut rng, vault) = (rng(), vault());
    let mut keyring = Keyring::new();
    let slot = keyring.add(key("ann", &mut rng), &vault, &mut rng).unwrap();
    let name = keyring.record(&slot).unwrap().name;
    assert_eq!(keyring.remove(&slot), Some(name));
    assert_eq!(keyring.remove(&slot), None);
    let signed = block_on(keyring.sign_detached(&NativeEngine, &mut rng, b"x", &slot, NOW, true));
    assert!(matches!(signed, Err(SlotError::NoSuchSlot)));
    let passphrase = Passphrase::new("p".into());
    let exported = keyring.export_locked(&slot, &passphrase, &mut rng);
    assert!(matches!(exported, Err(SlotError::NoSuchSlot)));
}

#[test]
fn locking_keeps_what_is_sealed_and_unlocking_gives_it_back() {
    let (mut rng, vault) = (rng(), vault());
    let mut keyring = Keyring::new();
    let ann = key("ann", &mut rng);
    let slot = keyring.add(ann.clone(), &vault, &mut rng).unwrap();
    assert_eq!(
        keyring.add(ann.clone(), &vault, &mut rng),
        Err(KeyringError::AlreadyThere)
    );
    keyring.replace(ann, &vault, &mut rng).unwrap();
    assert_eq!(keyring.record(&slot).unwrap().revision, Revision(2));
    let locked = keyring.lock();
    assert_eq!(locked.records().len(), 1);

    let unlocked = locked.unlock(&vault).unwrap();
    assert_eq!(unlocked.slots().collect::<Vec<_>>(), [&slot]);
    assert_eq!(unlocked.damaged(), 0);
    let other = Vault::new(&VaultKey::make(&mut ChaCha20Rng::seed_from_u64(1)));
    assert_eq!(locked.unlock(&other).err(), Some(KeyringError::CannotOpen));
    assert!(LockedKeyring::default().unlock(&vault).unwrap().is_empty());
}

#[test]
fn a_damaged_key_hides_no_other_and_is_not_lost() {
    let (mut rng, vault) = (rng(), vault());
    let mut keyring = Keyring::new();
    keyring.add(key("ann", &mut rng), &vault, &mut rng).unwrap();
    let mut records = keyring.lock().records().to_vec();
    let mut damaged = records[0].clone();
    damaged.bytes[50] ^= 1;
    // A good object that is no key, and a key under another one's name.
    let id = ObjectId("not a key".into());
    let stray = vault
        .seal(Namespace::Keyring, &id, Revision(1), b"no key", &mut rng)
        .unwrap();
    let bob = key("bob", &mut rng);
    let renamed = vault
        .seal(
            Namespace::Keyring,
            &id,
            Revision(2),
            &bob.to_bytes(),
            &mut rng,
        )
        .unwrap();
    records.extend([damaged, stray, renamed]);
    let keyring = LockedKeyring::new(records.clone()).unlock(&vault).unwrap();
    assert_eq!((keyring.slots().count(), keyring.damaged()), (1, 3));
    assert_eq!(keyring.lock().records().len(), 4);
}

#[test]
fn keys_with_their_own_passphrase_are_refused() {
    let (mut rng, vault) = (rng(), vault());
    let passphrase = Passphrase::new("its own".into());
    let mut keyring = Keyring::new();
    let slot = keyring.add(key("ann", &mut rng), &vault, &mut rng).unwrap();
    let exported = keyring.export_locked(&slot, &passphrase, &mut rng).unwrap();
    let locked = SecretCertificate::parse(exported.as_bytes()).unwrap();
    assert!(locked.is_locked());
    let mut other = Keyring::new();
    assert_eq!(
        other.add(locked.clone(), &vault, &mut rng),
        Err(KeyringError::KeyIsLocked)
    );
    let unlocked = locked.unlock(&passphrase, &Limits::default()).unwrap();
    assert_eq!(other.add(unlocked, &vault, &mut rng), Ok(slot));
}

#[test]
fn debug_shows_no_key() {
    let (mut rng, vault) = (rng(), vault());
    let mut keyring = Keyring::new();
    keyring.add(key("ann", &mut rng), &vault, &mut rng).unwrap();
    assert_eq!(format!("{keyring:?}"), "Keyring { slots: 1, damaged: 0 }");
    assert_eq!(format!("{:?}", keyring.lock()), "LockedKeyring(1 keys)");
}
