//! Messages that do not say who can read them (blind copies).
//!
//! The session key of a hidden recipient is written with a key id of zeros or without a
//! fingerprint (RFC 9580, section 5.1), so that the other readers learn that somebody unnamed can
//! read it too, and not who. Such a message is signed without intended recipients (section
//! 5.2.3.36): they would name everybody, or make the signature look passed on to whoever is left
//! out.

use pgp::{armor::BlockType, packet::PublicKeyEncryptedSessionKey as Pkesk, types::KeyId};
use rand::{CryptoRng, RngCore};

use super::{
    Certificate, EncryptRequest,
    armor::{self, Readers},
    certificate::write_packet,
    container::{self, Suite},
    encrypt::{Scheme, content, encryption_keys, write_session_keys},
    error::EncryptError,
    packets::PacketWalk,
};
use crate::{bulk::BulkEngine, secret::wipe};

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
    let mut everybody = request.recipients.to_vec();
    everybody.extend_from_slice(hidden);
    let all = EncryptRequest {
        recipients: &everybody,
        ..*request
    };
    let scheme = Scheme::choose(&all);
    let all_keys = encryption_keys(&all)?;
    let named = if request.recipients.is_empty() && request.passwords.is_empty() {
        Vec::new()
    } else {
        encryption_keys(request)?
    };
    let (shown, unnamed): (Vec<_>, Vec<_>) = all_keys.into_iter().partition(|key| {
        let print = key.fingerprint();
        named.iter().any(|known| known.fingerprint() == print)
    });
    let silent = EncryptRequest {
        recipients: if unnamed.is_empty() {
            request.recipients
        } else {
            &[]
        },
        ..*request
    };
    let mut content = content(engine, rng, plaintext, &silent).await?;
    let session_key = scheme.make_session_key(rng);
    let internal = |error: pgp::errors::Error| EncryptError::Internal(error.to_string());
    let mut message = Vec::with_capacity(content.len() + 1024 * (1 + everybody.len()));
    write_session_keys(
        &scheme,
        &session_key,
        &shown,
        request.passwords,
        rng,
        &mut message,
    )
    .map_err(internal)?;
    let mut packets = Vec::new();
    write_session_keys(&scheme, &session_key, &unnamed, &[], rng, &mut packets)
        .map_err(internal)?;
    write_nameless(&packets, &mut message)?;
    let readers = match scheme {
        Scheme::V1(_) => Readers::All,
        Scheme::V2(..) => Readers::Modern,
    };
    match scheme {
        Scheme::V1(_) => {
            container::seal_v1(engine, rng, &session_key, &content, &mut message).await?;
        }
        Scheme::V2(cipher, mode) => {
            let suite = Suite::new(cipher, mode);
            container::seal_v2(engine, rng, suite, &session_key.key, &content, &mut message)
                .await?;
        }
    }
    wipe(&mut content);
    Ok(if request.armor {
        armor::write(&message, BlockType::Message, readers)
    } else {
        message
    })
}

/// Writes session-key packets again, without whose they are.
fn write_nameless(packets: &[u8], output: &mut Vec<u8>) -> Result<(), EncryptError> {
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
