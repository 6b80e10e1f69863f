//! Messages that somebody broke, altered or made up: each has its own word, and none shows text
//! that was not verified.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod common;

use std::rc::Rc;

use common::{Someone, inbox, someone};
use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    mime::{self, Address, OutgoingMail},
    openpgp::{Certificate, EncryptRequest, Profile, SecretCertificate, UserId, encrypt, generate},
};
use data_encoding::BASE64;
use mail_client::{
    ClientError,
    ports::Clock as _,
    view::{MessageSummary, Protection, SignatureState},
};
use rand::SeedableRng as _;
use rand_chacha::ChaCha20Rng;
use testkit::TestServer;

const MARKER: &str = "the secret meeting place";

/// Alice receives what Mallory wrote with her own tools.
struct Stage {
    server: Rc<TestServer>,
    alice: Someone,
    bob: Someone,
    mallory: Someone,
}

impl Stage {
    async fn set() -> Self {
        let server = TestServer::start().await.expect("server");
        Self {
            alice: someone(&server, 1, "Alice").await,
            bob: someone(&server, 2, "Bob").await,
            mallory: someone(&server, 3, "Mallory").await,
            server,
        }
    }

    fn now(&self) -> UnixTime {
        self.alice.device.clock.now()
    }

    fn certificate(&self, of: &Someone) -> Certificate {
        let (armored, _) = of.client.own_certificate().expect("certificate");
        Certificate::parse(armored.as_bytes()).expect("certificate")
    }

    fn stranger(&self, address: &str) -> SecretCertificate {
        let mut rng = ChaCha20Rng::seed_from_u64(99);
        let id = UserId::new("Somebody", address);
        generate(Profile::Compatible, &[id], self.now(), &mut rng)
            .expect("key")
            .secret
    }

    fn mail(&self, from: &str) -> OutgoingMail {
        OutgoingMail {
            from: Address::new("", from),
            to: vec![Address::new("", &self.alice.person.address)],
            subject: "Subject inside".into(),
            date: self.now(),
            message_id: "made.up@letterlock.test".into(),
            text: format!("{MARKER}\n"),
            ..OutgoingMail::default()
        }
    }

    async fn sealed(
        &self,
        mail: &OutgoingMail,
        to: &Certificate,
        signer: Option<&SecretCertificate>,
    ) -> Vec<u8> {
        let payload = mime::build_payload(mail).expect("payload");
        let request = EncryptRequest {
            recipients: &[to],
            passwords: &[],
            signer,
            now: self.now(),
            armor: true,
        };
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        encrypt(&NativeEngine, &mut rng, &payload, &request)
            .await
            .expect("encrypting")
    }

    async fn deliver(&self, raw: &[u8]) -> MessageSummary {
        self.server
            .put_raw(&self.alice.person.address, raw)
            .await
            .expect("delivering");
        inbox(&self.alice.client).await.remove(0)
    }

