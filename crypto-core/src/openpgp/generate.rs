//! New keys.

use pgp::{
    armor::BlockType,
    composed::KeyType,
    crypto::{
        aead::AeadAlgorithm, ecc_curve::ECCCurve, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm,
    },
    errors::Error,
    packet::{
        Features, KeyFlags, PubKeyInner, PublicKey, PublicSubkey, RevocationCode, SecretKey,
        SecretSubkey, SignatureConfig, SignatureType, Subpacket, SubpacketData,
        UserId as UserIdPacket,
    },
    types::{
        CompressionAlgorithm, KeyDetails, KeyVersion, PacketHeaderVersion, Password, Tag, Timestamp,
    },
};
use rand::{CryptoRng, RngCore};

use super::{
    Certificate, Profile, SecretCertificate, UserId,
    armor::{self, Readers},
    certificate::{Binding, Subkey, User, write_packet},
    error::GenerateError,
};
use crate::ids::UnixTime;

/// A new key, and what to publish when it is lost.
#[derive(Debug)]
#[non_exhaustive]
pub struct GeneratedKey {
    /// The key, not locked.
    pub secret: SecretCertificate,
    /// An armored revocation certificate. Whoever has it can declare the key void.
    pub revocation: String,
}

/// Which key to make, for callers that want more than [`generate`] offers.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GenerateOptions<'a> {
    /// The kind of key.
    pub profile: Profile,
    /// The texts of its User IDs, which need not be mail addresses; may be empty.
    pub user_ids: &'a [&'a str],
    /// Leaves the encryption keys out.
    pub signing_only: bool,
    /// Leaves out the encryption key that withstands quantum computers, if the profile has
    /// another one.
    pub classical: bool,
    /// When it was made.
    pub created: UnixTime,
}

impl<'a> GenerateOptions<'a> {
    /// A key that signs and decrypts.
    pub fn new(profile: Profile, user_ids: &'a [&'a str], created: UnixTime) -> Self {
        Self {
            profile,
            user_ids,
            signing_only: false,
            classical: false,
            created,
        }
    }
}

/// Makes a key that signs and decrypts and does not expire.
///
/// What it announces is what its holder can read wherever the key may be taken: a
/// [`Profile::Compatible`] key may be exported to GnuPG 2.2, which knows no AEAD, so it asks for
/// SEIPDv1; the others ask for SEIPDv2 with GCM first, which browsers compute themselves, and
/// OCB next, which every implementation has.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate(
    profile: Profile,
    user_ids: &[UserId],
    created: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<GeneratedKey, GenerateError> {
    check_user_ids(user_ids)?;
    let texts: Vec<String> = user_ids.iter().map(UserId::to_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    generate_with(&GenerateOptions::new(profile, &texts, created), rng)
}

/// Makes a key; the User IDs are written as they are.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate_with(
    options: &GenerateOptions<'_>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<GeneratedKey, GenerateError> {
    let time = timestamp(options.created).ok_or(GenerateError::TimeOutOfRange)?;
    let internal = |error: Error| GenerateError::Internal(error.to_string());
    let plan = Plan::of(options)
        .ok_or_else(|| GenerateError::Internal("built without this kind of key".to_owned()))?;
    let (secret, primary) = plan.make(options.user_ids, time, rng).map_err(internal)?;
    let revocation = make_revocation(&primary, options.created, rng).map_err(internal)?;
    Ok(GeneratedKey { secret, revocation })
}

/// The 32 bits that packets have for a time.
pub(super) fn timestamp(time: UnixTime) -> Option<Timestamp> {
    u32::try_from(time.0).ok().map(Timestamp::from_secs)
}

/// A User ID must be read back as it was meant.
fn check_user_ids(user_ids: &[UserId]) -> Result<(), GenerateError> {
    if user_ids.is_empty() {
        return Err(GenerateError::NoUserId);
    }
    for id in user_ids {
        let text = id.to_text();
        if text.is_empty() || text.len() > 1024 || UserId::parse(&text) != *id {
            return Err(GenerateError::BadUserId(text));
        }
    }
    Ok(())
}

