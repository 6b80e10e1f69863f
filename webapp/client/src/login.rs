//! The login handshake: from a passphrase to a token, with a server that is not trusted before
//! it has proved that it knows the account.
//!
//! The attacker is the server itself: it may lower or explode the cost of Argon2id, swap salts,
//! send degenerate SRP values or no proof. Each ends in [`ClientError::ServerNotTrusted`] before
//! anything derived from the passphrase could help it.

use crypto_core::{
    kdf::{KdfParameters, Salt, StretchedKey, derive_stretched_key},
    secret::{Passphrase, Secret},
    srp::{ClientHandshake, Group},
};
use wire::{
    auth::{
        KdfParameters as WireKdf, LoginFinishRequest, LoginFinishResponse, LoginGrant,
        LoginStartRequest, LoginStartResponse, SrpGroup,
    },
    routes,
};

use crate::{
    error::ClientError,
    http,
    ports::{Entropy, Platform},
};

/// What the server said before any proof, checked against our bounds.
pub(crate) struct Challenge {
    login_id: String,
    pub(crate) salt: Salt,
    pub(crate) kdf: KdfParameters,
    pub(crate) group: Group,
    b_pub: Vec<u8>,
}

/// Asks for the account's salt and cost and the server's public value.
pub(crate) async fn start(
    platform: &impl Platform,
    address: &str,
) -> Result<Challenge, ClientError> {
    let answer: LoginStartResponse = http::post_json(
        platform.transport(),
        routes::LOGIN_START,
        None,
        &LoginStartRequest {
            address: address.to_owned(),
        },
    )
    .await?;
    let kdf = kdf_from_wire(answer.kdf)?;
    let salt = Salt::try_from(answer.salt.0.as_slice())
        .map_err(|_| ClientError::ServerNotTrusted("salt of a wrong length"))?;
    let group = group_from_wire(answer.group);
    if answer.b_pub.0.len() != group.byte_len() {
        return Err(ClientError::ServerNotTrusted(
            "public value of a wrong length",
        ));
    }
    Ok(Challenge {
        login_id: answer.login_id,
        salt,
        kdf,
        group,
        b_pub: answer.b_pub.0,
    })
}

/// Proves the passphrase, demands the server's proof, and only then opens what it sent.
pub(crate) async fn finish(
    platform: &impl Platform,
    address: &str,
    login_secret: &Secret<[u8; 32]>,
    challenge: Challenge,
) -> Result<LoginGrant, ClientError> {
    let mut rng = platform.entropy().rng();
    let (handshake, a_pub) = ClientHandshake::start(challenge.group, &mut rng);
    let proof = handshake
        .answer(address, login_secret, &challenge.salt, &challenge.b_pub)
        .map_err(|_| ClientError::ServerNotTrusted("degenerate public value"))?;
    let answer: LoginFinishResponse = http::post_json(
        platform.transport(),
        routes::LOGIN_FINISH,
        None,
        &LoginFinishRequest {
            login_id: challenge.login_id,
            a_pub: a_pub.into(),
            client_proof: proof.proof().to_vec().into(),
        },
    )
    .await?;
    let session = proof
        .verify_server(&answer.server_proof.0)
        .map_err(|_| ClientError::ServerNotTrusted("it did not prove that it knows the account"))?;
    let grant = session
        .open_grant(&answer.sealed_grant.0)
        .map_err(|_| ClientError::ServerNotTrusted("its answer was altered"))?;
    let grant: LoginGrant =
        serde_json::from_slice(&grant).map_err(|_| ClientError::Protocol("login grant".into()))?;
    if grant.address != address {
        return Err(ClientError::ServerNotTrusted(
            "it answered for another account",
        ));
    }
    Ok(grant)
}

/// Argon2id, which takes a good part of a second.
pub(crate) fn stretch(
    passphrase: &Passphrase,
    salt: &Salt,
    kdf: &KdfParameters,
) -> Result<StretchedKey, ClientError> {
    derive_stretched_key(passphrase, salt, kdf).map_err(|e| ClientError::Internal(e.to_string()))
}

/// Refuses costs outside our bounds.
pub(crate) fn kdf_from_wire(kdf: WireKdf) -> Result<KdfParameters, ClientError> {
    KdfParameters::new(kdf.memory_kib, kdf.passes, kdf.lanes)
        .map_err(|_| ClientError::ServerNotTrusted("key derivation cost outside our bounds"))
}

pub(crate) fn kdf_to_wire(kdf: &KdfParameters) -> WireKdf {
    WireKdf {
        memory_kib: kdf.memory_kib(),
        passes: kdf.passes(),
        lanes: kdf.lanes(),
    }
}

pub(crate) fn group_from_wire(group: SrpGroup) -> Group {
    match group {
        SrpGroup::Rfc5054Bits3072 => Group::Bits3072,
        SrpGroup::Rfc5054Bits4096 => Group::Bits4096,
    }
}

pub(crate) fn group_to_wire(group: Group) -> SrpGroup {
    match group {
        Group::Bits3072 => SrpGroup::Rfc5054Bits3072,
        Group::Bits4096 => SrpGroup::Rfc5054Bits4096,
    }
}
