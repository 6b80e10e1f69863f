//! The extension's own pages: popup, unlock window, first run, key manager, contacts, files,
//! settings. They see everything but private keys, which leave the background locked by a
//! passphrase only.

use serde::{Deserialize, Serialize};

use crate::{
    provider::SelfTest,
    transfer::{Base64, Part},
    view::{KeySource, Mark, Person, RecipientState, Trust, VaultState},
};

/// What a page asks. `Debug` is not derived: some variants hold passphrases.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Request {
    /// Answered by [`Answer::Status`].
    Status,
    /// Makes the vault and the first key pair, or takes an existing key (`import`).
    SetUp {
        /// Name, may be empty.
        name: String,
        /// Address.
        address: String,
        /// Passphrase of the vault.
        passphrase: String,
        /// The picture the person chose.
        mark: Mark,
        /// An exported private key instead of a new one.
        import: Option<KeyFile>,
    },
    /// Makes a vault from a recovery sheet and a new passphrase.
    SetUpFromRecovery {
        /// The words or digits of the sheet.
        code: String,
        /// The sealed backup (armored).
        backup: String,
        /// Passphrase of the new vault.
        passphrase: String,
        /// The picture the person chose.
        mark: Mark,
    },
    /// Opens the vault.
    Unlock {
        /// The passphrase.
        passphrase: String,
    },
    /// Forgets the keys.
    Lock,
    /// Another passphrase.
    ChangePassphrase {
        /// Old.
        old: String,
        /// New.
        new: String,
    },
    /// One's own keys. Answered by [`Answer::Keys`].
    Keys,
    /// A further key pair.
    GenerateKey {
        /// For whom.
        person: Person,
        /// What kind.
        profile: KeyProfile,
        /// Days until it ends; `None` for never.
        expires_in_days: Option<u32>,
    },
    /// What a file holds, without taking it in. Answered by [`Answer::KeyFilePreview`].
    PreviewKeyFile {
        /// Armored or binary.
        file: Base64,
    },
    /// Takes in what the person saw in the preview: own keys and contacts' keys.
    ImportKeyFile(KeyFile),
    /// One's certificate, armored. Answered by [`Answer::Text`].
    ExportCertificate {
        /// Upper-case hexadecimal.
        fingerprint: String,
    },
    /// One's private key, locked by a passphrase. Answered by [`Answer::Text`].
    ExportPrivateKey {
        /// Upper-case hexadecimal.
        fingerprint: String,
        /// The vault's passphrase, once more.
        passphrase: String,
        /// Locks the exported key.
        export_passphrase: String,
    },
    /// A recovery sheet. Answered by [`Answer::RecoverySheet`].
    RecoverySheet {
        /// The vault's passphrase, once more.
        passphrase: String,
    },
    /// Brings the keys of a recovery sheet into the vault.
    RestoreKeys {
        /// The code of the sheet, as it was typed.
        code: String,
        /// The sealed backup (armored).
        backup: String,
    },
    /// Makes a key the one that is used.
    UseKey {
        /// Upper-case hexadecimal.
        fingerprint: String,
    },
    /// Withdraws a key for good.
    RevokeKey {
        /// Upper-case hexadecimal.
        fingerprint: String,
        /// Why.
        reason: RevocationReason,
    },
    /// Gives the certificate of the key in use to the directory of the account's server.
    Publish {
        /// Upper-case hexadecimal.
        fingerprint: String,
        /// Everybody may find it; else only accounts of that server.
        to_everybody: bool,
    },
    /// The account on a server, if there is one. Answered by [`Answer::Account`].
    Account,
    /// What answers at a server's address. Answered by [`Answer::ServerInfo`].
    ServerInfo {
        /// Such as `mail.example.org` or `https://mail.example.org`.
        server: String,
    },
    /// Makes an account on a server out of the vault.
    MakeAccount {
        /// Where.
        server: String,
        /// The whole address.
        address: String,
        /// The vault's passphrase, once more.
        passphrase: String,
        /// Everybody may find the certificate.
        publish: bool,
    },
    /// Enters an account that is on a server already and brings the vault into it; or enters it
    /// again after its passphrase was changed elsewhere.
    EnterAccount {
        /// Where.
        server: String,
        /// The whole address.
        address: String,
        /// The account's passphrase, which opens this device from then on.
        passphrase: String,
    },
    /// First run on a device of somebody with an account on a server.
    SetUpFromServer {
        /// Where.
        server: String,
        /// The whole address.
        address: String,
        /// The account's passphrase.
        passphrase: String,
        /// The picture the person chose.
        mark: Mark,
    },
    /// Brings keys, contacts and settings up to date with the server.
    Synchronise,
    /// Goes on without a server, with everything that is here.
    LeaveServer,
    /// Removes a private key from this device.
    DeleteKey {
        /// Upper-case hexadecimal.
        fingerprint: String,
    },
    /// Everybody whose key is remembered. Answered by [`Answer::Contacts`].
    Contacts,
    /// Looks for a key. Answered by [`Answer::Recipient`].
    LookUp {
        /// Address.
        address: String,
    },
    /// Uses a changed key from now on.
    AcceptKey {
        /// Whose.
        address: String,
        /// The new fingerprint that was shown.
        fingerprint: String,
    },
    /// Forgets a contact's key.
    DeleteContact {
        /// Address.
        address: String,
    },
    /// A piece of a file to encrypt or decrypt.
    Part(Part),
    /// Seals files. Results come as [`Event::Part`]s; then [`Answer::Files`].
    EncryptFiles {
        /// Numbers in [`Part::file`] with names.
        files: Vec<NamedFile>,
        /// To whom.
        recipients: Vec<String>,
        /// Or with a password.
        password: Option<String>,
        /// Sign.
        sign: bool,
    },
    /// Opens sealed files.
    DecryptFiles {
        /// Numbers in [`Part::file`] with names.
        files: Vec<NamedFile>,
        /// A password, for those sealed with one.
        password: Option<String>,
    },
    /// Letters that were begun in pages and not sent. Answered by [`Answer::Drafts`].
    Drafts,
    /// The files of one. They come as [`Event::Part`]s; then [`Answer::Files`].
    DraftFiles {
        /// [`KeptLetter::key`].
        key: String,
    },
    /// Throws one away, files and all.
    DiscardDraft {
        /// [`KeptLetter::key`].
        key: String,
    },
    /// Answered by [`Answer::Settings`].
    Settings,
    /// Changes them.
    SetSettings(Settings),
    /// The site in the tab the popup belongs to. Answered by [`Answer::Site`].
    CurrentSite,
    /// All sites that were switched on. Answered by [`Answer::Sites`].
    Sites,
    /// Switches a site on, or changes it. The page has asked for the host permission before.
    SwitchSite {
        /// Such as `https://mail.example.org`.
        origin: String,
        /// Find mail in its pages.
        scan: bool,
        /// Let it call the client API.
        api: bool,
    },
    /// Switches a site off.
    RemoveSite {
        /// Origin.
        origin: String,
    },
    /// Replaces the rules for webmails by newer ones with a good signature.
    UpdateRules {
        /// JSON of [`crate::provider::RuleSet`].
        rules: String,
        /// Armored detached signature.
        signature: String,
    },
    /// A sealed letter from oneself, to try. Answered by [`Answer::Text`] (armored).
    WelcomeLetter,
    /// Opens an armored message in a page of ours (the welcome letter, something pasted).
    OpenText {
        /// Armored.
        armored: String,
    },
}

