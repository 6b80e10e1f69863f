//! Key directories: for accounts of this server, and for everybody.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use crypto_core::openpgp::Certificate;
use serde_json::json;
use server_stub::Rate;
use wire::{
    Base64Bytes,
    directory::{LookupResponse, OwnEntry},
    problem::kinds,
    routes,
};

use crate::kit::{Person, Server, request};

async fn start() -> (Server, Person) {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    (server, alice)
}

#[tokio::test]
async fn accounts_find_each_others_certificates() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    let ask = json!({ "addresses": ["Bob@Example.org", "nobody@example.org", "nonsense"] });
    let answer = server
        .post(routes::DIRECTORY_LOOKUP, Some(&alice.token), &ask)
        .await;
    let found: LookupResponse = answer.json();
    assert_eq!(found.entries.len(), 1);
    assert_eq!(found.entries[0].address, "Bob@Example.org");
    let certificate = Certificate::parse(&found.entries[0].certificate.0).unwrap();
    assert_eq!(certificate.fingerprint(), bob.key.secret.fingerprint());
    let stranger = server.post(routes::DIRECTORY_LOOKUP, None, &ask).await;
    stranger.is_problem(kinds::UNAUTHORIZED, 401);
    let many = json!({ "addresses": vec!["a@example.org"; 101] });
    let answer = server
        .post(routes::DIRECTORY_LOOKUP, Some(&alice.token), &many)
        .await;
    answer.is_problem(kinds::BAD_REQUEST, 400);
}

#[tokio::test]
async fn lookups_are_rate_limited() {
    let rate = Rate::new(1, std::time::Duration::from_secs(600));
    let server = Server::start_with(|config| {
        config.rates.lookup_per_account = rate;
        config.rates.directory_per_peer = rate;
    })
    .await;
    let alice = server.account("alice").await;
    let ask = json!({ "addresses": ["bob@example.org"] });
    let once = server
        .post(routes::DIRECTORY_LOOKUP, Some(&alice.token), &ask)
        .await;
    assert_eq!(once.status, StatusCode::OK);
    let twice = server
        .post(routes::DIRECTORY_LOOKUP, Some(&alice.token), &ask)
        .await;
    twice.is_problem(kinds::TOO_MANY_REQUESTS, 429);
    server
        .get("/pks/lookup?op=get&search=x", None)
        .await
        .is_problem(kinds::NOT_FOUND, 404);
    let twice = server.get("/pks/lookup?op=get&search=x", None).await;
    twice.is_problem(kinds::TOO_MANY_REQUESTS, 429);
}

/// Z-Base-32 of SHA-1 of "alice".
const ALICE: &str = "kei1q4tipxxu1yj79k9kfukdhfy631xe";

