use data_encoding::HEXLOWER;
use futures::executor::block_on;
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};

use super::*;
use crate::{
    ids::{ObjectId, Revision},
    kdf::UnlockKey,
    secret::Secret,
};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(9580)
}

fn vault() -> Vault {
    Vault::new(&VaultKey::make(&mut rng()))
}

fn id(text: &str) -> ObjectId {
    ObjectId(text.to_owned())
}

fn unlock_key(byte: u8) -> UnlockKey {
    UnlockKey::from_bytes(Secret::new([byte; 32]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_was_sealed_opens(
        namespace in prop::sample::select(Namespace::ALL.to_vec()),
        name in ".{0,80}",
        revision in any::<u64>(),
        content in prop::collection::vec(any::<u8>(), 0..3000),
    ) {
        let vault = vault();
        let (id, revision) = (ObjectId(name), Revision(revision));
        let record = vault.seal(namespace, &id, revision, &content, &mut rng()).unwrap();
        prop_assert_eq!(&*vault.open(namespace, &id, revision, &record).unwrap(), &content);
        let object = vault.open_record(&record).unwrap();
        prop_assert_eq!((object.namespace, &object.id, object.revision), (namespace, &id, revision));
        prop_assert_eq!(&*object.plaintext, &content);
    }

    #[test]
    fn one_flipped_bit_fails(
        content in prop::collection::vec(any::<u8>(), 0..600),
        position in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let vault = vault();
        let mut record = vault
            .seal(Namespace::Contact, &id("x"), Revision(3), &content, &mut rng())
            .unwrap();
        let position = position.index(record.bytes.len());
        record.bytes[position] ^= 1 << bit;
        prop_assert_eq!(vault.open_record(&record), Err(VaultError::CannotOpen));
    }

    #[test]
    fn arbitrary_bytes_open_as_nothing(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let vault = vault();
        let (namespace, id) = (Namespace::State, id("x"));
        let record = Record {
            name: vault.record_name(namespace, &id),
            collection: vault.collection(namespace),
            revision: Revision(1),
            bytes: bytes.clone(),
        };
        prop_assert!(vault.open_record(&record).is_err());
        prop_assert!(VaultKey::unwrap(&bytes, &unlock_key(1), "a@example.org").is_err());
    }

    #[test]
    fn lengths_show_only_in_buckets(len in 0usize..40_000) {
        let vault = vault();
        let sealed = vault
            .seal(Namespace::Message, &id("12345678"), Revision(1), &vec![0; len], &mut rng())
            .unwrap();
        prop_assert_eq!(sealed.bytes.len(), 1 + 24 + padding::bucket(2 + 8 + 4 + len) + 16);
    }
}

#[test]
fn nothing_opens_as_something_else_elsewhere_or_older() {
    let vault = vault();
    let (namespace, name) = (Namespace::Contact, id("bob"));
    let seal = |namespace, name: &ObjectId, revision| {
        vault
            .seal(namespace, name, Revision(revision), b"content", &mut rng())
            .unwrap()
    };
    let record = seal(namespace, &name, 2);
    let refused = |namespace, name: &ObjectId, revision, record: &Record| {
        assert_eq!(
            vault.open(namespace, name, Revision(revision), record),
            Err(VaultError::CannotOpen)
        );
    };
    refused(Namespace::Settings, &name, 2, &record);
    refused(namespace, &id("bo"), 2, &record);
    refused(namespace, &name, 1, &record);
    refused(namespace, &name, 3, &record);
    // An older version, handed back as it was, or with the new revision written on it.
    let older = seal(namespace, &name, 1);
    refused(namespace, &name, 2, &older);
    let relabelled = Record {
        revision: Revision(2),
        ..older.clone()
    };
    refused(namespace, &name, 2, &relabelled);
    assert!(vault.open_record(&relabelled).is_err());
    assert_eq!(vault.open_record(&older).unwrap().revision, Revision(1));
    // The bytes of one object under another's name, or in another collection.
    let swapped = Record {
        bytes: seal(namespace, &id("eve"), 2).bytes,
        ..record.clone()
    };
    refused(namespace, &name, 2, &swapped);
    assert!(vault.open_record(&swapped).is_err());
    let moved = Record {
        collection: vault.collection(Namespace::Keyring),
        ..record.clone()
    };
    assert!(vault.open_record(&moved).is_err());
    let renamed = Record {
        name: vault.record_name(namespace, &id("eve")),
        ..record.clone()
    };
    assert!(vault.open_record(&renamed).is_err());
    // Another account's vault.
    let other = Vault::new(&VaultKey::make(&mut ChaCha20Rng::seed_from_u64(2)));
    assert!(other.open_record(&record).is_err());
    // Truncated at every place.
    for end in 0..record.bytes.len() {
        let cut = Record {
            bytes: record.bytes[..end].to_vec(),
            ..record.clone()
        };
        assert!(vault.open_record(&cut).is_err());
    }
}

#[test]
fn names_do_not_run_into_each_other() {
    let vault = vault();
    let mut names: Vec<_> = Namespace::ALL
        .iter()
        .flat_map(|namespace| {
            ["", "a", "\u{1}", "ab"].map(|text| vault.record_name(*namespace, &id(text)))
        })
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), Namespace::ALL.len() * 4);
    assert_ne!(
        vault.collection(Namespace::Summary),
        vault.collection(Namespace::Message)
    );
}