/// A revocation of the key, armored.
///
/// For version 6 the primary key stands in front (RFC 9580, section 10.1.3); version 4 has the
/// signature alone, as GnuPG makes and wants it.
pub(super) fn make_revocation(
    primary: &SecretKey,
    now: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<String, Error> {
    let time = Timestamp::from_secs(u32::try_from(now.0)?);
    let mut config = SignatureConfig::from_key(&mut *rng, primary, SignatureType::KeyRevocation)?;
    let reason = SubpacketData::RevocationReason(
        RevocationCode::NoReason,
        "This key must no longer be used".into(),
    );
    identify(
        &mut config,
        primary,
        time,
        vec![Subpacket::regular(reason)?],
    )?;
    let signature = config.sign_key(primary, &Password::empty(), primary.public_key())?;
    let mut bytes = Vec::new();
    if primary.version() == KeyVersion::V6 {
        write_packet(primary.public_key(), &mut bytes);
    }
    write_packet(&signature, &mut bytes);
    let readers = Readers::of(primary.version());
    Ok(armor::write_text(&bytes, BlockType::PublicKey, readers))
}

/// Gives a signature its time and its maker, then the other subpackets.
pub(super) fn identify(
    config: &mut SignatureConfig,
    signer: &impl KeyDetails,
    time: Timestamp,
    others: Vec<Subpacket>,
) -> Result<(), Error> {
    config.hashed_subpackets = vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(time))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(signer.fingerprint()))?,
    ];
    config.hashed_subpackets.extend(others);
    // Version 6 signatures must not have it (RFC 9580, section 5.2.3.12); GnuPG 2.2 looks for it.
    if signer.version() == KeyVersion::V4 {
        config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
            signer.legacy_key_id(),
        ))?];
    }
    Ok(())
}

/// The kinds of keys of a profile.
struct Plan {
    version: KeyVersion,
    primary: KeyType,
    /// Best first.
    encryption: Vec<KeyType>,
    seipd_v2: bool,
}

impl Plan {
    /// `None` for a kind of key that this build leaves out.
    fn of(options: &GenerateOptions<'_>) -> Option<Self> {
        let mut plan = match options.profile {
            Profile::Compatible => Self {
                version: KeyVersion::V4,
                primary: KeyType::Ed25519Legacy,
                encryption: encryption_keys_v4(options.classical),
                seipd_v2: false,
            },
            Profile::Modern => Self {
                version: KeyVersion::V6,
                primary: KeyType::Ed25519,
                encryption: vec![KeyType::X25519],
                seipd_v2: true,
            },
            #[cfg(not(feature = "pqc"))]
            Profile::PostQuantum => return None,
            #[cfg(feature = "pqc")]
            Profile::PostQuantum => Self {
                version: KeyVersion::V6,
                primary: KeyType::Ed25519,
                encryption: vec![KeyType::MlKem768X25519],
                seipd_v2: true,
            },
        };
        if options.signing_only {
            plan.encryption.clear();
        }
        Some(plan)
    }

