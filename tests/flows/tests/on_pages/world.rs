//! What these stories share.

use std::rc::Rc;

use crypto_core::{
    kdf::StretchedKey,
    openpgp::Profile,
    secret::{Passphrase, Secret},
};
use mail_client::{
    Client, ClientError,
    found::{FoundContent, FoundMessage, OpenedLetter},
    keys::Imported,
    local_account::{FirstKeys, NewLocalAccount, StretchedPassphrase},
    people::{KeySource, Reach},
    seal::{Letter, Sealed},
    sites::Ring,
    view::Person,
};
use testkit::{Device, TestPlatform, TestServer, silent};

pub(crate) type TestClient = Client<TestPlatform>;

/// The person's own keys and contacts.
pub(crate) const MAIN: Ring = Ring::Main;

/// Somebody with a device and no server.
pub(crate) struct Loner {
    pub(crate) server: Rc<TestServer>,
    pub(crate) device: Device,
    pub(crate) client: TestClient,
    pub(crate) person: Person,
    pub(crate) fingerprint: String,
}

/// A passphrase as it comes out of Argon2id, which these stories need not wait for.
pub(crate) fn stretched(word: u8) -> StretchedKey {
    StretchedKey::from_bytes(Secret::new([word; 32]))
}

pub(crate) fn passphrase(client: &TestClient, word: u8) -> StretchedPassphrase {
    StretchedPassphrase {
        parameters: client.new_parameters(),
        key: stretched(word),
    }
}

pub(crate) fn secret(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

/// A device that has seen nothing yet.
pub(crate) async fn empty_device(seed: u64) -> (Rc<TestServer>, Device) {
    let server = TestServer::start().await.expect("server");
    let device = Device::new(&server, seed);
    (server, device)
}

pub(crate) async fn loner(seed: u64, name: &str) -> Loner {
    loner_with(seed, name, FirstKeys::Make(Profile::Compatible)).await
}

pub(crate) async fn loner_with(seed: u64, name: &str, keys: FirstKeys<'_>) -> Loner {
    let (server, device) = empty_device(seed).await;
    let client = device.open();
    let address = address_of(name);
    let new = NewLocalAccount {
        address: &address,
        name,
        keys,
    };
    let fingerprint = client
        .create_local(new, passphrase(&client, 7), &silent)
        .await
        .expect("an account");
    Loner {
        server,
        device,
        client,
        person: Person {
            name: name.to_owned(),
            address,
        },
        fingerprint,
    }
}

pub(crate) fn address_of(name: &str) -> String {
    format!("{}@example.org", name.to_lowercase())
}

impl Loner {
    /// A client on the same device, as after a restart.
    pub(crate) async fn restarted(&self) -> TestClient {
        let client = self.device.open();
        client
            .unlock_stretched(&stretched(7))
            .await
            .expect("unlocking");
        client
    }

    pub(crate) fn certificate(&self) -> String {
        self.client
            .export_certificate(&self.fingerprint)
            .expect("certificate")
    }

    /// Takes in somebody's certificate.
    pub(crate) async fn meets(&self, other: &Loner) -> Vec<Imported> {
        self.client
            .import_certificates(&MAIN, other.certificate().as_bytes(), KeySource::Imported)
            .await
            .expect("a certificate")
    }
}

/// Two people who know each other's keys.
pub(crate) async fn friends() -> (Loner, Loner) {
    let (ann, bob) = (loner(1, "Ann").await, loner(2, "Bob").await);
    ann.meets(&bob).await;
    bob.meets(&ann).await;
    (ann, bob)
}

/// An encrypted and signed letter of plain text.
pub(crate) fn letter(to: &[&Person], text: &str) -> Letter {
    Letter {
        to: to.iter().copied().cloned().collect(),
        subject: "Plans".into(),
        text: text.into(),
        sign: true,
        encrypt: true,
        files_apart: true,
        ..Letter::default()
    }
}

pub(crate) async fn seal(from: &Loner, letter: &Letter) -> Sealed {
    from.client
        .seal_letter(&MAIN, letter, Reach::Here)
        .await
        .expect("sealing")
}

pub(crate) fn found_text<'a>(text: &'a str, sender: &Person) -> FoundMessage<'a> {
    FoundMessage {
        content: FoundContent::Text(text),
        sender: sender.clone(),
        message_id: "m1",
        password: None,
    }
}

pub(crate) fn found_file<'a>(name: &'a str, bytes: &'a [u8], sender: &Person) -> FoundMessage<'a> {
    FoundMessage {
        content: FoundContent::File { name, bytes },
        sender: sender.clone(),
        message_id: "m1",
        password: None,
    }
}

pub(crate) async fn open(
    reader: &Loner,
    found: &FoundMessage<'_>,
) -> Result<OpenedLetter, ClientError> {
    reader.client.open_found(&MAIN, found).await
}

/// The error of something that must not work; what it would have shown is not printed.
pub(crate) fn refused<T>(result: Result<T, ClientError>) -> ClientError {
    match result {
        Ok(_) => panic!("it was not refused"),
        Err(error) => error,
    }
}
