//! Writing encrypted messages.

use pgp::{
    composed::RawSessionKey,
    crypto::{aead::AeadAlgorithm, hash::HashAlgorithm, sym::SymmetricKeyAlgorithm},
    errors::Error,
    packet::{PublicKeyEncryptedSessionKey as Pkesk, SymKeyEncryptedSessionKey as Skesk},
    types::{Password, StringToKey},
};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    Certificate, SealRequest, SecretCertificate,
    certificate::write_packet,
    container::{self, AES256_GCM, SessionKey},
    error::{EncryptError, RecipientProblem},
    policy::{self, AnyKey, Preferences, Wanted},
    sealing::seal,
};
use crate::{
    bulk::{AeadMode, BulkEngine, Cipher},
    ids::UnixTime,
    secret::Passphrase,
};

/// Of a literal packet: binary, no name, no date, since no signature protects them.
pub(super) const LITERAL_HEADER: [u8; 6] = [b'b', 0, 0, 0, 0, 0];

/// To whom, by whom, and how.
#[derive(Clone, Copy, Debug)]
pub struct EncryptRequest<'a> {
    /// Everybody who shall read it; put the writer's own certificate among them.
    pub recipients: &'a [&'a Certificate],
    /// Passwords that shall open it as well.
    pub passwords: &'a [&'a Passphrase],
    /// Who signs it.
    pub signer: Option<&'a SecretCertificate>,
    /// The time of the signature, at which certificates must be in force.
    pub now: UnixTime,
    /// True for armor (ASCII), false for binary.
    pub armor: bool,
}

/// Signs and encrypts: SEIPDv2 where every recipient can read it, else SEIPDv1; never compressed.
///
/// A recipient whose certificate offers both a classical encryption key and one that withstands
/// quantum computers gets the message for both, since the private key may be in software that
/// knows only one ([`super::Audience::Everyone`]); [`super::seal`] offers other choices.
///
/// With passwords alone nothing is known about the readers, so SEIPDv1 is written, which all
/// software reads.
///
/// # Errors
/// See [`EncryptError`]; [`EncryptError::Recipients`] names every recipient that cannot be
/// encrypted to.
pub async fn encrypt(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    plaintext: &[u8],
    request: &EncryptRequest<'_>,
) -> Result<Vec<u8>, EncryptError> {
    let mut sealing = SealRequest::new(request.now);
    sealing.recipients = request.recipients;
    sealing.passwords = request.passwords;
    sealing.signers = request.signer.as_slice();
    sealing.armor = request.armor;
    let sealed = seal(engine, rng, plaintext, &sealing).await?;
    Ok(sealed.message)
}

/// The keys of each recipient, or all that is wrong with any of them.
pub(super) fn encryption_keys<'a>(
    recipients: &[&'a Certificate],
    has_password: bool,
    now: UnixTime,
    wanted: Wanted,
) -> Result<Vec<AnyKey<'a>>, EncryptError> {
    if recipients.is_empty() && !has_password {
        return Err(EncryptError::NoRecipient);
    }
    let mut keys: Vec<AnyKey<'a>> = Vec::new();
    let mut problems = Vec::new();
    for recipient in recipients {
        match policy::encryption_keys(recipient, now, wanted) {
            // Somebody may be named twice: as recipient and as writer.
            Ok(found) => {
                for key in found {
                    let print = key.fingerprint();
                    if keys.iter().all(|known| known.fingerprint() != print) {
                        keys.push(key);
                    }
                }
            }
            Err(problem) => problems.push(RecipientProblem {
                fingerprint: recipient.fingerprint(),
                problem,
            }),
        }
    }
    if problems.is_empty() {
        Ok(keys)
    } else {
        Err(EncryptError::Recipients(problems))
    }
}

/// The kind of container and its algorithms.
pub(super) enum Scheme {
    V1(Cipher),
    V2(Cipher, AeadMode),
}

