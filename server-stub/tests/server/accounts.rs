//! Registration, login, logout, passphrase change.

use axum::http::StatusCode;
use crypto_core::openpgp::{self, Profile, UserId};
use rand::rngs::OsRng;
use serde_json::{Value, json};
use server_stub::{Rate, TokenError};
use wire::{
    Base64Bytes,
    auth::{
        ChangePassphraseRequest, LoginFinishRequest, LoginStartResponse, RegisterRequest,
        ServerInfo,
    },
    problem::kinds,
    routes,
};

use crate::kit::{Person, Server};

#[tokio::test]
async fn an_account_is_made_and_entered() {
    let server = Server::start().await;
    let info: ServerInfo = server.get(routes::SERVER_INFO, None).await.json();
    assert_eq!(info.domains, ["example.org"]);
    let alice = server.account("alice").await;
    let session = server.get(routes::JMAP_SESSION, Some(&alice.token)).await;
    let session: Value = session.json();
    assert_eq!(session["username"], "alice@example.org");
    assert_eq!(
        session["primaryAccounts"]["urn:ietf:params:jmap:mail"],
        alice.account
    );
    assert_eq!(alice.revision, 1);
}

#[tokio::test]
async fn an_address_is_given_out_once_in_any_spelling() {
    let server = Server::start().await;
    server.account("alice").await;
    let mut again = Person::make("alice", server.now()).registration();
    again.address = "ALICE@Example.ORG".into();
    server
        .post(routes::REGISTER, None, &again)
        .await
        .is_problem(kinds::ADDRESS_TAKEN, 409);
}

