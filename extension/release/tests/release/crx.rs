//! A CRX against the rules of Chromium's `crx_verifier.cc`, put together here by hand so that the
//! program is not checked by its own writer.

use std::fs;

use rsa::{
    RsaPrivateKey,
    pkcs1v15::SigningKey,
    pkcs8::EncodePublicKey,
    signature::{SignatureEncoding, Signer},
};
use sha2::{Digest, Sha256};

use crate::common::{
    COMMIT, CRX, Place, ZIP, contents, find, flipped, good, pem, refused, rsa_key,
};

/// Magic, version and length stand before the header.
const BEFORE: usize = 12;

fn der(key: &RsaPrivateKey) -> Vec<u8> {
    key.to_public_key().to_public_key_der().unwrap().into_vec()
}

fn raw_id(key: &RsaPrivateKey) -> Vec<u8> {
    Sha256::digest(der(key))[..16].to_vec()
}

/// `a` to `p` for the digits 0 to 15.
fn shown_id(key: &RsaPrivateKey) -> String {
    data_encoding::HEXLOWER
        .encode(&raw_id(key))
        .bytes()
        .map(|digit| match digit {
            b'0'..=b'9' => char::from(digit - b'0' + b'a'),
            _ => char::from(digit - b'a' + b'k'),
        })
        .collect()
}

/// What a key says about an archive under an id.
fn signature(key: &RsaPrivateKey, id: &[u8], archive: &[u8]) -> Vec<u8> {
    let message = [b"CRX3 SignedData\0\x12\0\0\0\x0a\x10", id, archive].concat();
    SigningKey::<Sha256>::new(key.clone())
        .sign(&message)
        .to_vec()
}

/// Replaces the one place that holds `old`.
fn replace(bytes: &mut [u8], old: &[u8], new: &[u8]) {
    let place = find(bytes, old);
    bytes[place..place + old.len()].copy_from_slice(new);
}

/// Puts a CRX in the place of the good one, with sums that fit.
fn put(place: &Place, crx: &[u8]) {
    place.write(CRX, crx);
    place.sum_anew("release.pgp");
}

fn verify_id(place: &Place, id: &str) -> std::process::Output {
    place.run(&["verify", "--id", id, &format!("packages/{CRX}")])
}

#[test]
fn a_crx_is_the_zip_behind_a_header_signed_as_chromium_wants_it() {
    let place = Place::packed();
    let (crx, zip, key) = (place.read(CRX), place.read(ZIP), rsa_key(1));
    assert_eq!(&crx[..8], b"Cr24\x03\0\0\0");
    let length = u32::from_le_bytes(crx[8..BEFORE].try_into().unwrap()) as usize;
    assert_eq!(&crx[BEFORE + length..], zip);
    let header = &crx[BEFORE..BEFORE + length];
    find(header, &der(&key));
    find(header, &signature(&key, &raw_id(&key), &zip));
    find(header, &[b"\x0a\x10", raw_id(&key).as_slice()].concat());
    good(&verify_id(&place, &shown_id(&key)));
}

#[test]
fn another_key_has_another_id() {
    let place = Place::packed();
    let (own, other) = (shown_id(&rsa_key(1)), shown_id(&rsa_key(2)));
    fs::write(place.path("other.pem"), pem(&rsa_key(2))).unwrap();
    good(&place.package("built", "packages", COMMIT, "other.pem", "release.pgp"));
    good(&verify_id(&place, &other));
    refused(&verify_id(&place, &own), "its id is another");
}

#[test]
fn another_keys_signature_is_refused_under_our_id() {
    let place = Place::packed();
    let (crx, zip) = (place.read(CRX), place.read(ZIP));
    let (own, other) = (rsa_key(1), rsa_key(2));
    let good_signature = signature(&own, &raw_id(&own), &zip);
    // Its key and its good signature, with our id.
    let mut forged = crx.clone();
    replace(&mut forged, &der(&own), &der(&other));
    let theirs = signature(&other, &raw_id(&own), &zip);
    replace(&mut forged, &good_signature, &theirs);
    put(&place, &forged);
    refused(&place.verify(CRX), "its id belongs to none of the keys");
    // Its signature alone, beside our key.
    let mut forged = crx.clone();
    replace(&mut forged, &good_signature, &theirs);
    put(&place, &forged);
    refused(&place.verify(CRX), "a signature is wrong");
    // Its key alone, before our signature.
    let mut forged = crx.clone();
    replace(&mut forged, &der(&own), &der(&other));
    put(&place, &forged);
    refused(&place.verify(CRX), "a signature is wrong");
    // Ours, over another archive.
    let mut forged = crx;
    let theirs = signature(&own, &raw_id(&own), b"another");
    replace(&mut forged, &good_signature, &theirs);
    put(&place, &forged);
    refused(&place.verify(CRX), "a signature is wrong");
}

#[test]
fn a_changed_archive_is_refused_under_a_good_sum() {
    let place = Place::packed();
    let crx = place.read(CRX);
    put(&place, &flipped(&crx, crx.len() - 1));
    refused(&place.verify(CRX), "a signature is wrong");
}

#[test]
fn a_header_that_is_cut_off_is_refused() {
    let place = Place::packed();
    let crx = place.read(CRX);
    let header = crx.len() - place.read(ZIP).len() - BEFORE;
    for end in [6, 10, BEFORE, BEFORE + 1, BEFORE + header - 1] {
        put(&place, &crx[..end]);
        refused(&place.verify(CRX), "it ends inside its header");
    }
    put(&place, &crx[..3]);
    refused(&place.verify(CRX), "does not begin with Cr24");
    // A length that says less than there is, and one that Chromium would not take.
    let with_length = |length: usize| {
        let mut crx = crx.clone();
        crx[8..BEFORE].copy_from_slice(&u32::try_from(length).unwrap().to_le_bytes());
        crx
    };
    put(&place, &with_length(header - 1));
    refused(&place.verify(CRX), "its header is damaged");
    put(&place, &with_length(0));
    refused(&place.verify(CRX), "no RSA key signed it");
    put(&place, &with_length((1 << 16) + 1));
    refused(&place.verify(CRX), "longer than Chromium takes");
    put(&place, &flipped(&crx, 4));
    refused(&place.verify(CRX), "not CRX3");
    put(&place, &crx);
    good(&place.verify(CRX));
    assert_eq!(contents(&place.path("packages")).len(), 6);
}
