//! Writes a message that several people can read:
//! `cargo run -p crypto-core --example seal`.

#![allow(clippy::print_stdout, reason = "an example shows what it made")]

use std::error::Error;

use crypto_core::{everyday, ids::UnixTime, openpgp::Certificate};
use rand::rngs::OsRng;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let now = UnixTime(1_790_000_000);
    let ann = everyday::make_key("Ann", "ann@example.org", now, &mut OsRng)?.secret;
    let bob = everyday::make_key("Bob", "bob@example.org", now, &mut OsRng)?.secret;
    let eve = everyday::make_key("Eve", "eve@example.org", now, &mut OsRng)?.secret;

    // Certificates of others come as files; `parse` refuses whatever holds a private key.
    let published = bob.certificate().to_armor();
    let bob_public = Certificate::parse(published.as_bytes())?;
    assert!(bob_public.has_address("bob@example.org"));

    let message = everyday::seal(
        b"At eight?",
        &ann,
        &[&bob_public, &eve.certificate()],
        now,
        &mut OsRng,
    )?;
    println!("{message}");

    // Both can read it, and so can Ann herself.
    for reader in [&ann, &bob, &eve] {
        let letter = everyday::open(message.as_bytes(), reader, &[&ann.certificate()], now)?;
        assert_eq!(letter.signed()?.text, b"At eight?");
    }
    Ok(())
}
