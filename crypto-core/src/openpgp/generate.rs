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
pub struct GeneratedKey {
    /// The key, not locked.
    pub secret: SecretCertificate,
    /// An armored revocation certificate. Whoever has it can declare the key void.
    pub revocation: String,
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
    let time = u32::try_from(created.0)
        .map(Timestamp::from_secs)
        .map_err(|_| GenerateError::TimeOutOfRange)?;
    let internal = |error: Error| GenerateError::Internal(error.to_string());
    let plan = Plan::of(profile);
    let secret = plan.make(user_ids, time, rng).map_err(internal)?;
    let (secret, primary) = secret;
    let revocation = make_revocation(&primary, created, rng).map_err(internal)?;
    Ok(GeneratedKey { secret, revocation })
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
fn identify(
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
    encryption: KeyType,
    seipd_v2: bool,
}

impl Plan {
    fn of(profile: Profile) -> Self {
        match profile {
            Profile::Compatible => Self {
                version: KeyVersion::V4,
                primary: KeyType::Ed25519Legacy,
                encryption: KeyType::ECDH(ECCCurve::Curve25519Legacy),
                seipd_v2: false,
            },
            Profile::Modern => Self {
                version: KeyVersion::V6,
                primary: KeyType::Ed25519,
                encryption: KeyType::X25519,
                seipd_v2: true,
            },
            Profile::PostQuantum => Self {
                version: KeyVersion::V6,
                primary: KeyType::Ed25519,
                encryption: KeyType::MlKem768X25519,
                seipd_v2: true,
            },
        }
    }

    fn make(
        &self,
        user_ids: &[UserId],
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
        if self.version == KeyVersion::V6 {
            let mut config = SignatureConfig::from_key(&mut *rng, &primary, SignatureType::Key)?;
            identify(&mut config, &primary, time, self.metadata()?)?;
            let signature = config.sign_key(&primary, &unlocked, public)?;
            certificate.direct.push(signature);
        }
        for (index, id) in user_ids.iter().enumerate() {
            let id = UserIdPacket::from_str(PacketHeaderVersion::New, id.to_text())?;
            let mut config =
                SignatureConfig::from_key(&mut *rng, &primary, SignatureType::CertPositive)?;
            // Version 4 software looks for the metadata here.
            let mut others = match self.version {
                KeyVersion::V6 => Vec::new(),
                _ => self.metadata()?,
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
        let subkey = self.make_subkey(time, rng)?;
        let mut flags = KeyFlags::default();
        flags.set_encrypt_comms(true);
        flags.set_encrypt_storage(true);
        let mut config =
            SignatureConfig::from_key(&mut *rng, &primary, SignatureType::SubkeyBinding)?;
        let flags = Subpacket::critical(SubpacketData::KeyFlags(flags))?;
        identify(&mut config, &primary, time, vec![flags])?;
        let binding =
            config.sign_subkey_binding(&primary, public, &unlocked, subkey.public_key())?;
        certificate.subkeys.push(Subkey {
            key: subkey.public_key().clone(),
            bindings: vec![Binding {
                signature: binding,
                signed_back: false,
            }],
            revocations: Vec::new(),
        });
        let secret = SecretCertificate::from_parts(certificate, primary.clone(), vec![subkey]);
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

    fn make_subkey(
        &self,
        time: Timestamp,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<SecretSubkey, Error> {
        let (public, secret) = self.encryption.generate(&mut *rng)?;
        let inner = PubKeyInner::new(self.version, self.encryption.to_alg(), time, None, public)?;
        SecretSubkey::new(PublicSubkey::from_inner(inner)?, secret)
    }

    /// What the primary key may do, and what its holder can read and prefers.
    fn metadata(&self) -> Result<Vec<Subpacket>, Error> {
        let mut flags = KeyFlags::default();
        flags.set_certify(true);
        flags.set_sign(true);
        let mut features = Features::new();
        features.set_seipd_v1(true);
        features.set_seipd_v2(self.seipd_v2);
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
        if self.seipd_v2 {
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
}
