//! Encrypting with every choice in the caller's hands: several signers, text, who must be able
//! to read it, and the session key handed out. [`super::encrypt`] is the everyday form of it.

use pgp::{armor::BlockType, packet::SignatureType, types::Tag};
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use super::{
    Certificate, EncryptRequest, SecretCertificate, SessionSecret,
    armor::{self, Readers},
    certificate::write_packet,
    container::{self, Content, Suite},
    encrypt::{self, LITERAL_HEADER, Scheme, write_session_keys},
    error::{EncryptError, SignError},
    hidden,
    packets::write_header,
    policy::{AnyKey, Kinds, Wanted},
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
    /// The recipients with whatever software they use: to both the classical key and the one that
    /// withstands quantum computers, where a certificate offers both.
    ///
    /// # Security
    /// Such a message is as well protected as by its weaker key.
    #[default]
    Everyone,
    /// Recipients whose software is known to know RFC 9980: where a certificate offers a key that
    /// withstands quantum computers, to that key alone.
    PostQuantum,
    /// Recipients with software of RFC 4880: to classical keys, where there are any, in SEIPDv1.
    Classical,
    /// As `Everyone`, and SEIPDv2 for passwords alone.
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
    /// Everybody who shall read it without the others learning of it (blind copies); see
    /// [`super::encrypt_hiding`].
    pub hidden: &'a [&'a Certificate],
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
            hidden: &[],
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
    let everybody = [request.recipients, request.hidden].concat();
    let keys = encryption_keys(request, &everybody)?;
    let scheme = choose(request, &everybody);
    let kind = if request.text {
        SignatureType::Text
    } else {
        SignatureType::Binary
    };
    let (front, tail) = around(
        engine,
        rng,
        plaintext,
        &Signers {
            keys: request.signers,
            // They would name everybody, or make the signature look passed on to whoever is
            // left out.
            recipients: if request.hidden.is_empty() {
                request.recipients
            } else {
                &[]
            },
            kind,
            now: request.now,
        },
    )
    .await?;

    let content = Content {
        front: &front,
        data: plaintext,
        tail: &tail,
    };
    let session_key = scheme.make_session_key(rng);
    let keys_len = 2048 * (1 + keys.len());
    let mut message = Vec::with_capacity(plaintext.len() + plaintext.len() / 4096 + keys_len);
    let internal = |error: pgp::errors::Error| EncryptError::Internal(error.to_string());
    let (shown, unnamed) = hidden::part(keys, request);
    write_session_keys(
        &scheme,
        &session_key,
        &shown,
        request.passwords,
        rng,
        &mut message,
    )
    .map_err(internal)?;
    if !unnamed.is_empty() {
        let mut packets = Vec::new();
        write_session_keys(&scheme, &session_key, &unnamed, &[], rng, &mut packets)
            .map_err(internal)?;
        hidden::write_nameless(&packets, &mut message)?;
    }
    let readers = match scheme {
        Scheme::V1(_) => {
            container::seal_v1(engine, rng, &session_key, content, &mut message).await?;
            Readers::All
        }
        Scheme::V2(cipher, mode) => {
            let suite = Suite::new(cipher, mode);
            container::seal_v2(engine, rng, suite, &session_key.key, content, &mut message).await?;
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

fn choose(request: &SealRequest<'_>, everybody: &[&Certificate]) -> Scheme {
    let announced = Scheme::choose(&EncryptRequest {
        recipients: everybody,
        passwords: request.passwords,
        signer: None,
        now: request.now,
        armor: request.armor,
    });
    match (request.audience, announced) {
        (Audience::Classical, Scheme::V2(..)) => Scheme::V1(Cipher::Aes256),
        // All that read SEIPDv2 have OCB (RFC 9580, section 5.13.2).
        (Audience::Modern, Scheme::V1(_)) if everybody.is_empty() => {
            Scheme::V2(Cipher::Aes256, AeadMode::Ocb)
        }
        (_, announced) => announced,
    }
}

/// The keys of each recipient, or all that is wrong with any of them.
fn encryption_keys<'a>(
    request: &SealRequest<'a>,
    everybody: &[&'a Certificate],
) -> Result<Vec<AnyKey<'a>>, EncryptError> {
    let wanted = Wanted {
        kinds: match request.audience {
            Audience::Everyone | Audience::Modern => Kinds::Both,
            Audience::PostQuantum => Kinds::PostQuantum,
            Audience::Classical => Kinds::Classical,
        },
        communications: request.purpose != Purpose::Storage,
        storage: request.purpose != Purpose::Communications,
    };
    encrypt::encryption_keys(
        everybody,
        !request.passwords.is_empty(),
        request.now,
        wanted,
    )
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

/// What stands around the data: one-pass packets and the header of the literal packet in front,
/// the signatures behind.
pub(super) async fn around(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    plaintext: &[u8],
    signers: &Signers<'_>,
) -> Result<(Vec<u8>, Vec<u8>), EncryptError> {
    let is_text = signers.kind == SignatureType::Text;
    let (mut front, mut tail) = (Vec::new(), Vec::new());
    let signings = signers.begin(rng)?;
    for (index, signing) in signings.iter().enumerate() {
        let mut one_pass = signing.one_pass()?;
        // All but the last say that another one-pass packet follows (RFC 9580, section 5.4).
        if index + 1 < signings.len() {
            one_pass.set_is_nested();
        }
        write_packet(&one_pass, &mut front);
    }
    let mut header = LITERAL_HEADER;
    if is_text {
        let [kind, ..] = &mut header;
        *kind = b'u';
    }
    write_header(Tag::LiteralData, header.len() + plaintext.len(), &mut front)
        .ok_or_else(|| EncryptError::Internal("it is too large".to_owned()))?;
    front.extend_from_slice(&header);
    let normalised = is_text.then(|| Zeroizing::new(with_crlf(plaintext)));
    let signed = normalised.as_ref().map_or(plaintext, |text| text);
    // The signatures come in reverse order.
    for signing in signings.into_iter().rev() {
        write_packet(&signing.finish(engine, signed).await?, &mut tail);
    }
    Ok((front, tail))
}

#[cfg(test)]
#[allow(
    clippy::unwrap_used,
    reason = "a test reports a failed expectation by panicking"
)]
mod tests {
    use futures::executor::block_on;
    use pgp::{crypto::public_key::PublicKeyAlgorithm, packet::PublicKeyEncryptedSessionKey};
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        bulk::NativeEngine,
        openpgp::{Profile, UserId, generate, packets::PacketWalk},
    };

    const NOW: UnixTime = UnixTime(1_790_000_000);

    /// The algorithms of the keys that a message is encrypted to.
    fn algorithms(profile: Profile, audience: Audience) -> Vec<PublicKeyAlgorithm> {
        let mut rng = StdRng::seed_from_u64(1);
        let ids = [UserId::new("Ann", "ann@example.org")];
        let key = generate(profile, &ids, NOW, &mut rng).unwrap().secret;
        let certificate = key.certificate();
        let recipients = [&certificate, &certificate];
        let mut request = SealRequest::new(NOW);
        request.recipients = &recipients;
        request.armor = false;
        request.audience = audience;
        let sealed = block_on(seal(&NativeEngine, &mut rng, b"x", &request)).unwrap();
        PacketWalk::new(&sealed.message)
            .map(Result::unwrap)
            .filter(|packet| packet.tag() == Tag::PublicKeyEncryptedSessionKey)
            .map(|packet| {
                PublicKeyEncryptedSessionKey::try_from_reader(packet.header, packet.body())
                    .unwrap()
                    .algorithm()
                    .unwrap()
            })
            .collect()
    }

    #[cfg(feature = "pqc")]
    #[test]
    fn the_audience_decides_which_keys_of_a_certificate_are_used() {
        const CLASSICAL: PublicKeyAlgorithm = PublicKeyAlgorithm::ECDH;
        const QUANTUM: PublicKeyAlgorithm = PublicKeyAlgorithm::MlKem768X25519;
        let compatible = |audience| algorithms(Profile::Compatible, audience);
        // The classical one first: what takes the first packet for its own must not stumble.
        assert_eq!(compatible(Audience::Everyone), [CLASSICAL, QUANTUM]);
        assert_eq!(compatible(Audience::Modern), [CLASSICAL, QUANTUM]);
        assert_eq!(compatible(Audience::PostQuantum), [QUANTUM]);
        assert_eq!(compatible(Audience::Classical), [CLASSICAL]);
        // Where there is no choice, there is none.
        for audience in [
            Audience::Everyone,
            Audience::PostQuantum,
            Audience::Classical,
        ] {
            assert_eq!(algorithms(Profile::PostQuantum, audience), [QUANTUM]);
            let modern = algorithms(Profile::Modern, audience);
            assert_eq!(modern, [PublicKeyAlgorithm::X25519]);
        }
    }
}
