//! The inputs to begin with, made anew each time: honest ones, and near misses.

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    mime,
    openpgp::{EncryptRequest, SecretCertificate, encrypt, sign_cleartext, sign_detached},
    secret::Passphrase,
    vault::Namespace,
};
use futures::executor::block_on;
use pgp::{
    packet::{
        LiteralData, OnePassSignature, Packet, PacketHeader, PacketParser, PacketTrait, Signature,
        SignatureVersionSpecific,
    },
    ser::Serialize,
    types::{Fingerprint, KeyDetails, Tag},
};
use serde_json::json;

use crate::{
    parties::{NOW, PASSWORD, SEALED, SIGNED, ann, bob, both, rng},
    stored,
};

const ARMORED: bool = true;
const BINARY: bool = false;

fn sign(signer: &SecretCertificate, text: &[u8], armor: bool) -> Vec<u8> {
    block_on(sign_detached(
        &NativeEngine,
        &mut rng(1),
        text,
        signer,
        NOW,
        armor,
    ))
    .unwrap()
}

fn seal(to: &[&SecretCertificate], password: bool, signed: bool, armor: bool) -> Vec<u8> {
    let certificates: Vec<_> = to.iter().map(|one| one.certificate()).collect();
    let password = password.then(|| Passphrase::new(PASSWORD.to_owned()));
    let (text, signer) = match to.first().filter(|_| signed) {
        Some(signer) => (SIGNED[0], Some(*signer)),
        None => (SEALED, None),
    };
    block_on(encrypt(
        &NativeEngine,
        &mut rng(2),
        text,
        &EncryptRequest {
            recipients: &certificates.iter().collect::<Vec<_>>(),
            passwords: &password.iter().collect::<Vec<_>>(),
            signer,
            now: NOW,
            armor,
        },
    ))
    .unwrap()
}

fn packet(tag: Tag, body: &[u8]) -> Vec<u8> {
    let mut bytes = PacketHeader::new_fixed(tag, body.len() as u32)
        .to_bytes()
        .unwrap();
    bytes.extend_from_slice(body);
    bytes
}

fn literal(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    LiteralData::from_bytes("", text.to_vec().into())
        .unwrap()
        .to_writer_with_header(&mut bytes)
        .unwrap();
    bytes
}

/// The packet that announces a signature, and the signature.
fn announced(signer: &SecretCertificate, text: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let signature = sign(signer, text, BINARY);
    let Some(Ok(Packet::Signature(read))) = PacketParser::new(signature.as_slice()).next() else {
        panic!("we sign with one signature");
    };
    let mut bytes = Vec::new();
    one_pass(&read, signer)
        .to_writer_with_header(&mut bytes)
        .unwrap();
    (bytes, signature)
}

fn one_pass(signature: &Signature, signer: &SecretCertificate) -> OnePassSignature {
    use pgp::composed::{Deserializable, SignedSecretKey};
    let config = signature.config().unwrap();
    let key = SignedSecretKey::from_bytes(signer.to_bytes().as_slice()).unwrap();
    match (&config.version_specific, key.fingerprint()) {
        (SignatureVersionSpecific::V6 { salt }, Fingerprint::V6(print)) => OnePassSignature::v6(
            config.typ,
            config.hash_alg,
            config.pub_alg,
            salt.clone(),
            print,
        ),
        _ => OnePassSignature::v3(
            config.typ,
            config.hash_alg,
            config.pub_alg,
            key.legacy_key_id(),
        ),
    }
}

/// Armored blocks of every kind.
pub fn armor() -> Vec<Vec<u8>> {
    let [ann_public, bob_public] = both();
    let locked = bob()
        .export_locked(&Passphrase::new(PASSWORD.to_owned()), &mut rng(3))
        .unwrap();
    let text = bob_public.to_armor();
    vec![
        ann_public.to_armor().into_bytes(),
        text.clone().into_bytes(),
        locked.into_bytes(),
        sign(ann(), SIGNED[0], ARMORED),
        text.replace('\n', "\r\n").into_bytes(),
        text.replacen("\n\n", "\nComment: x\nVersion: y\n\n", 1)
            .into_bytes(),
        format!("before\n{text}after\n").into_bytes(),
        text.replace("=\n", "=3D\n").into_bytes(),
        b"-----BEGIN PGP MESSAGE-----\n\n=AAAA\n-----END PGP MESSAGE-----\n".to_vec(),
    ]
}

/// Whole messages.
pub fn packets() -> Vec<Vec<u8>> {
    let (ann, bob) = (ann(), bob());
    let (ops, signature) = announced(ann, SIGNED[1]);
    vec![
        seal(&[ann], false, true, BINARY),
        seal(&[bob], false, true, BINARY),
        seal(&[ann, bob], false, false, ARMORED),
        seal(&[bob], true, false, BINARY),
        [&ops[..], &literal(SIGNED[1]), &signature].concat(),
        sign(bob, SIGNED[2], ARMORED),
    ]
}

