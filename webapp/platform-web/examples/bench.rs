//! Measures the slow parts in a real browser. Figures for `docs/performance.md`, not a test.

#![allow(missing_docs, reason = "a program for measuring")]

mod shared;

use crypto_core::{
    ids::{ObjectId, Revision},
    kdf::{KdfParameters, derive_stretched_key},
    secret::{Passphrase, Secret},
    srp::{ClientHandshake, Group, ServerHandshake, make_verifier},
    vault::{Batch, Namespace, ObjectStore, Put, Replaces, Sealable, Vault, VaultKey},
};
use mail_client::ports::Entropy;
use platform_web::{IndexedDbStore, WebEntropy};
use serde_json::{Map, Value, json};

const OBJECTS: usize = 10_000;
const OBJECT_LEN: usize = 1000;
const ROUNDS: usize = 7;

fn main() {
    wasm_bindgen_futures::spawn_local(async {
        let result = measure().await;
        let passed = result.is_ok();
        shared::finish(
            passed,
            &result.unwrap_or_else(|error| json!({ "failure": error })),
        );
    });
}

/// Milliseconds with fractions; monotonic enough for what takes milliseconds.
fn now() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into());
    performance
        .and_then(|performance| {
            let now = js_sys::Reflect::get(&performance, &"now".into())?;
            js_sys::Function::from(now).call0(&performance)
        })
        .ok()
        .and_then(|value| value.as_f64())
        .unwrap_or_else(js_sys::Date::now)
}

/// Median and spread of several rounds, in milliseconds.
fn summary(mut times: Vec<f64>) -> Value {
    times.sort_by(f64::total_cmp);
    let at = |index: usize| {
        times
            .get(index)
            .map_or(0.0, |time| (time * 10.0).round() / 10.0)
    };
    json!({ "median_ms": at(times.len() / 2), "min_ms": at(0), "max_ms": at(times.len().saturating_sub(1)) })
}

async fn measure() -> Result<Value, String> {
    let mut figures = Map::new();
    let mut rng = WebEntropy.rng();
    let told = |error: &dyn std::fmt::Display| error.to_string();

    shared::progress("argon2id");
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let start = now();
        let passphrase = Passphrase::new("correct horse battery staple".to_owned());
        derive_stretched_key(&passphrase, &[7; 16], &KdfParameters::DEFAULT)
            .map_err(|error| told(&error))?;
        times.push(now() - start);
    }
    figures.insert("argon2id 64 MiB, 3 passes".into(), summary(times));

    for (group, name) in [
        (Group::Bits3072, "SRP client, 3072 bits"),
        (Group::Bits4096, "SRP client, 4096 bits"),
    ] {
        shared::progress(name);
        let secret = Secret::new([3; 32]);
        let verifier = make_verifier(group, "a@example.org", &secret, &[7; 16]);
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let (server, b_pub) =
                ServerHandshake::start(group, &verifier, &mut rng).map_err(|error| told(&error))?;
            let start = now();
            let (client, a_pub) = ClientHandshake::start(group, &mut rng);
            let proof = client
                .answer("a@example.org", &secret, &[7; 16], &b_pub)
                .map_err(|error| told(&error))?;
            let mut spent = now() - start;
            let (m2, _) = server
                .check("a@example.org", &[7; 16], &a_pub, proof.proof())
                .map_err(|error| told(&error))?;
            let start = now();
            proof.verify_server(&m2).map_err(|error| told(&error))?;
            spent += now() - start;
            times.push(spent);
        }
        figures.insert(name.into(), summary(times));
    }

    let vault = Vault::new(&VaultKey::make(&mut rng));
    let ids: Vec<_> = (0..OBJECTS)
        .map(|n| ObjectId(format!("message-{n:08}")))
        .collect();
    let content = vec![0x42; OBJECT_LEN];
    let sealables = |revision| {
        ids.iter().map({
            let content = &content;
            move |id| Sealable {
                namespace: Namespace::Summary,
                id,
                revision,
                content,
            }
        })
    };
    let (mut sealing, mut opening) = (Vec::new(), Vec::new());
    let mut records = Vec::new();
    for _ in 0..ROUNDS {
        shared::progress("sealing");
        let start = now();
        records = vault
            .seal_many(sealables(Revision(1)), &mut rng)
            .map_err(|error| told(&error))?;
        sealing.push(now() - start);
        let start = now();
        let opened = vault.open_many(&records);
        opening.push(now() - start);
        if opened.iter().any(Result::is_err) {
            return Err("an object did not open".to_owned());
        }
    }
    figures.insert(
        format!("seal {OBJECTS} objects of {OBJECT_LEN} bytes"),
        summary(sealing),
    );
    figures.insert(
        format!("open {OBJECTS} objects of {OBJECT_LEN} bytes"),
        summary(opening),
    );

    let store = IndexedDbStore::open("bench")
        .await
        .map_err(|error| told(&error))?;
    let collection = vault.collection(Namespace::Summary);
    let (mut commits, mut loads, mut cold, mut single) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        shared::progress("IndexedDB");
        store.clear().await.map_err(|error| told(&error))?;
        let put = records
            .iter()
            .map(|record| Put {
                record: record.clone(),
                replaces: Replaces::Nothing,
            })
            .collect();
        let start = now();
        store
            .commit(Batch {
                put,
                delete: vec![],
            })
            .await
            .map_err(|error| told(&error))?;
        commits.push(now() - start);

        let start = now();
        let found = store
            .load(&collection)
            .await
            .map_err(|error| told(&error))?;
        loads.push(now() - start);
        if found.len() != OBJECTS {
            return Err(format!("{} objects came back", found.len()));
        }

        let start = now();
        let again = IndexedDbStore::open("bench")
            .await
            .map_err(|error| told(&error))?;
        let found = again
            .load(&collection)
            .await
            .map_err(|error| told(&error))?;
        cold.push(now() - start);
        drop(found);

        let changed = ids.get(round * 997).ok_or("no such id")?;
        let revision = Revision(2);
        let record = vault
            .seal(Namespace::Summary, changed, revision, &content, &mut rng)
            .map_err(|error| told(&error))?;
        let put = vec![Put {
            record,
            replaces: Replaces::Revision(Revision(1)),
        }];
        let start = now();
        store
            .commit(Batch {
                put,
                delete: vec![],
            })
            .await
            .map_err(|error| told(&error))?;
        single.push(now() - start);
    }
    store.clear().await.map_err(|error| told(&error))?;
    figures.insert(
        format!("commit {OBJECTS} objects, durable"),
        summary(commits),
    );
    figures.insert(format!("load {OBJECTS} objects"), summary(loads));
    figures.insert(
        format!("open the database and load {OBJECTS} objects"),
        summary(cold),
    );
    figures.insert(
        format!("change one of {OBJECTS} objects, durable"),
        summary(single),
    );
    Ok(Value::Object(figures))
}
