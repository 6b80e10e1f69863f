//! Keys, and streams driven to their ends.

use crypto_core::{
    bulk::NativeEngine,
    ids::UnixTime,
    openpgp::{
        Certificate, DecryptError, DecryptRequest, EncryptRequest, Limits, Profile,
        SecretCertificate, StreamChecker, StreamDecryptor, StreamEncryptor, StreamOpened, UserId,
        generate,
    },
};
use futures::executor::block_on;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use zeroize::Zeroizing;

pub(crate) const NOW: UnixTime = UnixTime(1_790_000_000);
/// Plaintext of one chunk as we write it.
pub(crate) const CHUNK: usize = 256 << 10;

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn key(profile: Profile) -> SecretCertificate {
    let id = UserId::new("Ann", "ann@example.org");
    let created = UnixTime(NOW.0 - 86_400);
    generate(profile, &[id], created, &mut rng(profile as u64))
        .unwrap()
        .secret
}

pub(crate) fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 31 % 251) as u8).collect()
}

pub(crate) fn to<'a>(recipients: &'a [&'a Certificate], armor: bool) -> EncryptRequest<'a> {
    EncryptRequest {
        recipients,
        passwords: &[],
        signer: None,
        now: NOW,
        armor,
    }
}

pub(crate) fn with<'a>(
    keys: &'a [&'a SecretCertificate],
    verifiers: &'a [&'a Certificate],
    limits: &'a Limits,
) -> DecryptRequest<'a> {
    DecryptRequest {
        keys,
        passwords: &[],
        verifiers,
        limits,
        now: NOW,
    }
}

/// Encrypts in pieces of a size.
pub(crate) fn seal(plaintext: &[u8], size: usize, request: &EncryptRequest<'_>) -> Vec<u8> {
    let (mut stream, mut sealed) = StreamEncryptor::start(&mut rng(9), request).unwrap();
    for piece in plaintext.chunks(size) {
        block_on(stream.push(&NativeEngine, piece, &mut sealed)).unwrap();
    }
    assert_eq!(stream.bytes_in(), plaintext.len() as u64);
    block_on(stream.finish(&NativeEngine, &mut sealed)).unwrap();
    sealed
}

/// What was released before the end or the first error, and the end.
pub(crate) type Answer = (Vec<u8>, Result<StreamOpened, DecryptError>);

fn drive(mut stream: StreamDecryptor, message: &[u8], size: usize) -> Answer {
    let mut released = Zeroizing::new(Vec::new());
    for piece in message.chunks(size) {
        if let Err(error) = block_on(stream.push(&NativeEngine, piece, &mut released)) {
            // It stays so.
            let again = block_on(stream.push(&NativeEngine, piece, &mut released));
            assert_eq!(again, Err(error.clone()));
            let end = block_on(stream.finish(&NativeEngine, &mut released));
            assert_eq!(end.unwrap_err(), error);
            return (released.to_vec(), Err(error));
        }
    }
    assert_eq!(stream.bytes_in(), message.len() as u64);
    let end = block_on(stream.finish(&NativeEngine, &mut released));
    (released.to_vec(), end)
}

/// Decrypts in pieces of a size, reading once.
pub(crate) fn open_once(message: &[u8], size: usize, request: &DecryptRequest<'_>) -> Answer {
    drive(StreamDecryptor::new(request), message, size)
}

/// Reads `first` to check it and `second` to decrypt it.
pub(crate) fn open_twice(
    first: &[u8],
    second: &[u8],
    size: usize,
    request: &DecryptRequest<'_>,
) -> Answer {
    let mut checker = StreamChecker::new(request);
    for piece in first.chunks(size) {
        if let Err(error) = block_on(checker.push(&NativeEngine, piece)) {
            return (Vec::new(), Err(error));
        }
    }
    match block_on(checker.finish(&NativeEngine)) {
        Ok(checked) => drive(StreamDecryptor::second_pass(request, checked), second, size),
        Err(error) => (Vec::new(), Err(error)),
    }
}
