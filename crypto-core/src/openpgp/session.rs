//! Session keys: who can open a container, and with which key.
//!
//! The attacker may put any number of session-key packets in front, ask for expensive password
//! derivations, or wrap keys of impossible length. Everything is counted before it is done.

use pgp::{
    composed::{PlainSessionKey, decrypt_session_key_with_password},
    crypto::{Decryptor, checksum, ecdh, sym::SymmetricKeyAlgorithm},
    errors::Error,
    packet::{
        PacketHeader, PublicKeyEncryptedSessionKey as Pkesk, SymKeyEncryptedSessionKey as Skesk,
    },
    types::{
        DecryptionKey, EcdhPublicParams, EskType, Password, PkeskBytes, PkeskVersion,
        PlainSecretParams, PublicParams, SecretParams, SkeskVersion, StringToKey, Tag,
    },
};
use zeroize::Zeroizing;

use super::{
    Limits, SecretCertificate,
    container::{Container, SessionKey, cipher_of},
    error::{DecryptError, ExceededLimit},
    locking::spend,
    secret::AnySecretKey,
};
use crate::{ids::Fingerprint, secret::Passphrase};

/// The session-key packets in front of a container.
#[derive(Default)]
pub(super) struct SessionPackets {
    public: Vec<Pkesk>,
    password: Vec<Skesk>,
    count: usize,
}

/// Something that may open the container.
pub(super) enum Candidate<'a> {
    /// A private key, for a packet that names it or names nobody.
    Key {
        packet: &'a Pkesk,
        key: AnySecretKey<'a>,
        owner: &'a SecretCertificate,
    },
    /// A password.
    Password {
        packet: &'a Skesk,
        password: &'a Passphrase,
    },
}

impl SessionPackets {
    /// Takes a packet in. Those that cannot be read may be meant for others and are passed over.
    pub(super) fn add(
        &mut self,
        header: PacketHeader,
        body: &[u8],
        limits: &Limits,
    ) -> Result<(), DecryptError> {
        self.count += 1;
        if self.count > limits.session_keys {
            return Err(DecryptError::LimitExceeded(ExceededLimit::SessionKeys));
        }
        if header.tag() == Tag::PublicKeyEncryptedSessionKey {
            self.public.extend(Pkesk::try_from_reader(header, body));
        } else {
            self.password.extend(Skesk::try_from_reader(header, body));
        }
        Ok(())
    }

    /// Leaves only the packets whose version belongs to the container's
    /// (RFC 9580, section 10.3.2.1): mixing them is how downgrades begin.
    pub(super) fn keep_aligned(&mut self, container: &Container<'_>) {
        let (public, password) = match container {
            Container::V1 { .. } => (PkeskVersion::V3, SkeskVersion::V4),
            Container::V2 { .. } => (PkeskVersion::V6, SkeskVersion::V6),
        };
        self.public.retain(|packet| packet.version() == public);
        self.password.retain(|packet| packet.version() == password);
    }

    /// True if there is neither kind of packet, so that nobody can be meant.
    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn has_password(&self) -> bool {
        !self.password.is_empty()
    }

    /// Whom the message is encrypted to, as far as it says.
    pub(super) fn recipients(&self) -> Vec<String> {
        let hex = crate::hex::upper;
        self.public
            .iter()
            .filter_map(|packet| match packet {
                Pkesk::V3 { id, .. } if !id.is_wildcard() => Some(hex(id.as_ref())),
                Pkesk::V6 {
                    fingerprint: Some(fingerprint),
                    ..
                } => Some(hex(fingerprint.as_bytes())),
                _ => None,
            })
            .collect()
    }

    /// Everything worth a try: keys that are named, keys for hidden recipients, passwords.
    pub(super) fn candidates<'a>(
        &'a self,
        keys: &'a [&'a SecretCertificate],
        passwords: &'a [&'a Passphrase],
    ) -> impl Iterator<Item = Candidate<'a>> {
        let for_keys = move |hidden: bool| {
            self.public
                .iter()
                .filter(move |packet| is_hidden(packet) == hidden)
                .flat_map(move |packet| {
                    keys.iter().flat_map(move |owner| {
                        owner
                            .keys()
                            .filter(move |key| key.matches(packet))
                            .map(move |key| Candidate::Key { packet, key, owner })
                    })
                })
        };
        let for_passwords = self.password.iter().flat_map(move |packet| {
            passwords
                .iter()
                .map(move |password| Candidate::Password { packet, password })
        });
        for_keys(false).chain(for_keys(true)).chain(for_passwords)
    }
}

/// True if the packet does not say for whom it is.
pub(super) fn is_hidden(packet: &Pkesk) -> bool {
    match packet {
        Pkesk::V3 { id, .. } => id.is_wildcard(),
        Pkesk::V6 { fingerprint, .. } => fingerprint.is_none(),
        Pkesk::Other { .. } => false,
    }
}

/// What came of trying a candidate.
pub(super) enum Tried {
    /// A session key, which may still be the wrong one.
    Key(SessionKey),
    /// The candidate does not fit.
    Nothing,
    /// The private key it needs is locked.
    Locked(Fingerprint),
    /// The session key is for a cipher that is not supported.
    Unsupported(String),
    /// Deriving the key from the password would cost too much.
    TooExpensive,
}

