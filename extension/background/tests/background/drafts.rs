//! Drafts: nothing that was written is lost when a letter is opened again.

use serde_json::{Value, json};

use crate::frames::{editor, reader};
use crate::world::{GMAIL, World};

/// What an editor begins with.
fn begins(world: &mut World, url: &str) -> (u32, Value) {
    let (frame, ready) = world.frame(1, url);
    (frame, ready["answer"]["role"]["draft"].clone())
}

fn keep(world: &mut World, frame: u32, draft: &Value, text: &str) {
    let mut save = draft.clone();
    save["type"] = json!("saveDraft");
    save["text"] = json!(text);
    assert_eq!(world.call(frame, save)["answer"]["type"], "done");
}

/// The page says once more to whom the letter goes, and what it calls it now.
fn name(world: &mut World, content: u32, frame: &str, key: &str) {
    let told = world.call(
        content,
        json!({"type": "recipients", "frame": frame, "draftKey": key,
               "recipients": {"to": [], "cc": [], "bcc": []}}),
    );
    assert_eq!(told["answer"]["type"], "done", "{told}");
}

/// An editor of this account over the letter that the page calls `key`.
fn opened(world: &mut World, content: u32, from: &str, key: &str) -> (u32, Value) {
    let reply = world.call(
        content,
        json!({"type": "openEditor", "from": from, "draftKey": key, "quote": null,
               "recipients": {"to": [], "cc": [], "bcc": []}, "subject": "", "typed": "",
               "takesFiles": true}),
    );
    let url = reply["answer"]["url"].as_str().unwrap().to_owned();
    begins(world, &url)
}

fn opened_as(world: &mut World, content: u32, key: &str) -> Value {
    opened(world, content, "ann@example.org", key).1
}

#[test]
fn what_was_typed_into_the_pages_box_meanwhile_stands_below_the_kept_draft() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "", None);
    let (frame, draft) = begins(&mut world, &url);
    keep(&mut world, frame, &draft, "begun yesterday\n");
    let (_, url) = editor(&mut world, content, "typed today", None);
    let (frame, ready) = world.frame(1, &url);
    let draft = &ready["answer"]["role"]["draft"];
    assert_eq!(draft["text"], "begun yesterday\n\ntyped today");
    // It left the page's box: it is kept before anything else is done.
    let page = world.page("manager.html");
    let all = listed(&mut world, page);
    assert_eq!(all[0]["text"], "begun yesterday\n\ntyped today");
    // What the person then changed is not undone when the same frame comes back.
    keep(&mut world, frame, draft, "begun yesterday");
    let session = ready["answer"]["session"].as_str().unwrap();
    let (_, again) = begins(&mut world, &format!("frame.html#{session}"));
    assert_eq!(again["text"], "begun yesterday");
}

#[test]
fn what_is_typed_twice_stands_there_once() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    for _ in 0..2 {
        let (_, url) = editor(&mut world, content, "typed", None);
        let (frame, draft) = begins(&mut world, &url);
        assert_eq!(draft["text"], "typed");
        keep(&mut world, frame, &draft, "typed");
    }
}

#[test]
fn a_half_written_answer_takes_up_what_is_quoted_now() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "", None);
    let (frame, draft) = begins(&mut world, &url);
    keep(&mut world, frame, &draft, "half written");
    let (shown, url) = reader(&mut world, content, &letter);
    let (reads, _) = world.frame(1, &url);
    let quoted = |world: &mut World| {
        world.call(reads, json!({"type": "answer", "kind": "reply"}));
        let (_, url) = editor(world, content, "", Some(&shown));
        begins(world, &url)
    };
    let (frame, draft) = quoted(&mut world);
    let text = draft["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("half written"), "{text}");
    assert!(text.contains("> <welcome_text>"), "{text}");
    keep(&mut world, frame, &draft, &format!("{text} and on"));
    // Opened by the same answer again, it goes on as it is.
    let (_, draft) = quoted(&mut world);
    assert_eq!(draft["text"], format!("{text} and on"));
}

#[test]
fn a_draft_follows_the_pages_name_for_the_letter() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (id, url) = editor(&mut world, content, "", None);
    let (frame, mut draft) = begins(&mut world, &url);
    draft["files"] = json!([{"file": 1, "name": "a.txt", "mediaType": "text/plain", "size": 5}]);
    world.call(
        frame,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    keep(&mut world, frame, &draft, "first words");
    name(&mut world, content, &id, "#msg-a:r6");
    let found = opened_as(&mut world, content, "#msg-a:r6");
    assert_eq!(found["text"], "first words");
    assert_eq!(found["files"][0]["name"], "a.txt");
    assert_eq!(opened_as(&mut world, content, "d1")["text"], "");
    // What is written from now on is kept there, too.
    keep(&mut world, frame, &draft, "more words");
    let found = opened_as(&mut world, content, "#msg-a:r6");
    assert_eq!(found["text"], "more words");
}

