use attacks::memory::peak_of;
use crypto_core::openpgp::{
    DecryptError, ExceededLimit, Limits, Profile, SecretCertificate, UnlockError,
};
use pgp::{
    composed::RawSessionKey,
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    packet::{PacketTrait, SymKeyEncryptedSessionKey},
    ser::Serialize,
    types::{KeyDetails, Password, S2kParams, StringToKey, Tag},
};

use super::{
    common::{key, passphrase, rng, seal},
    forge::{AES, in_rpgp, open_within, packet, split},
};

const MIB: usize = 1 << 20;
const REFUSED: DecryptError = DecryptError::LimitExceeded(ExceededLimit::PasswordDerivation);

/// A version 6 packet for the password "x".
fn wrapped(s2k: StringToKey) -> Vec<u8> {
    let session = RawSessionKey::from([9u8; 32].as_slice());
    let mut bytes = Vec::new();
    SymKeyEncryptedSessionKey::encrypt_v6(
        rng(1),
        &Password::from("x"),
        &session,
        s2k,
        AES,
        AeadAlgorithm::Ocb,
    )
    .unwrap()
    .to_writer_with_header(&mut bytes)
    .unwrap();
    bytes
}

fn body() -> Vec<u8> {
    let me = key(Profile::Modern, "Ann");
    split(&seal(b"hello", &[&me.certificate()], None)).1
}

fn open(front: &[u8]) -> (DecryptError, usize) {
    let eve = key(Profile::Modern, "Eve");
    let mut message = front.to_vec();
    message.extend(packet(Tag::SymEncryptedProtectedData, &body()));
    let (answer, peak) = peak_of(|| open_within(&message, &eve, &Limits::default()));
    (answer.unwrap_err(), peak)
}

#[test]
fn a_terabyte_is_not_asked_of_the_machine() {
    let honest = wrapped(StringToKey::new_argon2(rng(1), 1, 1, 6));
    // Header (2), version, count, cipher, mode, length of S2K, its kind, salt (16), t, p, m.
    let (passes, lanes, memory) = (2 + 6 + 16, 2 + 6 + 17, 2 + 6 + 18);
    assert_eq!((honest[passes], honest[lanes], honest[memory]), (1, 1, 6));
    for change in [
        &[(memory, 30)][..],
        &[(memory, 31)],
        &[(memory, 32)],
        &[(memory, 255)],
        &[(memory, 18), (passes, 255)],
        &[(lanes, 255), (memory, 18)],
    ] {
        let mut bomb = honest.clone();
        for (place, value) in change {
            bomb[*place] = *value;
        }
        let (error, peak) = open(&bomb);
        assert_eq!(error, REFUSED, "{change:?}");
        assert!(peak < MIB, "{change:?}: {peak}");
    }
    // Parameters that Argon2 does not know end the same way, or as a wrong password.
    for (place, value) in [(passes, 0), (lanes, 0), (memory, 0)] {
        let mut broken = honest.clone();
        broken[place] = value;
        let (error, peak) = open(&broken);
        assert!(
            matches!(error, DecryptError::WrongPassword) || error == REFUSED,
            "{error:?}"
        );
        assert!(peak < 256 * MIB, "{peak}");
    }
}

/// A wrong password decrypts a version 4 packet to anything (RFC 9580, section 5.3.1), and one time
/// in a hundred to a session key for a cipher that we do not have.
#[test]
fn a_wrong_password_is_called_one_and_nothing_else() {
    let (me, eve) = (key(Profile::Compatible, "Ann"), key(Profile::Modern, "Eve"));
    let mut message = Vec::new();
    for number in 0..400 {
        let salted = StringToKey::Salted {
            hash_alg: HashAlgorithm::Sha256,
            salt: [7; 8],
        };
        let password = Password::from(format!("x{number}"));
        let session = RawSessionKey::from([9u8; 32].as_slice());
        SymKeyEncryptedSessionKey::encrypt_v4(&password, &session, salted, AES)
            .unwrap()
            .to_writer_with_header(&mut message)
            .unwrap();
    }
    let body = split(&seal(b"hello", &[&me.certificate()], None)).1;
    message.extend(packet(Tag::SymEncryptedProtectedData, &body));
    let error = open_within(&message, &eve, &Limits::default()).unwrap_err();
    assert_eq!(error, DecryptError::WrongPassword);
}

