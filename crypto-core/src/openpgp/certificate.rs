//! Public certificates.

use std::fmt;

use pgp::{
    armor::BlockType,
    packet::{Packet, PacketTrait, PublicKey, PublicSubkey, Signature, UserId as UserIdPacket},
    ser::Serialize,
    types::{KeyDetails, Tag},
};

use super::{
    armor::{self, Readers},
    assemble::{self, Expect, MAX_FOREIGN, claims_to_be_by},
    error::{CertificateProblem, ImportError, MergeError},
    packets::PacketWalk,
    policy,
    types::{CertificateStatus, EncryptionFeatures, UserId},
};
use crate::ids::{Fingerprint, UnixTime};

/// A public certificate (transferable public key, RFC 9580, section 10.1): keys, User IDs and
/// the self-signatures that bind them.
///
/// Every self-signature in it has been verified; photos and what nothing binds are left out.
/// Whether it is in force at a given time is another question: see [`Certificate::status`].
#[derive(Clone)]
pub struct Certificate {
    pub(super) primary: PublicKey,
    /// Revocations of the whole certificate, by itself.
    pub(super) revocations: Vec<Signature>,
    /// Direct-key signatures, by itself.
    pub(super) direct: Vec<Signature>,
    /// Signatures of others on the primary key, not looked at.
    pub(super) foreign: Vec<Signature>,
    pub(super) users: Vec<User>,
    pub(super) subkeys: Vec<Subkey>,
    /// There were self-signatures that are too weak to count.
    pub(super) weak: bool,
}

/// A User ID with its certifications.
#[derive(Clone)]
pub(super) struct User {
    pub(super) id: UserIdPacket,
    pub(super) certifications: Vec<Signature>,
    pub(super) revocations: Vec<Signature>,
    /// Certifications by others, not looked at.
    pub(super) foreign: Vec<Signature>,
}

/// A subkey with its bindings.
#[derive(Clone)]
pub(super) struct Subkey {
    pub(super) key: PublicSubkey,
    pub(super) bindings: Vec<Binding>,
    pub(super) revocations: Vec<Signature>,
}

/// A subkey's binding to the primary key.
#[derive(Clone)]
pub(super) struct Binding {
    pub(super) signature: Signature,
    /// The subkey has signed the primary key in turn.
    pub(super) signed_back: bool,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Certificate({})", self.fingerprint())
    }
}

impl PartialEq for Certificate {
    /// Equal if every packet of the two is.
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Reads exactly one certificate, armored or binary.
    ///
    /// # Errors
    /// [`ImportError::SecretKeyGiven`] if it holds any secret packet, whatever surrounds it.
    pub fn parse(bytes: &[u8]) -> Result<Self, ImportError> {
        let mut all = Self::parse_many(bytes)?;
        match (all.pop(), all.is_empty()) {
            (Some(one), true) => Ok(one),
            _ => Err(ImportError::SeveralCertificates),
        }
    }

    /// Reads all certificates of a keyring, armored or binary; none is an error.
    ///
    /// # Errors
    /// As for [`Certificate::parse`].
    pub fn parse_many(bytes: &[u8]) -> Result<Vec<Self>, ImportError> {
        let all = assemble::assemble(bytes, Expect::Public)?;
        Ok(all.into_iter().map(|one| one.certificate).collect())
    }

    /// As [`Certificate::parse_many`], but certificates of versions and kinds that are not
    /// supported are left out, so that one new key does not spoil a keyring.
    ///
    /// # Errors
    /// As for [`Certificate::parse`]; [`ImportError::Unsupported`] if none is left.
    pub fn parse_keyring(bytes: &[u8]) -> Result<Vec<Self>, ImportError> {
        let all = assemble::assemble(bytes, Expect::Keyring)?;
        Ok(all.into_iter().map(|one| one.certificate).collect())
    }

    /// The primary key and its revocations alone: a revocation certificate in the form of a
    /// certificate, to be merged into others' copies.
    #[must_use]
    pub fn only_revocations(&self) -> Self {
        Self {
            revocations: self.revocations.clone(),
            ..Self::of_key(self.primary.clone())
        }
    }

