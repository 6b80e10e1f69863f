//! The draft's verbs and options.

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::dates::{Bound, earliest, latest};

/// Stateless OpenPGP on Letterlock's core.
#[derive(Parser)]
#[command(name = "letterlock-sop", disable_version_flag = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) verb: Verb,
    /// Accepted because the draft has it; there is nothing more to say
    #[arg(long, global = true)]
    debug: bool,
}

#[derive(Subcommand)]
pub(crate) enum Verb {
    /// Print name and version
    Version(Version),
    /// List the profiles of a verb
    ListProfiles {
        /// `generate-key` or `encrypt`
        subcommand: String,
    },
    /// Make a private key
    GenerateKey(GenerateKey),
    /// Lock private keys with another password, or with none
    ChangeKeyPassword(ChangeKeyPassword),
    /// Make a revocation certificate for each private key
    RevokeKey(Unlocking),
    /// Take the certificates out of private keys
    ExtractCert(Form),
    /// Bring one's own keys up to date
    UpdateKey(UpdateKey),
    /// Unite what several files know about certificates
    MergeCerts(MergeCerts),
    /// Vouch for User IDs of certificates
    CertifyUserid(CertifyUserid),
    /// Ask whether authorities vouch for a User ID of certificates
    ValidateUserid(ValidateUserid),
    /// Make detached signatures
    Sign(Sign),
    /// Verify detached signatures
    Verify(Verify),
    /// Encrypt a message
    Encrypt(Encrypt),
    /// Decrypt a message
    Decrypt(Decrypt),
    /// Put ASCII armor around OpenPGP data
    Armor {
        /// Of older drafts
        #[arg(long, default_value = "auto", hide = true)]
        label: sop::ops::ArmorLabel,
    },
    /// Take ASCII armor off
    Dearmor,
    /// Take a signed message and its signatures apart
    InlineDetach(InlineDetach),
    /// Verify a signed message
    InlineVerify(InlineVerify),
    /// Sign a message
    InlineSign(InlineSign),
}

/// How output is written.
#[derive(Args)]
pub(crate) struct Form {
    /// Binary instead of ASCII armor
    #[arg(long)]
    pub(crate) no_armor: bool,
    /// ASCII armor, which is the default
    #[arg(long, conflicts_with = "no_armor", hide = true)]
    armor: bool,
}

#[derive(Args)]
#[group(multiple = false)]
pub(crate) struct Version {
    /// What does the cryptography
    #[arg(long)]
    pub(crate) backend: bool,
    /// Everything there is to know, beginning with name and version
    #[arg(long)]
    pub(crate) extended: bool,
    /// The version of the draft that is followed
    #[arg(long)]
    pub(crate) sop_spec: bool,
    /// The version of the verification subset
    #[arg(long)]
    pub(crate) sopv: bool,
}

#[derive(Args)]
pub(crate) struct GenerateKey {
    #[command(flatten)]
    pub(crate) form: Form,
    /// Which kind of key; see `list-profiles generate-key`
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// Leave encryption out
    #[arg(long)]
    pub(crate) signing_only: bool,
    /// Lock it with this password
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) with_key_password: Option<String>,
    /// User IDs
    pub(crate) userids: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ChangeKeyPassword {
    #[command(flatten)]
    pub(crate) form: Form,
    /// The password from now on; none leaves the keys in the clear
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) new_key_password: Option<String>,
    /// Passwords that open the keys now
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) old_key_password: Vec<String>,
}

/// Output that needs private keys.
#[derive(Args)]
pub(crate) struct Unlocking {
    #[command(flatten)]
    pub(crate) form: Form,
    /// Passwords that open the keys
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) with_key_password: Vec<String>,
}

