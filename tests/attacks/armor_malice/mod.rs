use attacks::memory::peak_of;
use crypto_core::openpgp::{Certificate, DecryptError, Opened, Profile, SecretCertificate};
use proptest::prelude::*;

use super::{
    common::{key, open, seal},
    forge::split,
};

const TEXT: &[u8] = b"attack at dawn";
const MIB: usize = 1 << 20;

fn armored(me: &SecretCertificate) -> String {
    let certificate = me.certificate();
    let bytes = seal(TEXT, &[&certificate], Some(me));
    String::from_utf8(crypto_core::openpgp::armor(&bytes, None).unwrap()).unwrap()
}

/// The same text as ever, or none.
fn same_or_nothing(message: &[u8], me: &SecretCertificate) -> Result<Opened, DecryptError> {
    let opened = open(message, &[me], &[&me.certificate()]);
    if let Ok(opened) = &opened {
        assert_eq!(opened.plaintext.as_slice(), TEXT);
        assert!(super::common::is_good(&opened.signature, me));
    }
    opened
}

#[test]
fn mangled_on_its_way() {
    for profile in [Profile::Compatible, Profile::Modern] {
        let me = key(profile, "Ann");
        let honest = armored(&me);
        assert!(same_or_nothing(honest.as_bytes(), &me).is_ok());
        // What mail programs do to lines is undone.
        for harmless in [
            honest.replace('\n', "\r\n"),
            honest.replace('\n', " \n"),
            honest.replacen("\n\n", "\nVersion: x\nComment: y: z\n\n", 1),
            format!("\n\n{honest}\n\n"),
        ] {
            assert!(
                same_or_nothing(harmless.as_bytes(), &me).is_ok(),
                "{harmless}"
            );
        }
        // What changes the data, or may, gives nothing else.
        for harmful in [
            honest.replace('\n', "\r"),
            honest.replace("=\n", "=3D\n"),
            honest.replace('=', "=3D"),
            honest.replace('\n', "=\n"),
            honest.replacen("-----BEGIN", "----BEGIN", 1),
            honest.replacen("-----END", "-----BEGIN", 1),
            honest.replacen("MESSAGE", "SIGNATURE", 1),
            honest.replace("MESSAGE", "PUBLIC KEY BLOCK"),
            honest.replace("MESSAGE", "PRIVATE KEY BLOCK"),
            honest.replacen("\n\n", "\n", 1),
            honest.replacen("\n\n", &format!("\n{}\n\n", "x".repeat(MIB)), 1),
            honest.replacen(
                "\n\n",
                &format!("\n{}\n", "Comment: x\n".repeat(100_000)),
                1,
            ),
            honest.replacen("\n\n", "\n\u{feff}\n", 1),
            format!("\u{feff}{honest}"),
            format!("> {}", honest.replace('\n', "\n> ")),
            honest.to_lowercase(),
            honest.lines().rev().collect::<Vec<_>>().join("\n"),
        ] {
            let (_, peak) = peak_of(|| same_or_nothing(harmful.as_bytes(), &me));
            assert!(peak < 16 * MIB, "{peak}");
        }
    }
}

#[test]
fn a_wrong_checksum_changes_nothing() {
    // It protects nothing and is not looked at (RFC 9580, section 6.1); the data protect
    // themselves.
    let me = key(Profile::Compatible, "Ann");
    let honest = armored(&me);
    let place = honest.rfind("\n=").unwrap();
    let sum = &honest[place + 1..place + 6];
    for other in ["=AAAA", "=////", "=!!!!", "", "=AAAAAAAA"] {
        let changed = honest.replace(sum, other);
        same_or_nothing(changed.as_bytes(), &me).ok();
    }
    assert!(same_or_nothing(honest.replace(sum, "=AAAA").as_bytes(), &me).is_ok());
}

#[test]
fn one_block_is_read_and_it_is_the_first() {
    let me = key(Profile::Modern, "Ann");
    let eve = key(Profile::Modern, "Eve");
    let honest = armored(&me);
    let other = armored(&eve);
    // Both belong to a text that shows two blocks; a reader that joins them reads neither.
    same_or_nothing(format!("{honest}{other}").as_bytes(), &me).ok();
    assert!(open(format!("{other}{honest}").as_bytes(), &[&me], &[]).is_err());
    // A block in a block.
    let (head, tail) = honest.split_at(honest.len() / 2);
    for nested in [
        format!("{head}\n{other}{tail}"),
        format!("{head}\n-----BEGIN PGP MESSAGE-----\n\n{tail}"),
        format!("-----BEGIN PGP MESSAGE-----\n\n{honest}-----END PGP MESSAGE-----\n"),
    ] {
        same_or_nothing(nested.as_bytes(), &me).ok();
    }
    // A private block behind a public one is not a certificate's business: nothing of it is kept.
    let locked = me
        .export_locked(&super::common::passphrase("x"), &mut super::common::rng(1))
        .unwrap();
    let both = format!("{}{locked}", eve.certificate().to_armor());
    if let Ok(read) = Certificate::parse(both.as_bytes()) {
        assert_eq!(read, eve.certificate());
    }
    assert!(
        Certificate::parse(format!("{locked}{}", eve.certificate().to_armor()).as_bytes()).is_err()
    );
}

#[test]
fn binary_is_not_armor_and_armor_is_not_binary() {
    let me = key(Profile::Modern, "Ann");
    let message = seal(TEXT, &[&me.certificate()], Some(&me));
    let (front, _) = split(&message);
    assert!(!front.is_empty());
    // Armor around armor, binary in the armor's place, nothing at all.
    let twice = crypto_core::openpgp::armor(armored(&me).as_bytes(), None).unwrap();
    assert_eq!(twice, armored(&me).into_bytes());
    let inside = [
        b"-----BEGIN PGP MESSAGE-----\n\n",
        &message[..],
        b"\n-----END PGP MESSAGE-----\n",
    ]
    .concat();
    for bytes in [
        &inside[..],
        b"-----BEGIN PGP MESSAGE-----\n\n-----END PGP MESSAGE-----\n",
        b"-----BEGIN PGP MESSAGE-----",
        b"-----",
        b"\n",
        &[0; 1000],
    ] {
        assert!(matches!(
            open(bytes, &[&me], &[]),
            Err(DecryptError::Malformed(_))
        ));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_change_gives_the_same_or_nothing(
        place in any::<prop::sample::Index>(),
        put in prop_oneof![
            Just(""), Just("\n"), Just("\r"), Just(" "), Just("="), Just("=3D"), Just("-"), Just("A"),
            Just("-----END PGP MESSAGE-----\n"), Just("\n\n"), Just("\0"), Just("é"), Just("\t"),
        ],
        taken in 0usize..3,
    ) {
        let me = key(Profile::Compatible, "Ann");
        let honest = armored(&me);
        let at = place.index(honest.len());
        let mut changed = honest[..at].to_owned();
        changed.push_str(put);
        changed.push_str(honest.get(at + taken..).unwrap_or_default());
        same_or_nothing(changed.as_bytes(), &me).ok();
    }
}