#[test]
fn the_same_content_never_looks_the_same() {
    let (vault, mut rng) = (vault(), rng());
    let mut seal = || {
        vault
            .seal(Namespace::State, &id("x"), Revision(1), b"same", &mut rng)
            .unwrap()
            .bytes
    };
    assert_ne!(seal(), seal());
}

#[test]
fn what_is_too_large_is_refused() {
    let vault = vault();
    let long = id(&"x".repeat(MAX_ID_LEN + 1));
    let result = vault.seal(Namespace::State, &long, Revision(1), b"", &mut rng());
    assert_eq!(result.err(), Some(VaultError::TooLarge));
    let longest = id(&"x".repeat(MAX_ID_LEN));
    assert!(
        vault
            .seal(Namespace::State, &longest, Revision(1), b"", &mut rng())
            .is_ok()
    );
    let huge = vec![0; MAX_CONTENT_LEN + 1];
    let result = vault.seal(Namespace::State, &id("x"), Revision(1), &huge, &mut rng());
    assert_eq!(result.err(), Some(VaultError::TooLarge));
}

#[test]
fn many_open_each_on_its_own() {
    let vault = vault();
    let ids: Vec<_> = (0..20)
        .map(|number| id(&format!("message {number}")))
        .collect();
    let objects = ids.iter().map(|id| Sealable {
        namespace: Namespace::Summary,
        id,
        revision: Revision(1),
        content: id.0.as_bytes(),
    });
    let mut records = vault.seal_many(objects, &mut rng()).unwrap();
    records[7].bytes[40] ^= 1;
    let opened = vault.open_many(&records);
    for (number, (object, id)) in opened.iter().zip(&ids).enumerate() {
        match object {
            Ok(object) => assert_eq!((&object.id, &**object.plaintext), (id, id.0.as_bytes())),
            Err(_) => assert_eq!(number, 7),
        }
    }
    assert_eq!(opened.iter().filter(|object| object.is_err()).count(), 1);
}

#[test]
fn a_record_from_a_server_finds_its_namespace() {
    let vault = vault();
    for namespace in Namespace::ALL {
        let sealed = vault
            .seal(namespace, &id("x"), Revision(4), b"content", &mut rng())
            .unwrap();
        let received = |revision, bytes: &[u8]| {
            vault.open_received(sealed.name, Revision(revision), bytes.to_vec())
        };
        let (record, object) = received(4, &sealed.bytes).unwrap();
        assert_eq!(record, sealed);
        assert_eq!((object.namespace, object.id), (namespace, id("x")));
        assert!(received(5, &sealed.bytes).is_err());
        assert!(received(4, &sealed.bytes[1..]).is_err());
        let other = vault.record_name(namespace, &id("y"));
        assert!(
            vault
                .open_received(other, Revision(4), sealed.bytes.clone())
                .is_err()
        );
    }
}

#[test]
fn a_new_passphrase_rewraps_one_key() {
    let mut rng = rng();
    let key = VaultKey::make(&mut rng);
    let address = "alice@example.org";
    let old = key.wrap(&unlock_key(1), address, &mut rng);
    assert_eq!(old.len(), 73);
    let record = Vault::new(&key)
        .seal(Namespace::State, &id("x"), Revision(1), b"kept", &mut rng)
        .unwrap();

    let key = VaultKey::unwrap(&old, &unlock_key(1), address).unwrap();
    let new = key.wrap(&unlock_key(2), address, &mut rng);
    let key = VaultKey::unwrap(&new, &unlock_key(2), address).unwrap();
    assert_eq!(
        *Vault::new(&key).open_record(&record).unwrap().plaintext,
        b"kept"
    );

    let refused = |wrapped: &[u8], key: u8, address| {
        assert!(VaultKey::unwrap(wrapped, &unlock_key(key), address).is_err());
    };
    refused(&old, 2, address);
    refused(&new, 1, address);
    refused(&new, 2, "bob@example.org");
    for position in 0..new.len() {
        let mut changed = new.clone();
        changed[position] ^= 1;
        refused(&changed, 2, address);
        refused(&new[..position], 2, address);
    }
}

const FROZEN: &str = include_str!("testdata/frozen.json");

