//! The paths of the server, in one place.

/// JMAP session resource (RFC 8620, section 2.2); needs a bearer token.
pub const JMAP_WELL_KNOWN: &str = "/.well-known/jmap";
/// JMAP session resource under its own name.
pub const JMAP_SESSION: &str = "/jmap/session";
/// JMAP method calls (RFC 8620, section 3).
pub const JMAP_API: &str = "/jmap/api";
/// Prefix of uploads: `/jmap/upload/{accountId}` (RFC 8620, section 6.1).
pub const JMAP_UPLOAD: &str = "/jmap/upload";
/// Prefix of downloads: `/jmap/download/{accountId}/{blobId}/{name}` (RFC 8620, section 6.2).
pub const JMAP_DOWNLOAD: &str = "/jmap/download";
/// Push by server-sent events (RFC 8620, section 7.3).
pub const JMAP_EVENTS: &str = "/jmap/eventsource";

/// `GET`: what this server is and which addresses it gives out. No token needed.
pub const SERVER_INFO: &str = "/api/v1/server";
/// `POST`: make an account.
pub const REGISTER: &str = "/api/v1/accounts";
/// `POST`: first step of SRP.
pub const LOGIN_START: &str = "/api/v1/login/start";
/// `POST`: second step of SRP.
pub const LOGIN_FINISH: &str = "/api/v1/login/finish";
/// `POST`: end the session of the bearer token.
pub const LOGOUT: &str = "/api/v1/logout";
/// `POST`: replace the verifier and the wrapped vault key at once.
pub const CHANGE_PASSPHRASE: &str = "/api/v1/passphrase";
/// `POST`: certificates of other accounts of this server.
pub const DIRECTORY_LOOKUP: &str = "/api/v1/directory/lookup";
/// `POST`: replace one's own certificate, and say who may find it.
pub const DIRECTORY_PUBLISH: &str = "/api/v1/directory/publish";
/// `GET`: which certificate the directory has of one's own account, and who finds it.
pub const DIRECTORY_OWN: &str = "/api/v1/directory/own";
/// Web Key Directory (draft-koch-openpgp-webkey-service).
pub const WKD: &str = "/.well-known/openpgpkey";
/// HKP look-ups (draft-gallagher-openpgp-hkp), read-only.
pub const HKP_LOOKUP: &str = "/pks/lookup";
