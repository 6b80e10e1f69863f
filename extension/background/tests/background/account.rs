//! The account on a server, as far as it can be told without one; with one, the browser tests do.

use ext_background::sender::Sender;
use ext_protocol::view::VaultState;
use serde_json::json;

use crate::host::BASE;
use crate::world::{PASSPHRASE, World};

const SERVER: &str = "https://mail.example.org";

#[test]
fn a_server_that_does_not_answer_changes_nothing() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let keys = world.call(page, json!({"type": "keys"}))["answer"].clone();
    let disk = world.inner().disk.borrow().clone();
    for request in [
        json!({"type": "serverInfo", "server": SERVER}),
        json!({"type": "makeAccount", "server": SERVER, "address": "ann@mail.example.org",
               "passphrase": PASSPHRASE, "publish": true}),
        json!({"type": "enterAccount", "server": SERVER, "address": "ann@mail.example.org",
               "passphrase": PASSPHRASE}),
    ] {
        let reply = world.call(page, request);
        assert_eq!(reply["failure"]["kind"], "offline", "{reply}");
    }
    assert_eq!(world.call(page, json!({"type": "keys"}))["answer"], keys);
    assert_eq!(*world.inner().disk.borrow(), disk);
    let account = world.call(page, json!({"type": "account"}));
    assert_eq!(account["answer"]["account"], json!(null));
    let left = world.call(page, json!({"type": "leaveServer"}));
    assert_eq!(left["failure"]["kind"], "notAllowed", "there is none");
}

#[test]
fn another_passphrase_makes_no_account() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    let reply = world.call(
        page,
        json!({"type": "makeAccount", "server": SERVER, "address": "ann@mail.example.org",
               "passphrase": "another one", "publish": false}),
    );
    assert_eq!(reply["failure"]["kind"], "wrongPassphrase", "{reply}");
}

#[test]
fn a_locked_vault_meets_no_server() {
    let mut world = World::set_up();
    let page = world.page("manager.html");
    world.call(page, json!({"type": "lock"}));
    for kind in ["account", "synchronise", "leaveServer"] {
        let reply = world.call(page, json!({"type": kind}));
        assert_eq!(reply["failure"]["kind"], "locked", "{kind}");
    }
    let reply = world.call(
        page,
        json!({"type": "setUpFromServer", "server": SERVER, "address": "ann@mail.example.org",
               "passphrase": PASSPHRASE, "mark": {"picture": 0, "colour": 0}}),
    );
    assert_eq!(
        reply["failure"]["kind"], "exists",
        "a vault is not written over"
    );
}

#[test]
fn only_over_tls_or_on_this_machine() {
    let mut world = World::new();
    let page = world.page("welcome.html");
    for server in ["http://mail.example.org", "", "file:///etc/passwd"] {
        let reply = world.call(page, json!({"type": "serverInfo", "server": server}));
        assert_eq!(reply["failure"]["kind"], "noServerThere", "{server}");
    }
}

#[test]
fn the_webmail_is_the_one_page_and_stands_alone() {
    let mut world = World::set_up();
    let sender = |file: &str, tab: Option<i32>, sub: Option<i32>| Sender {
        extension: "abc".into(),
        url: format!("{BASE}{file}"),
        origin: String::new(),
        tab: tab.map(|tab| (tab, format!("{BASE}{file}"))),
        sub,
    };
    let good = sender("webmail.html#/inbox", Some(3), Some(0));
    assert!(world.connect("webmail", &good).is_some());
    for bad in [
        sender("webmail.html", Some(3), Some(7)),
        sender("webmail.html", None, None),
        sender("frame.html", Some(3), Some(0)),
        sender("manager.html", Some(3), Some(0)),
    ] {
        assert!(world.connect("webmail", &bad).is_none(), "{}", bad.url);
    }
    // And it is no page that makes keys or exports them.
    assert!(world.connect("page", &good).is_none());
}

#[test]
fn the_webmail_hears_of_locking() {
    let mut world = World::set_up();
    let page = world.page("popup.html");
    world.call(page, json!({"type": "lock"}));
    let last = world.inner().vaults.borrow().last().copied();
    assert_eq!(last, Some(VaultState::Locked));
}