    /// The message cannot be opened, is told so in a sentence, and shows nothing.
    async fn assert_closed(&self, line: &MessageSummary, sentence: &str) {
        let problem = line.problem.as_deref().unwrap_or("no problem at all");
        assert!(problem.contains(sentence), "{problem}");
        assert!(line.preview.is_empty() && line.subject.is_empty());
        match self.alice.client.read(&line.id).await {
            Err(ClientError::CannotOpen(why)) => {
                assert!(why.contains(sentence) && !why.contains(MARKER), "{why}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_truncated_message_shows_nothing() {
    let stage = Stage::set().await;
    let mail = stage.mail(&stage.mallory.person.address);
    let armored = stage
        .sealed(&mail, &stage.certificate(&stage.alice), None)
        .await;
    let text = String::from_utf8(armored).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    // The last line of data goes missing; frame and header lines stay.
    let cut: Vec<&str> = lines
        .iter()
        .enumerate()
        .filter(|(i, _)| *i + 4 < lines.len() || *i + 1 == lines.len())
        .map(|(_, l)| *l)
        .collect();
    let raw = mime::build_encrypted(&mail, cut.join("\r\n").as_bytes()).unwrap();
    let line = stage.deliver(&raw).await;
    stage.assert_closed(&line, "Nothing of it is shown").await;
}

#[tokio::test]
async fn a_message_to_another_key_says_so() {
    let stage = Stage::set().await;
    let mail = stage.mail(&stage.mallory.person.address);
    let armored = stage
        .sealed(&mail, &stage.certificate(&stage.bob), None)
        .await;
    let raw = mime::build_encrypted(&mail, &armored).unwrap();
    let line = stage.deliver(&raw).await;
    stage.assert_closed(&line, "sealed to another key").await;
}

#[tokio::test]
async fn an_unsigned_message_is_shown_as_unsigned() {
    let stage = Stage::set().await;
    let mail = stage.mail(&stage.bob.person.address);
    let armored = stage
        .sealed(&mail, &stage.certificate(&stage.alice), None)
        .await;
    let raw = mime::build_encrypted(&mail, &armored).unwrap();
    let line = stage.deliver(&raw).await;
    assert_eq!(line.verdict.protection, Protection::Sealed);
    assert_eq!(line.verdict.signature, SignatureState::Unsigned);
    assert_eq!(line.preview, MARKER);
}

#[tokio::test]
async fn a_message_signed_by_somebody_else_is_not_bobs() {
    let stage = Stage::set().await;
    let alice = stage.certificate(&stage.alice);
    // In Bob's name, signed by a key that nobody knows, although it claims Bob's address.
    let forger = stage.stranger(&stage.bob.person.address);
    let mail = stage.mail(&stage.bob.person.address);
    let armored = stage.sealed(&mail, &alice, Some(&forger)).await;
    let raw = mime::build_encrypted(&mail, &armored).unwrap();
    let line = stage.deliver(&raw).await;
    assert!(
        matches!(
            line.verdict.signature,
            SignatureState::UnknownSigner { .. } | SignatureState::OtherSigner { .. }
        ),
        "{:?}",
        line.verdict.signature
    );
}

#[tokio::test]
async fn an_open_message_is_shown_as_open() {
    let stage = Stage::set().await;
    let raw = format!(
        "From: <{}>\r\nTo: <{}>\r\nSubject: Nothing hidden\r\nMessage-ID: <x@y.test>\r\n\
         Date: Fri, 20 Nov 2026 10:00:00 +0000\r\nContent-Type: text/html\r\n\r\n\
         <p>Hello <img src=\"https://tracker.test/x.png\"></p>\r\n",
        stage.bob.person.address, stage.alice.person.address
    );
    let line = stage.deliver(raw.as_bytes()).await;
    assert_eq!(line.verdict.protection, Protection::Open);
    assert_eq!(line.verdict.signature, SignatureState::Unsigned);
    assert!(!line.verdict.headers_protected);
    assert_eq!(line.subject, "Nothing hidden");
}

/// The old downgrade (EFAIL): the protected packet (tag 18) becomes an unprotected one (tag 9).
fn strip_integrity(armored: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(armored).expect("armor");
    let data: String = text
        .lines()
        .skip_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with(['=', '-']))
        .collect();
    let binary = BASE64.decode(data.as_bytes()).expect("base64");
    let body_of = |at: usize| match usize::from(binary[at + 1]) {
        n @ 0..=191 => (at + 2, n),
        n @ 192..=223 => (at + 3, ((n - 192) << 8) + usize::from(binary[at + 2]) + 192),
        _ => panic!("a small message has small packets"),
    };
    // One session key for each of the recipient's encryption keys.
    let mut second = 0;
    while binary[second] == 0xc1 {
        let (start, length) = body_of(second);
        second = start + length;
    }
    assert!(second > 0, "no session key");
    assert_eq!(binary[second], 0xd2, "no protected data");
    let (start, _) = body_of(second);
    let body = &binary[start + 1..];
    let mut out = binary[..second].to_vec();
    out.extend([0xc9, 0xff]);
    out.extend(u32::try_from(body.len()).expect("small").to_be_bytes());
    out.extend(body);
    let encoded = BASE64.encode(&out);
    let lines: Vec<&str> = encoded
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN PGP MESSAGE-----\r\n\r\n{}\r\n-----END PGP MESSAGE-----\r\n",
        lines.join("\r\n")
    )
    .into_bytes()
}

#[tokio::test]
async fn a_message_without_integrity_is_refused_by_name() {
    let stage = Stage::set().await;
    let mail = stage.mail(&stage.mallory.person.address);
    let armored = stage
        .sealed(&mail, &stage.certificate(&stage.alice), None)
        .await;
    let downgraded = strip_integrity(&armored);
    let raw = mime::build_encrypted(&mail, &downgraded).unwrap();
    let line = stage.deliver(&raw).await;
    stage
        .assert_closed(&line, "no protection against changes")
        .await;
}

#[tokio::test]
async fn something_that_looks_like_the_servers_wrapper_is_only_a_message() {
    let stage = Stage::set().await;
    // Mallory wraps a message in Bob's name the way the server wraps what it stores.
    let inner = format!(
        "From: <{}>\r\nTo: <{}>\r\nSubject: From Bob\r\n\r\n{MARKER}\r\n",
        stage.bob.person.address, stage.alice.person.address
    );
    let payload = mime::sealed_payload(inner.as_bytes());
    let alice = stage.certificate(&stage.alice);
    let request = EncryptRequest {
        recipients: &[&alice],
        passwords: &[],
        signer: None,
        now: stage.now(),
        armor: true,
    };
    let mut rng = ChaCha20Rng::seed_from_u64(6);
    let armored = encrypt(&NativeEngine, &mut rng, &payload, &request)
        .await
        .unwrap();
    let raw = mime::wrap_sealed(&armored, stage.now()).unwrap();
    let line = stage.deliver(&raw).await;
    assert_ne!(line.subject, "From Bob");
    assert_ne!(line.from.address, stage.bob.person.address);
}