/// A key file the person chose.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyFile {
    /// Armored or binary.
    pub file: Base64,
    /// What locks the private keys in it, if any are.
    pub passphrase: Option<String>,
}

/// A file in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedFile {
    /// Number in [`Part::file`].
    pub file: u32,
    /// Name.
    pub name: String,
}

/// Kinds of key pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum KeyProfile {
    /// Every OpenPGP program reads it.
    Compatible,
    /// RFC 9580.
    Modern,
    /// RFC 9980.
    PostQuantum,
}

/// Why a key is withdrawn (RFC 9580, section 5.2.3.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RevocationReason {
    /// Another is used from now on.
    Superseded,
    /// Somebody else may have it.
    Compromised,
    /// It is used no longer.
    Retired,
}

/// One of one's own keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OwnKey {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// Names and addresses.
    pub people: Vec<Person>,
    /// In the field's terms, such as `Ed25519, X25519`.
    pub algorithms: String,
    /// Unix seconds.
    pub created_at: u64,
    /// Unix seconds.
    pub expires_at: Option<u64>,
    /// Withdrawn.
    pub revoked: bool,
    /// The one that is used.
    pub in_use: bool,
    /// A recovery sheet was made since.
    pub backed_up: bool,
    /// There is a directory of one's own server that can hand it out.
    pub publishable: bool,
}

/// Somebody whose key is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactView {
    /// Who.
    pub person: Person,
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// How far trusted.
    pub trust: Trust,
    /// Where the key came from.
    pub source: KeySource,
    /// Unix seconds.
    pub first_seen: u64,
    /// Another key was offered, and nobody has decided.
    pub offered: Option<String>,
    /// Why mail cannot be sealed to it, if so.
    pub problem: Option<String>,
}

/// A key in a file, before it is taken in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyPreview {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// User ids.
    pub user_ids: Vec<String>,
    /// It is a private key.
    pub private: bool,
    /// It is locked by a passphrase.
    pub locked: bool,
    /// The fingerprint remembered for the same address, if it differs.
    pub replaces: Option<String>,
    /// Why it cannot be used, if so.
    pub problem: Option<String>,
}

