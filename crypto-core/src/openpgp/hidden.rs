//! Messages that do not say who can read them (blind copies).
//!
//! The session key of a hidden recipient is written with a key id of zeros or without a
//! fingerprint (RFC 9580, section 5.1), so that the other readers learn that somebody unnamed can
//! read it too, and not who. Such a message is signed without intended recipients (section
//! 5.2.3.36): they would name everybody, or make the signature look passed on to whoever is left
//! out.

use pgp::{packet::PublicKeyEncryptedSessionKey as Pkesk, types::KeyId};
use rand::{CryptoRng, RngCore};

use super::{
    Certificate, EncryptRequest,
    certificate::write_packet,
    error::EncryptError,
    packets::PacketWalk,
    policy::AnyKey,
    sealing::{SealRequest, seal},
};
use crate::{bulk::BulkEngine, ids::Fingerprint};

/// As [`super::encrypt`], with further recipients that the message does not name.
///
/// # Errors
/// See [`EncryptError`].
pub async fn encrypt_hiding(
    engine: &impl BulkEngine,
    rng: &mut (impl RngCore + CryptoRng),
    plaintext: &[u8],
    request: &EncryptRequest<'_>,
    hidden: &[&Certificate],
) -> Result<Vec<u8>, EncryptError> {
    let mut sealing = SealRequest::new(request.now);
    sealing.recipients = request.recipients;
    sealing.hidden = hidden;
    sealing.passwords = request.passwords;
    sealing.signers = request.signer.as_slice();
    sealing.armor = request.armor;
    Ok(seal(engine, rng, plaintext, &sealing).await?.message)
}

/// Those keys that the message names, and those it does not. Who is among both is named.
pub(super) fn part<'a>(
    keys: Vec<AnyKey<'a>>,
    request: &SealRequest<'_>,
) -> (Vec<AnyKey<'a>>, Vec<AnyKey<'a>>) {
    if request.hidden.is_empty() {
        return (keys, Vec::new());
    }
    keys.into_iter().partition(|key| {
        let print = key.fingerprint();
        request
            .recipients
            .iter()
            .any(|recipient| has_key(recipient, &print))
    })
}

fn has_key(certificate: &Certificate, print: &Fingerprint) -> bool {
    certificate.fingerprint() == *print
        || certificate
            .subkeys
            .iter()
            .any(|subkey| AnyKey::Subkey(&subkey.key).fingerprint() == *print)
}

/// Writes session-key packets again, without whose they are.
pub(super) fn write_nameless(packets: &[u8], output: &mut Vec<u8>) -> Result<(), EncryptError> {
    let failed = || EncryptError::Internal("a session key cannot be read back".to_owned());
    for packet in PacketWalk::new(packets) {
        let packet = packet.map_err(|_| failed())?;
        let mut nameless =
            Pkesk::try_from_reader(packet.header, packet.body()).map_err(|_| failed())?;
        match &mut nameless {
            Pkesk::V3 { id, .. } => *id = KeyId::WILDCARD,
            Pkesk::V6 { fingerprint, .. } => *fingerprint = None,
            Pkesk::Other { .. } => return Err(failed()),
        }
        write_packet(&nameless, output);
    }
    Ok(())
}