#[derive(Args)]
pub(crate) struct UpdateKey {
    #[command(flatten)]
    pub(crate) unlocking: Unlocking,
    /// Add no encryption key
    #[arg(long)]
    pub(crate) signing_only: bool,
    /// Announce nothing that was not announced
    #[arg(long)]
    pub(crate) no_added_capabilities: bool,
    /// Take over what these know about the keys
    #[arg(long, value_name = "CERTS")]
    pub(crate) merge_certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct MergeCerts {
    #[command(flatten)]
    pub(crate) form: Form,
    /// Updates for the certificates on standard input
    pub(crate) certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct CertifyUserid {
    #[command(flatten)]
    pub(crate) unlocking: Unlocking,
    /// The User IDs to vouch for
    #[arg(long, required = true)]
    pub(crate) userid: Vec<String>,
    /// Add User IDs that the certificate itself does not bind
    #[arg(long)]
    pub(crate) no_require_self_sig: bool,
    /// Who vouches
    #[arg(required = true)]
    pub(crate) keys: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ValidateUserid {
    /// The User ID is a mail address, whatever name stands with it
    #[arg(long)]
    pub(crate) addr_spec_only: bool,
    /// When, if not now
    #[arg(long, value_name = "DATE", value_parser = earliest)]
    pub(crate) validate_at: Option<Bound>,
    /// The User ID
    pub(crate) userid: String,
    /// Authorities
    #[arg(required = true)]
    pub(crate) certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Sign {
    #[command(flatten)]
    pub(crate) unlocking: Unlocking,
    /// What the data are
    #[arg(long = "as", default_value = "binary")]
    pub(crate) kind: Kind,
    /// Where to write what belongs into a message's `micalg`
    #[arg(long, value_name = "FILE")]
    pub(crate) micalg_out: Option<String>,
    /// Who signs
    #[arg(required = true)]
    pub(crate) keys: Vec<String>,
}

/// When signatures that count were made.
#[derive(Args)]
pub(crate) struct Window {
    /// Not earlier
    #[arg(long, value_name = "DATE", value_parser = earliest, allow_hyphen_values = true)]
    pub(crate) not_before: Option<Bound>,
    /// Not later
    #[arg(long, value_name = "DATE", value_parser = latest, allow_hyphen_values = true)]
    pub(crate) not_after: Option<Bound>,
}

#[derive(Args)]
pub(crate) struct Verify {
    #[command(flatten)]
    pub(crate) window: Window,
    /// The signatures
    pub(crate) signatures: String,
    /// Who may have signed
    #[arg(required = true)]
    pub(crate) certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Encrypt {
    #[command(flatten)]
    pub(crate) unlocking: Unlocking,
    /// For whose software; see `list-profiles encrypt`
    #[arg(long)]
    pub(crate) profile: Option<String>,
    /// What the data are
    #[arg(long = "as", default_value = "binary")]
    pub(crate) kind: Kind,
    /// Which keys of the recipients may be used
    #[arg(long = "for", default_value = "any")]
    pub(crate) purpose: For,
    /// Passwords that open it
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) with_password: Vec<String>,
    /// Who signs
    #[arg(long, value_name = "KEYS")]
    pub(crate) sign_with: Vec<String>,
    /// Where to write the session key
    #[arg(long, value_name = "FILE")]
    pub(crate) session_key_out: Option<String>,
    /// To whom
    pub(crate) certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct Decrypt {
    /// Where to write the session key
    #[arg(long, value_name = "FILE")]
    pub(crate) session_key_out: Option<String>,
    /// Session keys that may open it
    #[arg(long, value_name = "SESSIONKEY")]
    pub(crate) with_session_key: Vec<String>,
    /// Passwords that may open it
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) with_password: Vec<String>,
    /// Where to write who signed
    #[arg(long, alias = "verify-out", value_name = "FILE")]
    pub(crate) verifications_out: Option<String>,
    /// Who may have signed
    #[arg(long, value_name = "CERTS")]
    pub(crate) verify_with: Vec<String>,
    /// Signatures that count are not earlier
    #[arg(long, value_name = "DATE", value_parser = earliest, allow_hyphen_values = true)]
    pub(crate) verify_not_before: Option<Bound>,
    /// Signatures that count are not later
    #[arg(long, value_name = "DATE", value_parser = latest, allow_hyphen_values = true)]
    pub(crate) verify_not_after: Option<Bound>,
    /// Passwords that open the keys
    #[arg(long, value_name = "PASSWORD")]
    pub(crate) with_key_password: Vec<String>,
    /// Whose private keys may open it
    pub(crate) keys: Vec<String>,
}

#[derive(Args)]
pub(crate) struct InlineDetach {
    #[command(flatten)]
    pub(crate) form: Form,
    /// Where to write the signatures
    #[arg(long, value_name = "FILE")]
    pub(crate) signatures_out: String,
}

#[derive(Args)]
pub(crate) struct InlineVerify {
    #[command(flatten)]
    pub(crate) window: Window,
    /// Where to write who signed
    #[arg(long, value_name = "FILE")]
    pub(crate) verifications_out: Option<String>,
    /// Who may have signed
    #[arg(required = true)]
    pub(crate) certs: Vec<String>,
}

#[derive(Args)]
pub(crate) struct InlineSign {
    #[command(flatten)]
    pub(crate) unlocking: Unlocking,
    /// What the data are, or text that stays readable
    #[arg(long = "as", default_value = "binary")]
    pub(crate) kind: InlineKind,
    /// Who signs
    #[arg(required = true)]
    pub(crate) keys: Vec<String>,
}

/// What data are.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Bytes
    Binary,
    /// Text in UTF-8
    Text,
}

/// What data are when they stand in a signed message.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InlineKind {
    /// Bytes
    Binary,
    /// Text in UTF-8
    Text,
    /// Text in UTF-8, in the clear
    Clearsigned,
}

/// What a message is encrypted for.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum For {
    /// Any key that encrypts
    Any,
    /// Keys marked for storage
    Storage,
    /// Keys marked for communications
    Communications,
}
