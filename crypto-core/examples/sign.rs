//! Signs a file's bytes; the signature goes into a file of its own:
//! `cargo run -p crypto-core --example sign`.

#![allow(clippy::print_stdout, reason = "an example shows what it made")]

use std::error::Error;

use crypto_core::{everyday, ids::UnixTime, openpgp::SignError, secret::Passphrase};
use rand::rngs::OsRng;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let now = UnixTime(1_790_000_000);
    let ann = everyday::make_key("Ann", "ann@example.org", now, &mut OsRng)?.secret;
    let signature = everyday::sign(b"the contract", &ann, now, &mut OsRng)?;
    println!("{signature}");

    // A locked key has to be unlocked first.
    let passphrase = Passphrase::new("correct horse battery staple".to_owned());
    let stored = ann.export_locked(&passphrase, &mut OsRng)?;
    let locked = crypto_core::openpgp::SecretCertificate::parse(stored.as_bytes())?;
    let refused = everyday::sign(b"the contract", &locked, now, &mut OsRng);
    assert_eq!(refused, Err(SignError::Locked));
    Ok(())
}
