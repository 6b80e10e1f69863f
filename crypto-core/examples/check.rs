//! Checks a signature over a file's bytes:
//! `cargo run -p crypto-core --example check`.

#![allow(clippy::print_stdout, reason = "an example shows what it found")]

use std::error::Error;

use crypto_core::{
    everyday::{self, CheckError, NotProven},
    ids::UnixTime,
    openpgp::{BadSignature, SignatureVerdict},
};
use rand::rngs::OsRng;

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let now = UnixTime(1_790_000_000);
    let ann = everyday::make_key("Ann", "ann@example.org", now, &mut OsRng)?.secret;
    let signature = everyday::sign(b"the contract", &ann, now, &mut OsRng)?;
    let known = ann.certificate();

    // `?` is enough: everything but a good signature by somebody known is an error.
    let signed = everyday::check(b"the contract", signature.as_bytes(), &[&known], now)?;
    println!("signed by {} at {}", signed.signer, signed.at.0);

    let changed = everyday::check(b"the Contract", signature.as_bytes(), &[&known], now);
    let mismatch = SignatureVerdict::Bad(BadSignature::Mismatch);
    assert_eq!(changed, Err(CheckError::NotProven(NotProven(mismatch))));

    let nonsense = everyday::check(b"the contract", b"signed, Ann", &[&known], now);
    assert!(matches!(nonsense, Err(CheckError::Unreadable(_))));
    Ok(())
}