async fn refused(
    server: &Server,
    change: impl FnOnce(&mut RegisterRequest),
    kind: &str,
    status: u16,
) {
    let mut request = Person::make("bob", server.now()).registration();
    change(&mut request);
    server
        .post(routes::REGISTER, None, &request)
        .await
        .is_problem(kind, status);
    assert!(
        server
            .try_log_in("bob@example.org", &[0; 32])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn weak_or_broken_credentials_are_refused() {
    let server = Server::start().await;
    for address in [
        "bob@example.net",
        "bob",
        "b b@example.org",
        "bob+x@example.org",
        "",
    ] {
        refused(
            &server,
            |r| r.address = address.into(),
            kinds::BAD_ADDRESS,
            422,
        )
        .await;
    }
    let bad = kinds::BAD_REQUEST;
    refused(&server, |r| r.credentials.kdf.memory_kib = 1024, bad, 400).await;
    refused(
        &server,
        |r| r.credentials.kdf.memory_kib = 1 << 21,
        bad,
        400,
    )
    .await;
    refused(&server, |r| r.credentials.kdf.passes = 0, bad, 400).await;
    refused(&server, |r| r.credentials.kdf.passes = 1, bad, 400).await;
    refused(&server, |r| r.credentials.kdf.lanes = 9, bad, 400).await;
    refused(&server, |r| r.credentials.salt.0.truncate(15), bad, 400).await;
    refused(
        &server,
        |r| r.credentials.verifier.0 = vec![0xff; 4096],
        bad,
        400,
    )
    .await;
    refused(
        &server,
        |r| r.credentials.verifier.0 = vec![0xff; 384],
        bad,
        400,
    )
    .await;
    refused(
        &server,
        |r| r.credentials.verifier.0 = vec![0; 384],
        bad,
        400,
    )
    .await;
    refused(
        &server,
        |r| r.credentials.wrapped_vault_key.0 = vec![0; 513],
        bad,
        400,
    )
    .await;
    refused(
        &server,
        |r| r.credentials.wrapped_vault_key.0.clear(),
        bad,
        400,
    )
    .await;
}

#[tokio::test]
async fn unusable_certificates_are_refused() {
    let server = Server::start().await;
    let bad = kinds::BAD_CERTIFICATE;
    let other = Person::make("mallory", server.now());
    refused(&server, |r| r.certificate.0 = other.certificate(), bad, 422).await;
    refused(
        &server,
        |r| r.certificate.0 = b"not a certificate".to_vec(),
        bad,
        422,
    )
    .await;
    refused(&server, |r| r.certificate.0.truncate(40), bad, 422).await;
    refused(&server, |r| r.certificate.0 = vec![0x99; 70_000], bad, 422).await;
    let own = Person::make("bob", server.now());
    let secret = own.key.secret.to_bytes().to_vec();
    refused(&server, |r| r.certificate.0 = secret, bad, 422).await;
    let twice = [own.certificate(), other.certificate()].concat();
    refused(&server, |r| r.certificate.0 = twice, bad, 422).await;
    let user_id = UserId {
        name: String::new(),
        address: own.address.clone(),
    };
    let future = crypto_core::ids::UnixTime(server.now() + 86_400 * 30);
    let key = openpgp::generate(Profile::Compatible, &[user_id], future, &mut OsRng).unwrap();
    let early = key.secret.certificate().to_bytes();
    refused(&server, |r| r.certificate.0 = early, bad, 422).await;
}

#[tokio::test]
async fn registration_can_be_closed_and_is_rate_limited() {
    let server = Server::start_with(|config| config.registration_open = false).await;
    let request = Person::make("bob", server.now()).registration();
    let answer = server.post(routes::REGISTER, None, &request).await;
    answer.is_problem(kinds::REGISTRATION_CLOSED, 403);

    let hour = std::time::Duration::from_secs(3600);
    let server =
        Server::start_with(|config| config.rates.register_per_peer = Rate::new(1, hour)).await;
    server.account("alice").await;
    let answer = server.post(routes::REGISTER, None, &request).await;
    answer.is_problem(kinds::TOO_MANY_REQUESTS, 429);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn strangers_cannot_tell_which_accounts_exist() {
    let server = Server::start().await;
    server.account("alice").await;
    let known = server.login_start("alice@example.org").await;
    let unknown = server.login_start("nobody@example.org").await;
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.body.len(), unknown.body.len());
    let shape = |value: Value| -> Vec<(String, usize)> {
        let fields = value.as_object().unwrap();
        fields
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string().len()))
            .collect()
    };
    assert_eq!(shape(known.json()), shape(unknown.json()));
    let (first, again): (LoginStartResponse, LoginStartResponse) = (
        unknown.json(),
        server.login_start("NOBODY@example.org").await.json(),
    );
    assert_eq!(first.salt, again.salt);
    assert_ne!(first.b_pub, again.b_pub);
    let other: LoginStartResponse = server.login_start("noone@example.org").await.json();
    assert_ne!(first.salt, other.salt);

    let wrong = server
        .try_log_in("alice@example.org", &[1; 32])
        .await
        .err()
        .unwrap();
    let nobody = server
        .try_log_in("nobody@example.org", &[1; 32])
        .await
        .err()
        .unwrap();
    wrong.is_problem(kinds::LOGIN_FAILED, 403);
    assert_eq!((wrong.status, &wrong.body), (nobody.status, &nobody.body));
    let names = |answer: &crate::kit::Answer| {
        answer
            .headers
            .keys()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&wrong), names(&nobody));
}

#[tokio::test]
async fn the_fake_salt_survives_a_restart() {
    let server = Server::start().await;
    let before: LoginStartResponse = server.login_start("nobody@example.org").await.json();
    let server = server.restart().await;
    let after: LoginStartResponse = server.login_start("nobody@example.org").await.json();
    assert_eq!(before.salt, after.salt);
}

async fn finish(server: &Server, login_id: &str, a_pub: Vec<u8>) -> crate::kit::Answer {
    let request = LoginFinishRequest {
        login_id: login_id.to_owned(),
        a_pub: Base64Bytes(a_pub),
        client_proof: Base64Bytes(vec![0; 32]),
    };
    server.post(routes::LOGIN_FINISH, None, &request).await
}

