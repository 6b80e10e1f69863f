//! Fills two accounts of a running server with mail, as two people would: through the client,
//! sealed. Prints how to enter.
//!
//! `demo --server http://127.0.0.1:8080`; running it again adds nothing.

#![allow(
    clippy::print_stdout,
    reason = "printing how to enter is what this program is for"
)]

use std::process::ExitCode;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use mail_client::{
    Client, ClientError, NewAccount,
    view::{MailboxRole, Outgoing, OutgoingAttachment, Person},
};
use testkit::{http::HttpPlatform, silent};

/// Name, local part, passphrase. Printed on purpose: these accounts hold nothing of worth.
const PEOPLE: [(&str, &str, &str); 2] = [
    ("Alice Example", "alice", "paper folds into its own lock"),
    ("Bob Example", "bob", "a seal of wax and one slit"),
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let server = match (arguments.next().as_deref(), arguments.next()) {
        (Some("--server"), Some(server)) => server,
        _ => {
            println!("usage: demo --server http://127.0.0.1:PORT");
            return ExitCode::from(2);
        }
    };
    match fill(&server).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("The demonstration could not be set up: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn fill(server: &str) -> Result<(), ClientError> {
    let mut clients = Vec::new();
    let mut fresh = false;
    for (name, local, passphrase) in PEOPLE {
        let client = Client::new(HttpPlatform::new(server));
        let domain = client
            .server_info()
            .await?
            .domains
            .into_iter()
            .next()
            .unwrap_or_default();
        let address = format!("{local}@{domain}");
        let secret = Passphrase::new(passphrase.to_owned());
        let new = NewAccount {
            address: &address,
            name,
            passphrase: &secret,
            publish: false,
            profile: Profile::Compatible,
        };
        match client.sign_up(new, &silent).await {
            Ok(()) => fresh = true,
            Err(ClientError::AddressTaken) => client.log_in(&address, &secret, &silent).await?,
            Err(other) => return Err(other),
        }
        println!("account: {address} passphrase: {passphrase}");
        clients.push(client);
    }
    let [alice, bob] = clients.as_slice() else {
        return Ok(());
    };
    if fresh {
        correspond(alice, bob).await?;
    }
    Ok(())
}

/// A small correspondence, the last letters unanswered.
async fn correspond(
    alice: &Client<HttpPlatform>,
    bob: &Client<HttpPlatform>,
) -> Result<(), ClientError> {
    let (a, b) = (alice.me()?, bob.me()?);
    write(alice, &b, "Welcome to the folding club", "Hi Bob,\n\nBefore envelopes, people folded and slit a letter so that it became its own lock. I brought the instructions; the paper is on you.\n\nSee you on Thursday,\nAlice\n", &[
        ("instructions.txt", "text/plain", "1. Fold the sheet in half, twice.\n2. Cut one slit.\n3. Thread the tail through it and seal.\n"),
    ], None).await?;
    bob.sync(&silent).await?;
    let first = newest(bob)?;
    bob.read(&first).await?;
    write(bob, &a, "Re: Welcome to the folding club", "Dear Alice,\n\nThursday is fine. I found a sheet from 1603 that somebody sealed and nobody opened.\n\n> See you on Thursday\n\nBob\n", &[], Some(first)).await?;
    alice.sync(&silent).await?;
    write(bob, &a, "The minutes, for your eyes", "Alice,\n\nattached are the minutes of the last meeting. Nothing in them leaves this letter.\n\nBob\n", &[
        ("minutes.csv", "text/csv", "item,decided\npaper,thicker\nwax,red\nslit,diagonal\n"),
    ], None).await?;
    write(
        alice,
        &b,
        "Photographs from the archive",
        "Bob,\n\nthe archive answers within a week. I will forward what they send.\n\nAlice\n",
        &[],
        None,
    )
    .await?;
    write(
        bob,
        &a,
        "Lunch?",
        "Soup at one, at the corner?\n\nB.\n",
        &[],
        None,
    )
    .await?;
    write(
        alice,
        &b,
        "Travel plans",
        "Bob,\n\nthe train leaves at 08:12 from platform 4. I have both tickets.\n\nAlice\n",
        &[],
        None,
    )
    .await?;
    Ok(())
}

fn newest(client: &Client<HttpPlatform>) -> Result<String, ClientError> {
    let inbox = client
        .mailboxes()?
        .into_iter()
        .find(|m| m.role == MailboxRole::Inbox)
        .ok_or(ClientError::NotFound)?;
    let first = client.messages(&inbox.id)?.into_iter().next();
    first.map(|m| m.id).ok_or(ClientError::NotFound)
}

async fn write(
    from: &Client<HttpPlatform>,
    to: &Person,
    subject: &str,
    text: &str,
    files: &[(&str, &str, &str)],
    in_reply_to: Option<String>,
) -> Result<(), ClientError> {
    let outgoing = Outgoing {
        to: vec![to.clone()],
        subject: subject.to_owned(),
        text: text.to_owned(),
        attachments: files
            .iter()
            .map(|(name, media_type, data)| OutgoingAttachment {
                name: (*name).to_owned(),
                media_type: (*media_type).to_owned(),
                data: data.as_bytes().to_vec(),
            })
            .collect(),
        in_reply_to,
        ..Outgoing::default()
    };
    from.send(&outgoing, &silent).await.map(drop)
}