/// What stands inside containers, honest and not.
pub fn messages() -> Vec<Vec<u8>> {
    let (ops, signature) = announced(ann(), SIGNED[0]);
    let (other_ops, other) = announced(bob(), SIGNED[1]);
    let (text, two) = (literal(SIGNED[0]), literal(SIGNED[1]));
    let evil = literal(b"I owe you 500");
    let stored = |inside: &[u8]| packet(Tag::CompressedData, &[&[0], inside].concat());
    let padding = packet(Tag::Padding, &[0; 20]);
    let part = [b'x'; 512];
    vec![
        text.clone(),
        [&ops[..], &text, &signature].concat(),
        [&signature[..], &text].concat(),
        [&other_ops[..], &two, &other].concat(),
        [&ops[..], &evil, &signature].concat(),
        [&ops[..], &text, &signature, &evil].concat(),
        [&ops[..], &ops, &text, &signature, &signature].concat(),
        [&padding[..], &ops, &text, &padding, &signature].concat(),
        stored(&[&ops[..], &text, &signature].concat()),
        stored(&stored(&stored(&text))),
        [&ops[..], &stored(&text), &signature].concat(),
        // A literal packet in parts: kind, no name, no date, and 512 bytes to begin with.
        [b"\xcb\xe9b\0\0\0\0\0", &part[..506], b"\x02ab"].concat(),
    ]
}

/// Texts signed in the clear.
pub fn cleartext() -> Vec<Vec<u8>> {
    let sign = |signer: &SecretCertificate, text: &[u8]| {
        let text = std::str::from_utf8(text).unwrap();
        block_on(sign_cleartext(
            &NativeEngine,
            &mut rng(4),
            text,
            signer,
            NOW,
        ))
        .unwrap()
    };
    let honest = sign(ann(), SIGNED[0]);
    vec![
        honest.clone().into_bytes(),
        sign(bob(), SIGNED[1]).into_bytes(),
        sign(ann(), SIGNED[2]).into_bytes(),
        honest.replace("Hash:", "Comment:").into_bytes(),
        honest
            .replace("\n\nI", "\nHash: SHA256\u{2028}x\n\nI")
            .into_bytes(),
        honest
            .replace("you 5", "you 5\n- -----BEGIN PGP")
            .into_bytes(),
    ]
}

/// Detached signatures.
pub fn signatures() -> Vec<Vec<u8>> {
    let one = sign(ann(), SIGNED[0], BINARY);
    let two = sign(bob(), SIGNED[0], BINARY);
    vec![
        one.clone(),
        two.clone(),
        sign(bob(), SIGNED[1], ARMORED),
        [&one[..], &two].concat(),
        [&packet(Tag::Marker, b"PGP")[..], &one].concat(),
    ]
}

/// Certificates and private keys.
pub fn certificates() -> Vec<Vec<u8>> {
    let [ann_public, bob_public] = both();
    let (ann_bytes, bob_bytes) = (ann_public.to_bytes(), bob_public.to_bytes());
    let locked = bob()
        .export_locked(&Passphrase::new(PASSWORD.to_owned()), &mut rng(3))
        .unwrap();
    vec![
        ann_bytes.clone(),
        bob_bytes.clone(),
        [&ann_bytes[..], &bob_bytes].concat(),
        ann().to_bytes().to_vec(),
        bob().to_bytes().to_vec(),
        locked.into_bytes(),
        ann()
            .make_revocation(NOW, &mut rng(5))
            .unwrap()
            .into_bytes(),
        bob()
            .make_revocation(UnixTime(NOW.0 - 5), &mut rng(6))
            .unwrap()
            .into_bytes(),
    ]
}

/// Mails of all structures.
pub fn mime() -> Vec<Vec<u8>> {
    let mail = mime::OutgoingMail {
        from: mime::Address::new("Ann", "ann@example.org"),
        to: vec![mime::Address::new("Bob", "bob@example.net")],
        subject: "Grüße".into(),
        date: NOW,
        message_id: mime::make_message_id(&[7; 16], "example.org").unwrap(),
        text: "At eight?\n".into(),
        ..Default::default()
    };
    let payload = mime::build_payload(&mail).unwrap();
    let sealed = seal(&[ann()], false, false, ARMORED);
    let to_sign = mime::payload_to_sign(&mail).unwrap();
    let signature = sign(ann(), &to_sign, ARMORED);
    vec![
        payload.clone(),
        mime::build_encrypted(&mail, &sealed).unwrap(),
        mime::build_signed(&mail, &to_sign, &signature, "pgp-sha512").unwrap(),
        mime::wrap_sealed(&sealed, NOW).unwrap(),
        mime::sealed_payload(&payload),
        b"Subject: x\n\n-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n".to_vec(),
        b"From: \"a@b\" <c@d>, e@f\nContent-Type: multipart/mixed; boundary=m\n\n--m\n\
          Content-Type: multipart/alternative; boundary=a\n\n--a\n\none\n--a\n\
          Content-Type: text/html\n\n<p>two</p>\n--a--\n--m\n\
          Content-Disposition: attachment; filename=\"../../x\"\n\nfile\n--m--\n"
            .to_vec(),
        b"Content-Type: text/plain; charset=iso-8859-1; hp=\"cipher\"\n\
          Content-Transfer-Encoding: quoted-printable\nHP-Outer: Subject: [...]\n\nGr=FC=DFe\n"
            .to_vec(),
    ]
}

