//! Fills an account of a running server with messages, each written, sealed and sent by the real
//! client. Prints how to enter.
//!
//! `fill --server http://127.0.0.1:8080 [--messages 1000] [--size 20480]`; for a fresh server.

#![allow(
    clippy::print_stdout,
    reason = "printing how to enter is what this program is for"
)]

use std::process::ExitCode;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use futures::future::try_join_all;
use mail_client::{
    Client, ClientError, NewAccount,
    view::{Outgoing, Person, SendOutcome},
};
use rand::{Rng as _, SeedableRng as _};
use rand_chacha::ChaCha20Rng;
use testkit::{http::HttpPlatform, silent};

/// Who receives everything. The passphrase is printed on purpose: the account holds nothing of
/// worth.
const READER: (&str, &str, &str) = ("Bob Example", "bob", "a seal of wax and one slit");
/// A sender may send 300 messages before the server slows it down.
const MESSAGES_A_SENDER: usize = 250;

/// A hundred words or so are enough for text that looks and packs like a letter's.
const WORDS: &str = "the of and to in a is that for it was on are as with they be at one have this \
from or had by hot but some what there we can out other were all your when up use word how said an \
each she which do their time if will way about many then them would write like so these her long \
make thing see him two has look more day could go come did number sound no most people my over know \
water than call first who may down side been now find any new work part take get place made live \
where after back little only round man year came show every good me give our under name Thursday \
envelope meeting paper invoice Zürich letter archive minutes attached reply platform schedule";

struct Options {
    server: String,
    messages: usize,
    size: usize,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Some(options) = options() else {
        println!("usage: fill --server http://127.0.0.1:PORT [--messages N] [--size BYTES]");
        return ExitCode::from(2);
    };
    match fill(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("The account could not be filled: {error}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Option<Options> {
    let mut options = Options {
        server: String::new(),
        messages: 1000,
        size: 20 * 1024,
    };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--server" => options.server = value,
            "--messages" => options.messages = value.parse().ok()?,
            "--size" => options.size = value.parse().ok()?,
            _ => return None,
        }
    }
    (!options.server.is_empty()).then_some(options)
}

async fn fill(options: &Options) -> Result<(), ClientError> {
    let (name, local, passphrase) = READER;
    let reader = sign_up(&options.server, name, local, passphrase).await?;
    let to = reader.me()?;
    println!("account: {} passphrase: {passphrase}", to.address);
    let senders = options.messages.div_ceil(MESSAGES_A_SENDER);
    let mut clients = Vec::new();
    for number in 0..senders {
        let (name, local) = (format!("Correspondent {number}"), format!("writer{number}"));
        clients.push(sign_up(&options.server, &name, &local, "five folds and a wafer").await?);
    }
    try_join_all(clients.iter().enumerate().map(|(sender, client)| {
        let to = &to;
        async move {
            let mut number = sender;
            while number < options.messages {
                write(client, to, number, options.size).await?;
                number += senders;
            }
            Ok(())
        }
    }))
    .await
    .map(drop)
}

async fn sign_up(
    server: &str,
    name: &str,
    local: &str,
    passphrase: &str,
) -> Result<Client<HttpPlatform>, ClientError> {
    let client = Client::new(HttpPlatform::new(server));
    let info = client.server_info().await?;
    let domain = info.domains.into_iter().next().unwrap_or_default();
    let new = NewAccount {
        address: &format!("{local}@{domain}"),
        name,
        passphrase: &Passphrase::new(passphrase.to_owned()),
        publish: false,
        profile: Profile::Compatible,
    };
    client.sign_up(new, &silent).await?;
    // Sending looks the mailboxes up.
    client.sync(&silent).await?;
    Ok(client)
}

async fn write(
    client: &Client<HttpPlatform>,
    to: &Person,
    number: usize,
    size: usize,
) -> Result<(), ClientError> {
    let outgoing = Outgoing {
        to: vec![to.clone()],
        subject: format!("Letter {number}: {}", line(number, 40)),
        text: text(number, size),
        ..Outgoing::default()
    };
    match client.send(&outgoing, &silent).await? {
        SendOutcome::Sent => Ok(()),
        SendOutcome::Queued => Err(ClientError::Offline),
    }
}

/// A letter of at least so many bytes: lines of 72 letters, a paragraph every few lines. The same
/// number gives the same letter.
fn text(number: usize, size: usize) -> String {
    let mut text = String::with_capacity(size + 100);
    let mut lines = 0;
    while text.len() < size {
        text.push_str(&line(number * 10_000 + lines, 72));
        text.push_str(if lines % 7 == 6 { "\n\n" } else { "\n" });
        lines += 1;
    }
    text
}

fn line(seed: usize, width: usize) -> String {
    let mut rng = ChaCha20Rng::seed_from_u64(seed as u64);
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut line = String::new();
    loop {
        let word = words
            .get(rng.gen_range(0..words.len()))
            .copied()
            .unwrap_or_default();
        if line.len() + word.len() >= width {
            return line;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
}