impl Candidate<'_> {
    /// Takes the session key out of its packet.
    pub(super) fn open(
        &self,
        container: &Container<'_>,
        limits: &Limits,
        budget: &mut u64,
    ) -> Tried {
        let opened = match self {
            Self::Key { packet, key, .. } => {
                if key.is_stub() {
                    return Tried::Nothing;
                }
                if !key.is_plain() {
                    return Tried::Locked(key.fingerprint());
                }
                match key {
                    AnySecretKey::Primary(key) => open_with(*key, key.secret_params(), packet),
                    AnySecretKey::Subkey(key) => open_with(*key, key.secret_params(), packet),
                }
            }
            Self::Password { packet, password } => {
                if !is_usable(packet) {
                    return Tried::Nothing;
                }
                if !packet.s2k().is_some_and(|s2k| spend(s2k, limits, budget)) {
                    return Tried::TooExpensive;
                }
                let password = Password::from(password.expose());
                decrypt_session_key_with_password(packet, &password)
            }
        };
        let tried = opened.map_or(Tried::Nothing, |opened| fit(&opened, container));
        match (self, tried) {
            // One time in a hundred, what a wrong password makes of a version 4 packet is a key for
            // another cipher of this length. Programs name one cipher in packet and key; a message
            // that has AES in the packet alone is called wrong here, too.
            (Self::Password { .. }, Tried::Unsupported(_)) => Tried::Nothing,
            (_, tried) => tried,
        }
    }
}

/// A password packet that rPGP may be given: AES, and a way of derivation that is known.
fn is_usable(packet: &Skesk) -> bool {
    let cipher = packet.sym_algorithm().and_then(cipher_of).is_some();
    let derivation = matches!(
        packet.s2k(),
        Some(
            StringToKey::Simple { .. }
                | StringToKey::Salted { .. }
                | StringToKey::IteratedAndSalted { .. }
                | StringToKey::Argon2 { .. }
        )
    );
    cipher && derivation
}

/// Checks that a session key is for this container.
fn fit(opened: &PlainSessionKey, container: &Container<'_>) -> Tried {
    let (key, cipher) = match (opened, container.cipher()) {
        (PlainSessionKey::V3_4 { key, sym_alg }, None) => match cipher_of(*sym_alg) {
            Some(cipher) => (key, cipher),
            None => return Tried::Unsupported(format!("encryption with {sym_alg:?}")),
        },
        (PlainSessionKey::V6 { key }, Some(cipher)) => (key, cipher),
        _ => return Tried::Nothing,
    };
    if key.len() != cipher.key_len() {
        return Tried::Nothing;
    }
    Tried::Key(SessionKey {
        cipher,
        key: Zeroizing::new(key.as_ref().to_vec()),
    })
}

/// Opens a session-key packet with a private key that is not locked.
///
/// RSA and ECDH are taken apart here: rPGP 0.21 reads the first byte of what was wrapped without
/// looking whether there is one, so a packet that wraps nothing would end the program.
fn open_with(
    key: &impl DecryptionKey,
    secret: &SecretParams,
    packet: &Pkesk,
) -> Result<PlainSessionKey, Error> {
    let kind = match packet.version() {
        PkeskVersion::V3 => EskType::V3_4,
        _ => EskType::V6,
    };
    let values = packet.values()?;
    let SecretParams::Plain(plain) = secret else {
        return Err(refused());
    };
    let wrapped = match (plain, values, key.public_params()) {
        (PlainSecretParams::RSA(rsa), PkeskBytes::Rsa { mpi }, _) => rsa.decrypt(mpi)?,
        (
            PlainSecretParams::ECDH(secret),
            PkeskBytes::Ecdh {
                public_point,
                encrypted_session_key,
            },
            PublicParams::ECDH(params),
        ) => {
            let (hash, alg_sym) = match params {
                EcdhPublicParams::Curve25519Legacy { hash, alg_sym, .. }
                | EcdhPublicParams::P256 { hash, alg_sym, .. }
                | EcdhPublicParams::P384 { hash, alg_sym, .. }
                | EcdhPublicParams::P521 { hash, alg_sym, .. } => (*hash, *alg_sym),
                _ => return Err(refused()),
            };
            secret.decrypt(ecdh::EncryptionFields {
                public_point,
                encrypted_session_key,
                fingerprint: key.fingerprint().as_bytes(),
                curve: params.curve(),
                hash,
                alg_sym,
            })?
        }
        (PlainSecretParams::RSA(_) | PlainSecretParams::ECDH(_), ..) => return Err(refused()),
        _ => return key.decrypt(&Password::empty(), values, kind)?,
    };
    unwrap_session_key(&wrapped, kind)
}

/// Reads cipher (version 3 only), key and checksum (RFC 9580, section 5.1).
fn unwrap_session_key(wrapped: &[u8], kind: EskType) -> Result<PlainSessionKey, Error> {
    let (rest, sum) = wrapped.split_last_chunk::<2>().ok_or_else(refused)?;
    match kind {
        EskType::V3_4 => {
            let (cipher, key) = rest.split_first().ok_or_else(refused)?;
            checksum::simple(*sum, key)?;
            let sym_alg = SymmetricKeyAlgorithm::from(*cipher);
            Ok(PlainSessionKey::V3_4 {
                sym_alg,
                key: key.into(),
            })
        }
        EskType::V6 => {
            checksum::simple(*sum, rest)?;
            Ok(PlainSessionKey::V6 { key: rest.into() })
        }
    }
}

fn refused() -> Error {
    Error::InvalidKeyLength
}