#[tokio::test]
async fn everybody_finds_published_certificates_by_wkd() {
    let (server, alice) = start().await;
    let direct = format!("/.well-known/openpgpkey/hu/{ALICE}?l=alice");
    let advanced = format!("/.well-known/openpgpkey/Example.org/hu/{ALICE}?l=alice");
    for path in [&direct, &advanced] {
        let answer = server.get(path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(answer.header("content-type"), "application/octet-stream");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(&answer.body[..], alice.certificate());
    }
    for path in [
        format!("/.well-known/openpgpkey/other.example/hu/{ALICE}"),
        "/.well-known/openpgpkey/hu/nonsense".to_owned(),
        "/.well-known/openpgpkey/hu/".to_owned(),
        "/.well-known/openpgpkey/other.example/policy".to_owned(),
    ] {
        server
            .get(&path, None)
            .await
            .is_problem(kinds::NOT_FOUND, 404);
    }
    for path in [
        "/.well-known/openpgpkey/policy",
        "/.well-known/openpgpkey/example.org/policy",
    ] {
        assert_eq!(server.get(path, None).await.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn everybody_finds_published_certificates_by_hkp_and_only_exactly() {
    let (server, alice) = start().await;
    let fingerprint = alice.key.secret.fingerprint();
    for search in [
        format!("0x{fingerprint}"),
        "alice@example.org".into(),
        "ALICE%40example.org".into(),
    ] {
        let path = format!("/pks/lookup?op=get&options=mr&search={search}");
        let answer = server.get(&path, None).await;
        assert_eq!(answer.status, StatusCode::OK, "{search}");
        assert_eq!(answer.header("content-type"), "application/pgp-keys");
        let found = Certificate::parse(&answer.body).unwrap();
        assert_eq!(found.fingerprint(), fingerprint);
    }
    let index = server
        .get("/pks/lookup?op=index&search=alice@example.org", None)
        .await;
    let text = String::from_utf8(index.body.to_vec()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "info:1:1");
    assert!(
        lines[1].starts_with(&format!("pub:{fingerprint}:")),
        "{text}"
    );
    assert!(
        lines[2].starts_with("uid:") && lines[2].contains("alice@example.org"),
        "{text}"
    );
    for search in [
        "alice",
        "example.org",
        "*",
        "%25",
        "",
        "@example.org",
        "0x1234",
        "alice@example.or",
    ] {
        let path = format!("/pks/lookup?op=get&search={search}");
        server
            .get(&path, None)
            .await
            .is_problem(kinds::NOT_FOUND, 404);
    }
    let stats = server.get("/pks/lookup?op=stats", None).await;
    assert_eq!(stats.status, StatusCode::NOT_IMPLEMENTED);
    let add = request(
        Method::POST,
        "/pks/add",
        None,
        None,
        Body::from("keytext=x"),
    );
    server.send(add).await.is_problem(kinds::NOT_FOUND, 404);
}

#[tokio::test]
async fn what_is_not_published_is_for_accounts_only() {
    let (server, alice) = start().await;
    let publish = |certificate: Vec<u8>, publish: bool| {
        let body = json!({ "certificate": Base64Bytes(certificate), "publish": publish });
        let (server, token) = (&server, alice.token.clone());
        async move {
            server
                .post(routes::DIRECTORY_PUBLISH, Some(&token), &body)
                .await
        }
    };
    let answer = publish(alice.certificate(), false).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    for path in [
        format!("/.well-known/openpgpkey/hu/{ALICE}"),
        "/pks/lookup?op=get&search=alice@example.org".to_owned(),
        format!(
            "/pks/lookup?op=get&search=0x{}",
            alice.key.secret.fingerprint()
        ),
    ] {
        server
            .get(&path, None)
            .await
            .is_problem(kinds::NOT_FOUND, 404);
    }
    let ask = json!({ "addresses": [alice.address] });
    let found: LookupResponse = server
        .post(routes::DIRECTORY_LOOKUP, Some(&alice.token), &ask)
        .await
        .json();
    assert_eq!(found.entries.len(), 1);

    let bob = Person::make("bob", server.now());
    publish(bob.certificate(), true)
        .await
        .is_problem(kinds::BAD_CERTIFICATE, 422);
    let secret = alice.key.secret.to_bytes().to_vec();
    publish(secret, true)
        .await
        .is_problem(kinds::BAD_CERTIFICATE, 422);

    // A new key of one's own is taken.
    let fresh = Person::make("alice", server.now());
    assert_eq!(
        publish(fresh.certificate(), true).await.status,
        StatusCode::NO_CONTENT
    );
    let answer = server
        .get(&format!("/.well-known/openpgpkey/hu/{ALICE}"), None)
        .await;
    assert_eq!(&answer.body[..], fresh.certificate());

    // Without a word about who may find it, a new certificate is found by whoever found the old.
    for published in [true, false] {
        publish(alice.certificate(), published).await;
        let next = Person::make("alice", server.now());
        let body = json!({ "certificate": Base64Bytes(next.certificate()) });
        let answer = server
            .post(routes::DIRECTORY_PUBLISH, Some(&alice.token), &body)
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let own = server.get(routes::DIRECTORY_OWN, Some(&alice.token)).await;
        let entry: OwnEntry = own.json();
        let fingerprint = next.key.secret.fingerprint().as_hex().to_owned();
        assert_eq!(
            entry,
            OwnEntry {
                fingerprint,
                published
            }
        );
    }
    let stranger = server.get(routes::DIRECTORY_OWN, None).await;
    stranger.is_problem(kinds::UNAUTHORIZED, 401);
}

#[tokio::test]
async fn a_revocation_is_shown_and_stops_mail() {
    let (server, alice) = start().await;
    let bob = server.account("bob").await;
    let revoke = |person: &Person| {
        let certificate = person.key.secret.certificate();
        certificate
            .revoke(person.key.revocation.as_bytes())
            .unwrap()
            .to_bytes()
    };
    let body = json!({ "certificate": Base64Bytes(revoke(&bob)), "publish": true });
    let answer = server
        .post(routes::DIRECTORY_PUBLISH, Some(&bob.token), &body)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let index = server
        .get("/pks/lookup?op=index&search=bob@example.org", None)
        .await;
    let text = String::from_utf8(index.body.to_vec()).unwrap();
    assert!(text.lines().nth(1).unwrap().ends_with(":r"), "{text}");
    let mail = crate::kit::message("alice@example.org", "bob@example.org", "s", "1@x", "");
    let responses = server.send_mail(&alice, &["bob@example.org"], &mail).await;
    let error = &responses[1][1]["notCreated"]["s"];
    assert_eq!(error["type"], "invalidRecipients");
    assert!(
        error["description"]
            .as_str()
            .unwrap()
            .contains("certificate")
    );
    // Somebody else's revoked certificate is not taken.
    let other = Person::make("alice", server.now());
    let body = json!({ "certificate": Base64Bytes(revoke(&other)), "publish": true });
    let answer = server
        .post(routes::DIRECTORY_PUBLISH, Some(&alice.token), &body)
        .await;
    answer.is_problem(kinds::BAD_CERTIFICATE, 422);
}

#[tokio::test]
async fn what_others_certified_is_not_published() {
    let server = Server::start().await;
    let original = include_bytes!("../data/certified-by-stranger.pgp");
    let stranger = data_encoding::HEXUPPER
        .decode(b"AD42B8A439D810489CA215C7EBA24C7BAB1AC6D5")
        .unwrap();
    let has = |bytes: &[u8]| bytes.windows(20).any(|window| window == stranger);
    assert!(has(original));
    let mut request = Person::make("fixture", server.now()).registration();
    request.certificate = Base64Bytes(original.to_vec());
    let answer = server.post(routes::REGISTER, None, &request).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let path = "/pks/lookup?op=get&search=fixture@example.org";
    let answer = server.get(path, None).await;
    let served = Certificate::parse(&answer.body).unwrap();
    assert!(served.has_address("fixture@example.org"));
    assert!(!has(&served.to_bytes()));
}
