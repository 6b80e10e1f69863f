//! Vouching for other people's User IDs, and asking who vouches.

use pgp::{
    packet::{Signature, SignatureConfig, SignatureType, UserId as UserIdPacket},
    types::{PacketHeaderVersion, Password, Tag},
};
use rand::{CryptoRng, RngCore};

use super::{
    Certificate, CertificateStatus, SecretCertificate,
    assemble::claims_to_be_by,
    certificate::User,
    error::CertifyError,
    generate::{identify, timestamp},
    policy,
    types::UserId,
};
use crate::ids::UnixTime;

/// Which User IDs are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserIdMatch<'a> {
    /// Those with exactly this text.
    Text(&'a str),
    /// Those with this mail address, whatever the name; ASCII letters match in either case.
    Address(&'a str),
}

impl UserIdMatch<'_> {
    fn matches(self, id: &UserIdPacket) -> bool {
        match (self, id.as_str()) {
            (Self::Text(text), Some(own)) => own == text,
            (Self::Address(address), Some(own)) => {
                let own = UserId::parse(own).address;
                !own.is_empty() && own.eq_ignore_ascii_case(address)
            }
            (_, None) => false,
        }
    }
}

impl SecretCertificate {
    /// The certificate with this key's certifications of its User IDs with these texts.
    ///
    /// A User ID must be bound by the certificate itself, unless `unbound` allows others, which
    /// are added then.
    ///
    /// # Errors
    /// See [`CertifyError`].
    pub fn certify(
        &self,
        certificate: &Certificate,
        user_ids: &[&str],
        unbound: bool,
        now: UnixTime,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Certificate, CertifyError> {
        policy::certifying(self.public(), now).map_err(CertifyError::CannotCertify)?;
        if self.primary().secret_params().is_encrypted() {
            return Err(CertifyError::Locked);
        }
        let time = timestamp(now).ok_or(CertifyError::TimeOutOfRange)?;
        let internal = |error: pgp::errors::Error| CertifyError::Internal(error.to_string());
        let mut certified = certificate.clone();
        for text in user_ids {
            let bound = policy::users_in_force(certificate, now)
                .any(|user| UserIdMatch::Text(text).matches(&user.id));
            if !bound && !unbound {
                return Err(CertifyError::NoSuchUserId);
            }
            let known = certified
                .users
                .iter()
                .position(|user| UserIdMatch::Text(text).matches(&user.id));
            let id = UserIdPacket::from_str(PacketHeaderVersion::New, *text).map_err(internal)?;
            let primary = self.primary();
            let mut config =
                SignatureConfig::from_key(&mut *rng, primary, SignatureType::CertGeneric)
                    .map_err(internal)?;
            identify(&mut config, primary, time, Vec::new()).map_err(internal)?;
            let signature = config
                .sign_certification_third_party(
                    primary,
                    &Password::empty(),
                    &certificate.primary,
                    Tag::UserId,
                    &id,
                )
                .map_err(internal)?;
            match known.and_then(|index| certified.users.get_mut(index)) {
                Some(user) => user.foreign.push(signature),
                None => certified.users.push(User {
                    id,
                    certifications: Vec::new(),
                    revocations: Vec::new(),
                    foreign: vec![signature],
                }),
            }
        }
        Ok(certified)
    }
}

impl Certificate {
    /// True if one of the authorities vouches for a User ID that is meant and in force at that
    /// time. An authority vouches for its own User IDs.
    pub fn is_vouched_for(
        &self,
        user_id: UserIdMatch<'_>,
        authorities: &[&Self],
        at: UnixTime,
    ) -> bool {
        self.status(at) == CertificateStatus::Usable
            && policy::users_in_force(self, at)
                .filter(|user| user_id.matches(&user.id))
                .any(|user| {
                    authorities.iter().any(|authority| {
                        policy::certifying(authority, at).is_ok()
                            && (authority.fingerprint() == self.fingerprint()
                                || certifies(authority, self, user, at))
                    })
                })
    }
}

fn certifies(authority: &Certificate, target: &Certificate, user: &User, at: UnixTime) -> bool {
    let by_authority: Vec<&Signature> = user
        .foreign
        .iter()
        .filter(|signature| {
            claims_to_be_by(signature, &authority.primary)
                && signature
                    .verify_third_party_certification(
                        &target.primary,
                        &authority.primary,
                        Tag::UserId,
                        &user.id,
                    )
                    .is_ok()
        })
        .collect();
    by_authority.iter().any(|signature| {
        policy::is_valid_certification(signature, at)
            && !by_authority
                .iter()
                .any(|other| policy::withdraws(other, policy::made_at(signature), at))
    })
}