    fn make(
        &self,
        user_ids: &[&str],
        time: Timestamp,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(SecretCertificate, SecretKey), Error> {
        let primary = self.make_primary(time, rng)?;
        let public = primary.public_key();
        let mut certificate = Certificate {
            primary: public.clone(),
            revocations: Vec::new(),
            direct: Vec::new(),
            foreign: Vec::new(),
            users: Vec::new(),
            subkeys: Vec::new(),
            weak: false,
        };
        let unlocked = Password::empty();
        // Without a User ID there is no other place for the metadata.
        if self.version == KeyVersion::V6 || user_ids.is_empty() {
            let mut config = SignatureConfig::from_key(&mut *rng, &primary, SignatureType::Key)?;
            identify(&mut config, &primary, time, metadata(self.seipd_v2)?)?;
            let signature = config.sign_key(&primary, &unlocked, public)?;
            certificate.direct.push(signature);
        }
        for (index, id) in user_ids.iter().enumerate() {
            let id = UserIdPacket::from_str(PacketHeaderVersion::New, *id)?;
            let mut config =
                SignatureConfig::from_key(&mut *rng, &primary, SignatureType::CertPositive)?;
            // Version 4 software looks for the metadata here.
            let mut others = match self.version {
                KeyVersion::V6 => Vec::new(),
                _ => metadata(self.seipd_v2)?,
            };
            if index == 0 {
                others.push(Subpacket::regular(SubpacketData::IsPrimary(true))?);
            }
            identify(&mut config, &primary, time, others)?;
            let signature =
                config.sign_certification(&primary, public, &unlocked, Tag::UserId, &id)?;
            certificate.users.push(User {
                id,
                certifications: vec![signature],
                revocations: Vec::new(),
                foreign: Vec::new(),
            });
        }
        let mut subkeys = Vec::new();
        for kind in &self.encryption {
            let (secret, subkey) = make_encryption_key(kind, &primary, time, rng)?;
            certificate.subkeys.push(subkey);
            subkeys.push(secret);
        }
        let secret = SecretCertificate::from_parts(certificate, Box::new(primary.clone()), subkeys);
        Ok((secret, primary))
    }

    fn make_primary(
        &self,
        time: Timestamp,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SecretKey, Error> {
        let (public, secret) = self.primary.generate(&mut *rng)?;
        let inner = PubKeyInner::new(self.version, self.primary.to_alg(), time, None, public)?;
        SecretKey::new(PublicKey::from_inner(inner)?, secret)
    }
}

/// The encryption keys of a version 4 certificate.
///
/// The one that withstands quantum computers (RFC 9980 allows ML-KEM-768 with X25519 in version 4)
/// comes first and the classical one last: software that does not know algorithm 35 passes over
/// the first, and of software that knows both, some takes the last one alone.
fn encryption_keys_v4(classical: bool) -> Vec<KeyType> {
    let mut keys = Vec::new();
    #[cfg(feature = "pqc")]
    if !classical {
        keys.push(KeyType::MlKem768X25519);
    }
    #[cfg(not(feature = "pqc"))]
    let _ = classical;
    keys.push(KeyType::ECDH(ECCCurve::Curve25519Legacy));
    keys
}

/// The hash algorithm that binds a post-quantum key to a version 4 certificate.
///
/// GnuPG 2.2 keeps a subkey of an algorithm that it does not know, and from then on finds none of
/// the owner's private keys: it stumbles over the one that it cannot name. A binding that it
/// cannot check makes it leave the subkey out, as it should. Whoever knows RFC 9980 has SHA-3.
const BINDING_ONLY_NEWER_SOFTWARE_CHECKS: HashAlgorithm = HashAlgorithm::Sha3_512;

/// The kind of encryption key that the primary key's version has, for keys that lack one.
pub(super) fn usual_encryption_key(version: KeyVersion) -> KeyType {
    match version {
        KeyVersion::V6 => KeyType::X25519,
        _ => KeyType::ECDH(ECCCurve::Curve25519Legacy),
    }
}

/// Makes an encryption key and binds it to the primary key, which must not be locked.
pub(super) fn make_encryption_key(
    kind: &KeyType,
    primary: &SecretKey,
    time: Timestamp,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(SecretSubkey, Subkey), Error> {
    let (public, secret) = kind.generate(&mut *rng)?;
    let inner = PubKeyInner::new(primary.version(), kind.to_alg(), time, None, public)?;
    let secret = SecretSubkey::new(PublicSubkey::from_inner(inner)?, secret)?;
    let mut flags = KeyFlags::default();
    flags.set_encrypt_comms(true);
    flags.set_encrypt_storage(true);
    let mut config = SignatureConfig::from_key(&mut *rng, primary, SignatureType::SubkeyBinding)?;
    if primary.version() == KeyVersion::V4 && kind.to_alg().is_pqc() {
        config.hash_alg = BINDING_ONLY_NEWER_SOFTWARE_CHECKS;
    }
    let flags = Subpacket::critical(SubpacketData::KeyFlags(flags))?;
    identify(&mut config, primary, time, vec![flags])?;
    let signature = config.sign_subkey_binding(
        primary,
        primary.public_key(),
        &Password::empty(),
        secret.public_key(),
    )?;
    let subkey = Subkey {
        key: secret.public_key().clone(),
        bindings: vec![Binding {
            signature,
            signed_back: false,
        }],
        revocations: Vec::new(),
    };
    Ok((secret, subkey))
}

/// What the primary key may do, and what its holder can read and prefers.
pub(super) fn metadata(seipd_v2: bool) -> Result<Vec<Subpacket>, Error> {
    let mut flags = KeyFlags::default();
    flags.set_certify(true);
    flags.set_sign(true);
    let mut features = Features::new();
    features.set_seipd_v1(true);
    features.set_seipd_v2(seipd_v2);
    let (aes256, aes128) = (SymmetricKeyAlgorithm::AES256, SymmetricKeyAlgorithm::AES128);
    let ciphers = [aes256, SymmetricKeyAlgorithm::AES192, aes128];
    let hashes = [
        HashAlgorithm::Sha512,
        HashAlgorithm::Sha384,
        HashAlgorithm::Sha256,
    ];
    let mut metadata = vec![
        Subpacket::critical(SubpacketData::KeyFlags(flags))?,
        Subpacket::regular(SubpacketData::Features(features))?,
        Subpacket::regular(SubpacketData::PreferredSymmetricAlgorithms(
            ciphers.as_slice().into(),
        ))?,
        Subpacket::regular(SubpacketData::PreferredHashAlgorithms(
            hashes.as_slice().into(),
        ))?,
        // Compressing before encrypting tells something of the content by its length.
        Subpacket::regular(SubpacketData::PreferredCompressionAlgorithms(
            [CompressionAlgorithm::Uncompressed].as_slice().into(),
        ))?,
    ];
    if seipd_v2 {
        let suites = [
            (aes256, AeadAlgorithm::Gcm),
            (aes256, AeadAlgorithm::Ocb),
            (aes128, AeadAlgorithm::Gcm),
            (aes128, AeadAlgorithm::Ocb),
        ];
        metadata.push(Subpacket::regular(SubpacketData::PreferredAeadAlgorithms(
            suites.as_slice().into(),
        ))?);
    }
    Ok(metadata)
}
