//! The client API that webmails already speak (`window.mailvelope`).
//!
//! # Security
//! Everything here comes from a page. A page is confined to keyrings under its own origin, gets
//! ciphertext and public keys only, and learns of a person's choice only that it was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::content::FrameId;

/// Names a keyring of the calling origin; empty for the person's main keyring, which a page may
/// use for looking up and displaying, never for changing without the person's word.
pub type KeyringName = String;

/// A call by the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts", rename = "ApiCall"))]
#[serde(
    tag = "method",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Call {
    /// `getKeyring`
    GetKeyring {
        /// Which.
        keyring: KeyringName,
    },
    /// `createKeyring`
    CreateKeyring {
        /// Which.
        keyring: KeyringName,
    },
    /// `validKeyForAddress`
    ValidKeyForAddress {
        /// Which keyring.
        keyring: KeyringName,
        /// At most 100.
        addresses: Vec<String>,
    },
    /// `exportOwnPublicKey`
    ExportOwnPublicKey {
        /// Which keyring.
        keyring: KeyringName,
        /// Whose.
        address: String,
    },
    /// `importPublicKey`
    ImportPublicKey {
        /// Which keyring.
        keyring: KeyringName,
        /// At most 1 MiB.
        armored: String,
    },
    /// `hasPrivateKey`
    HasPrivateKey {
        /// Which keyring.
        keyring: KeyringName,
        /// Upper-case hexadecimal, or
        fingerprint: Option<String>,
        /// an address.
        address: Option<String>,
    },
    /// `additionalHeadersForOutgoingEmail`
    AdditionalHeaders {
        /// Which keyring.
        keyring: KeyringName,
        /// Address in From.
        from: String,
    },
    /// `processAutocryptHeader`
    ProcessAutocrypt {
        /// Which keyring.
        keyring: KeyringName,
        /// At most 10,240 characters.
        autocrypt: String,
        /// From.
        from: String,
        /// Date, Unix seconds.
        date: u64,
    },
    /// `createDisplayContainer`
    Display {
        /// Which keyring.
        keyring: KeyringName,
        /// At most 64 MiB.
        armored: String,
        /// Who sent it, as the page says; may be empty.
        sender: String,
    },
    /// `createEditorContainer`
    Editor {
        /// Which keyring.
        keyring: KeyringName,
        /// What it begins with.
        options: EditorOptions,
    },
    /// `Editor.encrypt`
    Encrypt {
        /// The editor.
        frame: FrameId,
        /// At most 500.
        recipients: Vec<String>,
    },
    /// `Editor.createDraft`
    CreateDraft {
        /// The editor.
        frame: FrameId,
    },
    /// `createKeyGenContainer`
    KeyGen {
        /// Which keyring.
        keyring: KeyringName,
        /// Addresses with names.
        user_ids: Vec<ApiUserId>,
    },
    /// `Generator.generate`
    Generate {
        /// The container.
        frame: FrameId,
    },
    /// Ends [`Call::Generate`]: the promise that the page gave was kept or broken.
    GenerateConfirmed {
        /// The container.
        frame: FrameId,
        /// Keep the key.
        keep: bool,
    },
    /// `createKeyBackupContainer`
    KeyBackup {
        /// Which keyring.
        keyring: KeyringName,
    },
    /// `restoreBackupContainer`
    RestoreBackup {
        /// Which keyring.
        keyring: KeyringName,
    },
    /// `isReady` of a backup or restore container: answers when the person is done.
    WaitFor {
        /// The container.
        frame: FrameId,
    },
    /// `openSettings`
    OpenSettings,
}

/// A user id in `createKeyGenContainer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiUserId {
    /// Address.
    pub email: String,
    /// Name.
    pub full_name: String,
}

/// Options of `createEditorContainer`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EditorOptions {
    /// Kilobytes that the message may have; 20,480 if not said.
    pub quota: Option<u32>,
    /// Sign.
    pub sign_msg: bool,
    /// A draft of `createDraft`: opened only if the person's own key signed it.
    pub armored_draft: Option<String>,
    /// Text to begin with.
    pub predefined_text: Option<String>,
    /// An armored message to quote.
    pub quoted_mail: Option<String>,
    /// Indent the quote with `> `; true if not said.
    pub quoted_mail_indent: Option<bool>,
    /// A line above the quote.
    pub quoted_mail_header: Option<String>,
    /// Keep the attachments of the quoted message.
    pub keep_attachments: bool,
}

/// What the page gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS),
    ts(export_to = "api.ts", rename = "ApiReturn")
)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Return {
    /// Nothing.
    Nothing,
    /// A keyring.
    Keyring {
        /// Which.
        keyring: KeyringName,
        /// Revision of the logo; 0 for none.
        logo_rev: u32,
    },
    /// Keys by address; an empty list stands for `false`.
    Keys {
        /// By address as asked.
        keys: BTreeMap<String, Vec<ApiKey>>,
    },
    /// Text: armor or a header field.
    Text {
        /// The text.
        text: String,
    },
    /// Yes or no.
    Boolean {
        /// Which.
        value: bool,
    },
    /// What became of an import.
    Imported {
        /// The outcome.
        outcome: ImportOutcome,
    },
    /// A container to place in the page's element.
    Container {
        /// The frame's id.
        frame: FrameId,
        /// Address for the iframe.
        url: String,
    },
    /// It failed, with a code of the client API.
    Error {
        /// The code.
        code: ErrorCode,
        /// One sentence.
        message: String,
    },
}

/// A key as the client API tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApiKey {
    /// Lower-case hexadecimal, as callers expect.
    pub fingerprint: String,
    /// Unix seconds.
    pub last_modified: u64,
    /// Where it came from.
    pub source: ApiKeySource,
}

/// Sources in the client API's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "UPPERCASE")]
pub enum ApiKeySource {
    /// Local.
    Loc,
    /// Web Key Directory.
    Wkd,
    /// Autocrypt.
    Ac,
}

/// Outcomes of `importPublicKey`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImportOutcome {
    /// New.
    Imported,
    /// Known, with news.
    Updated,
    /// Refused by the person.
    Rejected,
    /// It brought a revocation.
    Invalidated,
}

/// Error codes of the client API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export_to = "api.ts"))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the codes are the client API's own words")]
pub enum ErrorCode {
    NoKeyringForId,
    KeyringAlreadyExists,
    InvalidIdentifier,
    DecryptError,
    ArmorParseError,
    PwdDialogCancel,
    NoKeyFound,
    WrongArmoredType,
    InvalidOptions,
    FeatureDeprecated,
    NoKeyForAddress,
    ImportError,
    InvalidHeader,
    StorageError,
    InputNotValid,
    EncryptInProgress,
    NoKeyForRecipient,
    NoKeyForEncryption,
    EncryptQuotaSize,
    TypeMismatch,
    NoConnection,
}

/// Something a container in the page waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(
    test,
    derive(ts_rs::TS),
    ts(export_to = "api.ts", rename = "ApiNotice")
)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Notice {
    /// A display container shows its message, or could not.
    Displayed {
        /// The frame.
        frame: FrameId,
        /// Why not; `status.error` of the client API.
        error: Option<ErrorCode>,
        /// One sentence; empty without error.
        message: String,
    },
}
