//! The vault's life.

use crypto_core::vault::ObjectStore as _;
use ext_background::host::Icon;
use ext_protocol::view::VaultState;
use serde_json::json;

use crate::frames::reader;
use crate::world::{GMAIL, PASSPHRASE, World};

fn state(world: &mut World) -> String {
    let page = world.page("popup.html");
    let status = world.call(page, json!({"type": "status"}));
    status["answer"]["vault"].as_str().unwrap().to_owned()
}

/// Whose the first key in the vault is.
fn addressee(world: &mut World) -> String {
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    let address = &keys["answer"]["keys"][0]["people"][0]["address"];
    address.as_str().unwrap_or_default().to_owned()
}

#[test]
fn set_up_locked_and_unlocked() {
    let mut world = World::new();
    assert_eq!(state(&mut world), "notSetUp");
    let mut world = World::set_up();
    assert_eq!(state(&mut world), "unlocked");
    let page = world.page("popup.html");
    world.call(page, json!({"type": "lock"}));
    assert_eq!(state(&mut world), "locked");
    let wrong = world.call(page, json!({"type": "unlock", "passphrase": "another one"}));
    assert_eq!(wrong["failure"]["kind"], "wrongPassphrase");
    assert_eq!(state(&mut world), "locked");
    world.call(page, json!({"type": "unlock", "passphrase": PASSPHRASE}));
    assert_eq!(state(&mut world), "unlocked");
}

#[test]
fn a_stopped_background_goes_on_without_the_passphrase() {
    let world = World::set_up();
    let before = world.inner().stretched.get();
    let mut world = world.restart();
    assert_eq!(state(&mut world), "unlocked");
    assert_eq!(addressee(&mut world), "ann@example.org");
    assert_eq!(world.inner().stretched.get(), before, "no Argon2id");
}

#[test]
fn a_woken_background_leaves_the_icon_that_is_right_and_mends_the_one_that_is_not() {
    let world = World::set_up();
    assert_eq!(world.inner().icon.take(), Some(Icon::Unlocked));
    let mut world = world.restart();
    assert_eq!(state(&mut world), "unlocked");
    assert_eq!(world.inner().icon.take(), None, "it stands there still");
    let page = world.page("popup.html");
    // What the browser did not draw is drawn at the next occasion, in this life or another.
    world.inner().draws_nothing.set(true);
    world.call(page, json!({"type": "lock"}));
    world.inner().draws_nothing.set(false);
    world.call(page, json!({"type": "lock"}));
    assert_eq!(world.inner().icon.take(), Some(Icon::Locked));
    let mut world = world.restart();
    assert_eq!(world.inner().icon.take(), None, "that was noted");
    world.inner().draws_nothing.set(true);
    let page = world.page("popup.html");
    world.call(page, json!({"type": "unlock", "passphrase": PASSPHRASE}));
    world.inner().draws_nothing.set(false);
    let mut world = world.restart();
    assert_eq!(world.inner().icon.take(), Some(Icon::Unlocked));
    assert_eq!(state(&mut world), "unlocked");
    // With the browser's memory its icon is gone, too.
    world.inner().session.borrow_mut().clear();
    let world = world.restart();
    assert_eq!(world.inner().icon.take(), Some(Icon::Locked));
}

#[test]
fn a_store_that_is_out_of_reach_for_a_while_does_not_cost_the_passphrase() {
    let world = World::set_up();
    let before = world.inner().stretched.get();
    world.inner().store.out_of_reach.set(true);
    let mut world = world.restart();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    assert_eq!(keys["type"], "failed", "{keys}");
    world.inner().store.out_of_reach.set(false);
    assert_eq!(addressee(&mut world), "ann@example.org");
    assert_eq!(world.inner().stretched.get(), before, "no Argon2id");
}

#[test]
fn one_damaged_object_does_not_cost_the_passphrase() {
    let count = World::set_up().inner().store.kept.records().len();
    assert!(count > 1);
    for number in 0..count {
        let world = World::set_up();
        let kept = &world.inner().store.kept;
        let lost = kept.records()[number].name;
        assert!(kept.damage(&lost));
        let mut world = world.restart();
        let page = world.page("manager.html");
        let keys = world.call(page, json!({"type": "keys"}));
        assert_eq!(keys["type"], "answer", "{keys}");
        assert_eq!(state(&mut world), "unlocked");
    }
}

