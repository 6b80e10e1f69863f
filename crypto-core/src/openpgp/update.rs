//! Keeping one's own key up to date: self-signatures that are too weak by today's standards are
//! made again, and what the key can do but does not say is said.

use pgp::{
    errors::Error,
    packet::{RevocationCode, Signature, SignatureConfig, SignatureType, Subpacket, SubpacketData},
    types::{KeyDetails, KeyVersion, Password, Tag, Timestamp},
};
use rand::{CryptoRng, RngCore};

use super::{
    CertificateStatus, SecretCertificate,
    error::{CertificateProblem, CertifyError},
    generate::{identify, make_encryption_key, metadata, timestamp, usual_encryption_key},
    policy,
    secret::AnySecretKey,
};
use crate::ids::UnixTime;

/// What an update may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UpdateOptions {
    /// Does not add an encryption key where there is none.
    pub signing_only: bool,
    /// Does not announce anything that was not announced.
    pub no_added_capabilities: bool,
    /// When it is done.
    pub now: UnixTime,
}

impl UpdateOptions {
    /// Everything that is sensible.
    pub fn new(now: UnixTime) -> Self {
        Self {
            signing_only: false,
            no_added_capabilities: false,
            now,
        }
    }
}

impl SecretCertificate {
    /// The key with everything about it up to date; its primary key must not be locked.
    ///
    /// # Errors
    /// [`CertifyError::CannotCertify`] if the key as a whole is revoked or too weak.
    pub fn updated(
        &self,
        options: &UpdateOptions,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, CertifyError> {
        let status = self.public().status(options.now);
        if matches!(
            status,
            CertificateStatus::Revoked(_)
                | CertificateStatus::Unusable(_)
                | CertificateStatus::NotYetValid(_)
        ) {
            let problem = CertificateProblem::NotInForce(status);
            return Err(CertifyError::CannotCertify(problem));
        }
        if self.primary().secret_params().is_encrypted() {
            return Err(CertifyError::Locked);
        }
        let time = timestamp(options.now).ok_or(CertifyError::TimeOutOfRange)?;
        let mut updated = self.clone();
        updated
            .update(options, time, rng)
            .map_err(|error| CertifyError::Internal(error.to_string()))?;
        Ok(updated)
    }

    fn update(
        &mut self,
        options: &UpdateOptions,
        time: Timestamp,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<(), Error> {
        let unlocked = Password::empty();
        let primary = self.primary().clone();
        let public = primary.public_key();
        let before = self.clone();
        let (certificate, _, subkeys) = self.parts_mut();

        if let Some(current) = policy::newest(&certificate.direct, options.now)
            && let Some(others) = renewed(current, &primary, options)?
        {
            let mut config = SignatureConfig::from_key(&mut *rng, &primary, SignatureType::Key)?;
            identify(&mut config, &primary, time, others)?;
            let signature = config.sign_key(&primary, &unlocked, public)?;
            certificate.direct.push(signature);
        }
        for user in &mut certificate.users {
            let Some(current) = policy::self_certification(user, options.now) else {
                continue;
            };
            let Some(others) = renewed(current, &primary, options)? else {
                continue;
            };
            let mut config =
                SignatureConfig::from_key(&mut *rng, &primary, SignatureType::CertPositive)?;
            identify(&mut config, &primary, time, others)?;
            let signature =
                config.sign_certification(&primary, public, &unlocked, Tag::UserId, &user.id)?;
            user.certifications.push(signature);
        }
        for subkey in &mut certificate.subkeys {
            let Some(current) = policy::current_binding(subkey, options.now) else {
                continue;
            };
            if !is_weak(&current.signature) {
                continue;
            }
            let mut others = kept(&current.signature);
            let signs = current.signed_back;
            if signs {
                let own = before
                    .keys()
                    .find(|key| key.fingerprint() == policy::fingerprint(&subkey.key));
                // Locked or elsewhere: it cannot sign back again.
                let Some(AnySecretKey::Subkey(own)) = own.filter(AnySecretKey::is_plain) else {
                    continue;
                };
                let mut config =
                    SignatureConfig::from_key(&mut *rng, own, SignatureType::KeyBinding)?;
                identify(&mut config, own, time, Vec::new())?;
                let back =
                    config.sign_primary_key_binding(own, own.public_key(), &unlocked, public)?;
                others.push(Subpacket::regular(SubpacketData::EmbeddedSignature(
                    Box::new(back),
                ))?);
            }
            let mut config =
                SignatureConfig::from_key(&mut *rng, &primary, SignatureType::SubkeyBinding)?;
            identify(&mut config, &primary, time, others)?;
            let signature = config.sign_subkey_binding(&primary, public, &unlocked, &subkey.key)?;
            subkey.bindings.push(super::certificate::Binding {
                signature,
                signed_back: signs,
            });
        }
        let encrypts = policy::encryption_key(certificate, options.now).is_ok();
        if !encrypts && !options.signing_only && !options.no_added_capabilities {
            let kind = usual_encryption_key(primary.version());
            let (secret, subkey) = make_encryption_key(&kind, &primary, time, rng)?;
            certificate.subkeys.push(subkey);
            subkeys.push(secret);
        }
        Ok(())
    }

    /// Withdraws the encryption keys that withstand quantum computers, where there is another
    /// one, so that from the new certificate on everybody writes what any software reads.
    ///
    /// For owners who take a [`super::Profile::Compatible`] key to software that does not know
    /// RFC 9980. Messages that came before still need the withdrawn key, which stays in it.
    ///
    /// # Errors
    /// See [`CertifyError`].
    pub fn without_post_quantum(
        &self,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Self, CertifyError> {
        if self.primary().secret_params().is_encrypted() {
            return Err(CertifyError::Locked);
        }
        let wanted = policy::Wanted::of(policy::Kinds::Classical);
        let others = policy::encryption_keys(self.public(), now, wanted)
            .map_err(CertifyError::CannotCertify)?;
        if others.iter().all(policy::AnyKey::is_post_quantum) {
            return Err(CertifyError::CannotCertify(
                CertificateProblem::NoSuitableKey,
            ));
        }
        let time = timestamp(now).ok_or(CertifyError::TimeOutOfRange)?;
        let mut changed = self.clone();
        let primary = self.primary();
        let (certificate, _, _) = changed.parts_mut();
        for subkey in &mut certificate.subkeys {
            if !policy::AnyKey::Subkey(&subkey.key).is_post_quantum()
                || !subkey.revocations.is_empty()
            {
                continue;
            }
            let mut revoke = || -> Result<Signature, Error> {
                let mut config =
                    SignatureConfig::from_key(&mut *rng, primary, SignatureType::SubkeyRevocation)?;
                let reason = SubpacketData::RevocationReason(
                    RevocationCode::KeyRetired,
                    "Its owner uses software that cannot read it".into(),
                );
                identify(
                    &mut config,
                    primary,
                    time,
                    vec![Subpacket::regular(reason)?],
                )?;
                config.sign_subkey_binding(
                    primary,
                    primary.public_key(),
                    &Password::empty(),
                    &subkey.key,
                )
            };
            let signature = revoke().map_err(|error| CertifyError::Internal(error.to_string()))?;
            subkey.revocations.push(signature);
        }
        Ok(changed)
    }
}

/// The subpackets of a self-signature made again, if there is a reason to make it again.
fn renewed(
    current: &Signature,
    primary: &pgp::packet::SecretKey,
    options: &UpdateOptions,
) -> Result<Option<Vec<Subpacket>>, Error> {
    let mut others = kept(current);
    let mut changed = is_weak(current);
    // What carries the metadata; a second User ID's certification need not.
    let carries = others
        .iter()
        .any(|subpacket| matches!(subpacket.data, SubpacketData::KeyFlags(_)));
    if carries && !options.no_added_capabilities {
        for wanted in metadata(primary.version() == KeyVersion::V6)? {
            let says = |subpacket: &Subpacket| {
                std::mem::discriminant(&subpacket.data) == std::mem::discriminant(&wanted.data)
            };
            let position = others.iter().position(says);
            let lacks = match (&wanted.data, position.and_then(|at| others.get(at))) {
                (_, None) => true,
                (SubpacketData::Features(wanted), Some(own)) => match &own.data {
                    SubpacketData::Features(own) => {
                        (wanted.seipd_v1() && !own.seipd_v1())
                            || (wanted.seipd_v2() && !own.seipd_v2())
                    }
                    _ => false,
                },
                _ => false,
            };
            if lacks {
                if let Some(at) = position {
                    others.remove(at);
                }
                others.push(wanted);
                changed = true;
            }
        }
    }
    Ok(changed.then_some(others))
}

/// Everything a self-signature says but who made it and when.
fn kept(signature: &Signature) -> Vec<Subpacket> {
    signature
        .config()
        .into_iter()
        .flat_map(SignatureConfig::hashed_subpackets)
        .filter(|subpacket| {
            !matches!(
                subpacket.data,
                SubpacketData::SignatureCreationTime(_)
                    | SubpacketData::IssuerFingerprint(_)
                    | SubpacketData::IssuerKeyId(_)
                    | SubpacketData::EmbeddedSignature(_)
            )
        })
        .cloned()
        .collect()
}

fn is_weak(signature: &Signature) -> bool {
    signature
        .hash_alg()
        .and_then(policy::hash_kind)
        .is_none_or(|kind| kind == crate::bulk::HashKind::Sha1)
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a test reports a failed expectation by panicking"
)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::openpgp::{Profile, UserId, generate};

    #[cfg(feature = "pqc")]
    #[test]
    fn an_owner_who_reads_elsewhere_withdraws_the_post_quantum_key() {
        let mut rng = StdRng::seed_from_u64(1);
        let ids = [UserId::new("Ann", "ann@example.org")];
        let made = UnixTime(1_790_000_000);
        let later = UnixTime(1_790_100_000);
        let key = |profile, rng: &mut StdRng| generate(profile, &ids, made, rng).unwrap().secret;
        let ann = key(Profile::Compatible, &mut rng);
        let features = |key: &SecretCertificate| key.certificate().check_encryption(later).unwrap();
        assert!(features(&ann).post_quantum);
        let changed = ann.without_post_quantum(later, &mut rng).unwrap();
        assert!(!features(&changed).post_quantum);
        // Others learn of it by merging; the private key that older messages need stays.
        let merged = ann.certificate().merge(&changed.certificate()).unwrap();
        assert!(!merged.check_encryption(later).unwrap().post_quantum);
        assert_eq!(changed.keys().count(), 3);
        let again = SecretCertificate::parse(&changed.to_bytes()).unwrap();
        assert_eq!(again.certificate(), changed.certificate());

        let only = key(Profile::PostQuantum, &mut rng);
        assert!(matches!(
            only.without_post_quantum(later, &mut rng),
            Err(CertifyError::CannotCertify(_))
        ));
    }

    #[test]
    fn what_is_up_to_date_stays_as_it_is() {
        let mut rng = StdRng::seed_from_u64(2);
        let ids = [UserId::new("Ann", "ann@example.org")];
        let made = UnixTime(1_790_000_000);
        for profile in [Profile::Compatible, Profile::Modern] {
            let key = generate(profile, &ids, made, &mut rng).unwrap().secret;
            let options = UpdateOptions::new(UnixTime(1_790_100_000));
            let updated = key.updated(&options, &mut rng).unwrap();
            assert_eq!(updated.certificate(), key.certificate());
        }
    }
}
