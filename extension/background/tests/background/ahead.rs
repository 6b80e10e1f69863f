//! What begins before a frame asks for it: its message is opened, and it is given room.

use serde_json::{Value, json};

use crate::{
    frames::reader,
    world::{GMAIL, World},
};

fn open() -> Value {
    json!({"type": "open", "remote": false, "password": null})
}

fn heights(world: &World, content: u32, id: &str) -> Vec<u64> {
    let events = world.events(content);
    let of_frame = events
        .iter()
        .filter(|event| event["type"] == "height" && event["frame"] == id);
    of_frame
        .filter_map(|event| event["pixels"].as_u64())
        .collect()
}

#[test]
fn a_frame_has_room_before_its_message_is_there_and_then_what_it_asks_for() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (id, url) = reader(&mut world, content, &letter);
    let given = heights(&world, content, &id);
    assert_eq!(given.len(), 1, "once, whatever becomes of it");
    assert!(
        (288..=576).contains(&given[0]) && given[0].is_multiple_of(96),
        "{given:?}"
    );
    let (frame, _) = world.frame(1, &url);
    // One line while it is opened: the page would be laid out for nothing.
    world.call(frame, json!({"type": "height", "pixels": 44}));
    assert!(heights(&world, content, &id).is_empty());
    let opened = world.call(frame, open());
    assert_eq!(opened["type"], "answer", "{opened}");
    assert!(heights(&world, content, &id).is_empty());
    world.call(frame, json!({"type": "height", "pixels": 700}));
    assert_eq!(heights(&world, content, &id), [768]);
}

#[test]
fn a_message_that_does_not_open_gives_the_room_back() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (id, url) = reader(&mut world, content, "no armor at all");
    assert_eq!(heights(&world, content, &id).len(), 1);
    let (frame, _) = world.frame(1, &url);
    world.call(frame, json!({"type": "height", "pixels": 44}));
    let opened = world.call(frame, open());
    assert_eq!(opened["type"], "failed", "{opened}");
    assert_eq!(heights(&world, content, &id), [48]);
    // And again, for a person who tries once more.
    assert_eq!(world.call(frame, open())["type"], "failed");
}

#[test]
fn nothing_is_begun_while_locked_and_nothing_opened_is_left_by_locking() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (id, url) = reader(&mut world, content, &letter);
    assert_eq!(heights(&world, content, &id).len(), 1);
    // The frame has not asked yet.
    let page = world.page("popup.html");
    world.call(page, json!({"type": "lock"}));
    assert_eq!(heights(&world, content, &id), [48]);
    let (frame, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["vault"], "locked");
    let opened = world.call(frame, open());
    assert_eq!(opened["failure"]["kind"], "locked", "{opened}");
    let (other, _) = reader(&mut world, content, &letter);
    assert!(heights(&world, content, &other).is_empty());
}
