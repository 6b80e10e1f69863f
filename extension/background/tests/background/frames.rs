//! Frames: tokens, sessions, relays.

use serde_json::{Value, json};

use crate::world::{GMAIL, World};

pub(crate) fn reader(world: &mut World, content: u32, armored: &str) -> (String, String) {
    let reply = world.call(
        content,
        json!({"type": "openReader", "source": {"type": "inline", "armored": armored},
               "sender": {"name": "Ann", "address": "ann@example.org"}, "messageId": "m1"}),
    );
    let text = |field: &str| reply["answer"][field].as_str().unwrap().to_owned();
    (text("frame"), text("url"))
}

fn open() -> Value {
    json!({"type": "open", "remote": false, "password": null})
}

#[test]
fn a_reader_shows_the_letter_and_the_content_script_never_sees_it() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (id, url) = reader(&mut world, content, &letter);
    let (frame, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["role"]["type"], "reader");
    assert_eq!(ready["answer"]["mark"]["picture"], 3);
    let opened = world.call(frame, open());
    assert_eq!(opened["answer"]["text"], "<welcome_text>", "{opened}");
    assert_eq!(opened["answer"]["subject"], "<welcome_subject>");
    assert_eq!(
        opened["answer"]["verdict"]["signature"]["good"]["trust"],
        "own"
    );
    // The room it was given before.
    assert_eq!(world.events(content).len(), 1);
    world.call(frame, json!({"type": "height", "pixels": 5_000_000}));
    let events = world.events(content);
    assert_eq!(
        events,
        [json!({"type": "height", "frame": id, "pixels": 1920})]
    );
    let sent = format!(
        "{:?}",
        world
            .inner()
            .sent
            .borrow()
            .iter()
            .filter(|(to, _)| *to == content)
            .collect::<Vec<_>>()
    );
    assert!(!sent.contains("welcome_text") && !sent.contains("welcome_subject"));
}

#[test]
fn a_token_is_no_good_twice_or_elsewhere() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, "x");
    let token = url.split_once('#').unwrap().1.to_owned();
    let stranger = world.frame_port(2);
    world.say(stranger, json!({"type": "hello", "token": token}));
    assert!(world.is_cut(stranger), "another tab");
    let (_, ready) = world.frame(1, &url);
    assert_eq!(ready["type"], "answer");
    let again = world.frame_port(1);
    world.say(again, json!({"type": "hello", "token": token}));
    assert!(world.is_cut(again), "used up");
}

#[test]
fn a_token_taken_along_to_another_site_opens_nothing() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, &letter);
    let token = url.split_once('#').unwrap().1.to_owned();
    let hello = |parent: &str| json!({"type": "hello", "token": token, "parent": parent});
    // The tab shows another page now, or that page has the frame in an inner document.
    let gone_on = world.frame_port_under(1, "https://evil.example/");
    world.say(gone_on, json!({"type": "hello", "token": token}));
    assert!(world.is_cut(gone_on));
    let inside = world.frame_port(1);
    world.say(inside, hello("https://evil.example"));
    assert!(world.is_cut(inside));
    let own = world.frame_port_under(1, &format!("{GMAIL}/mail/u/0"));
    assert_eq!(world.call(own, hello(GMAIL))["type"], "answer");
}

/// Nobody counts lines by the height of a frame, nor measures it again and again.
#[test]
fn a_page_sees_few_heights_and_not_many_of_them() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, "x");
    let (frame, _) = world.frame(1, &url);
    // While its message is opened nothing it asks for is passed on.
    world.call(frame, open());
    world.events(content);
    let mut told = std::collections::BTreeSet::new();
    let mut changes = 0;
    for pixels in (24..3000).chain((24..3000).rev()) {
        world.say(frame, json!({"type": "height", "pixels": pixels}));
        for event in world.events(content) {
            let height = event["pixels"].as_u64().unwrap();
            changes += usize::from(!told.contains(&height));
            told.insert(height);
        }
    }
    assert!(
        told.iter().all(|height| *height == 48 || height % 96 == 0),
        "{told:?}"
    );
    assert!(changes <= 40, "{changes}");
    world.advance_minutes(1);
    world.say(frame, json!({"type": "height", "pixels": 200}));
    assert_eq!(world.events(content)[0]["pixels"], 288);
}