#[test]
fn a_store_that_was_cleared_means_locked_and_everybody_hears_of_it() {
    let mut world = World::set_up();
    let store = world.inner().store.clone();
    world.run(store.clear()).unwrap();
    let mut world = world.restart();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    assert_eq!(keys["type"], "failed", "{keys}");
    assert_eq!(state(&mut world), "locked");
    assert_eq!(
        world.inner().vaults.borrow().last(),
        Some(&VaultState::Locked)
    );
    assert_eq!(world.inner().icon.take(), Some(Icon::Locked));
}

#[test]
fn losing_the_browsers_memory_means_locked() {
    let world = World::set_up();
    world.inner().session.borrow_mut().clear();
    let mut world = world.restart();
    assert_eq!(state(&mut world), "locked");
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    assert_eq!(keys["failure"]["kind"], "locked");
}

#[test]
fn the_clock_locks_and_use_moves_it() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let first = world.inner().alarms.borrow()["lock"];
    world.advance_minutes(30);
    world.call(page, json!({"type": "keys"}));
    let moved = world.inner().alarms.borrow()["lock"];
    assert_eq!(moved, first + 30 * 60_000);
    // The old alarm rings all the same.
    let background = world.background.clone();
    world.advance_minutes(31);
    world.run(background.alarm("lock"));
    assert_eq!(state(&mut world), "unlocked");
    world.advance_minutes(60);
    world.run(background.alarm("lock"));
    assert_eq!(state(&mut world), "locked");
    assert!(!world.inner().session.borrow().contains_key("vault"));
}

#[test]
fn what_no_person_did_keeps_nothing_open() {
    let mut world = World::set_up();
    let letter = world.letter();
    let first = world.inner().alarms.borrow()["lock"];
    world.advance_minutes(30);
    let mut world = world.restart();
    let background = world.background.clone();
    world.run(background.warm());
    assert_eq!(world.inner().alarms.borrow()["lock"], first, "waking");
    state(&mut world);
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, &letter);
    let (frame, _) = world.frame(1, &url);
    let opened = world.call(
        frame,
        json!({"type": "open", "remote": false, "password": null}),
    );
    assert_eq!(opened["type"], "answer", "{opened}");
    assert_eq!(world.inner().alarms.borrow()["lock"], first, "a reader");
    world.say(frame, json!({"type": "answer", "kind": "reply"}));
    let moved = world.inner().alarms.borrow()["lock"];
    assert_eq!(moved, first + 30 * 60_000, "a click");
    // What comes too late does not bring it back.
    world.advance_minutes(61);
    world.say(frame, json!({"type": "answer", "kind": "reply"}));
    assert_eq!(state(&mut world), "locked");
}

#[test]
fn a_background_that_wakes_too_late_is_locked() {
    let world = World::set_up();
    world.advance_minutes(61);
    let mut world = world.restart();
    assert_eq!(state(&mut world), "locked");
    assert!(!world.inner().session.borrow().contains_key("vault"));
}

#[test]
fn everybody_hears_of_locking() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    for port in [content, popup] {
        let events = world.events(port);
        assert!(
            events.contains(&json!({"type": "vault", "state": "locked"})),
            "{events:?}"
        );
    }
}

#[test]
fn what_lies_on_the_disk_in_the_clear_is_nothing_secret() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    world.call(
        page,
        json!({"type": "setSettings", "lockAfterMinutes": 5, "hideSubject": true, "sign": true,
               "richText": false, "wkd": false, "language": "de", "mark": {"picture": 1, "colour": 1}}),
    );
    let disk = format!("{:?}", world.inner().disk.borrow());
    for secret in [PASSPHRASE, "ann@example.org", "Ann", "PRIVATE"] {
        assert!(!disk.contains(secret), "{secret} in {disk}");
    }
    assert!(disk.contains("de"));
}

#[test]
fn a_new_passphrase_replaces_the_old_one() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let reply = world.call(
        page,
        json!({"type": "changePassphrase", "old": PASSPHRASE, "new": "quite another one"}),
    );
    assert_eq!(reply["answer"]["type"], "done", "{reply}");
    world.call(page, json!({"type": "lock"}));
    let old = world.call(page, json!({"type": "unlock", "passphrase": PASSPHRASE}));
    assert_eq!(old["failure"]["kind"], "wrongPassphrase");
    let new = world.call(
        page,
        json!({"type": "unlock", "passphrase": "quite another one"}),
    );
    assert_eq!(new["answer"]["type"], "done");
}
