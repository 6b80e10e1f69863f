//! The TypeScript types of the content script, made from the Rust types.
//!
//! They are committed, so that the content script compiles without a Rust compiler; this test
//! fails when they are not what the types here say. `LETTERLOCK_WRITE_TYPES=1` in the test's
//! environment writes them anew.

use std::{collections::BTreeMap, fs, path::Path};

use ts_rs::{Config, TS};

use crate::{content, envelope, transfer};

/// Where the content script keeps them.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../content/src/generated");

fn read(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return BTreeMap::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

fn generate() -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new()
        // JSON's numbers; all of ours are below 2^53
        .with_large_int("number")
        .with_out_dir(folder.path());
    content::Request::export_all(&config).unwrap();
    envelope::Call::<content::Request>::export_all(&config).unwrap();
    envelope::Reply::<content::Answer, content::Event>::export_all(&config).unwrap();
    content::Answer::export_all(&config).unwrap();
    content::Event::export_all(&config).unwrap();
    let mut files = read(folder.path());
    files.insert(
        "constants.ts".to_owned(),
        format!(
            "// This file was generated from extension/protocol. Do not edit it.\n\n\
             /** The name of a content script's port. */\n\
             export const CONTENT_PORT = {:?};\n\n\
             /** The most bytes (before base64) that one part carries. */\n\
             export const PART_BYTES = {};\n",
            envelope::CONTENT_PORT,
            transfer::PART_BYTES
        ),
    );
    files.insert("protocol.ts".to_owned(), INDEX.to_owned());
    files
}

/// One file to import from.
const INDEX: &str = r#"// This file was generated from extension/protocol. Do not edit it.
import type { ContentAnswer, ContentEvent, ContentRequest } from "./content";
import type * as envelope from "./envelope";

export * from "./constants";
export type * from "./api";
export type * from "./content";
export type * from "./failure";
export type * from "./provider";
export type * from "./transfer";
export type * from "./view";

/** Names a frame that was placed in this page. */
export type FrameId = string;
/** A request of the content script. */
export type Call = envelope.Call<ContentRequest>;
/** What the content script hears. */
export type Reply = envelope.Reply<ContentAnswer, ContentEvent>;
"#;

#[test]
fn the_content_scripts_types_are_these_types() {
    let expected = generate();
    let folder = Path::new(FOLDER);
    if std::env::var_os("LETTERLOCK_WRITE_TYPES").is_some() {
        if folder.exists() {
            fs::remove_dir_all(folder).unwrap();
        }
        fs::create_dir_all(folder).unwrap();
        for (name, text) in &expected {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let found = read(folder);
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (name, text) in &expected {
        assert_eq!(found.get(name), Some(text), "{name} has drifted");
    }
}