#[test]
fn a_page_that_makes_frames_without_end_wears_only_itself_out() {
    let mut world = World::set_up();
    let letter = world.letter();
    let other = world.content("https://outlook.live.com", 2);
    let (_, url) = reader(&mut world, other, &letter);
    let (kept, _) = world.frame(2, &url);
    let content = world.content(GMAIL, 1);
    let open_reader = json!({"type": "openReader", "source": {"type": "inline", "armored": "x"},
        "sender": {"name": "", "address": ""}, "messageId": ""});
    let mut made = 0;
    let mut answer = serde_json::Value::Null;
    for _ in 0..1000 {
        answer = world.call(content, open_reader.clone());
        made += usize::from(answer["type"] == "answer");
    }
    assert_eq!(answer["failure"]["kind"], "tooLarge", "{answer}");
    assert!(made <= 150, "{made}");
    let closed = world.events(content);
    let closed = closed
        .iter()
        .filter(|event| event["type"] == "close")
        .count();
    assert_eq!(
        closed,
        made - 120,
        "those that never came make room and are taken away"
    );
    let frames = world
        .inner()
        .session
        .borrow()
        .keys()
        .filter(|key| key.starts_with("f:"))
        .count();
    assert_eq!(frames, 121);
    assert_eq!(world.call(kept, open())["answer"]["text"], "<welcome_text>");
}

#[test]
fn a_tab_has_room_for_so_many_ports_and_another_for_as_many() {
    let mut world = World::set_up();
    let sender = |tab| ext_background::sender::Sender {
        extension: "abc".into(),
        url: format!("{GMAIL}/mail/u/0"),
        origin: String::new(),
        tab: Some((tab, String::new())),
        sub: Some(0),
    };
    let mut opened = 0;
    for _ in 0..1000 {
        opened += usize::from(world.connect("content", &sender(1)).is_some());
    }
    assert_eq!(opened, 250);
    assert!(world.connect("content", &sender(2)).is_some());
}

#[test]
fn a_frame_comes_back_to_a_background_that_was_stopped() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, &letter);
    let (_, ready) = world.frame(1, &url);
    let session = ready["answer"]["session"].as_str().unwrap().to_owned();
    let mut world = world.restart();
    let frame = world.frame_port(1);
    let ready = world.call(frame, json!({"type": "hello", "token": session}));
    assert_eq!(ready["answer"]["role"]["type"], "reader");
    let opened = world.call(frame, open());
    assert_eq!(opened["answer"]["text"], "<welcome_text>");
}

#[test]
fn frames_that_lost_their_port_are_asked_to_come_back_for_what_is_new() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, "x");
    world.frame(1, &url);
    let mut world = world.restart();
    let before = world.inner().called_own.get();
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    assert_eq!(world.inner().called_own.get(), before + 1);
}

#[test]
fn an_event_waits_for_a_content_script_that_lost_its_port() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (id, url) = reader(&mut world, content, "x");
    let (_, ready) = world.frame(1, &url);
    let session = ready["answer"]["session"].as_str().unwrap().to_owned();
    let mut world = world.restart();
    let frame = world.frame_port(1);
    world.call(frame, json!({"type": "hello", "token": session}));
    world.call(frame, json!({"type": "answer", "kind": "reply"}));
    assert_eq!(world.inner().called_back.borrow().len(), 1);
    let back = world.content(GMAIL, 1);
    world.call(back, json!({"type": "hello"}));
    assert_eq!(
        world.events(back),
        [json!({"type": "answer", "frame": id, "kind": "reply"})]
    );
}

#[test]
fn nothing_opens_while_locked_and_the_cache_is_gone() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, &letter);
    let (frame, _) = world.frame(1, &url);
    assert_eq!(world.call(frame, open())["type"], "answer");
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    assert_eq!(world.call(frame, open())["failure"]["kind"], "locked");
    world.call(frame, json!({"type": "unlock"}));
    assert!(world.inner().windows.borrow()[0].ends_with("unlock.html"));
}

