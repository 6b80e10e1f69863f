//! The five everyday jobs: make a key, seal, open, sign, check.
//!
//! [`crate::openpgp`] can do everything; this module does what is wanted nearly always, so that
//! the short way is the safe way:
//!
//! | job | function | what cannot go wrong |
//! |---|---|---|
//! | make a key | [`make_key`] | it comes with the revocation that is needed when it is lost |
//! | write | [`seal`] | it is always signed, and the writer can read it too |
//! | read | [`open`] | the text comes out of [`Letter`] only by saying whether a signature counts |
//! | sign | [`sign`] | - |
//! | check a signature | [`check`] | everything but a good signature by somebody known is an error |
//!
//! Nothing here waits: the work is done by [`NativeEngine`] on the thread that asks. Programs in a
//! browser, which want WebCrypto, use the asynchronous functions of [`crate::openpgp`], and so do
//! those that seal with passwords, stream large files or sign text in the clear.
//!
//! Time and randomness come from the caller, as everywhere in this crate. Hand in the system's:
//! a generator that can be predicted makes keys and messages that can be opened.
//!
//! ```
//! use crypto_core::{everyday, ids::UnixTime};
//! # use rand_chacha::rand_core::SeedableRng;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let now = UnixTime(1_790_000_000);
//! # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
//! let ann = everyday::make_key("Ann", "ann@example.org", now, &mut rng)?.secret;
//! let bob = everyday::make_key("Bob", "bob@example.org", now, &mut rng)?.secret;
//!
//! // Ann writes to Bob ...
//! let armored = everyday::seal(b"At eight?", &ann, &[&bob.certificate()], now, &mut rng)?;
//!
//! // ... and Bob reads it, knowing Ann's certificate.
//! let letter = everyday::open(armored.as_bytes(), &bob, &[&ann.certificate()], now)?;
//! let signed = letter.signed()?;
//! assert_eq!(signed.text, b"At eight?");
//! assert_eq!(signed.signer, ann.fingerprint());
//! # Ok(())
//! # }
//! ```