/// The key, ids and contents of the frozen objects.
fn frozen_objects() -> [(Namespace, &'static str, u64, Vec<u8>); 5] {
    [
        (
            Namespace::Keyring,
            "D1A66E1A23B182C9980F788CFBFCC82A015E7330",
            1,
            vec![0x99; 700],
        ),
        (
            Namespace::Contact,
            "dörte@example.org",
            2,
            "Dörte".as_bytes().to_vec(),
        ),
        (Namespace::Settings, "", 300, Vec::new()),
        (Namespace::Summary, "M1", u64::MAX, b"subject".repeat(150)),
        (Namespace::State, "sync", 7, vec![0; 5000]),
    ]
}

/// Objects sealed on 2026-11-21. They must open forever: whoever changes the format adds a
/// version beside it.
#[test]
fn frozen_objects_open_forever() {
    let frozen: Value = serde_json::from_str(FROZEN).unwrap();
    let bytes = |value: &Value| HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap();
    let wrapped = bytes(&frozen["wrapped_vault_key"]);
    let key = VaultKey::unwrap(&wrapped, &unlock_key(0x42), "alice@example.org").unwrap();
    let vault = Vault::new(&key);
    let records = frozen["records"].as_array().unwrap();
    assert_eq!(records.len(), frozen_objects().len());
    for (sealed, (namespace, name, revision, content)) in records.iter().zip(frozen_objects()) {
        let record = Record {
            name: RecordName(bytes(&sealed["name"]).try_into().unwrap()),
            collection: Collection(bytes(&sealed["collection"]).try_into().unwrap()),
            revision: Revision(revision),
            bytes: bytes(&sealed["bytes"]),
        };
        let opened = vault.open(namespace, &id(name), Revision(revision), &record);
        assert_eq!(*opened.unwrap(), content);
    }
}

/// Writes `testdata/frozen.json` anew; only for a new format version, beside the old file.
#[test]
#[ignore = "writes test data"]
fn write_frozen_objects() {
    let mut rng = rng();
    let key = VaultKey::make(&mut rng);
    let wrapped = key.wrap(&unlock_key(0x42), "alice@example.org", &mut rng);
    let vault = Vault::new(&key);
    let records: Vec<_> = frozen_objects()
        .into_iter()
        .map(|(namespace, name, revision, content)| {
            let record = vault
                .seal(namespace, &id(name), Revision(revision), &content, &mut rng)
                .unwrap();
            json!({
                "name": HEXLOWER.encode(&record.name.0),
                "collection": HEXLOWER.encode(&record.collection.0),
                "bytes": HEXLOWER.encode(&record.bytes),
            })
        })
        .collect();
    let frozen = json!({ "wrapped_vault_key": HEXLOWER.encode(&wrapped), "records": records });
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/vault/testdata/frozen.json"
    );
    std::fs::write(path, serde_json::to_string_pretty(&frozen).unwrap() + "\n").unwrap();
}

#[test]
fn debug_shows_no_secret() {
    let vault = vault();
    let record = vault
        .seal(
            Namespace::Contact,
            &id("bob"),
            Revision(1),
            b"secret",
            &mut rng(),
        )
        .unwrap();
    let object = vault.open_record(&record).unwrap();
    let shown = format!("{vault:?} {object:?} {:?}", VaultKey::make(&mut rng()));
    assert_eq!(
        shown,
        "Vault(..) OpenedObject { namespace: Contact, revision: Revision(1), .. } VaultKey(..)"
    );
}

struct Memory(MemoryStore);

impl contract::Harness for Memory {
    type Store = MemoryStore;

    async fn open(&self) -> MemoryStore {
        self.0.clone()
    }

    async fn damage(&self, name: &RecordName) -> bool {
        self.0.damage(name)
    }
}

#[test]
fn the_memory_store_keeps_the_contract() {
    let outcomes = block_on(contract::run(&Memory(MemoryStore::new())));
    assert!(outcomes.len() >= 14);
    for outcome in outcomes {
        assert_eq!(outcome.result, Ok(()), "{}", outcome.name);
    }
}

#[test]
fn a_full_memory_store_loses_nothing() {
    let store = MemoryStore::with_quota(1000);
    let vault = vault();
    let put = |number: u32, len: usize| Batch {
        put: vec![Put {
            record: vault
                .seal(
                    Namespace::State,
                    &id(&number.to_string()),
                    Revision(1),
                    &vec![0; len],
                    &mut rng(),
                )
                .unwrap(),
            replaces: Replaces::Nothing,
        }],
        delete: Vec::new(),
    };
    block_on(store.commit(put(1, 100))).unwrap();
    assert_eq!(block_on(store.commit(put(2, 2000))), Err(StoreError::Full));
    assert_eq!(store.records().len(), 1);
    store.fail_next(StoreError::Unavailable("closed".into()));
    assert!(block_on(store.commit(put(3, 100))).is_err());
    block_on(store.commit(put(3, 100))).unwrap();
    assert_eq!(store.records().len(), 2);
}