impl Scheme {
    pub(super) fn choose(request: &EncryptRequest<'_>) -> Self {
        let preferences: Vec<Preferences> = request
            .recipients
            .iter()
            .map(|recipient| policy::preferences(recipient, request.now))
            .collect();
        let all = |accepts: &dyn Fn(&Preferences) -> bool| preferences.iter().all(accepts);
        if !preferences.is_empty() && all(&|one| one.seipd_v2) {
            /// Ours to choose from, best first; the last one every reader of SEIPDv2 has
            /// (RFC 9580, section 5.2.3.15), and whoever has AES-256 says so.
            const SUITES: [(SymmetricKeyAlgorithm, AeadAlgorithm); 4] = [
                AES256_GCM,
                (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Ocb),
                (SymmetricKeyAlgorithm::AES256, AeadAlgorithm::Eax),
                (SymmetricKeyAlgorithm::AES128, AeadAlgorithm::Gcm),
            ];
            let chosen = SUITES
                .iter()
                .find(|suite| all(&|one| one.aead.contains(suite)))
                .and_then(|(cipher, mode)| {
                    Some((container::cipher_of(*cipher)?, container::mode_of(*mode)?))
                })
                .unwrap_or((Cipher::Aes128, AeadMode::Ocb));
            return Self::V2(chosen.0, chosen.1);
        }
        // AES-256 unless a recipient says otherwise by leaving it out; AES-128 is what every
        // implementation has (RFC 9580, section 9.3).
        if all(&|one| one.ciphers.contains(&SymmetricKeyAlgorithm::AES256)) {
            Self::V1(Cipher::Aes256)
        } else {
            Self::V1(Cipher::Aes128)
        }
    }

    pub(super) fn make_session_key(&self, rng: &mut (impl RngCore + CryptoRng)) -> SessionKey {
        let (Self::V1(cipher) | Self::V2(cipher, _)) = *self;
        let mut key = Zeroizing::new(vec![0; cipher.key_len()]);
        rng.fill_bytes(&mut key);
        SessionKey { cipher, key }
    }
}

pub(super) fn write_session_keys(
    scheme: &Scheme,
    session_key: &SessionKey,
    keys: &[AnyKey<'_>],
    passwords: &[&Passphrase],
    rng: &mut (impl RngCore + CryptoRng),
    output: &mut Vec<u8>,
) -> Result<(), Error> {
    let raw = RawSessionKey::from(session_key.key.as_slice());
    for key in keys {
        let packet = match (scheme, key) {
            (Scheme::V1(cipher), AnyKey::Primary(key)) => {
                Pkesk::from_session_key_v3(&mut *rng, &raw, container::cipher_id(*cipher), *key)
            }
            (Scheme::V1(cipher), AnyKey::Subkey(key)) => {
                Pkesk::from_session_key_v3(&mut *rng, &raw, container::cipher_id(*cipher), *key)
            }
            (Scheme::V2(..), AnyKey::Primary(key)) => {
                Pkesk::from_session_key_v6(&mut *rng, &raw, *key)
            }
            (Scheme::V2(..), AnyKey::Subkey(key)) => {
                Pkesk::from_session_key_v6(&mut *rng, &raw, *key)
            }
        }?;
        write_packet(&packet, output);
    }
    for password in passwords {
        let password = Password::from(password.expose());
        let packet = match scheme {
            Scheme::V1(cipher) => {
                /// The largest count there is: 62 MiB are hashed.
                const COUNT: u8 = 255;
                let s2k = StringToKey::new_iterated(&mut *rng, HashAlgorithm::Sha256, COUNT);
                Skesk::encrypt_v4(&password, &raw, s2k, container::cipher_id(*cipher))
            }
            Scheme::V2(cipher, mode) => {
                // RFC 9106's second choice: 3 passes, 4 lanes, 2^16 KiB.
                let s2k = StringToKey::new_argon2(&mut *rng, 3, 4, 16);
                Skesk::encrypt_v6(
                    &mut *rng,
                    &password,
                    &raw,
                    s2k,
                    container::cipher_id(*cipher),
                    container::mode_id(*mode),
                )
            }
        }?;
        write_packet(&packet, output);
    }
    Ok(())
}
