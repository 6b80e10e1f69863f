//! Messages: encrypted, signed inside, signed beside, signed in the clear.

use std::sync::OnceLock;

use crypto_core::{
    bulk::NativeEngine,
    openpgp::{
        DecryptError, DecryptRequest, Opened, SignatureVerdict, StreamChecker, StreamDecryptor,
        StreamOpened, decrypt, micalg, verify_cleartext, verify_detached, verify_inline,
    },
    secret::Passphrase,
};
use futures::executor::block_on;
use pgp::{
    composed::{Deserializable, RawSessionKey, SignedSecretKey},
    crypto::{
        aead::{AeadAlgorithm, ChunkSize},
        sym::SymmetricKeyAlgorithm,
    },
    packet::{PacketTrait, PublicKeyEncryptedSessionKey, SymEncryptedProtectedData},
};
use zeroize::Zeroizing;

use crate::parties::{NOW, PASSWORD, SEALED, SIGNED, ann, bob, both, limits, rng};

const AES: SymmetricKeyAlgorithm = SymmetricKeyAlgorithm::AES256;
const SESSION_KEY: [u8; 32] = [9; 32];

/// A whole message, as it comes from the network.
pub(crate) fn packets(data: &[u8]) {
    let opened = open(data);
    if let Ok(opened) = &opened {
        // Nobody but the owner of the session key can make something that opens; the corpus's
        // session keys are not known to the fuzzer, so only what was sealed can come out.
        let text = opened.plaintext.as_slice();
        assert!(
            text == SEALED || SIGNED.contains(&text),
            "a text that nobody sealed: {text:?}"
        );
    }
    check_signed(opened.as_ref().ok());
    let certificates = both();
    let verifiers: Vec<_> = certificates.iter().collect();
    let limits = limits();
    let inline = verify_inline(&NativeEngine, data, &verifiers, &limits, NOW);
    if let Ok(read) = block_on(inline)
        && matches!(read.signature(), SignatureVerdict::Good { .. })
    {
        assert_signed(&read.data);
    }
    let _ = micalg(data);
}

/// The packets inside a container that opens: written by a hostile sender.
pub(crate) fn messages(data: &[u8]) {
    for front in fronts() {
        let opened = open(&front.around(data));
        assert_ne!(
            opened.as_ref().err(),
            Some(&DecryptError::Damaged),
            "the container is in order"
        );
        check_signed(opened.as_ref().ok());
    }
}

/// A text with a cleartext signature.
pub(crate) fn cleartext(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let certificates = both();
    let verifiers: Vec<_> = certificates.iter().collect();
    let read = block_on(verify_cleartext(&NativeEngine, &text, &verifiers, NOW));
    if let Ok(read) = read
        && matches!(read.signature(), SignatureVerdict::Good { .. })
    {
        assert_signed(read.text.as_bytes());
    }
}

/// Signatures over data that they were never made for, and over those they were.
pub(crate) fn signatures(data: &[u8]) {
    const NEVER_SIGNED: &[u8] = b"I owe you 500";
    let certificates = both();
    let verifiers: Vec<_> = certificates.iter().collect();
    for text in [NEVER_SIGNED, SIGNED[0]] {
        let verdicts = block_on(verify_detached(&NativeEngine, text, data, &verifiers, NOW));
        let good = |verdict: &SignatureVerdict| matches!(verdict, SignatureVerdict::Good { .. });
        if verdicts.is_ok_and(|verdicts| verdicts.iter().any(good)) {
            assert_signed(text);
        }
    }
}

/// Opens a message as a whole, and in pieces: the two must answer the same.
fn open(message: &[u8]) -> Result<Opened, DecryptError> {
    let certificates = both();
    let verifiers: Vec<_> = certificates.iter().collect();
    let password = Passphrase::new(PASSWORD.to_owned());
    let limits = limits();
    let request = DecryptRequest {
        keys: &[ann(), bob()],
        passwords: &[&password],
        verifiers: &verifiers,
        limits: &limits,
        now: NOW,
    };
    let whole = block_on(decrypt(&NativeEngine, message, &request));
    let piece = message.len() / 3 + 1;
    let (streamed, released) = block_on(stream(message, &request, piece));
    match (&whole, streamed) {
        (Ok(whole), Ok(streamed)) => {
            assert_eq!(whole.plaintext, released);
            assert_eq!(whole.signature, streamed.signature);
            assert_eq!(whole.signatures, streamed.signatures);
            assert_eq!(whole.recipient, streamed.recipient);
        }
        (Err(_), Err(_)) => {}
        (whole, streamed) => panic!("{whole:?} as a whole, {streamed:?} in pieces"),
    }
    whole
}

/// Two passes, which every kind of container allows.
async fn stream(
    message: &[u8],
    request: &DecryptRequest<'_>,
    piece: usize,
) -> (Result<StreamOpened, DecryptError>, Zeroizing<Vec<u8>>) {
    let mut released = Zeroizing::new(Vec::new());
    let answer = async {
        let mut checker = StreamChecker::new(request);
        for piece in message.chunks(piece) {
            checker.push(&NativeEngine, piece).await?;
        }
        let checked = checker.finish(&NativeEngine).await?;
        let mut opening = StreamDecryptor::second_pass(request, checked);
        for piece in message.chunks(piece) {
            opening.push(&NativeEngine, piece, &mut released).await?;
        }
        opening.finish(&NativeEngine, &mut released).await
    };
    let answer = answer.await;
    (answer, released)
}

/// What is shown is what was verified.
fn check_signed(opened: Option<&Opened>) {
    if let Some(opened) = opened
        && opened
            .signatures
            .iter()
            .any(|verdict| matches!(verdict, SignatureVerdict::Good { .. }))
    {
        assert_signed(&opened.plaintext);
    }
}

fn assert_signed(text: &[u8]) {
    assert!(
        SIGNED.contains(&text),
        "shown as signed, and never signed: {text:?}"
    );
}

/// Session-key packets for somebody, and the kind of container that goes with them.
struct Front {
    packets: Vec<u8>,
    aead: bool,
}

impl Front {
    /// A message with this content.
    fn around(&self, content: &[u8]) -> Vec<u8> {
        let sealed = if self.aead {
            SymEncryptedProtectedData::encrypt_seipdv2(
                rng(5),
                AES,
                AeadAlgorithm::Ocb,
                ChunkSize::C64KiB,
                &SESSION_KEY,
                content,
            )
        } else {
            SymEncryptedProtectedData::encrypt_seipdv1(rng(5), AES, &SESSION_KEY, content)
        };
        let mut message = self.packets.clone();
        sealed.unwrap().to_writer_with_header(&mut message).unwrap();
        message
    }
}

fn fronts() -> &'static [Front; 2] {
    static FRONTS: OnceLock<[Front; 2]> = OnceLock::new();
    FRONTS.get_or_init(|| {
        let session = RawSessionKey::from(SESSION_KEY.as_slice());
        [(ann(), true), (bob(), false)].map(|(to, aead)| {
            let secret = SignedSecretKey::from_bytes(to.to_bytes().as_slice()).unwrap();
            let recipient = secret.secret_subkeys[0].key.public_key();
            let mut packets = Vec::new();
            let packet = if aead {
                PublicKeyEncryptedSessionKey::from_session_key_v6(rng(4), &session, recipient)
            } else {
                PublicKeyEncryptedSessionKey::from_session_key_v3(rng(4), &session, AES, recipient)
            };
            packet.unwrap().to_writer_with_header(&mut packets).unwrap();
            Front { packets, aead }
        })
    })
}
