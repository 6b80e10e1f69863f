use crypto_core::{
    mime::{Address, Limits, read_header},
    openpgp::{Certificate, Profile, SecretCertificate, UserId},
};
use pgp::{
    packet::{
        PacketHeader, SignatureConfig, SignatureType, Subpacket, SubpacketData,
        UserId as UserIdPacket,
    },
    ser::Serialize,
    types::{KeyDetails, Password, SignedUser, Tag, Timestamp},
};

use super::{
    common::{NOW, key, rng},
    forge::in_rpgp,
};

const VICTIM: &str = "bob@example.org";

/// Eve's certificate with a User ID of these bytes, bound as it should be.
fn eve_as(id: &[u8]) -> Certificate {
    let eve: SecretCertificate = key(Profile::Compatible, "Eve");
    let mut theirs = in_rpgp(&eve);
    let header = PacketHeader::new_fixed(Tag::UserId, id.len() as u32);
    let packet = UserIdPacket::try_from_reader(header, id).unwrap();
    let primary = theirs.primary_key.clone();
    let mut config =
        SignatureConfig::from_key(rng(1), &primary, SignatureType::CertPositive).unwrap();
    let time = Timestamp::from_secs((NOW.0 - 60) as u32);
    config.hashed_subpackets = vec![
        Subpacket::regular(SubpacketData::SignatureCreationTime(time)).unwrap(),
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint())).unwrap(),
    ];
    let signature = config
        .sign_certification(
            &primary,
            primary.public_key(),
            &Password::empty(),
            Tag::UserId,
            &packet,
        )
        .unwrap();
    theirs.details.users = vec![SignedUser::new(packet, vec![signature])];
    Certificate::parse(&theirs.to_public_key().to_bytes().unwrap()).unwrap()
}

#[test]
fn a_user_id_is_one_address_or_none() {
    assert!(
        eve_as(b"Bob <bob@example.org>").has_address(VICTIM),
        "the test does not work"
    );
    for id in [
        &b"bob@example.org <eve@evil.example>"[..],
        b"Bob (bob@example.org) <eve@evil.example>",
        b"\"bob@example.org\" <eve@evil.example>",
        b"<bob@example.org> <eve@evil.example>",
        b"Bob <bob@example.org> <eve@evil.example>",
        b"Bob <bob@example.org>, Eve <eve@evil.example>",
        b"Bob <bob@example.org",
        b"Bob bob@example.org>",
        b"Bob <<bob@example.org>>",
        b"Bob <bob@example.org> ",
        b"Bob <bob@example.org>\0",
        b"Bob <bob@example.org>\n",
        b"Bob <bob@example.org\0.evil.example>",
        b"Bob <bob@example.org.evil.example>",
        b"Bob <xbob@example.org>",
        b"Bob <bob@example.org@evil.example>",
        b"Bob <bob%example.org@evil.example>",
        b"Bob <bob @example.org>",
        b"Bob <bob@example.org;eve@evil.example>",
        b"Bob <\"bob@example.org\"@evil.example>",
        b"bob@example.org eve@evil.example",
        b"bob@example.org,eve@evil.example",
        b"mailto:bob@example.org",
        // Characters that look like nothing, or like others.
        "Bob <bob@example.org\u{200b}>".as_bytes(),
        "Bob <b\u{43e}b@example.org>".as_bytes(),
        "Bob <bob@ex\u{430}mple.org>".as_bytes(),
        "Bob <bob\u{ff20}example.org>".as_bytes(),
        "Bob \u{ff1c}bob@example.org\u{ff1e}".as_bytes(),
        "Bob <\u{202e}gro.elpmaxe@bob>".as_bytes(),
        // Not text.
        b"Bob <bob@example.org\xff>",
        b"\xff\xfe <bob@example.org>",
        b"",
    ] {
        let certificate = eve_as(id);
        assert!(
            !certificate.has_address(VICTIM),
            "{:?}",
            String::from_utf8_lossy(id)
        );
        for read in certificate.user_ids() {
            assert_ne!(read.address, VICTIM);
        }
    }
    // Case is all that may differ.
    assert!(eve_as(b"BOB@EXAMPLE.ORG").has_address(VICTIM));
    assert!(!eve_as(b"Bob <bob@example.org>").has_address(""));
    assert!(!eve_as(b"Bob").has_address(""));
}

#[test]
fn what_is_shown_of_a_user_id_is_one_line() {
    for text in [
        "Bob\nBcc: eve",
        "Bob\r\n",
        "Bob\u{b}",
        "\0Bob",
        "Bob\u{1b}[2J",
    ] {
        let id = UserId::parse(&format!("{text} <bob@example.org>"));
        assert_eq!(id.address, "", "{text:?}");
    }
}

fn from(value: &str) -> Vec<Address> {
    read_header(
        format!("From: {value}\r\nSubject: x\r\n\r\n").as_bytes(),
        &Limits::DEFAULT,
    )
    .map(|mail| mail.from)
    .unwrap_or_default()
}

#[test]
fn an_address_in_from_is_the_one_that_mail_goes_to() {
    // Each of these is Bob's to one program and Eve's to another. Whoever is found must not be
    // Bob alone, unless the mail really says so.
    assert_eq!(from("Bob <bob@example.org>")[0].address, VICTIM);
    for value in [
        "bob@example.org <eve@evil.example>",
        "\"Bob <bob@example.org>\" <eve@evil.example>",
        "Bob (<bob@example.org>) <eve@evil.example>",
        "=?utf-8?q?Bob_=3Cbob=40example.org=3E?= <eve@evil.example>",
        "=?utf-8?b?Qm9iIDxib2JAZXhhbXBsZS5vcmc+AA==?= <eve@evil.example>",
        "<bob@example.org>:<eve@evil.example>",
        "<@example.org,@x.org:eve@evil.example>",
        "\"bob@example.org\"@evil.example",
        "bob@example.org@evil.example",
        "bob%example.org@evil.example",
        "Bob: bob@example.org, eve@evil.example;",
        "bob@example.org\t<eve@evil.example>",
        "Bob <bob@example.org> <eve@evil.example>",
        "Bob <bob@example.org>, eve@evil.example",
    ] {
        let people = from(value);
        let only_bob = matches!(people.as_slice(), [one] if one.address == VICTIM);
        assert!(!only_bob, "{value}: {people:?}");
        // A name that looks like another's address is not shown.
        for person in people.iter().filter(|person| !person.address.is_empty()) {
            let shown = person.shown();
            assert!(
                !shown.name.contains(VICTIM) || shown.address == VICTIM,
                "{value}: {shown:?}"
            );
        }
    }
}

#[test]
fn names_that_look_like_an_address_are_reported() {
    for name in [
        "bob@example.org",
        "Bob <bob@example.org>",
        "BOB@EXAMPLE.ORG",
        "(bob@example.org)",
        "\u{201c}bob@example.org\u{201d}",
    ] {
        let person = Address::new(name, "eve@evil.example");
        if person.is_misleading() {
            assert_eq!(person.shown().name, "");
        } else {
            assert!(!name.starts_with("bob"), "{name}");
        }
    }
    assert!(!Address::new("Bob", VICTIM).is_misleading());
    assert!(!Address::new(VICTIM, VICTIM).is_misleading());
}
