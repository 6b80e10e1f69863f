//! Encrypting with every choice in the caller's hands: several signers, text, who must be able
//! to read it, and the session key handed out. [`super::encrypt`] is the everyday form of it.

use pgp::{armor::BlockType, packet::SignatureType, types::Tag};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    Certificate, EncryptRequest, SecretCertificate, SessionSecret,
    armor::{self, Readers},
    certificate::write_packet,
    container::{self, Suite},
    encrypt::{Scheme, write_session_keys},
    error::{EncryptError, RecipientProblem, SignError},
    packets::write_header,
    policy::{self, AnyKey, Wanted},
    signature::{Signing, with_crlf},
};
use crate::{
    bulk::{AeadMode, BulkEngine, Cipher},
    ids::UnixTime,
    secret::Passphrase,
};

/// Whose software has to read a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Audience {
    /// Who follows what the certificates announce: keys that withstand quantum computers first,
    /// SEIPDv2 where all read it.
    #[default]
    Announced,
    /// Anybody whose key it is, with whatever software: classical keys, where there are any, and
    /// SEIPDv1.
    Classical,
    /// Readers of RFC 9580: as `Announced`, and SEIPDv2 for passwords alone.
    Modern,
}

/// What a message is encrypted for (RFC 9580, section 5.2.3.29).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Purpose {
    /// Any key that encrypts.
    #[default]
    Any,
    /// Keys that are marked for communications.
    Communications,
    /// Keys that are marked for storage.
    Storage,
}

/// To whom, by whom, and how.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SealRequest<'a> {
    /// Everybody who shall read it.
    pub recipients: &'a [&'a Certificate],
    /// Passwords that shall open it as well.
    pub passwords: &'a [&'a Passphrase],
    /// Everybody who signs it.
    pub signers: &'a [&'a SecretCertificate],
    /// The time of the signatures, at which certificates must be in force.
    pub now: UnixTime,
    /// True for armor (ASCII), false for binary.
    pub armor: bool,
    /// It is text in UTF-8: said in the message, and signed with ends of lines made equal.
    pub text: bool,
    /// Whose software has to read it.
    pub audience: Audience,
    /// Which of the recipients' keys may be used.
    pub purpose: Purpose,
}

impl<'a> SealRequest<'a> {
    /// A binary, armored message to nobody yet.
    pub fn new(now: UnixTime) -> Self {
        Self {
            recipients: &[],
            passwords: &[],
            signers: &[],
            now,
            armor: true,
            text: false,
            audience: Audience::default(),
            purpose: Purpose::default(),
        }
    }
}

/// An encrypted message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Sealed {
    /// The message.
    pub message: Vec<u8>,
    /// What opens it without any private key.
    pub session_key: SessionSecret,
}

/// Signs and encrypts as the request says.
///
/// # Errors
/// See [`EncryptError`].
pub async fn seal(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    plaintext: &[u8],
    request: &SealRequest<'_>,
) -> Result<Sealed, EncryptError> {
    let keys = encryption_keys(request)?;
    let scheme = choose(request);
    let kind = if request.text {
        SignatureType::Text
    } else {
        SignatureType::Binary
    };
    let content = signed_packets(
        engine,
        rng,
        plaintext,
        &Signers {
            keys: request.signers,
            recipients: request.recipients,
            kind,
            now: request.now,
        },
    )
    .await?;

    let session_key = scheme.make_session_key(rng);
    let mut message = Vec::with_capacity(content.len() + 2048 * (1 + keys.len()));
    write_session_keys(
        &scheme,
        &session_key,
        &keys,
        request.passwords,
        rng,
        &mut message,
    )
    .map_err(|error| EncryptError::Internal(error.to_string()))?;
    let readers = match scheme {
        Scheme::V1(_) => {
            container::seal_v1(engine, rng, &session_key, &content, &mut message).await?;
            Readers::All
        }
        Scheme::V2(cipher, mode) => {
            let suite = Suite::new(cipher, mode);
            container::seal_v2(engine, rng, suite, &session_key.key, &content, &mut message)
                .await?;
            Readers::Modern
        }
    };
    Ok(Sealed {
        message: if request.armor {
            armor::write(&message, BlockType::Message, readers)
        } else {
            message
        },
        session_key: SessionSecret::of(&session_key),
    })
}

