//! What certificates and signatures may do: expiry, revocation, flags, weak algorithms.
//!
//! rPGP signs what our own generator never would.

use crypto_core::{
    ids::UnixTime,
    openpgp::{
        BadSignature, Certificate, CertificateProblem, CertificateStatus, Profile,
        SecretCertificate, SignatureVerdict,
    },
};
use pgp::{
    composed::{Deserializable, KeyType, SignedPublicSubKey, SignedSecretKey},
    crypto::hash::HashAlgorithm,
    packet::{
        KeyFlags, LiteralData, Notation, PacketTrait, PubKeyInner, PublicKey, PublicSubkey,
        RevocationCode, SecretKey, SecretSubkey, Signature, SignatureConfig, SignatureType,
        Subpacket, SubpacketData, UserId,
    },
    ser::Serialize,
    types::{
        Duration, KeyDetails, KeyVersion, PacketHeaderVersion, Password, SigningKey, Tag, Timestamp,
    },
};

use super::{
    common::{DAY, NOW, is_good, key, open, rng, seal},
    forge::container_with,
};

fn at(time: u64) -> SubpacketData {
    SubpacketData::SignatureCreationTime(Timestamp::from_secs(time as u32))
}

fn plain(data: SubpacketData) -> Subpacket {
    Subpacket::regular(data).unwrap()
}

fn by(signer: &impl KeyDetails) -> Subpacket {
    plain(SubpacketData::IssuerFingerprint(signer.fingerprint()))
}

/// A key and the same in rPGP's hands.
fn ann() -> (SecretCertificate, SignedSecretKey) {
    let ours = key(Profile::Compatible, "Ann");
    let theirs = SignedSecretKey::from_bytes(ours.to_bytes().as_slice()).unwrap();
    (ours, theirs)
}

fn public(theirs: &SignedSecretKey) -> Certificate {
    Certificate::parse(&theirs.to_public_key().to_bytes().unwrap()).unwrap()
}

/// What is said of a message with a signature made by rPGP.
fn verdict(
    ours: &SecretCertificate,
    verifier: &Certificate,
    signer: &impl SigningKey,
    hash: HashAlgorithm,
    subpackets: Vec<Subpacket>,
) -> SignatureVerdict {
    let mut config = SignatureConfig::v4(SignatureType::Binary, signer.algorithm(), hash);
    config.hashed_subpackets = subpackets;
    config.hashed_subpackets.push(by(signer));
    let signature = config
        .sign(signer, &Password::empty(), &b"hello"[..])
        .unwrap();
    let mut content = Vec::new();
    signature.to_writer_with_header(&mut content).unwrap();
    LiteralData::from_bytes("", b"hello".to_vec().into())
        .unwrap()
        .to_writer_with_header(&mut content)
        .unwrap();
    let message = container_with(&content, ours);
    open(&message, &[ours], &[verifier]).unwrap().signature
}

#[test]
fn signatures_are_judged_by_what_they_say() {
    let (ours, theirs) = ann();
    let certificate = ours.certificate();
    let judge =
        |hash, subpackets| verdict(&ours, &certificate, &theirs.primary_key, hash, subpackets);
    let sha256 = HashAlgorithm::Sha256;
    let good = judge(sha256, vec![plain(at(NOW.0))]);
    assert!(is_good(&good, &ours), "{good:?}");
    let validity = |secs| {
        plain(SubpacketData::SignatureExpirationTime(Duration::from_secs(
            secs,
        )))
    };
    let earlier = || plain(at(NOW.0 - 3600));
    let notation = Notation {
        readable: true,
        name: "must@example.org".into(),
        value: "understand".into(),
    };
    let critical = Subpacket::critical(SubpacketData::Notation(notation)).unwrap();
    let unknown = Subpacket::critical(SubpacketData::Experimental(100, "?".into())).unwrap();
    let bad = SignatureVerdict::Bad;
    for (subpackets, expected) in [
        (vec![], BadSignature::Malformed),
        (vec![earlier(), validity(60)], BadSignature::Expired),
        (vec![plain(at(NOW.0 + 3600))], BadSignature::FromTheFuture),
        (
            vec![plain(at(NOW.0 - 2 * DAY))],
            BadSignature::KeyNotInForce,
        ),
        (vec![earlier(), critical], BadSignature::Malformed),
        (vec![earlier(), unknown], BadSignature::Malformed),
    ] {
        assert_eq!(judge(sha256, subpackets), bad(expected));
    }
    let lasting = judge(sha256, vec![earlier(), validity(7200)]);
    assert!(matches!(lasting, SignatureVerdict::Good { .. }));
}

