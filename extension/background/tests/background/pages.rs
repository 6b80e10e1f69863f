//! What the person does in our own pages.

use serde_json::{Value, json};

use crate::world::{PASSPHRASE, World};

#[test]
fn files_are_sealed_and_opened() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    world.call(
        page,
        json!({"type": "part", "file": 1, "data": "aGVsbG8=", "last": true}),
    );
    let sealed = world.call(
        page,
        json!({"type": "encryptFiles", "files": [{"file": 1, "name": "a.txt"}],
               "recipients": ["ann@example.org"], "password": null, "sign": true}),
    );
    let name = sealed["answer"]["files"][0]["name"].clone();
    assert_eq!(name, "a.txt.pgp", "{sealed}");
    let parts = world.events(page);
    let part = parts.iter().find(|event| event["type"] == "part").unwrap();
    let mut back = part.clone();
    back["file"] = json!(9);
    world.call(page, back);
    let opened = world.call(
        page,
        json!({"type": "decryptFiles", "files": [{"file": 9, "name": name}], "password": null}),
    );
    assert_eq!(opened["answer"]["files"][0]["name"], "a.txt", "{opened}");
    assert_eq!(
        opened["answer"]["verdicts"][0]["signature"]["good"]["trust"],
        "own"
    );
    let part = &world.events(page)[0];
    assert_eq!(part["data"], "aGVsbG8=");
}

#[test]
fn what_leaves_for_good_asks_for_the_passphrase_once_more() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    let fingerprint = keys["answer"]["keys"][0]["fingerprint"].clone();
    let export = |passphrase: &str| {
        json!({"type": "exportPrivateKey", "fingerprint": fingerprint, "passphrase": passphrase,
               "exportPassphrase": "another"})
    };
    let wrong = world.call(page, export("wrong one"));
    assert_eq!(wrong["failure"]["kind"], "wrongPassphrase");
    let text = world.call(page, export(PASSPHRASE));
    assert!(
        text["answer"]["text"]
            .as_str()
            .unwrap()
            .contains("PRIVATE KEY BLOCK")
    );
    let wrong = world.call(
        page,
        json!({"type": "recoverySheet", "passphrase": "wrong one"}),
    );
    assert_eq!(wrong["failure"]["kind"], "wrongPassphrase");
}

#[test]
fn a_recovery_sheet_makes_the_vault_anew() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let reply = world.call(
        page,
        json!({"type": "recoverySheet", "passphrase": PASSPHRASE}),
    );
    let sheet = reply["answer"].clone();
    let codes = sheet["qr"].as_array().unwrap();
    // 1,200 bytes of code and backup a piece.
    let bytes = sheet["backup"].as_str().unwrap().len();
    assert!(
        codes.len() > bytes / 1_200 && codes.len() <= bytes / 1_200 + 2,
        "{bytes}"
    );
    assert!(
        codes
            .iter()
            .all(|code| code.as_str().unwrap().contains("<svg"))
    );
    let code: Vec<&str> = sheet["code"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g.as_str().unwrap())
        .collect();

    let mut elsewhere = World::new();
    let page = elsewhere.page("welcome.html");
    let restore = |code: &str| {
        json!({"type": "setUpFromRecovery", "code": code, "backup": sheet["backup"],
               "passphrase": "a new passphrase", "mark": {"picture": 0, "colour": 0}})
    };
    let mistyped = code.join("-").replace(code[2], "qqqq");
    let wrong = elsewhere.call(page, restore(&mistyped));
    assert_eq!(wrong["failure"]["kind"], "wrongRecoveryCode");
    let right = elsewhere.call(page, restore(&code.join(" ").to_uppercase()));
    assert_eq!(right["answer"]["type"], "done", "{right}");
    let keys = elsewhere.call(page, json!({"type": "keys"}));
    assert_eq!(
        keys["answer"]["keys"][0]["fingerprint"],
        sheet["fingerprint"]
    );
}

