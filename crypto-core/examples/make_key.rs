//! Makes a key, locks it by a passphrase and reads it back:
//! `cargo run -p crypto-core --example make_key`.

#![allow(clippy::print_stdout, reason = "an example shows what it made")]

use std::error::Error;

use crypto_core::{
    everyday,
    ids::UnixTime,
    openpgp::{Limits, SecretCertificate},
    secret::Passphrase,
};
use rand::rngs::OsRng;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    // A program asks the system's clock; the library never does.
    let now = UnixTime(1_790_000_000);
    let made = everyday::make_key("Ann", "ann@example.org", now, &mut OsRng)?;

    let passphrase = Passphrase::new("correct horse battery staple".to_owned());
    let to_keep = made.secret.export_locked(&passphrase, &mut OsRng)?;
    println!("{to_keep}");
    println!("{}", made.secret.certificate().to_armor());
    println!("To be kept apart, for the day the key is lost:");
    println!("{}", made.revocation);

    let locked = SecretCertificate::parse(to_keep.as_bytes())?;
    let unlocked = locked.unlock(&passphrase, &Limits::default())?;
    assert_eq!(unlocked.fingerprint(), made.secret.fingerprint());
    Ok(())
}
