//! Ending a key: by a date it announces, or by withdrawing it for a reason.

use pgp::{
    armor::BlockType,
    packet::{
        RevocationCode, SecretKey, Signature, SignatureConfig, SignatureType, Subpacket,
        SubpacketData,
    },
    types::{Duration, KeyDetails, KeyVersion, Password, Tag, Timestamp},
};
use rand::{CryptoRng, RngCore};

use super::{
    SecretCertificate,
    armor::{self, Readers},
    certificate::write_packet,
    error::LockError,
};
use crate::ids::UnixTime;

/// Why a key is withdrawn (RFC 9580, section 5.2.3.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// No reason is given; what the key ever signed counts no longer.
    Unspecified,
    /// Another key is used from now on; what it signed before stays good.
    Superseded,
    /// Somebody else may have the key; what it ever signed counts no longer.
    Compromised,
    /// The key is used no longer; what it signed before stays good.
    Retired,
}

impl RevocationReason {
    fn subpacket(self) -> SubpacketData {
        let (code, text) = match self {
            Self::Unspecified => (RevocationCode::NoReason, "This key must no longer be used"),
            Self::Superseded => (RevocationCode::KeySuperseded, "Another key is used now"),
            Self::Compromised => (
                RevocationCode::KeyCompromised,
                "Somebody else may have this key",
            ),
            Self::Retired => (RevocationCode::KeyRetired, "This key is used no longer"),
        };
        SubpacketData::RevocationReason(code, text.into())
    }
}

impl SecretCertificate {
    /// A revocation of the whole key with its reason, armored as
    /// [`SecretCertificate::make_revocation`] does.
    ///
    /// # Errors
    /// [`LockError::Locked`] if the key is locked.
    pub fn revocation_because(
        &self,
        reason: RevocationReason,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<String, LockError> {
        let primary = self.unlocked_primary()?;
        let mut make = || -> Result<Vec<u8>, pgp::errors::Error> {
            let mut config =
                SignatureConfig::from_key(&mut *rng, primary, SignatureType::KeyRevocation)?;
            config.hashed_subpackets = about(primary, now)?;
            config
                .hashed_subpackets
                .push(Subpacket::regular(reason.subpacket())?);
            config.unhashed_subpackets = issuer(primary)?;
            let signature = config.sign_key(primary, &Password::empty(), primary.public_key())?;
            let mut bytes = Vec::new();
            if primary.version() == KeyVersion::V6 {
                write_packet(primary.public_key(), &mut bytes);
            }
            write_packet(&signature, &mut bytes);
            Ok(bytes)
        };
        let bytes = make().map_err(|error| LockError::Internal(error.to_string()))?;
        let readers = Readers::of(primary.version());
        Ok(armor::write_text(&bytes, BlockType::PublicKey, readers))
    }

    /// The same key with an end: new self-signatures that say everything the newest ones said,
    /// and that the key is not to be used from `expires` on. `None` takes the end away.
    ///
    /// # Errors
    /// [`LockError::Locked`] if the key is locked.
    pub fn expiring(
        &self,
        expires: Option<UnixTime>,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, LockError> {
        let internal = |error: pgp::errors::Error| LockError::Internal(error.to_string());
        let primary = self.unlocked_primary()?;
        let created = super::policy::key_created(primary).0;
        let lifetime = match expires {
            None => None,
            Some(end) => {
                let seconds = end.0.checked_sub(created).filter(|s| *s > 0);
                let seconds = seconds.and_then(|s| u32::try_from(s).ok());
                let seconds = seconds
                    .ok_or_else(|| LockError::Internal("its end is out of range".to_owned()))?;
                Some(Duration::from_secs(seconds))
            }
        };
        let mut certificate = self.public().clone();
        let newest = |signatures: &[Signature]| {
            signatures
                .iter()
                .max_by_key(|one| one.created().map(|time| time.as_secs()))
                .cloned()
        };
        if let Some(old) = newest(&certificate.direct) {
            let config = renewed(&old, primary, lifetime, now, rng).map_err(internal)?;
            let signature = config
                .sign_key(primary, &Password::empty(), primary.public_key())
                .map_err(internal)?;
            certificate.direct.push(signature);
        }
        for user in &mut certificate.users {
            let Some(old) = newest(&user.certifications) else {
                continue;
            };
            let config = renewed(&old, primary, lifetime, now, rng).map_err(internal)?;
            let signature = config
                .sign_certification(
                    primary,
                    primary.public_key(),
                    &Password::empty(),
                    Tag::UserId,
                    &user.id,
                )
                .map_err(internal)?;
            user.certifications.push(signature);
        }
        self.with_certificate(&certificate)
            .map_err(|error| LockError::Internal(error.to_string()))
    }
}

/// When and by which key a signature is made.
fn about(primary: &SecretKey, now: UnixTime) -> Result<Vec<Subpacket>, pgp::errors::Error> {
    let time = Timestamp::from_secs(u32::try_from(now.0)?);
    Ok(vec![
        Subpacket::critical(SubpacketData::SignatureCreationTime(time))?,
        Subpacket::regular(SubpacketData::IssuerFingerprint(primary.fingerprint()))?,
    ])
}

/// Version 6 signatures must not have it (RFC 9580, section 5.2.3.12); GnuPG 2.2 looks for it.
fn issuer(primary: &SecretKey) -> Result<Vec<Subpacket>, pgp::errors::Error> {
    Ok(match primary.version() {
        KeyVersion::V4 => vec![Subpacket::regular(SubpacketData::IssuerKeyId(
            primary.legacy_key_id(),
        ))?],
        _ => Vec::new(),
    })
}

/// A self-signature to be, which says what the old one said, and another end.
fn renewed(
    old: &Signature,
    primary: &SecretKey,
    lifetime: Option<Duration>,
    now: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SignatureConfig, pgp::errors::Error> {
    let kind = old.typ().unwrap_or(SignatureType::CertPositive);
    let mut config = SignatureConfig::from_key(rng, primary, kind)?;
    config.hashed_subpackets = about(primary, now)?;
    if let Some(said) = old.config() {
        config.hashed_subpackets.extend(
            said.hashed_subpackets()
                .filter(|subpacket| {
                    !matches!(
                        subpacket.data,
                        SubpacketData::SignatureCreationTime(_)
                            | SubpacketData::SignatureExpirationTime(_)
                            | SubpacketData::IssuerFingerprint(_)
                            | SubpacketData::IssuerKeyId(_)
                            | SubpacketData::KeyExpirationTime(_)
                    )
                })
                .cloned(),
        );
    }
    if let Some(lifetime) = lifetime {
        let end = SubpacketData::KeyExpirationTime(lifetime);
        config.hashed_subpackets.push(Subpacket::critical(end)?);
    }
    config.unhashed_subpackets = issuer(primary)?;
    Ok(config)
}
