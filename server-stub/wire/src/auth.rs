//! Registration, login by SRP-6a and passphrase change.
//!
//! The server stores a verifier and learns neither the passphrase nor anything from which the
//! vault opens. All numbers of SRP are big-endian, padded to the length of the group's modulus.

use serde::{Deserialize, Serialize};

use crate::Base64Bytes;

/// The cost of Argon2id as the account's owner chose it (RFC 9106).
///
/// Clients refuse values outside their own bounds, so a server can neither lower nor explode them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KdfParameters {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The groups of RFC 5054, appendix A, that are large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SrpGroup {
    /// 3072 bits; values of 384 bytes.
    #[serde(rename = "rfc5054-3072")]
    Rfc5054Bits3072,
    /// 4096 bits; values of 512 bytes.
    #[serde(rename = "rfc5054-4096")]
    Rfc5054Bits4096,
}

/// What the server keeps to recognise a passphrase it never sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Credentials {
    /// Salt of Argon2id and SRP, 16 bytes.
    pub salt: Base64Bytes,
    /// Cost of Argon2id.
    pub kdf: KdfParameters,
    /// The SRP group.
    pub group: SrpGroup,
    /// SRP verifier `v = g^x`, padded to the group's length.
    pub verifier: Base64Bytes,
    /// The vault's root key, wrapped under a key only the passphrase gives. At most 512 bytes.
    pub wrapped_vault_key: Base64Bytes,
}

/// At most this many objects in [`RegisterRequest::initial_objects`].
pub const MAX_INITIAL_OBJECTS: usize = 16;

/// `POST` [`crate::routes::REGISTER`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterRequest {
    /// The wished address, such as `alice@example.org`.
    pub address: String,
    /// Verifier, salt and wrapped vault key.
    pub credentials: Credentials,
    /// The account's OpenPGP certificate, binary, without secret parts; its user ID names
    /// the address. At most 64 KiB.
    pub certificate: Base64Bytes,
    /// True to publish the certificate to everybody by WKD and HKP. Accounts of this server
    /// find it either way.
    pub publish: bool,
    /// Sealed objects stored together with the account, all or nothing: the private key must
    /// not be lost between two requests. At most [`MAX_INITIAL_OBJECTS`]; each has revision 1.
    #[serde(default)]
    pub initial_objects: Vec<crate::objects::SealedObject>,
}

/// `201` to [`RegisterRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterResponse {
    /// The JMAP account id.
    pub account_id: String,
}

/// `POST` [`crate::routes::LOGIN_START`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginStartRequest {
    /// The account's address.
    pub address: String,
}

/// Answer to [`LoginStartRequest`]; for an unknown address it looks and ages the same.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginStartResponse {
    /// Names this handshake; good for two minutes and one try.
    pub login_id: String,
    /// Salt of Argon2id and SRP.
    pub salt: Base64Bytes,
    /// Cost of Argon2id.
    pub kdf: KdfParameters,
    /// The SRP group.
    pub group: SrpGroup,
    /// The server's public value `B`.
    pub b_pub: Base64Bytes,
}

/// `POST` [`crate::routes::LOGIN_FINISH`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LoginFinishRequest {
    /// From [`LoginStartResponse`].
    pub login_id: String,
    /// The client's public value `A`.
    pub a_pub: Base64Bytes,
    /// The client's proof `M1`, 32 bytes.
    pub client_proof: Base64Bytes,
}

/// Answer to [`LoginFinishRequest`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginFinishResponse {
    /// The server's proof `M2`, 32 bytes. The client looks at nothing else before this fits.
    pub server_proof: Base64Bytes,
    /// A [`LoginGrant`] as JSON, sealed under the SRP session key
    /// (`crypto_core::srp::seal_grant`).
    pub sealed_grant: Base64Bytes,
}

/// What a login gives; travels only sealed under the SRP session key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginGrant {
    /// Bearer token for everything else. Never written to disk by clients.
    pub token: String,
    /// Seconds until the token ends.
    pub expires_in: u64,
    /// The JMAP account id.
    pub account_id: String,
    /// The account's address in the server's spelling.
    pub address: String,
    /// The vault's root key, wrapped.
    pub wrapped_vault_key: Base64Bytes,
    /// Counts the passphrase changes; [`ChangePassphraseRequest`] must name it.
    pub credentials_revision: u64,
}

/// `POST` [`crate::routes::CHANGE_PASSPHRASE`], with a token whose login is at most five
/// minutes old. All other sessions of the account end.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangePassphraseRequest {
    /// The revision the client saw; if it is not the newest, the answer is `409`.
    pub credentials_revision: u64,
    /// The new verifier, salt and wrapped vault key.
    pub credentials: Credentials,
}

/// `GET` [`crate::routes::SERVER_INFO`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// The name and version of the server.
    pub server: String,
    /// The domains it gives out addresses in; never empty.
    pub domains: Vec<String>,
    /// True when anybody may register.
    pub registration_open: bool,
    /// The largest message it takes, in bytes.
    pub max_message_size: u64,
}
