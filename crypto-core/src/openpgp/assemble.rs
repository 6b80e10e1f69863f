//! Certificates out of packets (RFC 9580, section 10.1), with every self-signature checked.
//!
//! The attacker writes the bytes, or adds to an honest certificate. So nothing is believed that
//! the primary key has not signed: self-signatures that do not verify are left out, as are
//! subkeys and User IDs that none binds. Certifications by others are kept but not looked at.

use pgp::{
    armor::BlockType,
    crypto::public_key::PublicKeyAlgorithm,
    packet::{
        Packet, PublicKey, PublicSubkey, SecretKey, SecretSubkey, Signature, SignatureType,
        SignatureVersion, UserId as UserIdPacket,
    },
    ser::Serialize,
    types::{KeyDetails, KeyVersion, PublicParams, SecretParams, Tag},
};
use zeroize::Zeroizing;

use super::{
    Certificate, armor,
    certificate::{Binding, Subkey, User},
    error::ImportError,
    packets::{PacketWalk, RawPacket, is_ignorable},
    policy,
};

/// Larger input is not taken for a keyring, in bytes.
const MAX_INPUT: usize = 8 << 20;
/// Certificates of one keyring.
const MAX_CERTIFICATES: usize = 1024;
/// Packets of one certificate.
const MAX_PACKETS: usize = 4096;
/// Self-signatures of one input that are checked: each costs a public-key operation.
const MAX_CHECKS: usize = 4096;
/// Certifications by others that are kept for one User ID or key.
pub(super) const MAX_FOREIGN: usize = 64;

/// A certificate, and the private keys that were among its packets.
pub(super) struct Assembled {
    pub(super) certificate: Certificate,
    pub(super) primary: Option<Box<SecretKey>>,
    pub(super) subkeys: Vec<SecretSubkey>,
}

/// More subkeys than nearly all keys have.
const USUAL_SUBKEYS: usize = 16;

/// What the caller expects to find.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Expect {
    Public,
    /// Public, and certificates of kinds that are not supported are left out.
    Keyring,
    Secret,
}

impl Expect {
    fn no_secrets(self) -> bool {
        self != Self::Secret
    }
}

/// Reads all certificates, armored or binary.
pub(super) fn assemble(input: &[u8], expect: Expect) -> Result<Vec<Assembled>, ImportError> {
    if input.len() > MAX_INPUT {
        return Err(ImportError::TooLarge);
    }
    let dearmored = armor::read(input).map_err(ImportError::Malformed)?;
    match dearmored.kind {
        Some(BlockType::PrivateKey) if expect.no_secrets() => {
            return Err(ImportError::SecretKeyGiven);
        }
        None | Some(BlockType::PublicKey | BlockType::PrivateKey) => {}
        Some(_) => return Err(malformed("it is something else than a key")),
    }
    // May hold private keys, so no copy of it is left behind.
    let bytes = Zeroizing::new(dearmored.bytes.into_owned());
    if expect.no_secrets() && holds_secrets(&bytes) {
        return Err(ImportError::SecretKeyGiven);
    }
    let mut all = Vec::new();
    let mut current: Option<Draft> = None;
    let mut checks = 0;
    let mut leaving_out = None;
    for packet in PacketWalk::new(&bytes) {
        let packet = packet.map_err(|_| malformed("it is cut off or damaged"))?;
        if matches!(packet.tag(), Tag::PublicKey | Tag::SecretKey) {
            if expect == Expect::Secret && packet.tag() == Tag::PublicKey {
                return Err(ImportError::PublicKeyGiven);
            }
            if all.len() >= MAX_CERTIFICATES {
                return Err(ImportError::TooLarge);
            }
            if let Some(draft) = current.take() {
                checks = draft.checks;
                all.push(draft.finish());
            }
            match Draft::begin(&packet, checks) {
                Ok(draft) => current = Some(draft),
                Err(unknown @ ImportError::Unsupported(_)) if expect == Expect::Keyring => {
                    leaving_out = Some(unknown);
                }
                Err(error) => return Err(error),
            }
        } else if let Some(draft) = &mut current {
            draft.add(&packet)?;
        } else if leaving_out.is_none() && !is_ignorable(packet.tag()) {
            return Err(malformed("it does not begin with a key"));
        }
    }
    all.extend(current.map(Draft::finish));
    if all.is_empty() {
        return Err(leaving_out.unwrap_or_else(|| malformed("it is empty")));
    }
    Ok(all)
}

/// True if there is a secret packet anywhere, even behind something that cannot be read.
fn holds_secrets(bytes: &[u8]) -> bool {
    PacketWalk::new(bytes)
        .flatten()
        .any(|packet| matches!(packet.tag(), Tag::SecretKey | Tag::SecretSubkey))
}