/// An RSA key, which rPGP lets sign with any hash; its User ID bound with this one at this time.
fn rsa(bits: u32, hash: HashAlgorithm, time: u64) -> (Certificate, SecretKey) {
    let kind = KeyType::Rsa(bits);
    let made = Timestamp::from_secs(1_000_000_000);
    let (params, secret) = kind.generate(rng(5)).unwrap();
    let inner = PubKeyInner::new(KeyVersion::V4, kind.to_alg(), made, None, params).unwrap();
    let primary = SecretKey::new(PublicKey::from_inner(inner).unwrap(), secret).unwrap();
    let id = UserId::from_str(PacketHeaderVersion::New, "rsa@example.org").unwrap();
    let mut flags = KeyFlags::default();
    flags.set_sign(true);
    flags.set_encrypt_comms(true);
    let mut config = SignatureConfig::v4(SignatureType::CertPositive, kind.to_alg(), hash);
    let flags = SubpacketData::KeyFlags(flags);
    config.hashed_subpackets = vec![plain(at(time)), by(&primary), plain(flags)];
    let public_key = primary.public_key();
    let signature = config
        .sign_certification(&primary, public_key, &Password::empty(), Tag::UserId, &id)
        .unwrap();
    let mut bytes = Vec::new();
    public_key.to_writer_with_header(&mut bytes).unwrap();
    id.to_writer_with_header(&mut bytes).unwrap();
    signature.to_writer_with_header(&mut bytes).unwrap();
    (Certificate::parse(&bytes).unwrap(), primary)
}

#[test]
fn signatures_with_weak_hashes_are_bad() {
    let (ours, _) = ann();
    let (certificate, signer) = rsa(2048, HashAlgorithm::Sha256, NOW.0 - 3600);
    let judge = |hash| verdict(&ours, &certificate, &signer, hash, vec![plain(at(NOW.0))]);
    assert!(matches!(
        judge(HashAlgorithm::Sha256),
        SignatureVerdict::Good { .. }
    ));
    for weak in [
        HashAlgorithm::Sha1,
        HashAlgorithm::Md5,
        HashAlgorithm::Ripemd160,
    ] {
        let expected = SignatureVerdict::Bad(BadSignature::WeakAlgorithm);
        assert_eq!(judge(weak), expected, "{weak}");
    }
}

#[test]
fn weak_self_signatures_count_only_where_they_are_old() {
    let (recent, _) = rsa(2048, HashAlgorithm::Sha1, NOW.0 - 100);
    assert!(matches!(recent.status(NOW), CertificateStatus::Unusable(_)));
    assert!(recent.check_encryption(NOW).is_err());
    assert_eq!(recent.user_ids(), []);
    let (old, _) = rsa(2048, HashAlgorithm::Sha1, 1_600_000_000);
    assert_eq!(old.status(NOW), CertificateStatus::Usable);
    assert!(old.check_encryption(NOW).is_ok());
    let (oldest, _) = rsa(2048, HashAlgorithm::Md5, 1_000_000_000);
    assert!(matches!(oldest.status(NOW), CertificateStatus::Unusable(_)));
}

#[test]
fn short_rsa_keys_are_unusable() {
    let (ours, _) = ann();
    let (short, signer) = rsa(1024, HashAlgorithm::Sha256, NOW.0 - 100);
    assert!(matches!(short.status(NOW), CertificateStatus::Unusable(_)));
    let time = vec![plain(at(NOW.0))];
    let answer = verdict(&ours, &short, &signer, HashAlgorithm::Sha256, time);
    let expected = SignatureVerdict::Bad(BadSignature::WeakAlgorithm);
    assert_eq!(answer, expected);
}

/// Revokes the primary key for this reason at this time.
fn revoked_for(code: RevocationCode, time: u64) -> Certificate {
    let (_, mut theirs) = ann();
    let primary = theirs.primary_key.clone();
    let kind = SignatureType::KeyRevocation;
    let mut config = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha256);
    let reason = SubpacketData::RevocationReason(code, "because\u{7}".into());
    config.hashed_subpackets = vec![plain(at(time)), by(&primary), plain(reason)];
    let signature = config
        .sign_key(&primary, &Password::empty(), primary.public_key())
        .unwrap();
    theirs.details.revocation_signatures.push(signature);
    public(&theirs)
}

#[test]
fn retired_keys_have_a_past_and_compromised_ones_have_none() {
    let (ours, _) = ann();
    let message = seal(b"hello", &[&ours.certificate()], Some(&ours));
    let judge = |verifier: &Certificate| open(&message, &[&ours], &[verifier]).unwrap().signature;
    let revoked = SignatureVerdict::Bad(BadSignature::KeyRevoked);
    // Revoked an hour after the message was signed; judged before that.
    let later = NOW.0 + 3600;
    for soft in [RevocationCode::KeyRetired, RevocationCode::KeySuperseded] {
        let certificate = revoked_for(soft, later);
        assert!(is_good(&judge(&certificate), &ours));
        assert_eq!(certificate.status(NOW), CertificateStatus::Usable);
        let status = certificate.status(UnixTime(later));
        assert_eq!(status, CertificateStatus::Revoked("because".to_owned()));
        assert_eq!(judge(&revoked_for(soft, NOW.0 - 3600)), revoked);
    }
    for hard in [RevocationCode::KeyCompromised, RevocationCode::NoReason] {
        assert_eq!(judge(&revoked_for(hard, later)), revoked);
    }
    let refused = revoked_for(RevocationCode::NoReason, NOW.0).check_encryption(NOW);
    assert!(matches!(refused, Err(CertificateProblem::NotInForce(_))));
}

