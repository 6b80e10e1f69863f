//! Every input that is kept runs through its target, with plain `cargo test`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

use std::{fs, path::PathBuf};

use fuzz::TARGETS;

fn corpus(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "corpus", name]
        .iter()
        .collect()
}

macro_rules! replay {
    ($($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                let mut inputs = 0;
                for entry in fs::read_dir(corpus(name)).unwrap() {
                    let path = entry.unwrap().path();
                    let input = fs::read(&path).unwrap();
                    println!("{}", path.display());
                    fuzz::run(name, &input);
                    inputs += 1;
                }
                assert!(inputs > 0, "an empty corpus");
                let target = TARGETS.iter().find(|target| target.name == name).unwrap();
                for seed in (target.seeds)() {
                    fuzz::run(name, &seed);
                    broken(name, &seed);
                }
            }
        )*

        #[test]
        fn every_target_is_replayed_and_can_be_fuzzed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(replayed.to_vec(), TARGETS.iter().map(|one| one.name).collect::<Vec<_>>());
            let shells = [env!("CARGO_MANIFEST_DIR"), "libfuzzer", "Cargo.toml"];
            let shells = fs::read_to_string(shells.iter().collect::<PathBuf>()).unwrap();
            for name in replayed {
                assert!(shells.contains(&format!("name = \"{name}\"")), "{name} has no shell");
            }
        }
    };
}

replay!(
    armor,
    packets,
    certificates,
    messages,
    cleartext,
    signatures,
    mime,
    vault,
    vault_records,
    jmap,
    extension,
);

/// A little of what a fuzzer does: cuts, flips and repetitions of an input.
fn broken(name: &str, seed: &[u8]) {
    let step = seed.len() / 24 + 1;
    for place in (0..seed.len()).step_by(step) {
        fuzz::run(name, &seed[..place]);
        for change in [0x01, 0x80, 0xff] {
            let mut changed = seed.to_vec();
            changed[place] ^= change;
            fuzz::run(name, &changed);
        }
        let (before, behind) = seed.split_at(place);
        fuzz::run(name, &[before, behind, behind].concat());
        fuzz::run(name, &[before, &[0xff; 4], behind].concat());
    }
}

/// A corpus is read by people who clone the repository.
#[test]
fn corpora_stay_small() {
    let mut total = 0;
    for target in TARGETS {
        for entry in fs::read_dir(corpus(target.name)).unwrap() {
            total += entry.unwrap().metadata().unwrap().len();
        }
    }
    assert!(total < 1 << 20, "{total} bytes");
}
