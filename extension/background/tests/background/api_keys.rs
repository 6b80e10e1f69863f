//! The person's own keys, as a site's keyring has them, and recovery sheets that a page waits for.

use serde_json::{Value, json};

use crate::api;
use crate::world::{PASSPHRASE, World};

fn in_use(world: &mut World, page: u32) -> Value {
    let keys = world.call(page, json!({"type": "keys"}));
    let keys = keys["answer"]["keys"].as_array().unwrap();
    let used = keys.iter().find(|key| key["inUse"] == true).unwrap();
    used["fingerprint"].clone()
}

fn has(world: &mut World, content: u32, fingerprint: &Value) -> bool {
    let told = world.api(
        content,
        json!({"method": "hasPrivateKey", "keyring": "ann", "fingerprint": fingerprint,
               "address": null}),
    );
    told["value"] == true
}

#[test]
fn a_sites_keyring_goes_along_to_the_key_that_is_used_from_now_on() {
    let (mut world, content) = api::world();
    let page = world.page("manager.html");
    let before = in_use(&mut world, page);
    assert!(has(&mut world, content, &before));
    world.call(
        page,
        json!({"type": "generateKey", "person": {"name": "Ann", "address": "ann@example.org"},
               "profile": "modern", "expiresInDays": null}),
    );
    let keys = world.call(page, json!({"type": "keys"}));
    let keys = keys["answer"]["keys"].as_array().unwrap();
    let other = keys.iter().find(|key| key["fingerprint"] != before);
    let other = other.unwrap()["fingerprint"].clone();
    // A key that is not in use is nothing to the site.
    assert_eq!(in_use(&mut world, page), before);
    assert!(!has(&mut world, content, &other));
    let used = world.call(page, json!({"type": "useKey", "fingerprint": other}));
    assert_eq!(used["answer"]["type"], "done", "{used}");
    assert!(has(&mut world, content, &other));
}

#[test]
fn a_page_that_sent_the_person_to_a_sheet_goes_on_when_it_is_made() {
    let (mut world, content) = api::world();
    let made = world.api(content, json!({"method": "keyBackup", "keyring": "ann"}));
    let (frame, _) = world.frame(1, made["url"].as_str().unwrap());
    let wait = json!({"type": "api", "call": {"method": "waitFor", "frame": made["frame"]}});
    let waits = world.say(content, wait);
    world.call(frame, json!({"type": "confirm"}));
    assert_eq!(world.answer(content, waits), None, "nothing is made yet");
    let page = world.page("manager.html");
    let sheet = |passphrase: &str| json!({"type": "recoverySheet", "passphrase": passphrase});
    world.call(page, sheet("wrong one"));
    let beside = world.api(content, json!({"method": "keyBackup", "keyring": "ann"}));
    let wait = json!({"type": "api", "call": {"method": "waitFor", "frame": beside["frame"]}});
    let idle = world.say(content, wait);
    assert_eq!(world.answer(content, waits), None, "nothing is made yet");
    world.call(page, sheet(PASSPHRASE));
    let answer = world.answer(content, waits).unwrap();
    assert_eq!(answer["answer"]["result"]["type"], "nothing", "{answer}");
    assert_eq!(
        world.answer(content, idle),
        None,
        "nobody was sent from there"
    );
}