#[test]
fn a_draft_is_not_moved_over_another() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "", None);
    let (frame, draft) = begins(&mut world, &url);
    keep(&mut world, frame, &draft, "the one");
    let reply = world.call(
        content,
        json!({"type": "openEditor", "from": "ann@example.org", "draftKey": "d2", "quote": null,
               "recipients": {"to": [], "cc": [], "bcc": []}, "subject": "", "typed": "",
               "takesFiles": true}),
    );
    let text = |field: &str| reply["answer"][field].as_str().unwrap().to_owned();
    let (frame, draft) = begins(&mut world, &text("url"));
    keep(&mut world, frame, &draft, "the other");
    name(&mut world, content, &text("frame"), "d1");
    assert_eq!(opened_as(&mut world, content, "d1")["text"], "the one");
    assert_eq!(opened_as(&mut world, content, "d2")["text"], "the other");
}

fn listed(world: &mut World, page: u32) -> Vec<Value> {
    let reply = world.call(page, json!({"type": "drafts"}));
    reply["answer"]["drafts"].as_array().unwrap().clone()
}

#[test]
fn what_no_page_opens_again_is_listed_with_its_files_and_can_be_thrown_away() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "", None);
    let (frame, mut draft) = begins(&mut world, &url);
    keep(&mut world, frame, &draft, "the older one");
    world.advance_minutes(5);
    // The page has no name for this one.
    let (frame, _) = opened(&mut world, content, "", "");
    draft["subject"] = json!("About it");
    draft["files"] = json!([{"file": 1, "name": "a.txt", "mediaType": "text/plain", "size": 5}]);
    world.call(
        frame,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    keep(&mut world, frame, &draft, "nobody opens me again");
    world.background.disconnect(frame);
    let page = world.page("manager.html");
    let all = listed(&mut world, page);
    assert_eq!(all.len(), 2, "{all:?}");
    let first = &all[0];
    assert_eq!(first["text"], "nobody opens me again");
    assert_eq!(first["subject"], "About it");
    assert_eq!(first["site"], GMAIL);
    assert_eq!(first["files"], json!(["a.txt"]));
    assert_eq!(all[1]["text"], "the older one");
    assert_eq!(all[1]["from"], "ann@example.org");
    assert!(first["savedAt"].as_u64() > all[1]["savedAt"].as_u64());

    let files = world.call(page, json!({"type": "draftFiles", "key": first["key"]}));
    assert_eq!(files["answer"]["files"][0]["name"], "a.txt", "{files}");
    assert_eq!(world.events(page)[0]["data"], "aGVsbG8=");

    world.call(page, json!({"type": "discardDraft", "key": first["key"]}));
    let left = listed(&mut world, page);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["text"], "the older one");
    let gone = world.call(page, json!({"type": "draftFiles", "key": first["key"]}));
    assert_eq!(gone["failure"]["kind"], "notFound");
}

#[test]
fn an_editor_whose_draft_was_thrown_away_keeps_it_anew_with_its_files() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "", None);
    let (frame, mut draft) = begins(&mut world, &url);
    draft["files"] = json!([{"file": 1, "name": "a.txt", "mediaType": "text/plain", "size": 5}]);
    world.call(
        frame,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    keep(&mut world, frame, &draft, "words");
    let page = world.page("manager.html");
    let key = listed(&mut world, page)[0]["key"].clone();
    world.call(page, json!({"type": "discardDraft", "key": key}));
    assert_eq!(listed(&mut world, page).len(), 0);
    keep(&mut world, frame, &draft, "words");
    world.events(page);
    let files = world.call(page, json!({"type": "draftFiles", "key": key}));
    assert_eq!(files["answer"]["files"][0]["name"], "a.txt", "{files}");
}

/// Puts the letter into the page unsealed; the page takes it.
fn goes_plain(world: &mut World, content: u32, frame: u32) {
    world.events(content);
    let goes = world.say(
        frame,
        json!({"type": "insertPlain", "text": "for everybody", "subject": ""}),
    );
    let asked = world.events(content);
    let insert = asked
        .iter()
        .find(|event| event["type"] == "insert")
        .unwrap();
    world.say(
        content,
        json!({"type": "inserted", "frame": insert["frame"], "failed": []}),
    );
    let done = world.answer(frame, goes).unwrap();
    assert_eq!(done["answer"]["type"], "done", "{done}");
}

#[test]
fn a_letter_put_in_unsealed_is_no_draft_but_its_files_stay() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let page = world.page("manager.html");
    let (frame, mut draft) = opened(&mut world, content, "", "d1");
    keep(&mut world, frame, &draft, "for everybody");
    goes_plain(&mut world, content, frame);
    assert_eq!(listed(&mut world, page).len(), 0);
    draft["files"] = json!([{"file": 1, "name": "a.txt", "mediaType": "text/plain", "size": 5}]);
    world.call(
        frame,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    keep(&mut world, frame, &draft, "for everybody");
    goes_plain(&mut world, content, frame);
    assert_eq!(listed(&mut world, page)[0]["files"], json!(["a.txt"]));
}
