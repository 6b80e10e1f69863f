//! Known attacks, a folder a case; see `README.md`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reports a failed expectation by panicking"
)]

use attacks::memory::Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[allow(
    dead_code,
    reason = "shared with the core's own tests, which use all of it"
)]
#[path = "../../crypto-core/tests/openpgp/common.rs"]
mod common;
#[allow(
    dead_code,
    reason = "shared with the core's own tests, which use all of it"
)]
#[path = "../../crypto-core/tests/openpgp/forge.rs"]
mod forge;

mod altered_private_keys;
mod armor_malice;
mod cleartext_framing;
mod decompression_bombs;
mod deep_nesting;
mod efail;
mod header_spoofing;
mod key_overwrite;
mod mime_confusion;
mod password_bombs;
mod secrets_in_public;
mod signature_wrapping;

/// Every folder is a case with a line that says what it is, and is run.
#[test]
fn every_folder_is_a_case() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let runners = concat!(include_str!("main.rs"), include_str!("browser.rs"));
    let mut cases = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !path.is_dir() || name == "src" {
            continue;
        }
        cases += 1;
        assert!(
            runners.contains(&format!("\nmod {name};\n")),
            "{name} is not run"
        );
        let readme = std::fs::read_to_string(path.join("README.md"))
            .unwrap_or_else(|_| panic!("{name} has no README.md"));
        let first = readme.lines().next().unwrap_or_default();
        assert!(first.len() > 40, "{name} does not say what it is");
        for reference in readme.split('`').filter(|word| word.contains(".rs::")) {
            let (file, test) = reference.split_once("::").unwrap();
            let text = std::fs::read_to_string(root.join("../..").join(file))
                .unwrap_or_else(|_| panic!("{name} names {file}, which is not there"));
            assert!(
                text.contains(&format!("fn {test}(")),
                "{file} has no {test}"
            );
        }
    }
    assert!(cases >= 12, "{cases}");
}