/// What a person may choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Settings {
    /// Minutes without use until it locks; 0 for never while the browser runs.
    pub lock_after_minutes: u32,
    /// Hide subjects.
    pub hide_subject: bool,
    /// Sign.
    pub sign: bool,
    /// Rich text.
    pub rich_text: bool,
    /// Look for keys on the recipients' domains.
    pub wkd: bool,
    /// BCP 47; empty for the browser's.
    pub language: String,
    /// The picture.
    pub mark: Mark,
}

/// An account on a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ServerAccount {
    /// Origin of the server, such as `https://mail.example.org`.
    pub server: String,
    /// The account's address.
    pub address: String,
    /// When both were last brought up to date, Unix seconds; `None`: not since the browser began.
    pub synchronised_at: Option<u64>,
    /// What stands in the directory; `None` when the server did not answer.
    pub directory: Option<DirectoryEntry>,
    /// Why the server could not be used, if so.
    pub problem: Option<crate::failure::FailureKind>,
}

/// What the server's directory has of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DirectoryEntry {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// Everybody may find it; else only accounts of that server.
    pub to_everybody: bool,
}

/// A site and what is on there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Site {
    /// Origin.
    pub origin: String,
    /// The provider's id; `generic` if unknown.
    pub provider: String,
    /// It came with the extension.
    pub built_in: bool,
    /// Mail is found in its pages.
    pub scan: bool,
    /// It may call the client API.
    pub api: bool,
    /// The page asked for the client API and waits for the person.
    pub asks_api: bool,
    /// What the selectors' self-test said last.
    pub self_test: Option<SelfTest>,
}

/// What a page is answered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Answer {
    /// To [`Request::Status`].
    Status {
        /// Whether the keys are at hand.
        vault: VaultState,
        /// Who.
        me: Person,
        /// The picture; `None` before first run.
        mark: Option<Mark>,
        /// BCP 47; empty for the browser's.
        language: String,
    },
    /// To [`Request::Keys`].
    Keys {
        /// The one in use first.
        keys: Vec<OwnKey>,
    },
    /// To [`Request::PreviewKeyFile`].
    KeyFilePreview {
        /// In the file's order.
        keys: Vec<KeyPreview>,
    },
    /// A text.
    Text {
        /// The text.
        text: String,
    },
    /// To [`Request::RecoverySheet`].
    RecoverySheet {
        /// Groups of digits or words; opens the backup.
        code: Vec<String>,
        /// The sealed backup, armored.
        backup: String,
        /// QR codes, SVG: code and backup in one text, cut into pieces that a camera can read;
        /// none when it would be too many.
        qr: Vec<String>,
        /// Fingerprint of the key in use.
        fingerprint: String,
    },
    /// To [`Request::Contacts`].
    Contacts {
        /// By address.
        contacts: Vec<ContactView>,
    },
    /// To [`Request::LookUp`].
    Recipient {
        /// What was found.
        state: RecipientState,
    },
    /// Files are done: all parts have been sent.
    Files {
        /// Under these numbers and names.
        files: Vec<NamedFile>,
        /// Who signed, for opened files: one sentence each.
        verdicts: Vec<crate::view::Verdict>,
    },
    /// To [`Request::Drafts`].
    Drafts {
        /// The newest first.
        drafts: Vec<KeptLetter>,
    },
    /// To [`Request::Settings`].
    Settings(Settings),
    /// To [`Request::Account`].
    Account {
        /// `None`: keys and contacts are on this device alone.
        account: Option<ServerAccount>,
    },
    /// To [`Request::ServerInfo`].
    ServerInfo {
        /// Origin.
        server: String,
        /// The domains it gives out addresses in.
        domains: Vec<String>,
        /// Anybody may make an account.
        registration_open: bool,
    },
    /// To [`Request::CurrentSite`].
    Site {
        /// `None`: not a web page.
        site: Option<Site>,
    },
    /// To [`Request::Sites`].
    Sites {
        /// Built-in first.
        sites: Vec<Site>,
    },
    /// To [`Request::OpenText`].
    Opened(Box<crate::view::OpenedMessage>),
    /// Done.
    Done,
}

/// A letter that was begun in a page and not sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeptLetter {
    /// Names it.
    pub key: String,
    /// Origin of the page.
    pub site: String,
    /// The address it was to go out from; may be empty.
    pub from: String,
    /// Subject; may be empty.
    pub subject: String,
    /// All of its words.
    pub text: String,
    /// Names of its files.
    pub files: Vec<String>,
    /// When it was last kept, seconds since 1970.
    pub saved_at: u64,
}

/// What a page is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Event {
    /// A piece of a file.
    Part(Part),
    /// The keys came or went.
    Vault {
        /// Now.
        state: VaultState,
    },
    /// Long work: 0 to 100.
    Progress {
        /// Per cent.
        percent: u8,
    },
}