fn malformed(why: &str) -> ImportError {
    ImportError::Malformed(why.to_owned())
}

/// What the signatures that come next belong to.
enum Target {
    Primary,
    User,
    Subkey,
    /// Something that is left out, with its signatures.
    Nothing,
}

/// A certificate of which not all packets have come yet.
struct Draft {
    certificate: Certificate,
    primary: Option<Box<SecretKey>>,
    subkeys: Vec<SecretSubkey>,
    target: Target,
    packets: usize,
    checks: usize,
}

impl Draft {
    /// `checks` is how many signatures of the input have been checked before.
    fn begin(packet: &RawPacket<'_>, checks: usize) -> Result<Self, ImportError> {
        let unsupported = || ImportError::Unsupported("its kind of key".to_owned());
        let (key, secret) = match parse(packet) {
            Some(Packet::PublicKey(key)) => (key, None),
            // Of an unknown kind, even where its public numbers end is a guess.
            Some(Packet::SecretKey(key))
                if !is_known(key.public_key()) || !can_be_kept(key.secret_params(), &key) =>
            {
                return Err(unsupported());
            }
            Some(Packet::SecretKey(key)) => (key.public_key().clone(), Some(key)),
            _ => return Err(unsupported()),
        };
        if !matches!(key.version(), KeyVersion::V4 | KeyVersion::V6) {
            return Err(unsupported());
        }
        Ok(Self {
            certificate: Certificate::of_key(key),
            primary: secret.map(Box::new),
            subkeys: Vec::new(),
            target: Target::Primary,
            packets: 0,
            checks,
        })
    }

    fn add(&mut self, packet: &RawPacket<'_>) -> Result<(), ImportError> {
        self.packets += 1;
        if self.packets > MAX_PACKETS {
            return Err(ImportError::TooLarge);
        }
        match packet.tag() {
            Tag::Signature => {
                if let Some(Packet::Signature(signature)) = parse(packet) {
                    self.add_signature(signature)?;
                }
            }
            Tag::UserId => {
                self.target = match parse(packet) {
                    Some(Packet::UserId(id)) => {
                        self.certificate.users.push(User::of_id(id));
                        Target::User
                    }
                    _ => Target::Nothing,
                }
            }
            Tag::PublicSubkey | Tag::SecretSubkey => {
                let key = match parse(packet) {
                    Some(Packet::PublicSubkey(key)) => Some(key),
                    Some(Packet::SecretSubkey(secret))
                        if can_be_kept(secret.secret_params(), &secret) =>
                    {
                        let key = secret.public_key().clone();
                        if self.subkeys.is_empty() {
                            // Growing later would leave copies of the secrets behind.
                            self.subkeys.reserve(USUAL_SUBKEYS);
                        }
                        self.subkeys.push(secret);
                        Some(key)
                    }
                    // A kind of key from the future does not spoil the others.
                    _ => None,
                };
                self.target = match key {
                    Some(key) if key.version() == self.certificate.primary.version() => {
                        self.certificate.subkeys.push(Subkey::of_key(key));
                        Target::Subkey
                    }
                    _ => Target::Nothing,
                };
            }
            // Photos have no use here, and are the largest part of many certificates.
            Tag::UserAttribute => self.target = Target::Nothing,
            Tag::Trust => {}
            tag if is_ignorable(tag) => {}
            _ => return Err(malformed("it holds packets that do not belong into a key")),
        }
        Ok(())
    }

    fn add_signature(&mut self, signature: Signature) -> Result<(), ImportError> {
        if matches!(self.target, Target::Nothing) {
            return Ok(());
        }
        if !claims_to_be_by(&signature, &self.certificate.primary) {
            let foreign = match self.target {
                Target::User => self
                    .certificate
                    .users
                    .last_mut()
                    .map(|user| &mut user.foreign),
                Target::Primary => Some(&mut self.certificate.foreign),
                _ => None,
            };
            if let Some(foreign) = foreign.filter(|list| list.len() < MAX_FOREIGN) {
                foreign.push(signature);
            }
            return Ok(());
        }
        self.checks += 1;
        if self.checks > MAX_CHECKS {
            return Err(ImportError::TooLarge);
        }
        if !policy::is_acceptable_self_signature(&signature) {
            self.certificate.weak = true;
            return Ok(());
        }
        match self.target {
            Target::Primary => self.certificate.add_to_primary(signature),
            Target::User => {
                if let Some(user) = self.certificate.users.last_mut() {
                    add_to_user(user, signature, &self.certificate.primary);
                }
            }
            Target::Subkey => {
                if let Some(subkey) = self.certificate.subkeys.last_mut() {
                    add_to_subkey(subkey, signature, &self.certificate.primary);
                }
            }
            Target::Nothing => {}
        }
        Ok(())
    }

