//! A message whose files were sealed apart, answered and forwarded as the one message that it is.

use serde_json::{Value, json};

use crate::frames::editor;
use crate::world::{GMAIL, World};

/// The armored text and the sealed file `a.txt` of a message from Ann to herself.
fn message(world: &mut World, sign: bool) -> (String, Value) {
    let page = world.page("manager.html");
    world.call(
        page,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    world.call(
        page,
        json!({"type": "encryptFiles", "files": [{"file": 1, "name": "a.txt"}],
               "recipients": ["ann@example.org"], "password": null, "sign": sign}),
    );
    let parts = world.events(page);
    let part = parts.iter().find(|event| event["type"] == "part").unwrap();
    (world.letter(), part["data"].clone())
}

/// A reader of the text of a message.
fn reader(world: &mut World, content: u32, armored: &str) -> (String, String) {
    let reply = world.call(
        content,
        json!({"type": "openReader", "source": {"type": "inline", "armored": armored},
               "sender": {"name": "Ann", "address": "ann@example.org"}, "messageId": "id-1",
               "message": "m1"}),
    );
    let text = |field: &str| reply["answer"][field].as_str().unwrap().to_owned();
    (text("frame"), text("url"))
}

/// A reader of the file, in the same page, of a message that the content script calls `id`.
fn files_reader(world: &mut World, content: u32, id: &str) -> (String, String) {
    let reply = world.call(
        content,
        json!({"type": "openReader",
               "source": {"type": "attachments", "attachments":
                   [{"name": "a.txt.pgp", "mediaType": "application/octet-stream", "size": null}]},
               "sender": {"name": "Ann", "address": "ann@example.org"},
               "messageId": if id == "m1" { "id-1" } else { "id-2" },
               "message": id.trim_end_matches(" again")}),
    );
    let text = |field: &str| reply["answer"][field].as_str().unwrap().to_owned();
    (text("frame"), text("url"))
}

/// Presses `kind` in a reader and says hello as the editor that comes; the page fetches `data`
/// where it is asked to. What the editor begins with, and how often the page was asked.
fn answered(
    world: &mut World,
    content: u32,
    (shown, url): &(String, String),
    kind: &str,
    data: Option<&Value>,
) -> (Value, usize) {
    let (frame, _) = world.frame(1, url);
    world.call(frame, json!({"type": "answer", "kind": kind}));
    let (_, url) = editor(world, content, "", Some(shown));
    let port = world.frame_port(1);
    let token = url.split_once('#').unwrap().1;
    world.events(content);
    let hello = world.say(port, json!({"type": "hello", "token": token}));
    let mut fetched = 0;
    for event in world.events(content) {
        if event["type"] != "fetch" {
            continue;
        }
        fetched += 1;
        if let Some(data) = data {
            world.say(
                content,
                json!({"type": "part", "file": 7, "data": data, "last": true}),
            );
        }
        let file = data.map(|_| 7);
        world.say(
            content,
            json!({"type": "fetched", "frame": event["frame"],
                   "attachment": event["attachment"], "file": file}),
        );
    }
    let ready = world.answer(port, hello).unwrap();
    (ready["answer"]["role"].clone(), fetched)
}

#[test]
fn files_that_were_sealed_apart_go_along() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    // Drawn anew by the page, it is one piece all the same.
    files_reader(&mut world, content, "m1");
    let apart = files_reader(&mut world, content, "m1");
    for shown in [&shown, &apart] {
        let (role, _) = answered(&mut world, content, shown, "forward", Some(&file));
        let draft = &role["draft"];
        assert_eq!(draft["files"][0]["name"], "a.txt", "{role}");
        assert_eq!(draft["files"][0]["size"], 5);
        assert_eq!(draft["files"].as_array().unwrap().len(), 1);
        assert!(draft["text"].as_str().unwrap().contains("<welcome_text>"));
        assert_eq!(role["leftBehind"], false);
    }
}

#[test]
fn an_answer_takes_no_files_and_fetches_none() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    files_reader(&mut world, content, "m1");
    let (role, fetched) = answered(&mut world, content, &shown, "reply", Some(&file));
    assert_eq!(role["draft"]["files"], json!([]));
    assert_eq!(fetched, 0);
}