use std::{
    fmt,
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

use crate::{
    bulk::NativeEngine,
    ids::{Fingerprint, UnixTime},
    openpgp::{
        self, Certificate, DecryptError, DecryptRequest, EncryptError, EncryptRequest,
        GenerateError, GeneratedKey, Limits, Profile, SecretCertificate, SignError,
        SignatureVerdict, UserId, VerifyError,
    },
};

/// Makes a key for one person: it signs, decrypts, does not expire, and is read by every OpenPGP
/// program ([`Profile::Compatible`]).
///
/// Beside the key comes an armored revocation. Keep it apart from the key: it is needed when the
/// key is lost. To store the key itself, lock it by a passphrase
/// ([`SecretCertificate::export_locked`]) or seal it into a [`crate::vault::Vault`].
///
/// ```
/// use crypto_core::{everyday, ids::UnixTime, secret::Passphrase};
/// # use rand_chacha::rand_core::SeedableRng;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
/// let made = everyday::make_key("Ann", "ann@example.org", UnixTime(1_790_000_000), &mut rng)?;
/// let passphrase = Passphrase::new("correct horse battery staple".to_owned());
/// let to_store = made.secret.export_locked(&passphrase, &mut rng)?;
/// let to_publish = made.secret.certificate().to_armor();
/// # assert!(to_store.contains("PRIVATE KEY BLOCK") && to_publish.contains("PUBLIC KEY BLOCK"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`GenerateError::BadUserId`] if name and address cannot be read back as they are: the name may
/// hold no brackets, the address must be a plain one of at most 254 bytes.
/// [`GenerateError::TimeOutOfRange`] after the year 2106.
///
/// # Security
/// All of the key's secrecy comes from `rng`.
pub fn make_key(
    name: &str,
    address: &str,
    now: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<GeneratedKey, GenerateError> {
    openpgp::generate(Profile::Compatible, &[UserId::new(name, address)], now, rng)
}

/// Signs and encrypts a text to people and to its writer; armored (ASCII).
///
/// The format is the newest that all readers' certificates announce: SEIPDv2, else SEIPDv1
/// (RFC 9580, section 5.13).
///
/// ```
/// use crypto_core::{everyday, ids::UnixTime};
/// # use rand_chacha::rand_core::SeedableRng;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = UnixTime(1_790_000_000);
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(3);
/// # let ann = everyday::make_key("Ann", "ann@example.org", now, &mut rng)?.secret;
/// # let bob = everyday::make_key("Bob", "bob@example.org", now, &mut rng)?.secret.certificate();
/// let armored = everyday::seal(b"At eight?", &ann, &[&bob], now, &mut rng)?;
/// assert!(armored.starts_with("-----BEGIN PGP MESSAGE-----"));
///
/// // Nobody to read it is a mistake, not a message to oneself.
/// assert!(everyday::seal(b"?", &ann, &[], now, &mut rng).is_err());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`EncryptError::NoRecipient`] without readers; [`EncryptError::Recipients`] names all who
/// cannot be written to (expired, revoked, no encryption key); [`EncryptError::Sign`] if the
/// writer's key is locked or not in force. Then nothing is written.
///
/// # Security
/// Whether a certificate belongs to the person it names is for the caller to know: compare
/// fingerprints. The length of the text is not hidden.
pub fn seal(
    text: &[u8],
    writer: &SecretCertificate,
    readers: &[&Certificate],
    now: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<String, EncryptError> {
    if readers.is_empty() {
        return Err(EncryptError::NoRecipient);
    }
    let own = writer.certificate();
    let recipients: Vec<&Certificate> = readers.iter().copied().chain([&own]).collect();
    let sealed = at_once(openpgp::encrypt(
        &NativeEngine,
        rng,
        text,
        &EncryptRequest {
            recipients: &recipients,
            passwords: &[],
            signer: Some(writer),
            now,
            armor: true,
        },
    ))?;
    String::from_utf8(sealed)
        .map_err(|_| EncryptError::Internal("its armor is not ASCII".to_owned()))
}

/// Opens a message, armored or binary, with one's own key, and judges its signatures by the
/// certificates of people one knows.
///
/// ```
/// use crypto_core::{everyday, ids::UnixTime, openpgp::SignatureVerdict};
/// # use rand_chacha::rand_core::SeedableRng;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = UnixTime(1_790_000_000);
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(4);
/// # let ann = everyday::make_key("Ann", "ann@example.org", now, &mut rng)?.secret;
/// # let bob = everyday::make_key("Bob", "bob@example.org", now, &mut rng)?.secret;
/// # let armored = everyday::seal(b"At eight?", &ann, &[&bob.certificate()], now, &mut rng)?;
/// let letter = everyday::open(armored.as_bytes(), &bob, &[], now)?;
///
/// // Bob does not know Ann: there is no signed text to be had ...
/// assert!(letter.signed().is_err());
/// assert!(matches!(letter.verdict(), SignatureVerdict::UnknownSigner { .. }));
/// // ... only one that anybody may have written.
/// assert_eq!(letter.by_anybody(), b"At eight?");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// See [`DecryptError`]. No byte is released with an error. A bad signature is no error here, but
/// [`Letter::signed`] is one then.
///
/// # Security
/// Work and memory are bounded by [`Limits::default`]. Put only certificates into `people` whose
/// owners are meant to be believed.
pub fn open(
    message: &[u8],
    key: &SecretCertificate,
    people: &[&Certificate],
    now: UnixTime,
) -> Result<Letter, DecryptError> {
    let opened = at_once(openpgp::decrypt(
        &NativeEngine,
        message,
        &DecryptRequest {
            keys: &[key],
            passwords: &[],
            verifiers: people,
            limits: &Limits::default(),
            now,
        },
    ))?;
    Ok(Letter {
        text: opened.plaintext,
        verdict: opened.signature,
    })
}

/// Signs data; the signature travels beside them, armored (RFC 9580, section 10.4).
///
/// ```
/// use crypto_core::{everyday, ids::UnixTime};
/// # use rand_chacha::rand_core::SeedableRng;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = UnixTime(1_790_000_000);
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(5);
/// # let ann = everyday::make_key("Ann", "ann@example.org", now, &mut rng)?.secret;
/// let signature = everyday::sign(b"the contract", &ann, now, &mut rng)?;
/// assert!(signature.starts_with("-----BEGIN PGP SIGNATURE-----"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`SignError::Locked`] and [`SignError::Certificate`] if the key cannot sign now.
pub fn sign(
    data: &[u8],
    signer: &SecretCertificate,
    now: UnixTime,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<String, SignError> {
    let bytes = at_once(openpgp::sign_detached(
        &NativeEngine,
        rng,
        data,
        signer,
        now,
        true,
    ))?;
    String::from_utf8(bytes).map_err(|_| SignError::Internal("its armor is not ASCII".to_owned()))
}

/// Checks a signature, armored or binary, over data: `Ok` means that one of these people signed
/// exactly these data.
///
/// ```
/// use crypto_core::{everyday::{self, CheckError}, ids::UnixTime};
/// # use rand_chacha::rand_core::SeedableRng;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let now = UnixTime(1_790_000_000);
/// # let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(6);
/// # let ann = everyday::make_key("Ann", "ann@example.org", now, &mut rng)?.secret;
/// # let signature = everyday::sign(b"the contract", &ann, now, &mut rng)?;
/// # let signature = signature.as_bytes();
/// let known = ann.certificate();
/// let signed = everyday::check(b"the contract", signature, &[&known], now)?;
/// assert_eq!(signed.signer, ann.fingerprint());
///
/// let other = everyday::check(b"another contract", signature, &[&known], now);
/// assert!(matches!(other, Err(CheckError::NotProven(_))));
/// let unknown = everyday::check(b"the contract", signature, &[], now);
/// assert!(matches!(unknown, Err(CheckError::NotProven(_))));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// [`CheckError::NotProven`] unless the signature is good and by one of `people`;
/// [`CheckError::Unreadable`] if it is no signature.
pub fn check<'a>(
    data: &'a [u8],
    signature: &[u8],
    people: &[&Certificate],
    now: UnixTime,
) -> Result<Signed<'a>, CheckError> {
    let verdicts = at_once(openpgp::verify_detached(
        &NativeEngine,
        data,
        signature,
        people,
        now,
    ))?;
    Ok(Signed::by(data, &SignatureVerdict::best(&verdicts))?)
}

/// An opened message, whose text is asked for by saying what it is needed for.
pub struct Letter {
    text: Zeroizing<Vec<u8>>,
    verdict: SignatureVerdict,
}

impl Letter {
    /// The text, if somebody known signed it.
    ///
    /// # Errors
    /// [`NotProven`], with the verdict to show.
    pub fn signed(&self) -> Result<Signed<'_>, NotProven> {
        Signed::by(&self.text, &self.verdict)
    }

    /// The text, whoever wrote it.
    ///
    /// # Security
    /// It came unchanged from somebody who has the reader's certificate, which may be anybody.
    pub fn by_anybody(&self) -> &[u8] {
        &self.text
    }

    /// What is known about who wrote it.
    pub fn verdict(&self) -> &SignatureVerdict {
        &self.verdict
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter")
            .field("verdict", &self.verdict)
            .finish_non_exhaustive()
    }
}

/// Bytes, and who signed exactly these.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Signed<'a> {
    /// What was signed, to the last byte.
    pub text: &'a [u8],
    /// The signer's certificate: the fingerprint of its primary key.
    pub signer: Fingerprint,
    /// When the signature says it was made.
    pub at: UnixTime,
}