    /// Leaves out what nothing binds.
    fn finish(mut self) -> Assembled {
        let certificate = &mut self.certificate;
        certificate
            .users
            .retain(|user| !user.certifications.is_empty());
        certificate
            .subkeys
            .retain(|subkey| !subkey.bindings.is_empty());
        certificate.unite_duplicates();
        self.subkeys.retain(|secret| {
            certificate
                .subkeys
                .iter()
                .any(|subkey| subkey.key.fingerprint() == secret.fingerprint())
        });
        Assembled {
            certificate: self.certificate,
            primary: self.primary,
            subkeys: self.subkeys,
        }
    }
}

fn parse(packet: &RawPacket<'_>) -> Option<Packet> {
    Packet::from_reader(packet.header, packet.body()).ok()
}

/// True if the signature names this key as its maker, or names none, and could be its work.
///
/// The algorithms must agree before rPGP is asked to verify: it takes the signature's numbers
/// for those of the key's algorithm.
pub(super) fn claims_to_be_by(signature: &Signature, key: &impl KeyDetails) -> bool {
    let Some(config) = signature.config() else {
        return false;
    };
    let version = matches!(
        (config.version(), key.version()),
        (SignatureVersion::V4, KeyVersion::V4) | (SignatureVersion::V6, KeyVersion::V6)
    );
    let ids = signature.issuer_key_id();
    let fingerprints = signature.issuer_fingerprint();
    let named = (ids.is_empty() && fingerprints.is_empty())
        || ids.iter().any(|id| **id == key.legacy_key_id())
        || fingerprints
            .iter()
            .any(|print| **print == key.fingerprint());
    version && named && same_algorithm(config.pub_alg, key.algorithm())
}

fn is_known(key: &impl KeyDetails) -> bool {
    !matches!(key.public_params(), PublicParams::Unknown { .. })
}

/// False for ways of locking that are read but cannot be written again, such as one with a plain
/// checksum for a version 6 key, which RFC 9580 (section 5.5.3) forbids.
fn can_be_kept(params: &SecretParams, packet: &impl Serialize) -> bool {
    !params.is_encrypted() || packet.to_bytes().is_ok()
}

/// RSA has three numbers, of which two are retired.
fn same_algorithm(a: PublicKeyAlgorithm, b: PublicKeyAlgorithm) -> bool {
    let family = |algorithm| match algorithm {
        PublicKeyAlgorithm::RSASign | PublicKeyAlgorithm::RSAEncrypt => PublicKeyAlgorithm::RSA,
        other => other,
    };
    family(a) == family(b)
}

fn add_to_user(user: &mut User, signature: Signature, primary: &PublicKey) {
    if signature
        .verify_certification(primary, Tag::UserId, &user.id)
        .is_err()
    {
        return;
    }
    if signature.typ() == Some(SignatureType::CertRevocation) {
        user.revocations.push(signature);
    } else {
        user.certifications.push(signature);
    }
}

fn add_to_subkey(subkey: &mut Subkey, signature: Signature, primary: &PublicKey) {
    if signature
        .verify_subkey_binding(primary, &subkey.key)
        .is_err()
    {
        return;
    }
    if signature.typ() == Some(SignatureType::SubkeyRevocation) {
        subkey.revocations.push(signature);
    } else {
        let signed_back = signature.embedded_signature().is_some_and(|back| {
            claims_to_be_by(back, &subkey.key)
                && policy::is_acceptable_self_signature(back)
                && back
                    .verify_primary_key_binding(&subkey.key, primary)
                    .is_ok()
        });
        subkey.bindings.push(Binding {
            signature,
            signed_back,
        });
    }
}

impl Certificate {
    pub(super) fn of_key(primary: PublicKey) -> Self {
        Self {
            primary,
            revocations: Vec::new(),
            direct: Vec::new(),
            foreign: Vec::new(),
            users: Vec::new(),
            subkeys: Vec::new(),
            weak: false,
        }
    }

    /// Takes in a signature directly on the primary key, if it verifies.
    pub(super) fn add_to_primary(&mut self, signature: Signature) {
        let verified = claims_to_be_by(&signature, &self.primary)
            && policy::is_acceptable_self_signature(&signature)
            && signature.verify_key(&self.primary).is_ok();
        match signature.typ() {
            Some(SignatureType::KeyRevocation) if verified => self.revocations.push(signature),
            Some(SignatureType::Key) if verified => self.direct.push(signature),
            _ => {}
        }
    }
}

impl User {
    fn of_id(id: UserIdPacket) -> Self {
        Self {
            id,
            certifications: Vec::new(),
            revocations: Vec::new(),
            foreign: Vec::new(),
        }
    }
}

impl Subkey {
    fn of_key(key: PublicSubkey) -> Self {
        Self {
            key,
            bindings: Vec::new(),
            revocations: Vec::new(),
        }
    }
}