#[test]
fn keys_brought_along_are_shown_before_there_is_a_vault() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}));
    let fingerprint = keys["answer"]["keys"][0]["fingerprint"].clone();
    let private = world.call(
        page,
        json!({"type": "exportPrivateKey", "fingerprint": fingerprint,
               "passphrase": PASSPHRASE, "exportPassphrase": "for the file"}),
    );
    let armored = private["answer"]["text"].as_str().unwrap();
    let mut elsewhere = World::new();
    let page = elsewhere.page("welcome.html");
    let shown = elsewhere.call(
        page,
        json!({"type": "previewKeyFile", "file": data(armored)}),
    );
    let key = &shown["answer"]["keys"][0];
    assert_eq!(key["fingerprint"], fingerprint, "{shown}");
    assert_eq!(key["private"], true);
    assert_eq!(key["locked"], true);
    let other = elsewhere.call(
        page,
        json!({"type": "previewKeyFile", "file": data("hello")}),
    );
    assert_eq!(other["failure"]["kind"], "wrongKind");
}

#[test]
fn a_second_vault_is_not_made_over_the_first() {
    let mut world = World::set_up();
    let page = world.page("welcome.html");
    let again = world.call(
        page,
        json!({"type": "setUp", "name": "", "address": "eve@example.org", "passphrase": "long enough",
               "mark": {"picture": 0, "colour": 0}, "import": null}),
    );
    assert_eq!(again["failure"]["kind"], "exists");
}

#[test]
fn short_passphrases_and_strange_pictures_are_refused() {
    let mut world = World::new();
    let page = world.page("welcome.html");
    for (passphrase, picture) in [("short", 0), ("long enough", 200)] {
        let reply = world.call(
            page,
            json!({"type": "setUp", "name": "", "address": "a@example.org", "passphrase": passphrase,
                   "mark": {"picture": picture, "colour": 0}, "import": null}),
        );
        assert_eq!(reply["failure"]["kind"], "wrongKind");
    }
}

#[test]
fn rules_need_the_projects_signature() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let rules = json!({"version": 1_000_000, "providers": []}).to_string();
    // Signed, but by Ann.
    world.call(
        page,
        json!({"type": "part", "file": 1, "data": data(&rules), "last": true}),
    );
    let update =
        |signature: &str| json!({"type": "updateRules", "rules": rules, "signature": signature});
    for signature in [
        "",
        "-----BEGIN PGP SIGNATURE-----\n\nAA==\n-----END PGP SIGNATURE-----",
    ] {
        let reply = world.call(page, update(signature));
        assert_eq!(reply["failure"]["kind"], "damaged", "{reply}");
    }
    let sites = world.call(page, json!({"type": "sites"}));
    assert!(
        !sites["answer"]["sites"].as_array().unwrap().is_empty(),
        "the shipped rules stay"
    );
}

fn data(text: &str) -> Value {
    json!(data_encoding::BASE64.encode(text.as_bytes()))
}

#[test]
fn a_recovery_sheet_brings_its_keys_into_a_vault_that_is_there() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let made = world.call(
        page,
        json!({"type": "generateKey", "person": {"name": "Ann", "address": "ann@old.example"},
               "profile": "modern", "expiresInDays": null}),
    );
    assert_ne!(made["type"], "failed", "{made}");
    let sheet = world.call(
        page,
        json!({"type": "recoverySheet", "passphrase": PASSPHRASE}),
    );
    let code: Vec<&str> = sheet["answer"]["code"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let restore = |code: &str| json!({"type": "restoreKeys", "code": code, "backup": sheet["answer"]["backup"]});
    let mut other = World::set_up();
    let page = other.page("manager.html");
    let has_old = |world: &mut World| {
        let keys = world.call(page, json!({"type": "keys"}));
        keys["answer"]["keys"]
            .to_string()
            .contains("ann@old.example")
    };
    let wrong = other.call(page, restore(&"2345 ".repeat(8)));
    assert_eq!(wrong["failure"]["kind"], "wrongRecoveryCode", "{wrong}");
    assert!(!has_old(&mut other));
    let done = other.call(page, restore(&code.join(" ")));
    assert_eq!(done["answer"]["type"], "done", "{done}");
    assert!(has_old(&mut other));
}
