//! Who may ask what.

use ext_background::sender::Sender;
use serde_json::json;

use crate::world::{GMAIL, World};

#[test]
fn a_port_without_a_known_peer_is_cut() {
    let mut world = World::new();
    let sender = Sender {
        extension: "abc".into(),
        url: "https://evil.example/".into(),
        origin: String::new(),
        tab: Some((1, "https://evil.example/".into())),
        sub: Some(0),
    };
    for name in ["page", "frame", "", "__proto__"] {
        assert_eq!(world.connect(name, &sender), None, "{name}");
    }
    assert_eq!(world.inner().cut.borrow().len(), 4);
}

#[test]
fn a_content_script_that_speaks_as_a_page_is_cut_and_gets_nothing() {
    let mut world = World::set_up();
    for request in [
        json!({"type": "status"}),
        json!({"type": "lock"}),
        json!({"type": "keys"}),
        json!({"type": "open", "remote": false, "password": null}),
        json!({"type": "confirm"}),
    ] {
        let content = world.content(GMAIL, 1);
        let id = world.say(content, request.clone());
        assert!(world.is_cut(content), "{request}");
        assert_eq!(world.answer(content, id), None, "{request}");
    }
}

#[test]
fn a_frame_is_nobody_before_hello() {
    let mut world = World::set_up();
    let frame = world.frame_port(1);
    let id = world.say(
        frame,
        json!({"type": "open", "remote": false, "password": null}),
    );
    assert!(world.is_cut(frame));
    assert_eq!(world.answer(frame, id), None);
}

#[test]
fn a_site_that_is_not_switched_on_gets_no_frames() {
    let mut world = World::set_up();
    let content = world.content("https://elsewhere.example", 1);
    let welcome = world.call(content, json!({"type": "hello"}));
    assert!(welcome["answer"]["provider"].is_null());
    assert_eq!(welcome["answer"]["api"], false);
    let reply = world.call(
        content,
        json!({"type": "openReader", "source": {"type": "inline", "armored": "x"},
               "sender": {"name": "", "address": ""}, "messageId": ""}),
    );
    assert_eq!(reply["failure"]["kind"], "notAllowed");
}

#[test]
fn a_known_webmail_is_told_its_rules() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let welcome = world.call(content, json!({"type": "hello"}));
    assert_eq!(welcome["answer"]["provider"]["id"], "gmail");
    assert_eq!(welcome["answer"]["vault"], "unlocked");
    assert_eq!(
        welcome["answer"]["strings"]["composeButton"],
        "<content_composeButton>"
    );
}

#[test]
fn a_flood_is_cut() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let mut said = 0;
    while !world.is_cut(content) {
        world.say(content, json!({"type": "closed", "frame": "x"}));
        said += 1;
        assert!(said < 10_000, "nobody stops it");
    }
    assert!(said > 500, "an ordinary page does that much: {said}");
}

#[test]
fn a_page_that_would_like_the_api_is_told_of_by_the_icon_only() {
    let mut world = World::set_up();
    let content = world.content("https://mail.example", 4);
    let reply = world.call(content, json!({"type": "asksApi"}));
    assert_eq!(reply["answer"]["type"], "done");
    assert_eq!(*world.inner().badges.borrow(), [Some(4)]);
    assert!(world.inner().windows.borrow().is_empty());
    world
        .inner()
        .tab
        .replace(Some((4, "https://mail.example/x".into())));
    let popup = world.page("popup.html");
    let site = world.call(popup, json!({"type": "currentSite"}));
    assert_eq!(site["answer"]["site"]["asksApi"], true);
}

#[test]
fn a_site_is_switched_on_and_off() {
    let mut world = World::set_up();
    let origin = "https://mail.example";
    let popup = world.page("popup.html");
    let on = json!({"type": "switchSite", "origin": origin, "scan": true, "api": false});
    let reply = world.call(popup, on.clone());
    assert_eq!(
        reply["failure"]["kind"], "notAllowed",
        "the browser was not asked"
    );
    world.approve(origin, true, false);
    assert_eq!(world.inner().registered.borrow().len(), 1);
    let content = world.content(origin, 1);
    let welcome = world.call(content, json!({"type": "hello"}));
    assert_eq!(welcome["answer"]["provider"]["id"], "generic");
    world.call(popup, json!({"type": "removeSite", "origin": origin}));
    assert_eq!(world.events(content)[0]["type"], "switchedOff");
    assert!(world.inner().registered.borrow().is_empty());
    assert!(
        world.inner().allowed.borrow().is_empty(),
        "the permission is given back"
    );
}

#[test]
fn a_decision_about_a_site_outlives_a_stop() {
    let mut world = World::set_up();
    world.approve("https://mail.example", true, true);
    let mut world = world.restart();
    let content = world.content("https://mail.example", 1);
    let welcome = world.call(content, json!({"type": "hello"}));
    assert_eq!(welcome["answer"]["api"], true);
}
