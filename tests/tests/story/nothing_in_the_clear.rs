//! The raw bytes of everything that was kept, on the server and in the
//! browsers: none of the story's words lies there in the clear.
//!
//! Each search is shown to work in the same place by a word that must be found.

use std::path::Path;

use anyhow::{Result, ensure};
use letterlock_tests::markers::{Found, search as search_bytes, search_folder};
use letterlock_tests::page::Page;
use letterlock_tests::storage;

use crate::world::{World, words};

/// A word that is put into the browser's storage in the clear.
const CONTROL: &str = "Plainsightpebble";
const PLANT: &str = r"
const done = arguments[arguments.length - 1];
const word = arguments[0];
localStorage.setItem('control', word);
const request = indexedDB.open('control', 1);
request.onupgradeneeded = () => request.result.createObjectStore('words');
request.onsuccess = () => {
  const transaction = request.result.transaction('words', 'readwrite');
  transaction.objectStore('words').put(new TextEncoder().encode(word), 'word');
  transaction.oncomplete = () => { request.result.close(); done(true); };
};
";

pub(crate) async fn search(mut world: World, alice: Page, bob: Page) -> Result<()> {
    on_server(&world, "while the server runs")?;
    let mut alices = words::ALL.to_vec();
    alices.push(words::BOBS_ADDRESS);
    in_storage(&alice, &alices).await?;
    in_storage(&bob, &words::ALL).await?;
    alice.close().await?;
    bob.close().await?;
    in_profile(&world.profile("alice"), &alices)?;
    // Bob saved the attachment: the browser remembers the file's name among its
    // downloads, as he asked it to.
    let bobs: Vec<&str> = words::ALL
        .into_iter()
        .filter(|word| *word != words::FILE_NAME)
        .collect();
    in_profile(&world.profile("bob"), &bobs)?;
    world.server.stop().await?;
    on_server(&world, "after the server has ended")
}

fn on_server(world: &World, when: &str) -> Result<()> {
    let data = world.server.data();
    expect_nothing(when, &search_folder(data, &words::ALL)?)?;
    // The directory knows its accounts' addresses: so the search reaches the
    // database's pages.
    ensure!(
        !search_folder(data, &[words::BOBS_ADDRESS])?.is_empty(),
        "{when}: not even an address was found, so nothing was searched"
    );
    Ok(())
}

async fn in_storage(page: &Page, forbidden: &[&str]) -> Result<()> {
    page.driver()
        .execute_async(PLANT, vec![serde_json::json!(CONTROL)])
        .await?;
    let dump = storage::dump(page.driver()).await?;
    ensure!(
        dump.records > 3,
        "{}: the dump holds {} records only",
        page.name,
        dump.records
    );
    let place = format!("{}'s storage", page.name);
    expect_nothing(&place, &search_bytes(&place, &dump.bytes, forbidden))?;
    let control = search_bytes(&place, &dump.bytes, &[CONTROL]);
    ensure!(
        !control.is_empty(),
        "{place}: the control word was not found"
    );
    Ok(())
}

fn in_profile(profile: &Path, forbidden: &[&str]) -> Result<()> {
    let place = profile.display().to_string();
    expect_nothing(&place, &search_folder(profile, forbidden)?)?;
    ensure!(
        !search_folder(profile, &[CONTROL])?.is_empty(),
        "{place}: the control word was not found"
    );
    Ok(())
}

fn expect_nothing(place: &str, found: &[Found]) -> Result<()> {
    ensure!(found.is_empty(), "in the clear, {place}: {found:#?}");
    Ok(())
}
