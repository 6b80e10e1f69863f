//! What an approved page cannot have done for it: keys kept, tabs opened, networks searched.

use serde_json::{Value, json};

use crate::{
    api::{OTHER, SITE, code, container, world},
    world::World,
};

/// A generator in which the person has pressed the button: its id, and the page's call.
fn generated(world: &mut World, content: u32) -> String {
    let people = json!([{"email": "ann@work.example", "fullName": "Ann"}]);
    let (id, url) = container(
        world,
        content,
        json!({"method": "keyGen", "keyring": "ann", "userIds": people}),
    );
    let (frame, _) = world.frame(1, &url);
    let generate = json!({"type": "api", "call": {"method": "generate", "frame": id}});
    let call = world.say(content, generate);
    assert_eq!(world.answer(content, call), None, "not without a click");
    world.say(frame, json!({"type": "generate", "name": "Ann Other"}));
    let made = world.answer(content, call).unwrap();
    let armored = made["answer"]["result"]["text"].as_str().unwrap();
    assert!(armored.contains("BEGIN PGP PUBLIC KEY BLOCK"), "{made}");
    id
}

fn has_work_key(world: &mut World, content: u32) -> bool {
    let has = json!({"method": "hasPrivateKey", "keyring": "ann", "fingerprint": null,
                     "address": "ann@work.example"});
    world.api(content, has)["value"] == true
}

fn confirmed(id: &str, keep: bool) -> Value {
    json!({"method": "generateConfirmed", "frame": id, "keep": keep})
}

#[test]
fn a_new_key_pair_is_kept_only_if_the_page_keeps_its_promise() {
    let (mut world, content) = world();
    let id = generated(&mut world, content);
    assert!(!has_work_key(&mut world, content), "not before it is kept");
    world.api(content, confirmed(&id, false));
    assert!(!has_work_key(&mut world, content));
    let id = generated(&mut world, content);
    assert_eq!(world.api(content, confirmed(&id, true))["type"], "nothing");
    assert!(has_work_key(&mut world, content));
}

#[test]
fn a_key_pair_that_is_not_kept_in_time_never_was() {
    let (mut world, content) = world();
    let id = generated(&mut world, content);
    world.advance_minutes(6);
    assert_eq!(
        code(&world.api(content, confirmed(&id, true))),
        "NO_CONNECTION"
    );

    let id = generated(&mut world, content);
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    world.call(
        popup,
        json!({"type": "unlock", "passphrase": crate::world::PASSPHRASE}),
    );
    let late = world.api(content, confirmed(&id, true));
    assert_eq!(code(&late), "NO_CONNECTION", "locked meanwhile");

    let id = generated(&mut world, content);
    world.background.disconnect(content);
    let content = world.content(SITE, 1);
    let late = world.api(content, confirmed(&id, true));
    assert_eq!(code(&late), "NO_CONNECTION", "the page was gone");

    generated(&mut world, content);
    let mut world = world.restart();
    let content = world.content(SITE, 1);
    assert!(
        !has_work_key(&mut world, content),
        "the background was stopped"
    );
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    assert_eq!(
        keys["answer"]["keys"].as_array().unwrap().len(),
        1,
        "{keys}"
    );
}

#[test]
fn settings_are_opened_now_and_then_only() {
    let (mut world, content) = world();
    let before = world.inner().opened_tabs.borrow().len();
    let open = json!({"method": "openSettings"});
    let opened = (0..10)
        .filter(|_| world.api(content, open.clone())["type"] == "nothing")
        .count();
    assert_eq!(opened, 2);
    assert_eq!(world.inner().opened_tabs.borrow().len(), before + 2);
    world.advance_minutes(2);
    assert_eq!(world.api(content, open)["type"], "nothing");
}

/// What a page asks about goes out into the network so often, to whom it may, and once.
#[test]
fn a_page_cannot_have_the_network_searched() {
    let (mut world, content) = world();
    let ask = |addresses: &[String]| json!({"method": "validKeyForAddress", "keyring": "ann", "addresses": addresses});
    let hosts = |world: &World| {
        let mut asked = world.inner().asked.borrow_mut();
        std::mem::take(&mut *asked)
    };
    let private: Vec<String> = [
        "printer.local",
        "nas.lan",
        "db.internal",
        "localhost",
        "127.0.0.1",
    ]
    .iter()
    .map(|host| format!("x@{host}"))
    .collect();
    world.api(content, ask(&private));
    assert_eq!(hosts(&world), Vec::<String>::new());
    let same = vec!["x@one.example".to_owned(); 50];
    let none = world.api(content, ask(&same));
    assert_eq!(none["keys"]["x@one.example"], json!([]));
    assert_eq!(hosts(&world).len(), 2, "both methods, once");
    world.api(content, ask(&same));
    assert_eq!(hosts(&world).len(), 0, "that there is none is remembered");
    for n in 0..5 {
        let many: Vec<String> = (0..90).map(|m| format!("x@host-{n}-{m}.example")).collect();
        world.api(content, ask(&many));
    }
    let asked = hosts(&world).len() / 2;
    assert!((100..=120).contains(&asked), "{asked}");
    world.advance_minutes(10);
    let other = world.content(OTHER, 2);
    let theirs =
        json!({"method": "validKeyForAddress", "keyring": "", "addresses": ["x@two.example"]});
    world.api(other, theirs.clone());
    assert_eq!(hosts(&world).len(), 2);

    let page = world.page("manager.html");
    let mut settings = world.call(page, json!({"type": "settings"}))["answer"].clone();
    settings["wkd"] = json!(false);
    settings["type"] = json!("setSettings");
    let saved = world.call(page, settings);
    assert_eq!(saved["type"], "answer", "{saved}");
    world.advance_minutes(10);
    world.api(other, theirs);
    assert_eq!(hosts(&world).len(), 0, "the person does not want it");
}
