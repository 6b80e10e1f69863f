//! What is known about webmails: keys from the sources they show, and rules that can be replaced.

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{Certificate, Profile, UserId, generate, sign_detached},
};
use ext_background::rules;
use ext_protocol::provider::RuleSet;
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use serde_json::{Value, json};

use crate::{
    api::certificate_drawn,
    host::Shared,
    world::{GMAIL, World},
};

const BOB: &str = "bob@example.org";
const DATE: u64 = 1_789_000_000;

/// The field as Bob's program writes it, and the key's fingerprint.
fn field(random: u64) -> (String, String) {
    let armored = certificate_drawn(BOB, random);
    let certificate = Certificate::parse(armored.as_bytes()).unwrap();
    let data = data_encoding::BASE64.encode(&certificate.to_bytes());
    let fingerprint = certificate.fingerprint().as_hex().to_owned();
    (
        format!("addr={BOB}; prefer-encrypt=mutual; keydata={data}"),
        fingerprint,
    )
}

fn shown(header: &str, from: &str, date: u64) -> Value {
    json!({"type": "autocrypt", "header": header, "from": from, "date": date})
}

/// The key that would be used for Bob, and where it came from.
fn found(world: &mut World) -> Value {
    let page = world.page("manager.html");
    let reply = world.call(page, json!({"type": "lookUp", "address": BOB}));
    reply["answer"].clone()
}

#[test]
fn a_key_in_a_shown_source_is_remembered() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (header, fingerprint) = field(700_000);
    let reply = world.call(
        content,
        shown(&header, "Bob Example <Bob@Example.org>", DATE),
    );
    assert_eq!(reply["answer"]["type"], "done", "{reply}");
    let found = found(&mut world).to_string();
    assert!(
        found.to_lowercase().contains(&fingerprint.to_lowercase()),
        "{found}"
    );
    assert!(found.contains("autocrypt"), "{found}");
}

#[test]
fn another_persons_field_is_nothing() {
    let mut world = World::set_up();
    let content = world.content(GMAIL, 1);
    let (header, _) = field(700_000);
    for from in [
        "mallory@example.net",
        "\"bob@example.org\" <mallory@example.net>",
        "bob@example.org, mallory@example.net",
        "nobody at all",
        "",
    ] {
        let reply = world.call(content, shown(&header, from, DATE));
        assert_eq!(reply["type"], "failed", "{from}: {reply}");
    }
    let found = found(&mut world).to_string();
    assert!(!found.contains("autocrypt"), "{found}");
}

#[test]
fn a_page_that_has_no_view_of_sources_brings_no_keys() {
    let mut world = World::set_up();
    let site = "https://mail.example";
    world.approve(site, true, false);
    let content = world.content(site, 1);
    let (header, _) = field(700_000);
    let reply = world.call(content, shown(&header, BOB, DATE));
    assert_eq!(reply["failure"]["kind"], "notAllowed", "{reply}");
    // A known webmail that the person switched off is no better.
    let page = world.page("popup.html");
    world.call(
        page,
        json!({"type": "switchSite", "origin": GMAIL, "scan": false, "api": false}),
    );
    let content = world.content(GMAIL, 2);
    let reply = world.call(content, shown(&header, BOB, DATE));
    assert_eq!(reply["failure"]["kind"], "notAllowed", "{reply}");
}

#[test]
fn a_changed_key_is_offered_and_replaces_nothing() {
    let mut world = World::set_up();
    let first = certificate_drawn(BOB, 700_000);
    let page = world.page("manager.html");
    let file = data_encoding::BASE64.encode(first.as_bytes());
    let taken = world.call(
        page,
        json!({"type": "importKeyFile", "file": file, "passphrase": null}),
    );
    assert_eq!(taken["type"], "answer", "{taken}");
    let known = Certificate::parse(first.as_bytes()).unwrap();
    let (header, other) = field(800_000);
    let content = world.content(GMAIL, 1);
    let reply = world.call(content, shown(&header, BOB, DATE));
    assert_eq!(reply["answer"]["type"], "done", "{reply}");
    let contacts = world.call(page, json!({"type": "contacts"}));
    let bob = contacts["answer"]["contacts"][0].clone();
    assert_eq!(
        bob["fingerprint"].as_str().unwrap().to_lowercase(),
        known.fingerprint().as_hex().to_lowercase(),
        "{contacts}"
    );
    assert_eq!(
        bob["offered"].as_str().unwrap().to_lowercase(),
        other.to_lowercase(),
        "{contacts}"
    );
}

