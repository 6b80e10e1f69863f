//! OpenPGP: certificates, messages, signatures and the verdicts about them (RFC 9580, RFC 9980).
//!
//! The attacker writes the messages and the certificates we read, changes those on their way, and
//! may have altered the private key we were given. What this module promises against that:
//!
//! - **No plaintext without integrity.** Containers without it (SED) are refused, and no byte
//!   leaves before the last tag or the modification detection code has been checked.
//! - **What is returned is what was verified.** A message must follow the grammar of RFC 9580,
//!   section 10.3, to the last byte; there is one literal packet, and the verdict is about
//!   exactly the bytes in [`Opened::plaintext`].
//! - **A verdict is an enum**, never a `bool`, and a failed decryption is one opaque error.
//! - **One module decides** what a certificate may do at a given time: `policy`.
//! - **Work is bounded** by [`Limits`], whatever a message asks for.
//!
//! rPGP reads and writes packets and does the public-key operations. Bulk data goes through
//! [`crate::bulk::BulkEngine`] instead, so that browsers can use WebCrypto; the framing of
//! messages is therefore ours. This module is the only one that names `pgp::` types, and none of
//! them is part of its interface.
//!
//! ```
//! use crypto_core::{bulk::NativeEngine, ids::UnixTime, openpgp::*};
//! use rand_chacha::rand_core::SeedableRng;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # futures::executor::block_on(async {
//! let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1); // a test's; use the system's
//! let now = UnixTime(1_790_000_000);
//! let ann = [UserId::new("Ann", "ann@example.org")];
//! let key = generate(Profile::Compatible, &ann, now, &mut rng)?.secret;
//! let certificate = key.certificate();
//!
//! let sealed = encrypt(&NativeEngine, &mut rng, b"hello", &EncryptRequest {
//!     recipients: &[&certificate],
//!     passwords: &[],
//!     signer: Some(&key),
//!     now,
//!     armor: true,
//! }).await?;
//!
//! let opened = decrypt(&NativeEngine, &sealed, &DecryptRequest {
//!     keys: &[&key],
//!     passwords: &[],
//!     verifiers: &[&certificate],
//!     limits: &Limits::default(),
//!     now,
//! }).await?;
//! assert_eq!(opened.plaintext.as_slice(), b"hello");
//! assert!(matches!(opened.signature, SignatureVerdict::Good { .. }));
//! # Ok(())
//! # })
//! # }
//! ```

mod armor;
mod assemble;
mod batch;
mod certificate;
mod certify;
mod cleartext;
mod container;
mod decrypt;
mod describe;
mod detached;
mod encrypt;
mod error;
mod fitting;
mod generate;
mod hidden;
mod inline;
mod locking;
mod message;
mod opening;
mod packets;
mod policy;
mod relock;
mod sealing;
mod secret;
mod session;
mod session_secret;
mod signature;
mod signing;
mod stream;
mod types;
mod unlocking;
mod update;
mod withdraw;

pub use armor::{ArmorError, ArmorKind, armor, dearmor};
pub use batch::{CertificateReport, DetachedPair, check_certificates, decrypt_many, verify_many};
pub use certificate::Certificate;
pub use certify::UserIdMatch;
pub use cleartext::{SignedText, sign_cleartext, verify_cleartext};
pub use decrypt::{DecryptRequest, Opened, Protection, ProtectionMode, decrypt};
pub use detached::{micalg, sign_detached, verify_detached};
pub use encrypt::{EncryptRequest, encrypt};
pub use error::{
    CertificateProblem, CertifyError, DecryptError, EncryptError, ExceededLimit, GenerateError,
    ImportError, LockError, MergeError, RecipientProblem, SignError, UnlockError, VerifyError,
};
pub use generate::{GenerateOptions, GeneratedKey, generate, generate_with};
pub use hidden::encrypt_hiding;
pub use inline::{SignedMessage, verify_inline};
pub use opening::{JudgedSignature, Reading, judge_detached, open_message, read_signed};
pub use sealing::{Audience, Purpose, SealRequest, Sealed, seal};
pub use secret::SecretCertificate;
pub use session_secret::SessionSecret;
pub use signing::{
    DetachedSignatures, SignRequest, sign_all_detached, sign_cleartext_all, sign_inline,
};
pub use stream::{
    Checked, StreamChecker, StreamDecryptor, StreamEncryptor, StreamOpened, StreamSigner,
    StreamVerifier,
};
pub use types::{
    BadSignature, CertificateStatus, EncryptionFeatures, Limits, Profile, SignatureVerdict, UserId,
};
pub use update::UpdateOptions;
pub use withdraw::RevocationReason;
