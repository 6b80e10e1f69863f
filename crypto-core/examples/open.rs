//! Opens a message and finds out who wrote it:
//! `cargo run -p crypto-core --example open`.

#![allow(clippy::print_stdout, reason = "an example shows what it read")]

use std::error::Error;

use crypto_core::{
    everyday,
    ids::UnixTime,
    openpgp::{DecryptError, SignatureVerdict},
};
use rand::rngs::OsRng;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let now = UnixTime(1_790_000_000);
    let ann = everyday::make_key("Ann", "ann@example.org", now, &mut OsRng)?.secret;
    let bob = everyday::make_key("Bob", "bob@example.org", now, &mut OsRng)?.secret;
    let message = everyday::seal(b"At eight?", &ann, &[&bob.certificate()], now, &mut OsRng)?;
    let known = ann.certificate();
    let people = [&known];

    let letter = everyday::open(message.as_bytes(), &bob, &people, now)?;
    match letter.signed() {
        Ok(signed) => println!(
            "{} wrote: {}",
            signed.signer,
            String::from_utf8_lossy(signed.text)
        ),
        Err(problem) => println!("{problem}"),
    }

    // Somebody who does not know Ann learns that, and has to ask for the text in other words.
    let letter = everyday::open(message.as_bytes(), &bob, &[], now)?;
    assert!(letter.signed().is_err());
    assert!(matches!(
        letter.verdict(),
        SignatureVerdict::UnknownSigner { .. }
    ));

    // A message that was changed on its way gives no text at all.
    let mut changed = message.clone().into_bytes();
    let near_the_end = changed.len() - 100;
    if let Some(byte) = changed.get_mut(near_the_end) {
        *byte = if *byte == b'A' { b'B' } else { b'A' };
    }
    assert!(everyday::open(&changed, &bob, &people, now).is_err());

    // So does one that is for somebody else.
    let eve = everyday::make_key("Eve", "eve@example.org", now, &mut OsRng)?.secret;
    let for_others = everyday::open(message.as_bytes(), &eve, &people, now);
    assert!(matches!(for_others, Err(DecryptError::NotForUs { .. })));
    Ok(())
}