#[test]
fn while_locked_a_source_brings_nothing() {
    let mut world = World::set_up();
    let popup = world.page("popup.html");
    world.call(popup, json!({"type": "lock"}));
    let content = world.content(GMAIL, 1);
    let (header, _) = field(700_000);
    let reply = world.call(content, shown(&header, BOB, DATE));
    assert_eq!(reply["failure"]["kind"], "locked", "{reply}");
    assert!(world.inner().windows.borrow().is_empty());
}

/// The shipped rules but newer, with another selector for Gmail's subject; signed by a release key
/// of the tests' own.
fn mended(selector: &str) -> (&'static [u8], String, String) {
    let mut set: RuleSet = rules::shipped();
    set.version += 1;
    let gmail = set.providers.iter_mut().find(|p| p.id == "gmail").unwrap();
    gmail
        .selectors
        .insert("subject".into(), vec![selector.to_owned()]);
    let text = serde_json::to_string(&set).unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    let id = UserId::new("Test releases", "releases@example.org");
    let now = UnixTime(1_780_000_000);
    let key = generate(Profile::Compatible, &[id], now, &mut rng)
        .unwrap()
        .secret;
    let signing = sign_detached(&NativeEngine, &mut rng, text.as_bytes(), &key, now, true);
    let signature = String::from_utf8(block_on(signing).unwrap()).unwrap();
    (key.certificate().to_bytes().leak(), text, signature)
}

#[test]
fn what_the_self_test_names_is_mended_by_signed_rules_alone() {
    let (release_key, text, signature) = mended("input[name=\"topic\"]");
    let mut world = World::trusting(Shared::new(), release_key);
    let content = world.content(GMAIL, 1);
    let welcome = world.call(content, json!({"type": "hello"}));
    let subject = |welcome: &Value| welcome["answer"]["provider"]["selectors"]["subject"].clone();
    assert_ne!(subject(&welcome), json!(["input[name=\"topic\"]"]));
    world.call(
        content,
        json!({"type": "selfTest", "provider": "gmail", "missing": ["subject"],
               "fallbacks": [], "found": ["composeBody"]}),
    );
    let page = world.page("manager.html");
    let test_of_gmail = |world: &mut World| {
        let sites = world.call(page, json!({"type": "sites"}));
        let sites = sites["answer"]["sites"].as_array().unwrap().clone();
        let gmail = sites.iter().find(|site| site["origin"] == GMAIL).cloned();
        gmail.unwrap()["selfTest"].clone()
    };
    let selectors = subject(&welcome);
    let selectors: Vec<&str> = selectors
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(
        test_of_gmail(&mut world)["missing"],
        json!([format!("subject ({})", selectors.join(" | "))]),
        "the person is told which role fails, and by which selectors"
    );
    let update =
        |signature: &str| json!({"type": "updateRules", "rules": text, "signature": signature});
    let forged = world.call(page, update(""));
    assert_eq!(forged["type"], "failed", "{forged}");
    let taken = world.call(page, update(&signature));
    assert_eq!(taken["type"], "answer", "{taken}");
    assert_eq!(test_of_gmail(&mut world), Value::Null, "tested anew");
    let again = world.content(GMAIL, 1);
    let welcome = world.call(again, json!({"type": "hello"}));
    assert_eq!(subject(&welcome), json!(["input[name=\"topic\"]"]));
}
