//! What the stories share.

#![allow(dead_code, reason = "not every story needs every helper")]

use std::rc::Rc;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use mail_client::{
    Client, ClientError, NewAccount,
    view::{MailboxRole, MessageSummary, Outgoing, OutgoingAttachment, Person, SendOutcome},
};
use testkit::{DOMAIN, Device, TestPlatform, TestServer, silent};

pub(crate) type TestClient = Client<TestPlatform>;

pub(crate) fn secret(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned())
}

pub(crate) const PASSPHRASE: &str = "orchard lantern seven pebbles";

/// Somebody with a device and an account.
pub(crate) struct Someone {
    pub(crate) device: Device,
    pub(crate) client: TestClient,
    pub(crate) person: Person,
}

pub(crate) async fn someone(server: &Rc<TestServer>, seed: u64, name: &str) -> Someone {
    let device = Device::new(server, seed);
    let client = device.open();
    let address = format!("{}@{DOMAIN}", name.to_lowercase());
    sign_up(&client, &address, &format!("{name} Example"))
        .await
        .expect("signing up");
    let person = client.me().expect("entered");
    Someone {
        device,
        client,
        person,
    }
}

pub(crate) async fn sign_up(
    client: &TestClient,
    address: &str,
    name: &str,
) -> Result<(), ClientError> {
    let passphrase = secret(PASSPHRASE);
    let new = NewAccount {
        address,
        name,
        passphrase: &passphrase,
        publish: false,
        profile: Profile::Compatible,
    };
    client.sign_up(new, &silent).await
}

pub(crate) fn letter(to: &Person, subject: &str, text: &str) -> Outgoing {
    Outgoing {
        to: vec![to.clone()],
        subject: subject.into(),
        text: text.into(),
        ..Outgoing::default()
    }
}

pub(crate) fn file(name: &str, data: &[u8]) -> OutgoingAttachment {
    OutgoingAttachment {
        name: name.into(),
        media_type: "application/octet-stream".into(),
        data: data.to_vec(),
    }
}

pub(crate) async fn send(client: &TestClient, outgoing: &Outgoing) {
    let outcome = client.send(outgoing, &silent).await.expect("sending");
    assert_eq!(outcome, SendOutcome::Sent);
}

pub(crate) fn mailbox(client: &TestClient, role: MailboxRole) -> Vec<MessageSummary> {
    let mailboxes = client.mailboxes().expect("mailboxes");
    let id = &mailboxes
        .iter()
        .find(|m| m.role == role)
        .expect("a mailbox of this role")
        .id;
    client.messages(id).expect("messages")
}

pub(crate) async fn inbox(client: &TestClient) -> Vec<MessageSummary> {
    client.sync(&silent).await.expect("synchronising");
    mailbox(client, MailboxRole::Inbox)
}