#[test]
fn a_frame_may_ask_only_what_it_is_for() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, "x");
    // The room it was given before.
    world.events(content);
    let (frame, _) = world.frame(1, &url);
    for request in [
        json!({"type": "insertPlain", "text": "x", "subject": ""}),
        json!({"type": "discard"}),
        json!({"type": "generate", "name": "x"}),
        json!({"type": "confirm"}),
        json!({"type": "recipients", "addresses": ["a@b.c"]}),
    ] {
        let reply = world.call(frame, request.clone());
        assert_eq!(reply["failure"]["kind"], "notAllowed", "{request}");
    }
    assert_eq!(world.events(content), Vec::<Value>::new());
}

#[test]
fn damaged_letters_show_nothing() {
    let mut world = World::set_up();
    let letter = world.letter();
    let lines: Vec<&str> = letter.lines().collect();
    let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    // In the last lines lies what was encrypted; the first ones may be for another key.
    let at = changed.len() - 5;
    changed[at] = changed[at].chars().rev().collect();
    let content = world.content(GMAIL, 1);
    let (_, url) = reader(&mut world, content, &changed.join("\n"));
    let (frame, _) = world.frame(1, &url);
    let reply = world.call(frame, open());
    assert_eq!(reply["failure"]["kind"], "damaged", "{reply}");
    assert!(!reply.to_string().contains("welcome"));
}

pub(crate) fn editor(
    world: &mut World,
    content: u32,
    typed: &str,
    quote: Option<&str>,
) -> (String, String) {
    let reply = world.call(
        content,
        json!({"type": "openEditor", "from": "ann@example.org",
               "recipients": {"to": [{"name": "", "address": "ann@example.org"}], "cc": [], "bcc": []},
               "subject": "Outer", "typed": typed, "draftKey": "d1", "quote": quote, "takesFiles": true}),
    );
    let text = |field: &str| {
        reply["answer"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (text("frame"), text("url"))
}

#[test]
fn an_editor_seals_into_the_page_and_forgets_its_draft() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (id, url) = editor(&mut world, content, "already typed", None);
    let (frame, ready) = world.frame(1, &url);
    let role = &ready["answer"]["role"];
    assert_eq!(role["draft"]["text"], "already typed");
    assert_eq!(role["wasTyped"], true);
    let mut draft = role["draft"].clone();
    draft["text"] = json!("marker plaintext");
    draft["files"] = json!([{"file": 1, "name": "a.txt", "mediaType": "text/plain", "size": 5}]);
    world.call(
        frame,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    let mut save = draft.clone();
    save["type"] = json!("saveDraft");
    assert_eq!(world.call(frame, save)["answer"]["type"], "done");
    let outgoing = json!({"type": "encrypt", "draft": draft, "password": null,
        "recipients": {"to": [{"name": "", "address": "ann@example.org"}], "cc": [], "bcc": []}});
    let call = world.say(frame, outgoing);
    let events = world.events(content);
    let insert = events.last().unwrap();
    assert_eq!(insert["type"], "insert", "{events:?}");
    assert_eq!(insert["frame"], id.as_str());
    assert_eq!(insert["files"][0]["name"], "a.txt.pgp");
    assert!(
        insert["body"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN PGP MESSAGE-----")
    );
    assert!(!format!("{events:?}").contains("marker"));
    assert_eq!(
        world.answer(frame, call),
        None,
        "not before the page has it"
    );
    world.call(
        content,
        json!({"type": "inserted", "frame": id, "failed": []}),
    );
    assert_eq!(world.answer(frame, call).unwrap()["answer"]["type"], "done");
    // The draft is gone: a new editor begins anew.
    let (_, url) = editor(&mut world, content, "", None);
    let (_, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["role"]["draft"]["text"], "");
}

#[test]
fn what_the_page_could_not_take_is_told_and_the_draft_stays() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (id, url) = editor(&mut world, content, "text", None);
    let (frame, ready) = world.frame(1, &url);
    let draft = ready["answer"]["role"]["draft"].clone();
    let mut save = draft.clone();
    save["type"] = json!("saveDraft");
    world.call(frame, save);
    let call = world.say(
        frame,
        json!({"type": "encrypt", "draft": draft, "password": null,
               "recipients": {"to": [{"name": "", "address": "ann@example.org"}], "cc": [], "bcc": []}}),
    );
    world.call(
        content,
        json!({"type": "inserted", "frame": id, "failed": ["subject"]}),
    );
    assert_eq!(world.answer(frame, call).unwrap()["type"], "failed");
    let told = world.events(frame);
    assert_eq!(told.last().unwrap()["failed"], json!(["subject"]));
    let (_, url) = editor(&mut world, content, "", None);
    let (_, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["role"]["draft"]["text"], "text");
}

#[test]
fn an_answer_quotes_what_the_reader_shows_and_keeps_its_subject_hidden() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (shown, url) = reader(&mut world, content, &letter);
    let (frame, _) = world.frame(1, &url);
    world.call(frame, json!({"type": "answer", "kind": "reply"}));
    let (_, url) = editor(&mut world, content, "", Some(&shown));
    let (_, ready) = world.frame(1, &url);
    let draft = &ready["answer"]["role"]["draft"];
    assert_eq!(draft["subject"], "Re: <welcome_subject>");
    assert_eq!(draft["hideSubject"], true);
    let text = draft["text"].as_str().unwrap();
    assert!(text.contains("> <welcome_text>"), "{text}");
}

#[test]
fn nothing_is_quoted_without_a_click_in_our_frame() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (shown, url) = reader(&mut world, content, &letter);
    let (frame, _) = world.frame(1, &url);
    assert_eq!(world.call(frame, open())["type"], "answer");
    assert_eq!(
        editor(&mut world, content, "", Some(&shown)).0,
        "",
        "no click"
    );
    world.call(frame, json!({"type": "answer", "kind": "reply"}));
    assert_ne!(editor(&mut world, content, "", Some(&shown)).0, "");
    assert_eq!(
        editor(&mut world, content, "", Some(&shown)).0,
        "",
        "one click, one quotation"
    );
    world.call(frame, json!({"type": "answer", "kind": "reply"}));
    world.advance_minutes(2);
    assert_eq!(
        editor(&mut world, content, "", Some(&shown)).0,
        "",
        "long ago"
    );
}