impl<'a> Signed<'a> {
    /// The one place where a verdict becomes a proof.
    fn by(text: &'a [u8], verdict: &SignatureVerdict) -> Result<Self, NotProven> {
        match verdict {
            SignatureVerdict::Good { signer, at } => Ok(Self {
                text,
                signer: signer.clone(),
                at: *at,
            }),
            other => Err(NotProven(other.clone())),
        }
    }
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("signer", &self.signer)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Nobody known is proven to have signed it; inside is the verdict, which is never
/// [`SignatureVerdict::Good`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not proven who wrote this: {}", in_words(.0))]
pub struct NotProven(pub SignatureVerdict);

fn in_words(verdict: &SignatureVerdict) -> String {
    match verdict {
        SignatureVerdict::Unsigned => "nobody signed it".to_owned(),
        SignatureVerdict::UnknownSigner { .. } => "the signer is not known".to_owned(),
        SignatureVerdict::Bad(why) => why.to_string(),
        SignatureVerdict::Good { .. } => "it is signed".to_owned(),
    }
}

/// Why a signature proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// It is no signature, or there are too many.
    #[error(transparent)]
    Unreadable(#[from] VerifyError),
    /// It is one, but not a good one by somebody known.
    #[error(transparent)]
    NotProven(#[from] NotProven),
}

/// Runs a future of the native engine, which never waits: the first poll brings the result.
fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}