#[tokio::test]
async fn a_handshake_is_good_for_one_try_and_two_minutes() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    // Illegal values of A: zero, wrong lengths, the largest number.
    for a_pub in [
        vec![0; 384],
        vec![],
        vec![1; 300],
        vec![0xff; 384],
        vec![1; 5000],
    ] {
        let start: LoginStartResponse = server.login_start(&alice.address).await.json();
        let answer = finish(&server, &start.login_id, a_pub).await;
        answer.is_problem(kinds::LOGIN_FAILED, 403);
    }
    let start: LoginStartResponse = server.login_start(&alice.address).await.json();
    let (client, a_pub) =
        crypto_core::srp::ClientHandshake::start(crypto_core::srp::Group::Bits3072, &mut OsRng);
    let secret = crypto_core::secret::Secret::new(alice.login_secret);
    let proof = client
        .answer(&alice.address, &secret, &start.salt.0, &start.b_pub.0)
        .unwrap();
    let request = LoginFinishRequest {
        login_id: start.login_id,
        a_pub: Base64Bytes(a_pub),
        client_proof: Base64Bytes(proof.proof().to_vec()),
    };
    server.pass_time(121);
    let late = server.post(routes::LOGIN_FINISH, None, &request).await;
    late.is_problem(kinds::LOGIN_FAILED, 403);
    finish(&server, "unknown", vec![1; 384])
        .await
        .is_problem(kinds::LOGIN_FAILED, 403);
}

#[tokio::test]
async fn guesses_at_one_address_are_rate_limited_known_or_not() {
    let rate = Rate::new(3, std::time::Duration::from_secs(600));
    let server = Server::start_with(|config| config.rates.login_per_address = rate).await;
    for address in ["alice@example.org", "nobody@example.org"] {
        for _ in 0..3 {
            assert_eq!(server.login_start(address).await.status, StatusCode::OK);
        }
        let answer = server.login_start(address).await;
        answer.is_problem(kinds::TOO_MANY_REQUESTS, 429);
        assert!(!answer.header("retry-after").is_empty());
    }
}

#[tokio::test]
async fn sessions_end_by_logout_and_by_time() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let second = server
        .try_log_in(&alice.address, &alice.login_secret)
        .await
        .unwrap();
    let answer = server
        .post(routes::LOGOUT, Some(&alice.token), &json!({}))
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let gone = server.get(routes::JMAP_SESSION, Some(&alice.token)).await;
    gone.is_problem(kinds::UNAUTHORIZED, 401);
    assert_eq!(gone.header("www-authenticate"), "Bearer");
    assert!(
        server
            .get(routes::JMAP_SESSION, Some(&second.token))
            .await
            .status
            .is_success()
    );
    server.pass_time(second.expires_in + 1);
    let gone = server.get(routes::JMAP_SESSION, Some(&second.token)).await;
    gone.is_problem(kinds::UNAUTHORIZED, 401);
    for token in [None, Some(""), Some("x y"), Some("AAAA")] {
        let answer = server.get(routes::JMAP_SESSION, token).await;
        answer.is_problem(kinds::UNAUTHORIZED, 401);
    }
}

#[tokio::test]
async fn a_new_passphrase_ends_all_other_sessions() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let other = server
        .try_log_in(&alice.address, &alice.login_secret)
        .await
        .unwrap();
    let mut changed = Person::make("alice", server.now());
    changed.address.clone_from(&alice.address);
    let mut credentials = changed.credentials();
    credentials.wrapped_vault_key = Base64Bytes(vec![9; 80]);
    let request = ChangePassphraseRequest {
        credentials_revision: 1,
        credentials,
    };
    let path = routes::CHANGE_PASSPHRASE;

    let mut weak = request.clone();
    weak.credentials.kdf.memory_kib = 8;
    let answer = server.post(path, Some(&alice.token), &weak).await;
    answer.is_problem(kinds::BAD_REQUEST, 400);

    let answer = server.post(path, Some(&alice.token), &request).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    assert!(
        server
            .get(routes::JMAP_SESSION, Some(&alice.token))
            .await
            .status
            .is_success()
    );
    let gone = server.get(routes::JMAP_SESSION, Some(&other.token)).await;
    gone.is_problem(kinds::UNAUTHORIZED, 401);

    // The second of two changes that both saw revision 1 loses.
    server
        .post(path, Some(&alice.token), &request)
        .await
        .is_problem(kinds::CONFLICT, 409);
    let old = server.try_log_in(&alice.address, &alice.login_secret).await;
    old.err().unwrap().is_problem(kinds::LOGIN_FAILED, 403);
    let grant = server
        .try_log_in(&alice.address, &changed.login_secret)
        .await
        .unwrap();
    assert_eq!(
        (grant.credentials_revision, grant.wrapped_vault_key.0),
        (2, vec![9; 80])
    );
}

