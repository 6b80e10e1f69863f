//! The client API: what an approved page gets, and what it never gets.

use serde_json::{Value, json};

use crate::world::World;

pub(crate) const SITE: &str = "https://mail.example";
pub(crate) const OTHER: &str = "https://other.example";

/// Two approved sites, the first with a keyring.
pub(crate) fn world() -> (World, u32) {
    let mut world = World::set_up();
    world.approve(SITE, false, true);
    world.approve(OTHER, false, true);
    let content = world.content(SITE, 1);
    let made = world.api(
        content,
        json!({"method": "createKeyring", "keyring": "ann"}),
    );
    assert_eq!(made["type"], "keyring", "{made}");
    (world, content)
}

pub(crate) fn code(result: &Value) -> &str {
    result["code"].as_str().unwrap_or_default()
}

/// A certificate of somebody else, made in another world.
pub(crate) fn certificate_of(address: &str) -> String {
    certificate_drawn(address, 900_000)
}

/// The same, from other random numbers: another key for the same address.
pub(crate) fn certificate_drawn(address: &str, random: u64) -> String {
    let mut world = World::new();
    world.inner().next_random.set(random);
    let page = world.page("welcome.html");
    world.call(
        page,
        json!({"type": "setUp", "name": "Other", "address": address, "passphrase": "some passphrase",
               "mark": {"picture": 0, "colour": 0}, "import": null}),
    );
    let keys = world.call(page, json!({"type": "keys"}));
    let fingerprint = keys["answer"]["keys"][0]["fingerprint"].clone();
    let text = world.call(
        page,
        json!({"type": "exportCertificate", "fingerprint": fingerprint}),
    );
    text["answer"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn keyrings_lie_under_their_origin() {
    let (mut world, content) = world();
    let mine = world.api(content, json!({"method": "getKeyring", "keyring": "ann"}));
    assert_eq!(mine["type"], "keyring");
    let twice = world.api(
        content,
        json!({"method": "createKeyring", "keyring": "ann"}),
    );
    assert_eq!(code(&twice), "KEYRING_ALREADY_EXISTS");
    let other = world.content(OTHER, 2);
    for name in ["ann", "https://mail.example|#|ann", "mail.example|#|ann"] {
        let result = world.api(other, json!({"method": "getKeyring", "keyring": name}));
        assert_eq!(code(&result), "NO_KEYRING_FOR_ID", "{name}");
    }
    let bad = world.api(
        other,
        json!({"method": "createKeyring", "keyring": "mail.example|#|ann"}),
    );
    assert_eq!(code(&bad), "INVALID_IDENTIFIER");
}

#[test]
fn a_site_that_was_not_approved_gets_nothing() {
    let (mut world, _) = world();
    let content = world.content("https://third.example", 3);
    let reply = world.call(
        content,
        json!({"type": "api", "call": {"method": "getKeyring", "keyring": ""}}),
    );
    assert_eq!(reply["failure"]["kind"], "notAllowed");
    assert!(!world.is_cut(content));
}

#[test]
fn keys_of_one_site_are_not_anothers() {
    let (mut world, content) = world();
    let bob = certificate_of("bob@example.org");
    let import = json!({"method": "importPublicKey", "keyring": "ann", "armored": bob});
    let imported = world.api(content, import);
    assert_eq!(imported["outcome"], "IMPORTED", "{imported}");
    let ask = |keyring: &str| {
        json!({"method": "validKeyForAddress", "keyring": keyring,
               "addresses": ["bob@example.org", "nobody@example.org", "ann@example.org"]})
    };
    let mine = world.api(content, ask("ann"));
    let keys = &mine["keys"];
    assert_eq!(keys["bob@example.org"].as_array().unwrap().len(), 1);
    assert_eq!(
        keys["ann@example.org"].as_array().unwrap().len(),
        1,
        "the lent key"
    );
    assert_eq!(
        keys["ann@example.org"][0]["lastModified"],
        1_790_000_000_u64
    );
    assert_eq!(keys["nobody@example.org"], json!([]));
    let fingerprint = keys["bob@example.org"][0]["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint, fingerprint.to_lowercase());
    let main = world.api(content, ask(""));
    assert_eq!(main["keys"]["bob@example.org"], json!([]));
    let other = world.content(OTHER, 2);
    let there = world.api(other, ask(""));
    assert_eq!(there["keys"]["bob@example.org"], json!([]));
}

#[test]
fn the_persons_own_keyring_changes_only_after_a_click_in_a_window_of_ours() {
    let (mut world, content) = world();
    let bob = certificate_of("bob@example.org");
    let call = json!({"type": "api", "call":
        {"method": "importPublicKey", "keyring": "", "armored": bob}});
    let id = world.say(content, call.clone());
    assert_eq!(world.answer(content, id), None, "it waits");
    let window = world.inner().windows.borrow().last().unwrap().clone();
    let frame = window_frame(&mut world, &window);
    let role = frame.1["answer"]["role"].clone();
    assert_eq!(role["type"], "confirmImport");
    assert_eq!(role["origin"], SITE);
    world.say(frame.0, json!({"type": "cancel"}));
    let rejected = world.answer(content, id).unwrap();
    assert_eq!(rejected["answer"]["result"]["outcome"], "REJECTED");
    let id = world.say(content, call);
    let window = world.inner().windows.borrow().last().unwrap().clone();
    let frame = window_frame(&mut world, &window);
    world.say(frame.0, json!({"type": "confirm"}));
    let taken = world.answer(content, id).unwrap();
    assert_eq!(taken["answer"]["result"]["outcome"], "IMPORTED", "{taken}");
}

#[test]
fn a_page_brings_one_key_at_a_time() {
    let (mut world, content) = world();
    let bob = certificate_of("bob@example.org");
    let own = world.api(
        content,
        json!({"method": "exportOwnPublicKey", "keyring": "ann", "address": "ann@example.org"}),
    );
    let both = format!("{bob}\n{}", own["text"].as_str().unwrap());
    for keyring in ["", "ann"] {
        let import = json!({"method": "importPublicKey", "keyring": keyring, "armored": both});
        assert_eq!(code(&world.api(content, import)), "IMPORT_ERROR");
    }
    assert!(world.inner().windows.borrow().is_empty());
}

fn window_frame(world: &mut World, address: &str) -> (u32, Value) {
    let sender = ext_background::sender::Sender {
        extension: "abc".into(),
        url: address.split('#').next().unwrap().to_owned(),
        origin: String::new(),
        tab: Some((50, address.to_owned())),
        sub: Some(0),
    };
    let port = world.connect("frame", &sender).unwrap();
    let token = address.split_once('#').unwrap().1.to_owned();
    let ready = world.call(port, json!({"type": "hello", "token": token}));
    (port, ready)
}

#[test]
fn a_key_that_would_take_anothers_place_asks_even_in_the_sites_own_keyring() {
    let (mut world, content) = world();
    let import = |armored: &str| {
        json!({"type": "api", "call":
            {"method": "importPublicKey", "keyring": "ann", "armored": armored}})
    };
    let first = certificate_of("bob@example.org");
    assert_eq!(
        world.call(content, import(&first))["answer"]["result"]["outcome"],
        "IMPORTED"
    );
    let mut elsewhere = World::new();
    elsewhere.inner().next_random.set(7_000_000);
    let page = elsewhere.page("welcome.html");
    elsewhere.call(
        page,
        json!({"type": "setUp", "name": "Mallory", "address": "bob@example.org",
               "passphrase": "some passphrase", "mark": {"picture": 0, "colour": 0}, "import": null}),
    );
    let keys = elsewhere.call(page, json!({"type": "keys"}));
    let fingerprint = keys["answer"]["keys"][0]["fingerprint"].clone();
    let text = elsewhere.call(
        page,
        json!({"type": "exportCertificate", "fingerprint": fingerprint}),
    );
    let second = text["answer"]["text"].as_str().unwrap().to_owned();
    let id = world.say(content, import(&second));
    assert_eq!(world.answer(content, id), None);
    let window = world.inner().windows.borrow().last().unwrap().clone();
    let (frame, ready) = window_frame(&mut world, &window);
    assert!(ready["answer"]["role"]["replaces"].is_string(), "{ready}");
    // The person closes the window.
    world.background.disconnect(frame);
    world.settle();
    let answer = world.answer(content, id).unwrap();
    assert_eq!(answer["answer"]["result"]["outcome"], "REJECTED");
}

#[test]
fn private_keys_and_other_armor_are_no_public_keys() {
    let (mut world, content) = world();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    let fingerprint = keys["answer"]["keys"][0]["fingerprint"].clone();
    let private = world.call(
        page,
        json!({"type": "exportPrivateKey", "fingerprint": fingerprint,
               "passphrase": crate::world::PASSPHRASE, "exportPassphrase": "locked by this"}),
    );
    let private = private["answer"]["text"].as_str().unwrap().to_owned();
    let renamed = private.replace("PRIVATE KEY BLOCK", "PUBLIC KEY BLOCK");
    for (armored, expected) in [
        (private, "WRONG_ARMORED_TYPE"),
        (renamed, "WRONG_ARMORED_TYPE"),
        (
            "-----BEGIN PGP MESSAGE-----\n\nAA==\n-----END PGP MESSAGE-----".into(),
            "WRONG_ARMORED_TYPE",
        ),
        (
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!\n-----END PGP PUBLIC KEY BLOCK-----".into(),
            "IMPORT_ERROR",
        ),
    ] {
        let call = json!({"method": "importPublicKey", "keyring": "ann", "armored": armored});
        let result = world.api(content, call);
        assert!(
            [expected, "IMPORT_ERROR"].contains(&code(&result)),
            "{result} instead of {expected}"
        );
    }
}

pub(crate) fn container(world: &mut World, content: u32, call: Value) -> (String, String) {
    let made = world.api(content, call);
    assert_eq!(made["type"], "container", "{made}");
    let text = |field: &str| made[field].as_str().unwrap().to_owned();
    (text("frame"), text("url"))
}

fn editor_options() -> Value {
    json!({"quota": null, "signMsg": true, "armoredDraft": null, "predefinedText": "Dear Ann",
           "quotedMail": null, "quotedMailIndent": null, "quotedMailHeader": null,
           "keepAttachments": false})
}

#[test]
fn a_letter_is_sealed_to_the_recipients_the_page_names() {
    let (mut world, content) = world();
    let (id, url) = container(
        &mut world,
        content,
        json!({"method": "editor", "keyring": "ann", "options": editor_options()}),
    );
    assert!(url.contains("frame-elsewhere.html"));
    let (frame, ready) = world.frame(1, &url);
    let role = &ready["answer"]["role"];
    assert_eq!(role["pageEncrypts"], true);
    assert_eq!(role["draft"]["text"], "Dear Ann");
    let encrypt = |recipients: Value| json!({"type": "api", "call": {"method": "encrypt", "frame": id, "recipients": recipients}});
    let call = world.say(content, encrypt(json!(["ann@example.org"])));
    let events = world.events(frame);
    let wants = events
        .iter()
        .find(|event| event["type"] == "pageWantsContent")
        .unwrap();
    assert_eq!(wants["recipients"], json!(["ann@example.org"]));
    let busy = world.call(content, encrypt(json!(["ann@example.org"])));
    assert_eq!(code(&busy["answer"]["result"]), "ENCRYPT_IN_PROGRESS");
    let mut draft = role["draft"].clone();
    draft["text"] = json!("marker plaintext");
    // What the frame says about recipients does not count: the page's do.
    let outgoing = json!({"type": "encrypt", "draft": draft, "password": "mallory",
        "recipients": {"to": [{"name": "", "address": "mallory@example.org"}], "cc": [], "bcc": []}});
    world.say(frame, outgoing.clone());
    let sealed = world.answer(content, call).unwrap();
    let text = sealed["answer"]["result"]["text"].as_str().unwrap();
    assert!(text.starts_with("-----BEGIN PGP MESSAGE-----"), "{sealed}");
    assert!(
        !format!(
            "{:?}",
            world
                .inner()
                .sent
                .borrow()
                .iter()
                .filter(|(to, _)| *to == content)
                .collect::<Vec<_>>()
        )
        .contains("marker")
    );

    let call = world.say(content, encrypt(json!(["nobody@example.org"])));
    world.say(frame, outgoing);
    let refused = world.answer(content, call).unwrap();
    assert_eq!(code(&refused["answer"]["result"]), "NO_KEY_FOR_RECIPIENT");

    let call = world.say(content, encrypt(json!(["ann@example.org"])));
    world.say(frame, json!({"type": "cancel"}));
    let declined = world.answer(content, call).unwrap();
    assert_eq!(code(&declined["answer"]["result"]), "PWD_DIALOG_CANCEL");
}

#[test]
fn a_draft_is_opened_only_if_it_is_one() {
    let (mut world, content) = world();
    let (id, url) = container(
        &mut world,
        content,
        json!({"method": "editor", "keyring": "ann", "options": editor_options()}),
    );
    let (frame, ready) = world.frame(1, &url);
    let call = world.say(
        content,
        json!({"type": "api", "call": {"method": "createDraft", "frame": id}}),
    );
    let draft = ready["answer"]["role"]["draft"].clone();
    world.say(
        frame,
        json!({"type": "encrypt", "draft": draft, "password": null,
               "recipients": {"to": [], "cc": [], "bcc": []}}),
    );
    let made = world.answer(content, call).unwrap();
    let armored = made["answer"]["result"]["text"]
        .as_str()
        .unwrap()
        .to_owned();
    let with = |armored: &str| {
        let mut options = editor_options();
        options["armoredDraft"] = json!(armored);
        options["predefinedText"] = Value::Null;
        json!({"method": "editor", "keyring": "ann", "options": options})
    };
    let (_, url) = container(&mut world, content, with(&armored));
    let (_, ready) = world.frame(1, &url);
    assert_eq!(ready["answer"]["role"]["draft"]["text"], "Dear Ann");
    // Any other letter of the person's, passed off as a draft.
    let letter = world.letter();
    let (_, url) = container(&mut world, content, with(&letter));
    let (_, refused) = world.frame(1, &url);
    assert_eq!(refused["failure"]["kind"], "damaged", "{refused}");
    assert!(!refused.to_string().contains("welcome"));
}

#[test]
fn options_that_contradict_each_other_are_refused() {
    let (mut world, content) = world();
    let mut options = editor_options();
    options["armoredDraft"] = json!("-----BEGIN PGP MESSAGE-----");
    let both = json!({"method": "editor", "keyring": "ann", "options": options});
    assert_eq!(code(&world.api(content, both)), "INVALID_OPTIONS");
    let mut options = editor_options();
    options["quotedMail"] = json!("no armor");
    let wrong = json!({"method": "editor", "keyring": "ann", "options": options});
    assert_eq!(code(&world.api(content, wrong)), "WRONG_ARMORED_TYPE");
    let wrong = json!({"method": "display", "keyring": "ann", "armored": "x", "sender": ""});
    assert_eq!(code(&world.api(content, wrong)), "WRONG_ARMORED_TYPE");
    let both =
        json!({"method": "hasPrivateKey", "keyring": "ann", "fingerprint": "A", "address": "b"});
    assert_eq!(code(&world.api(content, both)), "INVALID_OPTIONS");
}

#[test]
fn a_page_hears_how_its_display_went_and_nothing_of_the_text() {
    let (mut world, content) = world();
    let letter = world.letter();
    for (armored, expected) in [
        (letter, Value::Null),
        (certificate_message(), json!("NO_KEY_FOUND")),
    ] {
        let (id, url) = container(
            &mut world,
            content,
            json!({"method": "display", "keyring": "ann", "armored": armored, "sender": "ann@example.org"}),
        );
        let (frame, _) = world.frame(1, &url);
        world.say(
            frame,
            json!({"type": "open", "remote": false, "password": null}),
        );
        let events = world.events(content);
        let notice = &events.last().unwrap()["notice"];
        assert_eq!(notice["frame"], id.as_str());
        assert_eq!(notice["error"], expected, "{notice}");
        assert!(!format!("{events:?}").contains("welcome"));
    }
}

/// A letter sealed to somebody else.
fn certificate_message() -> String {
    let mut world = World::new();
    world.inner().next_random.set(5_000_000);
    let page = world.page("welcome.html");
    world.call(
        page,
        json!({"type": "setUp", "name": "Other", "address": "other@example.org",
               "passphrase": "some passphrase", "mark": {"picture": 0, "colour": 0}, "import": null}),
    );
    world.letter()
}

#[test]
fn another_document_cannot_use_an_editor() {
    let (mut world, content) = world();
    let (id, url) = container(
        &mut world,
        content,
        json!({"method": "editor", "keyring": "ann", "options": editor_options()}),
    );
    let (frame, _) = world.frame(1, &url);
    world.events(frame);
    for stranger in [world.content(OTHER, 1), world.content(SITE, 2)] {
        let call = json!({"method": "encrypt", "frame": id, "recipients": ["ann@example.org"]});
        let result = world.api(stranger, call);
        assert_eq!(code(&result), "NO_CONNECTION");
    }
    assert_eq!(world.events(frame), Vec::<Value>::new());
}

#[test]
fn calls_wait_for_the_keys_and_the_icon_says_so() {
    let (mut world, content) = world();
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    let known = world.api(content, json!({"method": "getKeyring", "keyring": "ann"}));
    assert_eq!(known["type"], "keyring", "the page made the name up itself");
    let call = world.say(
        content,
        json!({"type": "api", "call":
            {"method": "exportOwnPublicKey", "keyring": "ann", "address": "ann@example.org"}}),
    );
    assert_eq!(world.answer(content, call), None);
    assert_eq!(
        *world.inner().icon.borrow(),
        Some(ext_background::host::Icon::NeedsYou)
    );
    assert!(
        world.inner().windows.borrow().is_empty(),
        "a page opens no windows"
    );
    world.call(
        popup,
        json!({"type": "unlock", "passphrase": crate::world::PASSPHRASE}),
    );
    let answer = world.answer(content, call).unwrap();
    assert!(answer["answer"]["result"]["text"].is_string(), "{answer}");
    assert_eq!(
        *world.inner().icon.borrow(),
        Some(ext_background::host::Icon::Unlocked)
    );
}

#[test]
fn how_often_a_site_asks_is_limited_and_others_do_not_pay() {
    let (mut world, content) = world();
    let get = json!({"method": "getKeyring", "keyring": ""});
    let mut asked = 0;
    while code(&world.api(content, get.clone())) != "NO_CONNECTION" {
        asked += 1;
        assert!(asked < 5000, "no limit");
    }
    let other = world.content(OTHER, 2);
    assert_eq!(world.api(other, get)["type"], "keyring");
}