/// Adds a subkey that signs, with or without signing back, and perhaps revokes it.
fn with_signing_subkey(
    sign_back: bool,
    flagged: bool,
    revoked: bool,
) -> (Certificate, SecretSubkey) {
    let (_, mut theirs) = ann();
    let primary = theirs.primary_key.clone();
    let made = Timestamp::from_secs((NOW.0 - 1000) as u32);
    let kind = KeyType::Ed25519Legacy;
    let (params, secret) = kind.generate(rng(5)).unwrap();
    let inner = PubKeyInner::new(primary.version(), kind.to_alg(), made, None, params).unwrap();
    let subkey = PublicSubkey::from_inner(inner).unwrap();
    let secret = SecretSubkey::new(subkey.clone(), secret).unwrap();

    let unlocked = Password::empty();
    let mut flags = KeyFlags::default();
    flags.set_sign(flagged);
    flags.set_authentication(!flagged);
    let sha256 = HashAlgorithm::Sha256;
    let mut config = SignatureConfig::v4(SignatureType::SubkeyBinding, primary.algorithm(), sha256);
    config.hashed_subpackets = vec![
        plain(at(NOW.0 - 1000)),
        by(&primary),
        plain(SubpacketData::KeyFlags(flags)),
    ];
    if sign_back {
        let mut back = SignatureConfig::v4(SignatureType::KeyBinding, kind.to_alg(), sha256);
        back.hashed_subpackets = vec![plain(at(NOW.0 - 1000)), by(&secret)];
        let back = back
            .sign_primary_key_binding(&secret, &subkey, &unlocked, primary.public_key())
            .unwrap();
        let back = SubpacketData::EmbeddedSignature(Box::new(back));
        config.hashed_subpackets.push(plain(back));
    }
    let binding = config
        .sign_subkey_binding(&primary, primary.public_key(), &unlocked, &subkey)
        .unwrap();
    let mut signatures: Vec<Signature> = vec![binding];
    if revoked {
        let kind = SignatureType::SubkeyRevocation;
        let mut config = SignatureConfig::v4(kind, primary.algorithm(), sha256);
        config.hashed_subpackets = vec![plain(at(NOW.0 - 500)), by(&primary)];
        signatures.push(
            config
                .sign_subkey_binding(&primary, primary.public_key(), &unlocked, &subkey)
                .unwrap(),
        );
    }
    theirs
        .public_subkeys
        .push(SignedPublicSubKey::new(subkey, signatures));
    (public(&theirs), secret)
}

#[test]
fn a_subkey_signs_only_if_it_says_so_and_signed_back() {
    let (ours, _) = ann();
    let judge = |sign_back, flagged, revoked| {
        let (certificate, subkey) = with_signing_subkey(sign_back, flagged, revoked);
        let time = vec![plain(at(NOW.0))];
        verdict(&ours, &certificate, &subkey, HashAlgorithm::Sha256, time)
    };
    let bad = SignatureVerdict::Bad;
    // The verdict names the certificate, not the subkey.
    assert!(is_good(&judge(true, true, false), &ours));
    // Without it, anybody could claim somebody else's signing key, and with it their messages.
    assert_eq!(judge(false, true, false), bad(BadSignature::NotASigningKey));
    assert_eq!(judge(true, false, false), bad(BadSignature::NotASigningKey));
    assert_eq!(judge(true, true, true), bad(BadSignature::KeyRevoked));
}

#[test]
fn an_encryption_key_does_not_sign_and_a_revoked_one_gets_no_mail() {
    let (_, mut theirs) = ann();
    let primary = theirs.primary_key.clone();
    for bound in &mut theirs.secret_subkeys {
        let subkey = bound.key.public_key().clone();
        let kind = SignatureType::SubkeyRevocation;
        let mut config = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha256);
        config.hashed_subpackets = vec![plain(at(NOW.0 - 500)), by(&primary)];
        let revocation = config
            .sign_subkey_binding(&primary, primary.public_key(), &Password::empty(), &subkey)
            .unwrap();
        bound.signatures.push(revocation);
    }
    let certificate = public(&theirs);
    // The certificate lives, but has no key to encrypt to any more.
    assert_eq!(certificate.status(NOW), CertificateStatus::Usable);
    assert_eq!(
        certificate.check_encryption(NOW),
        Err(CertificateProblem::NoSuitableKey)
    );
}

#[test]
fn a_withdrawn_user_id_is_no_address() {
    let (_, mut theirs) = ann();
    let primary = theirs.primary_key.clone();
    let id = theirs.details.users[0].id.clone();
    let kind = SignatureType::CertRevocation;
    let mut config = SignatureConfig::v4(kind, primary.algorithm(), HashAlgorithm::Sha256);
    config.hashed_subpackets = vec![plain(at(NOW.0 - 500)), by(&primary)];
    let public_key = primary.public_key();
    let withdrawn = config
        .sign_certification(&primary, public_key, &Password::empty(), Tag::UserId, &id)
        .unwrap();
    theirs.details.users[0].signatures.push(withdrawn);
    let certificate = public(&theirs);
    assert!(!certificate.has_address("ann@example.org"));
}