#[tokio::test]
async fn an_old_login_cannot_change_the_passphrase() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    server.pass_time(301);
    let request = ChangePassphraseRequest {
        credentials_revision: 1,
        credentials: alice.credentials(),
    };
    let answer = server
        .post(routes::CHANGE_PASSPHRASE, Some(&alice.token), &request)
        .await;
    answer.is_problem(kinds::LOGIN_AGAIN, 403);
}

#[tokio::test]
async fn a_login_begun_before_a_passphrase_change_fails() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let start: LoginStartResponse = server.login_start(&alice.address).await.json();
    let request = ChangePassphraseRequest {
        credentials_revision: 1,
        credentials: alice.credentials(),
    };
    let answer = server
        .post(routes::CHANGE_PASSPHRASE, Some(&alice.token), &request)
        .await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let (client, a_pub) =
        crypto_core::srp::ClientHandshake::start(crypto_core::srp::Group::Bits3072, &mut OsRng);
    let secret = crypto_core::secret::Secret::new(alice.login_secret);
    let proof = client
        .answer(&alice.address, &secret, &start.salt.0, &start.b_pub.0)
        .unwrap();
    let request = LoginFinishRequest {
        login_id: start.login_id,
        a_pub: Base64Bytes(a_pub),
        client_proof: Base64Bytes(proof.proof().to_vec()),
    };
    let answer = server.post(routes::LOGIN_FINISH, None, &request).await;
    answer.is_problem(kinds::LOGIN_FAILED, 403);
}

#[tokio::test]
async fn a_token_for_mail_opens_mail_and_nothing_else() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let token = server
        .state
        .make_mail_token("Alice@example.org")
        .await
        .unwrap();
    let session: Value = server.get(routes::JMAP_SESSION, Some(&token)).await.json();
    assert!(
        session["capabilities"]
            .get("urn:letterlock:jmap:objects")
            .is_none()
    );
    assert!(
        session["capabilities"]
            .get("urn:ietf:params:jmap:mail")
            .is_some()
    );
    let call = |using: Value, name: &str| {
        let calls = json!([[name, { "accountId": alice.account }, "c"]]);
        server.jmap_raw(&token, json!({ "using": using, "methodCalls": calls }))
    };
    let mail = json!(["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]);
    let answer: Value = call(mail.clone(), "Mailbox/get").await.json();
    assert_eq!(answer["methodResponses"][0][0], "Mailbox/get");
    let objects = call(json!(["urn:letterlock:jmap:objects"]), "SealedObject/get").await;
    assert_eq!(objects.status, StatusCode::BAD_REQUEST);
    let body: Value = objects.json();
    assert_eq!(body["type"], "urn:ietf:params:jmap:error:unknownCapability");
    let answer: Value = call(mail, "SealedObject/get").await.json();
    assert_eq!(answer["methodResponses"][0][1]["type"], "unknownMethod");
    let request = ChangePassphraseRequest {
        credentials_revision: 1,
        credentials: alice.credentials(),
    };
    let answer = server
        .post(routes::CHANGE_PASSPHRASE, Some(&token), &request)
        .await;
    answer.is_problem(kinds::UNAUTHORIZED, 403);
    let publish = json!({ "certificate": Base64Bytes(alice.certificate()), "publish": true });
    let answer = server
        .post(routes::DIRECTORY_PUBLISH, Some(&token), &publish)
        .await;
    answer.is_problem(kinds::UNAUTHORIZED, 403);
    let unknown = server.state.make_mail_token("nobody@example.org").await;
    assert!(matches!(unknown, Err(TokenError::UnknownAddress)));
}
