//! What lies on the disk: nothing that tells what was written, by whom, or to whom.

use std::path::Path;

use serde_json::json;
use wire::Base64Bytes;

use crate::kit::{Server, message};

/// All bytes in a folder, the write-ahead log included.
fn bytes_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, std::fs::read(entry.path()).unwrap())
        })
        .collect()
}

fn has(bytes: &[u8], marker: &str) -> bool {
    let marker = marker.to_ascii_lowercase();
    bytes
        .windows(marker.len())
        .any(|window| window.eq_ignore_ascii_case(marker.as_bytes()))
}

#[tokio::test]
async fn no_marker_of_any_message_is_in_the_database() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let text = "From: Zauberfrom <alice@example.org>\r\nTo: Zauberto <bob@example.org>\r\n\
        Cc: Zaubercc <zauberstranger@elsewhere.example>\r\nBcc: zauberbcc@elsewhere.example\r\n\
        Subject: Zaubersubject\r\nMessage-ID: <zauberid@example.org>\r\n\
        In-Reply-To: <zauberparent@example.org>\r\nReferences: <zauberreference@example.org>\r\n\
        Content-Type: multipart/mixed; boundary=zauberboundary\r\n\r\n--zauberboundary\r\n\r\n\
        Zauberbody\r\n--zauberboundary\r\nContent-Type: text/plain; name=zaubername.txt\r\n\
        Content-Disposition: attachment; filename=zauberfile.txt\r\n\r\nZaubercontent\r\n\
        --zauberboundary--\r\n";
    let responses = server.send_mail(&alice, &["bob@example.org"], text).await;
    assert!(responses[1][1]["created"]["s"].is_object(), "{responses:?}");
    // A submission that fails, a draft, an upload that is never used, a look at all of them.
    server
        .send_mail(
            &alice,
            &["zauberunknown@example.org"],
            &text.replace("zauberid", "z2"),
        )
        .await;
    let drafts = server.mailbox(&alice, "drafts").await;
    let create = json!({ "d": { "mailboxIds": { drafts: true }, "subject": "Zauberdraft",
        "to": [{ "name": "Zauberdraftname", "email": "zauberdraftto@example.org" }],
        "bodyValues": { "t": { "value": "Zauberdraftbody" } }, "textBody": [{ "partId": "t" }] } });
    let answer = server
        .call(&alice, "Email/set", json!({ "create": create }))
        .await;
    assert!(answer["created"]["d"].is_object(), "{answer}");
    server.upload(&alice, "Zauberupload").await;
    let object = json!({ "a": { "replaces": 0, "data": Base64Bytes(vec![9; 100]) } });
    server
        .call(&alice, "SealedObject/set", json!({ "update": object }))
        .await;
    let inbox = server.emails_in(&bob, "inbox").await;
    server
        .call(&bob, "Email/get", json!({ "ids": inbox }))
        .await;
    assert!(
        server
            .open_email(&bob, &inbox[0])
            .await
            .contains("Zauberbody")
    );

    let look = |when: &str| {
        for (name, bytes) in bytes_in(server.folder.path()) {
            assert!(!has(&bytes, "zauber"), "{when}: a marker is in {name}");
            for token in [&alice.token, &bob.token] {
                assert!(!has(&bytes, token), "{when}: a token is in {name}");
            }
        }
    };
    look("while running");
    // The test can see what it looks for: addresses of accounts are there.
    let all = bytes_in(server.folder.path());
    assert!(all.iter().any(|(_, bytes)| has(bytes, "alice@example.org")));
    server.state.close().await;
    look("after closing");
}

#[tokio::test]
async fn neighbouring_rows_do_not_tell_which_messages_belong_together() {
    let server = Server::start().await;
    let (alice, bob) = (server.account("alice").await, server.account("bob").await);
    let mut pairs = Vec::new();
    for number in 0..8 {
        let id = format!("{number}@x");
        let text = message("alice@example.org", "bob@example.org", "s", &id, "");
        server.send_mail(&alice, &["bob@example.org"], &text).await;
        server.pass_time(1);
    }
    let sent = server.emails_in(&alice, "sent").await;
    let inbox = server.emails_in(&bob, "inbox").await;
    for (one, other) in sent.iter().zip(&inbox) {
        let number = |id: &str| i64::from_str_radix(&id[1..], 16).unwrap();
        pairs.push(number(one).abs_diff(number(other)));
    }
    // Random 63-bit numbers: even one pair within a million is out of the question.
    assert!(
        pairs.iter().all(|distance| *distance > 1_000_000),
        "{pairs:?}"
    );
}

#[tokio::test]
async fn what_is_destroyed_is_overwritten() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let marker = [b'Q'; 4096];
    let put = |replaces: u64, data: &[u8]| json!({ "update": { "a": { "replaces": replaces, "data": Base64Bytes(data.to_vec()) } } });
    server
        .call(&alice, "SealedObject/set", put(0, &marker))
        .await;
    let text = "Q".repeat(400);
    let found = |server: &Server| {
        bytes_in(server.folder.path())
            .iter()
            .any(|(_, bytes)| has(bytes, &text))
    };
    assert!(found(&server));
    server
        .call(&alice, "SealedObject/set", json!({ "destroy": { "a": 1 } }))
        .await;
    // Closing empties the write-ahead log.
    server.state.close().await;
    assert!(!found(&server));
}

#[cfg(unix)]
#[tokio::test]
async fn the_servers_secret_is_readable_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start().await;
    let key = std::fs::metadata(server.folder.path().join("server.key")).unwrap();
    assert_eq!((key.len(), key.permissions().mode() & 0o777), (32, 0o600));
}

#[tokio::test]
async fn a_damaged_database_is_refused_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("letterlock.db"), vec![0x42; 8192]).unwrap();
    let config = server_stub::Config::new(folder.path(), "example.org");
    let error = server_stub::AppState::open(config).await.unwrap_err();
    assert!(
        matches!(error, server_stub::OpenError::Database(_)),
        "{error:?}"
    );
    let config = server_stub::Config::new(folder.path(), "");
    let error = server_stub::AppState::open(config).await.unwrap_err();
    assert!(matches!(error, server_stub::OpenError::NoDomain));
    std::fs::write(folder.path().join("server.key"), b"short").unwrap();
    let config = server_stub::Config::new(folder.path(), "example.org");
    let error = server_stub::AppState::open(config).await.unwrap_err();
    assert!(matches!(error, server_stub::OpenError::Data(_)));
}