/// Insides of sealed objects.
pub fn vault() -> Vec<Vec<u8>> {
    let inside = |id: &[u8], content: &[u8], zeros: usize| {
        let mut bytes = vec![1];
        bytes.extend_from_slice(&(id.len() as u16).to_be_bytes());
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&(content.len() as u32).to_be_bytes());
        bytes.extend_from_slice(content);
        bytes.resize(bytes.len() + zeros, 0);
        bytes
    };
    let mut long = inside(b"id", b"", 0);
    long[6] = 0xff;
    vec![
        inside(b"bob@example.org", b"Bob", 232),
        inside(b"", b"", 250),
        inside("dörte".as_bytes(), b"x", 0),
        inside(b"\xff", b"x", 3),
        long,
        vec![0, 0],
    ]
}

/// Stored records.
pub fn vault_records() -> Vec<Vec<u8>> {
    [Namespace::ALL[0], Namespace::ALL[3]]
        .into_iter()
        .enumerate()
        .map(|(index, namespace)| {
            let kind = if index == 0 { 0 } else { 3 };
            [&[kind], &stored::honest_record(namespace).bytes[..]].concat()
        })
        .chain([vec![0], vec![1, 1, 2, 3]])
        .collect()
}

/// Requests and answers.
pub fn jmap() -> Vec<Vec<u8>> {
    [
        json!({"using": ["urn:ietf:params:jmap:core"], "methodCalls": [
            ["Email/query", {"accountId": "u1", "filter": {"inMailbox": "m"}}, "a"],
            ["Email/get", {"accountId": "u1", "#ids": {"resultOf": "a", "name": "Email/query",
                "path": "/ids"}}, "b"]]}),
        json!({"methodResponses": [["Email/get", {"list": [], "state": "1"}, "b"]],
            "sessionState": "s", "createdIds": {"k": "v"}}),
        json!({"using": ["urn:letterlock:jmap:objects"], "methodCalls": [["SealedObject/set",
            {"accountId": "u1", "update": {"AAAA": {"replaces": 3, "data": "AQID"}},
                "destroy": {"BBBB": 4}}, "0"]]}),
        json!({"address": "ann@example.org"}),
        json!({"loginId": "x", "salt": "AAAAAAAAAAAAAAAAAAAAAA", "group": "rfc5054-3072",
            "kdf": {"memoryKib": 65536, "passes": 3, "lanes": 1}, "bPub": "AQ"}),
        json!({"serverProof": "AQID", "sealedGrant": "AQID"}),
        json!({"type": "urn:letterlock:problem:not-found", "status": 404, "title": "x"}),
        json!([[[[[[[[[[]]]]]]]]]]),
    ]
    .iter()
    .map(|value| value.to_string().into_bytes())
    .collect()
}

/// Messages of content scripts, frames and pages, and rules.
pub fn extension() -> Vec<Vec<u8>> {
    [
        json!({"id": 1, "request": {"type": "hello"}}),
        json!({"id": 2, "request": {"type": "openReader", "messageId": "m",
            "sender": {"name": "Bob", "address": "bob@example.org"},
            "source": {"type": "inline", "armored": "-----BEGIN PGP MESSAGE-----"}}}),
        json!({"id": 3, "request": {"type": "part", "file": 1, "data": "AQID", "last": true}}),
        json!({"id": 4, "request": {"type": "api", "call": {"method": "validKeyForAddress",
            "keyring": "", "addresses": ["bob@example.org", "__proto__"]}}}),
        json!({"id": 5, "request": {"type": "hello", "token": "AAAA"}}),
        json!({"id": 6, "request": {"type": "recipients", "addresses": ["bob@example.org"]}}),
        json!({"id": 7, "request": {"type": "unlock", "passphrase": "x"}}),
        json!({"id": 8, "request": {"type": "switchSite", "origin": "https://mail.example.org",
            "scan": true, "api": false}}),
        json!({"version": 1, "providers": [{"id": "gmail", "matches": ["https://mail.google.com/*"],
            "selectors": {"body": ["div.a3s"]}, "attributes": {}, "labels": {}}]}),
    ]
    .iter()
    .map(|value| value.to_string().into_bytes())
    .collect()
}