#[test]
fn a_draft_of_one_account_is_not_shown_in_another() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (_, url) = editor(&mut world, content, "for Ann's account", None);
    let (frame, ready) = world.frame(1, &url);
    let mut save = ready["answer"]["role"]["draft"].clone();
    save["type"] = json!("saveDraft");
    assert_eq!(world.call(frame, save)["type"], "answer");
    let opened = world.call(
        content,
        json!({"type": "openEditor", "from": "ann@work.example",
               "recipients": {"to": [], "cc": [], "bcc": []}, "subject": "", "typed": "",
               "draftKey": "d1", "quote": null, "takesFiles": true}),
    );
    let url = opened["answer"]["url"].as_str().unwrap().to_owned();
    let (_, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["role"]["draft"]["text"], "");
    let (_, url) = editor(&mut world, content, "", None);
    let (_, ready) = world.frame(1, &url);
    assert_eq!(
        ready["answer"]["role"]["draft"]["text"],
        "for Ann's account"
    );
}

#[test]
fn another_site_cannot_quote_what_stands_here() {
    let mut world = World::set_up();
    let letter = world.letter();
    let content = world.content(GMAIL, 1);
    let (shown, url) = reader(&mut world, content, &letter);
    let (frame, _) = world.frame(1, &url);
    world.call(frame, json!({"type": "answer", "kind": "reply"}));
    world.approve("https://mail.example", true, false);
    let other = world.content("https://mail.example", 1);
    assert_eq!(editor(&mut world, other, "", Some(&shown)).0, "");
}

#[test]
fn a_full_memory_forgets_frames_that_are_gone_and_keeps_those_that_stand() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (gone, _) = reader(&mut world, content, "x");
    let (_, url) = reader(&mut world, content, "y");
    let (_, ready) = world.frame(1, &url);
    let session = ready["answer"]["session"].as_str().unwrap().to_owned();
    world.inner().full_once.set(true);
    let (new, _) = reader(&mut world, content, "z");
    let kept = world.inner().session.borrow().clone();
    assert!(!kept.contains_key(&format!("f:{gone}")));
    assert!(kept.contains_key(&format!("f:{new}")));
    let mut world = world.restart();
    let frame = world.frame_port(1);
    let back = world.call(frame, json!({"type": "hello", "token": session}));
    assert_eq!(back["type"], "answer");
}