#[test]
fn of_another_message_nothing_goes_along() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    files_reader(&mut world, content, "m2");
    // Another message that the page showed in the same place.
    files_reader(&mut world, content, "m1 again");
    files_reader(&mut world, content, "");
    let elsewhere = world.content(GMAIL, 2);
    files_reader(&mut world, elsewhere, "m1");
    let (role, fetched) = answered(&mut world, content, &shown, "forward", Some(&file));
    assert_eq!(role["draft"]["files"], json!([]));
    assert_eq!((fetched, &role["leftBehind"]), (0, &json!(false)));
}

#[test]
fn what_the_signer_did_not_sign_stays_behind_and_is_told() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, false);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    files_reader(&mut world, content, "m1");
    let (role, _) = answered(&mut world, content, &shown, "forward", Some(&file));
    assert_eq!(role["draft"]["files"], json!([]));
    assert_eq!(role["leftBehind"], true);
}

#[test]
fn what_the_page_does_not_fetch_is_told() {
    let mut world = World::set_up();
    let (letter, _) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    files_reader(&mut world, content, "m1");
    let (role, fetched) = answered(&mut world, content, &shown, "forward", None);
    assert!(
        role["draft"]["text"]
            .as_str()
            .unwrap()
            .contains("<welcome_text>")
    );
    assert_eq!((fetched, &role["leftBehind"]), (1, &json!(true)));
}

#[test]
fn pieces_without_a_name_are_not_taken_for_one_message() {
    let mut world = World::set_up();
    let (_, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = files_reader(&mut world, content, "");
    files_reader(&mut world, content, "");
    let (role, fetched) = answered(&mut world, content, &shown, "forward", Some(&file));
    assert_eq!(role["draft"]["files"].as_array().unwrap().len(), 1);
    assert_eq!(fetched, 1);
}

/// The frame of the file's reader asks for it while the editor does: the page fetches it once.
#[test]
fn a_file_is_fetched_once_for_its_reader_and_the_editor() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    let (_, url) = files_reader(&mut world, content, "m1");
    let (apart, _) = world.frame(1, &url);
    let opens = world.say(
        apart,
        json!({"type": "open", "remote": false, "password": null}),
    );
    let asked = world.events(content);
    let asked: Vec<&Value> = asked.iter().filter(|one| one["type"] == "fetch").collect();
    assert_eq!(asked.len(), 1);
    let (frame, _) = world.frame(1, &shown.1);
    world.call(frame, json!({"type": "answer", "kind": "forward"}));
    let (_, url) = editor(&mut world, content, "", Some(&shown.0));
    let port = world.frame_port(1);
    let token = url.split_once('#').unwrap().1;
    let hello = world.say(port, json!({"type": "hello", "token": token}));
    assert!(
        world
            .events(content)
            .iter()
            .all(|one| one["type"] != "fetch")
    );
    world.say(
        content,
        json!({"type": "part", "file": 7, "data": file, "last": true}),
    );
    world.say(
        content,
        json!({"type": "fetched", "frame": asked[0]["frame"],
               "attachment": asked[0]["attachment"], "file": 7}),
    );
    let role = world.answer(port, hello).unwrap()["answer"]["role"].clone();
    assert_eq!(role["draft"]["files"][0]["name"], "a.txt", "{role}");
    let opened = world.answer(apart, opens).unwrap();
    assert_eq!(
        opened["answer"]["attachments"][0]["name"], "a.txt",
        "{opened}"
    );
}

#[test]
fn what_stayed_behind_is_taken_up_when_it_is_forwarded_again() {
    let mut world = World::set_up();
    let (letter, file) = message(&mut world, true);
    let content = world.content(GMAIL, 1);
    let shown = reader(&mut world, content, &letter);
    files_reader(&mut world, content, "m1");
    let (role, _) = answered(&mut world, content, &shown, "forward", None);
    let mut save = role["draft"].clone();
    save["type"] = json!("saveDraft");
    let url = editor(&mut world, content, "", None).1;
    let (other, _) = world.frame(1, &url);
    world.call(other, save);
    for _ in 0..2 {
        let shown = reader(&mut world, content, &letter);
        let (role, _) = answered(&mut world, content, &shown, "forward", Some(&file));
        assert_eq!(role["draft"]["files"].as_array().unwrap().len(), 1);
        assert_eq!(role["leftBehind"], false);
        let text = role["draft"]["text"].as_str().unwrap();
        assert_eq!(text.matches("<welcome_text>").count(), 1, "{text}");
    }
}