    /// The binary form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut output = Vec::new();
        write_packet(&self.primary, &mut output);
        self.write_after_primary(&mut output, |subkey, output| {
            write_packet(&subkey.key, output);
        });
        output
    }

    /// The same certificate without the certifications others made: what a directory publishes,
    /// since anybody can add any number of them to anybody's certificate.
    #[must_use]
    pub fn without_foreign(&self) -> Self {
        let mut own = self.clone();
        own.foreign.clear();
        for user in &mut own.users {
            user.foreign.clear();
        }
        own
    }

    /// Everything that follows the primary key; the caller writes the subkeys' own packets.
    pub(super) fn write_after_primary(
        &self,
        output: &mut Vec<u8>,
        mut write_subkey: impl FnMut(&Subkey, &mut Vec<u8>),
    ) {
        let write_all = |signatures: &[Signature], output: &mut Vec<u8>| {
            for signature in signatures {
                write_packet(signature, output);
            }
        };
        write_all(&self.revocations, output);
        write_all(&self.direct, output);
        write_all(&self.foreign, output);
        for user in &self.users {
            write_packet(&user.id, output);
            write_all(&user.revocations, output);
            write_all(&user.certifications, output);
            write_all(&user.foreign, output);
        }
        for subkey in &self.subkeys {
            write_subkey(subkey, output);
            write_all(&subkey.revocations, output);
            for binding in &subkey.bindings {
                write_packet(&binding.signature, output);
            }
        }
    }

    /// The armored form (ASCII).
    pub fn to_armor(&self) -> String {
        let readers = Readers::of(self.primary.version());
        armor::write_text(&self.to_bytes(), BlockType::PublicKey, readers)
    }

    /// The fingerprint of the primary key.
    pub fn fingerprint(&self) -> Fingerprint {
        policy::fingerprint(&self.primary)
    }

    /// When the primary key was made.
    pub fn created(&self) -> UnixTime {
        policy::key_created(&self.primary)
    }

    /// The User IDs that a valid self-signature binds and none revokes, the primary one first.
    pub fn user_ids(&self) -> Vec<UserId> {
        policy::user_ids(self)
            .into_iter()
            .filter_map(|user| user.id.as_str().map(UserId::parse))
            .collect()
    }

    /// True if one of [`Certificate::user_ids`] has this mail address; ASCII letters match in
    /// either case.
    pub fn has_address(&self, address: &str) -> bool {
        !address.is_empty()
            && self
                .user_ids()
                .iter()
                .any(|id| id.address.eq_ignore_ascii_case(address))
    }

    /// What the certificate as a whole is good for.
    pub fn status(&self, now: UnixTime) -> CertificateStatus {
        policy::status(self, now)
    }

    /// When the certificate ends by itself, if ever.
    pub fn expires(&self) -> Option<UnixTime> {
        policy::expires(self)
    }

    /// Checks that messages can be encrypted to it, and says what its holder can read.
    ///
    /// # Errors
    /// Why it cannot be encrypted to.
    pub fn check_encryption(
        &self,
        now: UnixTime,
    ) -> Result<EncryptionFeatures, CertificateProblem> {
        let key = policy::encryption_key(self, now)?;
        let preferences = policy::preferences(self, now);
        Ok(EncryptionFeatures {
            seipd_v2: preferences.seipd_v2,
            gcm: preferences.aead.contains(&super::container::AES256_GCM),
            post_quantum: key.is_post_quantum(),
        })
    }

    /// Takes over what another version of the same certificate knows: newer self-signatures,
    /// User IDs, subkeys, revocations. Nothing is ever lost by merging.
    ///
    /// # Errors
    /// [`MergeError::DifferentKeys`].
    pub fn merge(&self, other: &Self) -> Result<Self, MergeError> {
        if self.primary.to_bytes().ok() != other.primary.to_bytes().ok() {
            return Err(MergeError::DifferentKeys);
        }
        let mut merged = self.clone();
        merged.revocations.extend_from_slice(&other.revocations);
        merged.direct.extend_from_slice(&other.direct);
        merged.foreign.extend_from_slice(&other.foreign);
        merged.users.extend_from_slice(&other.users);
        merged.subkeys.extend_from_slice(&other.subkeys);
        merged.weak |= other.weak;
        merged.unite_duplicates();
        Ok(merged)
    }

    /// Applies a revocation certificate, armored or binary.
    ///
    /// # Errors
    /// [`MergeError::NotARevocation`] if it was not made by this certificate's primary key.
    pub fn revoke(&self, revocation: &[u8]) -> Result<Self, MergeError> {
        let dearmored = armor::read(revocation).map_err(ImportError::Malformed)?;
        let mut revoked = self.clone();
        let before = revoked.revocations.len();
        // The primary key may be repeated in front, as RFC 9580 (section 10.1.3) wants it for
        // version 6; the signature alone decides.
        for packet in PacketWalk::new(&dearmored.bytes).take(8) {
            let packet = packet.map_err(|_| MergeError::NotARevocation)?;
            if packet.tag() != Tag::Signature {
                continue;
            }
            if let Ok(Packet::Signature(signature)) =
                Packet::from_reader(packet.header, packet.body())
                && claims_to_be_by(&signature, &self.primary)
            {
                revoked.add_to_primary(signature);
            }
        }
        if revoked.revocations.len() == before {
            return Err(MergeError::NotARevocation);
        }
        revoked.unite_duplicates();
        Ok(revoked)
    }

    /// Leaves each signature, User ID and subkey in it once.
    pub(super) fn unite_duplicates(&mut self) {
        let mut users: Vec<User> = Vec::new();
        for user in self.users.drain(..) {
            match users.iter_mut().find(|known| known.id.id() == user.id.id()) {
                Some(known) => {
                    known.certifications.extend(user.certifications);
                    known.revocations.extend(user.revocations);
                    known.foreign.extend(user.foreign);
                }
                None => users.push(user),
            }
        }
        let mut subkeys: Vec<Subkey> = Vec::new();
        for subkey in self.subkeys.drain(..) {
            let print = subkey.key.fingerprint();
            match subkeys
                .iter_mut()
                .find(|known| known.key.fingerprint() == print)
            {
                Some(known) => {
                    known.bindings.extend(subkey.bindings);
                    known.revocations.extend(subkey.revocations);
                }
                None => subkeys.push(subkey),
            }
        }
        for user in &mut users {
            keep_once(&mut user.certifications);
            keep_once(&mut user.revocations);
            keep_once(&mut user.foreign);
            user.foreign.truncate(MAX_FOREIGN);
        }
        for subkey in &mut subkeys {
            keep_once(&mut subkey.bindings);
            keep_once(&mut subkey.revocations);
        }
        keep_once(&mut self.revocations);
        keep_once(&mut self.direct);
        keep_once(&mut self.foreign);
        self.foreign.truncate(MAX_FOREIGN);
        self.users = users;
        self.subkeys = subkeys;
    }
}

/// Something that is, or holds, a signature.
trait Signed {
    fn signature(&self) -> &Signature;
}

impl Signed for Signature {
    fn signature(&self) -> &Signature {
        self
    }
}

impl Signed for Binding {
    fn signature(&self) -> &Signature {
        &self.signature
    }
}

fn keep_once<T: Signed>(items: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        if !kept
            .iter()
            .any(|known| is_same(known.signature(), item.signature()))
        {
            kept.push(item);
        }
    }
    *items = kept;
}

/// The same signature may have been written with another kind of packet header.
fn is_same(a: &Signature, b: &Signature) -> bool {
    match (a.config(), b.config()) {
        (Some(one), Some(other)) => one == other && a.signature() == b.signature(),
        _ => a == b,
    }
}

/// Appends a packet with its header.
pub(super) fn write_packet(packet: &impl PacketTrait, output: &mut Vec<u8>) {
    // Writing into a vector cannot fail, and all our packets have been read or made by rPGP.
    let written = packet.to_writer_with_header(output);
    debug_assert!(written.is_ok());
}