#[test]
fn many_derivations_cost_together() {
    // Each of them is allowed, all of them are not.
    let one = wrapped(StringToKey::new_argon2(rng(1), 3, 4, 14));
    let tight = Limits {
        s2k_work_kib: (5 * 3) << 14,
        ..Limits::default()
    };
    let eve = key(Profile::Modern, "Eve");
    let mut message = one.repeat(1000);
    message.extend(packet(Tag::SymEncryptedProtectedData, &body()));
    assert_eq!(open_within(&message, &eve, &tight).unwrap_err(), REFUSED);
    // A hundred thousand that cost next to nothing are still too many.
    let simple = packet(
        Tag::SymKeyEncryptedSessionKey,
        &[&[4, 9, 3, 8][..], &[1; 8], &[0]].concat(),
    );
    let (error, peak) = open(&simple.repeat(100_000));
    let expected = DecryptError::LimitExceeded(ExceededLimit::SessionKeys);
    assert_eq!(error, expected);
    assert!(peak < 8 * MIB, "{peak}");
}

/// A key locked in a way that costs too much, whatever the passphrase.
fn locked_with(s2k: StringToKey) -> SecretCertificate {
    let ann = key(Profile::Modern, "Ann");
    let mut theirs = in_rpgp(&ann);
    let password = Password::from("x");
    let params = |s2k: StringToKey| S2kParams::Aead {
        sym_alg: SymmetricKeyAlgorithm::AES256,
        aead_mode: AeadAlgorithm::Ocb,
        s2k,
        nonce: vec![7; 15].into(),
    };
    theirs
        .primary_key
        .set_password_with_s2k(&password, params(s2k))
        .unwrap();
    SecretCertificate::parse(&theirs.to_bytes().unwrap()).unwrap()
}

#[test]
fn locked_keys_cannot_ask_for_it_either() {
    let honest = StringToKey::new_argon2(rng(1), 1, 1, 6);
    let StringToKey::Argon2 { salt, .. } = honest else {
        panic!("not Argon2");
    };
    let bytes = locked_with(StringToKey::Argon2 {
        salt,
        t: 1,
        p: 1,
        m_enc: 6,
    });
    let bytes = bytes.to_bytes();
    let place = bytes
        .windows(salt.len())
        .position(|window| window == salt)
        .unwrap()
        + salt.len();
    for (offset, value) in [(0, 255), (1, 255), (2, 30), (2, 31), (2, 255)] {
        let mut bomb = bytes.to_vec();
        bomb[place + 2] = 18;
        bomb[place + offset] = value;
        let Ok(locked) = SecretCertificate::parse(&bomb) else {
            continue;
        };
        let (answer, peak) = peak_of(|| locked.unlock(&passphrase("x"), &Limits::default()));
        let error = answer.unwrap_err();
        // 255 passes over 256 MiB are within the budget of one derivation times sixteen only.
        assert_eq!(error, UnlockError::LimitExceeded, "{offset} {value}");
        assert!(peak < MIB, "{peak}");
    }
}

#[test]
fn old_ways_of_locking_cost_too() {
    // Every subkey has its own derivation; together they must stay within the budget.
    let ann = key(Profile::Compatible, "Ann");
    let exported = ann.export_locked(&passphrase("x"), &mut rng(1)).unwrap();
    let locked = SecretCertificate::parse(exported.as_bytes()).unwrap();
    let tight = Limits {
        s2k_work_kib: 64 << 10,
        ..Limits::default()
    };
    assert_eq!(
        locked.unlock(&passphrase("x"), &tight).unwrap_err(),
        UnlockError::LimitExceeded
    );
    assert!(locked.unlock(&passphrase("x"), &Limits::default()).is_ok());
    // MD5 once, as PGP 2 did it.
    let theirs = in_rpgp(&ann);
    assert_eq!(
        theirs.primary_key.algorithm(),
        theirs.primary_key.algorithm()
    );
    let simple = StringToKey::Simple {
        hash_alg: HashAlgorithm::Md5,
    };
    let mut weak = theirs.clone();
    let set = weak.primary_key.set_password_with_s2k(
        &Password::from("x"),
        S2kParams::Cfb {
            sym_alg: SymmetricKeyAlgorithm::AES256,
            s2k: simple,
            iv: vec![3; 16].into(),
        },
    );
    if set.is_ok()
        && let Ok(read) = SecretCertificate::parse(&weak.to_bytes().unwrap())
    {
        // It opens or it does not; it never opens to another key.
        if let Ok(unlocked) = read.unlock(&passphrase("x"), &Limits::default()) {
            assert_eq!(unlocked.to_bytes(), ann.to_bytes());
        }
    }
}