fn choose(request: &SealRequest<'_>) -> Scheme {
    let announced = Scheme::choose(&EncryptRequest {
        recipients: request.recipients,
        passwords: request.passwords,
        signer: None,
        now: request.now,
        armor: request.armor,
    });
    match (request.audience, announced) {
        (Audience::Classical, Scheme::V2(..)) => Scheme::V1(Cipher::Aes256),
        // All that read SEIPDv2 have OCB (RFC 9580, section 5.13.2).
        (Audience::Modern, Scheme::V1(_)) if request.recipients.is_empty() => {
            Scheme::V2(Cipher::Aes256, AeadMode::Ocb)
        }
        (_, announced) => announced,
    }
}

/// The key of each recipient, or all that is wrong with any of them.
fn encryption_keys<'a>(request: &SealRequest<'a>) -> Result<Vec<AnyKey<'a>>, EncryptError> {
    if request.recipients.is_empty() && request.passwords.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    let wanted = Wanted {
        classical: request.audience == Audience::Classical,
        communications: request.purpose != Purpose::Storage,
        storage: request.purpose != Purpose::Communications,
    };
    let mut keys: Vec<AnyKey<'a>> = Vec::new();
    let mut problems = Vec::new();
    for recipient in request.recipients {
        match policy::encryption_key_for(recipient, request.now, wanted) {
            Ok(key) => {
                let print = key.fingerprint();
                if keys.iter().all(|known| known.fingerprint() != print) {
                    keys.push(key);
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

/// Everybody who signs one text, and how.
pub(super) struct Signers<'a> {
    pub(super) keys: &'a [&'a SecretCertificate],
    /// Whom the signatures say they are for; nobody if the text is public.
    pub(super) recipients: &'a [&'a Certificate],
    pub(super) kind: SignatureType,
    pub(super) now: UnixTime,
}

impl<'a> Signers<'a> {
    pub(super) fn begin(
        &self,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Vec<Signing<'a>>, SignError> {
        self.keys
            .iter()
            .map(|signer| Signing::begin(rng, signer, self.kind, self.now, self.recipients))
            .collect()
    }
}

/// A literal packet, between one-pass packets and signatures.
pub(super) async fn signed_packets(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    plaintext: &[u8],
    signers: &Signers<'_>,
) -> Result<Zeroizing<Vec<u8>>, EncryptError> {
    /// No name, no date: nothing of it is protected by the signature.
    const AFTER_KIND: [u8; 5] = [0, 0, 0, 0, 0];
    let is_text = signers.kind == SignatureType::Text;
    let mut content = Zeroizing::new(Vec::with_capacity(plaintext.len() + 1024));
    let signings = signers.begin(rng)?;
    for (index, signing) in signings.iter().enumerate() {
        let mut one_pass = signing.one_pass()?;
        // All but the last say that another one-pass packet follows (RFC 9580, section 5.4).
        if index + 1 < signings.len() {
            one_pass.set_is_nested();
        }
        write_packet(&one_pass, &mut content);
    }
    let length = 1 + AFTER_KIND.len() + plaintext.len();
    write_header(Tag::LiteralData, length, &mut content)
        .ok_or_else(|| EncryptError::Internal("it is too large".to_owned()))?;
    content.push(if is_text { b'u' } else { b'b' });
    content.extend_from_slice(&AFTER_KIND);
    content.extend_from_slice(plaintext);
    let normalised = is_text.then(|| Zeroizing::new(with_crlf(plaintext)));
    let signed = normalised.as_ref().map_or(plaintext, |text| text);
    // The signatures come in reverse order.
    for signing in signings.into_iter().rev() {
        write_packet(&signing.finish(engine, signed).await?, &mut content);
    }
    Ok(content)
}
