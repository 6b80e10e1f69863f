//! From arguments to the verbs of [`Sop`], and from results to outputs.
//!
//! A verb's output is written last: when it appears, everything else has worked.

use std::io::{self, Write};

use crypto_core::{openpgp::Purpose, secret::wipe};
use letterlock_sop::{Certs, Keys, Sigs, Sop};
use sop::{
    Load, SOP, Save, SessionKey,
    errors::Error,
    ops::{EncryptAs, InlineSignAs, SignAs, Verification},
};
use zeroize::Zeroizing;

use super::{
    arguments::{self, For, Form, InlineKind, Kind, Verb},
    exit::{Code, Failure},
    files::{self, Output, new_password, password},
};

type Done = Result<(), Failure>;

/// Does one verb.
pub(crate) fn run(verb: Verb) -> Done {
    let purpose = match &verb {
        Verb::Encrypt(options) => match options.purpose {
            For::Any => Purpose::Any,
            For::Storage => Purpose::Storage,
            For::Communications => Purpose::Communications,
        },
        _ => Purpose::Any,
    };
    let sop = Sop::new().for_purpose(purpose);
    let done = dispatch(&sop, verb);
    match sop.precise_error() {
        Some(precise) if done.is_err() => Err(precise.into()),
        _ => done,
    }
}

fn dispatch(sop: &Sop, verb: Verb) -> Done {
    match verb {
        Verb::Version(options) => version(sop, &options),
        Verb::ListProfiles { subcommand } => list_profiles(sop, &subcommand),
        Verb::GenerateKey(options) => generate_key(sop, &options),
        Verb::ChangeKeyPassword(options) => change_key_password(sop, &options),
        Verb::RevokeKey(options) => {
            let mut verb = sop.revoke_key()?;
            for name in &options.with_key_password {
                verb = verb.with_key_password(password(name)?)?;
            }
            save(&verb.keys(&stdin_keys(sop)?)?, &options.form)
        }
        Verb::ExtractCert(form) => save(&sop.extract_cert()?.keys(&stdin_keys(sop)?)?, &form),
        Verb::UpdateKey(options) => update_key(sop, &options),
        Verb::MergeCerts(options) => {
            let mut verb = sop.merge_certs()?;
            for name in &options.certs {
                verb = verb.merge_updates(&certs(sop, name)?)?;
            }
            save(&verb.merge(&stdin_certs(sop)?)?, &options.form)
        }
        Verb::CertifyUserid(options) => certify_userid(sop, options),
        Verb::ValidateUserid(options) => validate_userid(sop, &options),
        Verb::Sign(options) => sign(sop, &options),
        Verb::Verify(options) => verify(sop, &options),
        Verb::Encrypt(options) => encrypt(sop, &options),
        Verb::Decrypt(options) => decrypt(sop, &options),
        Verb::Armor { label } => {
            #[allow(deprecated, reason = "older callers still give a label")]
            let verb = sop.armor()?.label(label);
            let (_, bytes) = verb.data(&mut io::stdin())?.to_vec()?;
            print(&Zeroizing::new(bytes))
        }
        Verb::Dearmor => {
            let (_, bytes) = sop.dearmor()?.data(&mut io::stdin())?.to_vec()?;
            print(&Zeroizing::new(bytes))
        }
        Verb::InlineDetach(options) => inline_detach(sop, &options),
        Verb::InlineVerify(options) => inline_verify(sop, &options),
        Verb::InlineSign(options) => inline_sign(sop, &options),
    }
}

// --- inputs and outputs ---

fn certs<'s>(sop: &'s Sop, name: &str) -> Result<Certs<'s>, Failure> {
    let mut source = files::open(name)?;
    Ok(Certs::from_reader(sop, &mut source, Some(name.to_owned()))?)
}

fn keys<'s>(sop: &'s Sop, name: &str) -> Result<Keys<'s>, Failure> {
    let mut source = files::open(name)?;
    Ok(Keys::from_reader(sop, &mut source, Some(name.to_owned()))?)
}

fn stdin_certs(sop: &Sop) -> Result<Certs<'_>, Failure> {
    Ok(Certs::from_stdin(sop)?)
}

fn stdin_keys(sop: &Sop) -> Result<Keys<'_>, Failure> {
    Ok(Keys::from_stdin(sop)?)
}

fn save(object: &impl Save, form: &Form) -> Done {
    object.to_stdout(!form.no_armor)?;
    Ok(io::stdout().flush()?)
}

fn print(bytes: &[u8]) -> Done {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    Ok(output.flush()?)
}

/// The verb has ended well, so what it wrote beside its output stays.
fn keep<const N: usize>(outputs: [Option<Output>; N]) {
    outputs.into_iter().flatten().for_each(Output::keep);
}

fn lines(verifications: &[Verification]) -> String {
    verifications
        .iter()
        .map(|verification| format!("{verification}\n"))
        .collect()
}

fn session_key_line(key: Option<&SessionKey>) -> Result<Zeroizing<String>, Failure> {
    let key = key.ok_or(Error::UnspecifiedFailure)?;
    Ok(Zeroizing::new(format!("{key}\n")))
}

// --- about the program ---

fn version(sop: &Sop, options: &arguments::Version) -> Done {
    let version = sop.version()?;
    let text = if options.backend {
        version.backend()?.to_string()
    } else if options.extended {
        let own = version.frontend()?;
        format!(
            "{own}\n{}\n{}\n{}",
            version.backend()?,
            sop.spec_version(),
            version.extended()?
        )
    } else if options.sop_spec {
        sop.spec_version().to_owned()
    } else if options.sopv {
        sop.sopv_version()?.to_owned()
    } else {
        version.frontend()?.to_string()
    };
    print(format!("{text}\n").as_bytes())
}

fn list_profiles(sop: &Sop, subcommand: &str) -> Done {
    let profiles = match subcommand {
        "generate-key" => sop.generate_key()?.list_profiles(),
        "encrypt" => sop.encrypt()?.list_profiles(),
        _ => return Err(Error::UnsupportedProfile.into()),
    };
    let text: String = profiles
        .iter()
        .map(|(name, what)| format!("{name}: {what}\n"))
        .collect();
    print(text.as_bytes())
}

// --- keys and certificates ---

fn generate_key(sop: &Sop, options: &arguments::GenerateKey) -> Done {
    let mut verb = sop.generate_key()?;
    if let Some(profile) = &options.profile {
        verb = verb.profile(profile)?;
    }
    if options.signing_only {
        verb = verb.signing_only();
    }
    if let Some(name) = &options.with_key_password {
        verb = verb.with_key_password(new_password(name)?)?;
    }
    for user_id in &options.userids {
        verb = verb.userid(user_id);
    }
    save(&verb.generate()?, &options.form)
}

fn change_key_password(sop: &Sop, options: &arguments::ChangeKeyPassword) -> Done {
    let mut verb = sop.change_key_password()?;
    if let Some(name) = &options.new_key_password {
        verb = verb.new_key_password(new_password(name)?)?;
    }
    for name in &options.old_key_password {
        verb = verb.old_key_password(password(name)?)?;
    }
    save(&verb.keys(&stdin_keys(sop)?)?, &options.form)
}

fn update_key(sop: &Sop, options: &arguments::UpdateKey) -> Done {
    let mut verb = sop.update_key()?;
    if options.signing_only {
        verb = verb.signing_only();
    }
    if options.no_added_capabilities {
        verb = verb.no_added_capabilities();
    }
    for name in &options.unlocking.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.merge_certs {
        verb = verb.merge_updates(&certs(sop, name)?)?;
    }
    save(&verb.update(&stdin_keys(sop)?)?, &options.unlocking.form)
}

fn certify_userid(sop: &Sop, options: arguments::CertifyUserid) -> Done {
    let mut verb = sop.certify_userid()?;
    if options.no_require_self_sig {
        verb = verb.no_require_self_sig();
    }
    for user_id in options.userid {
        verb = verb.userid(user_id);
    }
    for name in &options.unlocking.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.keys {
        verb = verb.keys(&keys(sop, name)?)?;
    }
    save(&verb.certify(&stdin_certs(sop)?)?, &options.unlocking.form)
}

fn validate_userid(sop: &Sop, options: &arguments::ValidateUserid) -> Done {
    let mut verb = sop.validate_userid()?;
    if let Some(time) = options.validate_at.and_then(|bound| bound.0) {
        verb = verb.validate_at(time)?;
    }
    for name in &options.certs {
        verb = verb.trust_roots(&certs(sop, name)?)?;
    }
    verb = verb.target_certs(&stdin_certs(sop)?)?;
    let validated = if options.addr_spec_only {
        verb.email(&options.userid)
    } else {
        verb.userid(&options.userid)
    };
    Ok(validated?)
}

// --- signatures ---

fn sign(sop: &Sop, options: &arguments::Sign) -> Done {
    let mut micalg_out = Output::prepare_optional(options.micalg_out.as_deref())?;
    let mut verb = sop.sign()?.mode(match options.kind {
        Kind::Binary => SignAs::Binary,
        Kind::Text => SignAs::Text,
    });
    for name in &options.unlocking.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.keys {
        verb = verb.keys(&keys(sop, name)?)?;
    }
    let (micalg, signatures) = verb.data(&mut io::stdin())?;
    if let Some(output) = &mut micalg_out {
        // Nothing, if the signatures' hash algorithms differ.
        let name = micalg.to_string();
        let name = if name == "pgp-" { "" } else { name.as_str() };
        output.write(name.as_bytes())?;
    }
    save(&signatures, &options.unlocking.form)?;
    keep([micalg_out]);
    Ok(())
}

fn verify(sop: &Sop, options: &arguments::Verify) -> Done {
    let mut verb = sop.verify()?;
    if let Some(time) = options.window.not_before.and_then(|bound| bound.0) {
        verb = verb.not_before(time);
    }
    if let Some(time) = options.window.not_after.and_then(|bound| bound.0) {
        verb = verb.not_after(time);
    }
    for name in &options.certs {
        verb = verb.certs(&certs(sop, name)?)?;
    }
    let name = &options.signatures;
    let mut source = files::open(name)?;
    let signatures = Sigs::from_reader(sop, &mut source, Some(name.clone()))?;
    let verifications = verb.signatures(&signatures)?.data(&mut io::stdin())?;
    print(lines(&verifications).as_bytes())
}

fn inline_detach(sop: &Sop, options: &arguments::InlineDetach) -> Done {
    let mut output = Output::prepare(&options.signatures_out)?;
    let mut input = io::stdin();
    let (signatures, data) = sop.inline_detach()?.message(&mut input)?.to_vec()?;
    output.write(&signatures.to_vec(!options.form.no_armor)?)?;
    print(&data)?;
    keep([Some(output)]);
    Ok(())
}

fn inline_verify(sop: &Sop, options: &arguments::InlineVerify) -> Done {
    let mut output = Output::prepare_optional(options.verifications_out.as_deref())?;
    let mut verb = sop.inline_verify()?;
    if let Some(time) = options.window.not_before.and_then(|bound| bound.0) {
        verb = verb.not_before(time);
    }
    if let Some(time) = options.window.not_after.and_then(|bound| bound.0) {
        verb = verb.not_after(time);
    }
    for name in &options.certs {
        verb = verb.certs(&certs(sop, name)?)?;
    }
    let (verifications, data) = verb.message(&mut io::stdin())?.to_vec()?;
    if let Some(output) = &mut output {
        output.write(lines(&verifications).as_bytes())?;
    }
    print(&data)?;
    keep([output]);
    Ok(())
}

fn inline_sign(sop: &Sop, options: &arguments::InlineSign) -> Done {
    let mut verb = sop.inline_sign()?.mode(match options.kind {
        InlineKind::Binary => InlineSignAs::Binary,
        InlineKind::Text => InlineSignAs::Text,
        InlineKind::Clearsigned => InlineSignAs::ClearSigned,
    });
    if options.unlocking.form.no_armor {
        if options.kind == InlineKind::Clearsigned {
            return Err(Error::IncompatibleOptions.into());
        }
        verb = verb.no_armor();
    }
    for name in &options.unlocking.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.keys {
        verb = verb.keys(&keys(sop, name)?)?;
    }
    let (_, message) = verb.data(&mut io::stdin())?.to_vec()?;
    print(&message)
}

// --- messages ---

fn encrypt(sop: &Sop, options: &arguments::Encrypt) -> Done {
    if options.certs.is_empty() && options.with_password.is_empty() {
        return Err(Failure::new(
            Code::MissingArg,
            "neither a certificate nor a password was given",
        ));
    }
    let mut session_key_out = Output::prepare_optional(options.session_key_out.as_deref())?;
    let mut verb = sop.encrypt()?.mode(match options.kind {
        Kind::Binary => EncryptAs::Binary,
        Kind::Text => EncryptAs::Text,
    });
    if options.unlocking.form.no_armor {
        verb = verb.no_armor();
    }
    if let Some(profile) = &options.profile {
        verb = verb.profile(profile)?;
    }
    for name in &options.unlocking.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.sign_with {
        verb = verb.sign_with_keys(&keys(sop, name)?)?;
    }
    for name in &options.with_password {
        verb = verb.with_password(new_password(name)?)?;
    }
    for name in &options.certs {
        verb = verb.with_certs(&certs(sop, name)?)?;
    }
    let (session_key, message) = verb.plaintext(&mut io::stdin())?.to_vec()?;
    if let Some(output) = &mut session_key_out {
        output.write(session_key_line(session_key.as_ref())?.as_bytes())?;
    }
    print(&message)?;
    keep([session_key_out]);
    Ok(())
}

fn decrypt(sop: &Sop, options: &arguments::Decrypt) -> Done {
    if options.verifications_out.is_none() != options.verify_with.is_empty() {
        return Err(Failure::new(
            Code::IncompleteVerification,
            "--verifications-out and --verify-with belong together",
        ));
    }
    let mut session_key_out = Output::prepare_optional(options.session_key_out.as_deref())?;
    let mut verifications_out = Output::prepare_optional(options.verifications_out.as_deref())?;
    Output::differ(session_key_out.as_ref(), verifications_out.as_ref())?;
    let mut verb = sop.decrypt()?;
    for name in &options.with_session_key {
        let text = Zeroizing::new(files::text(name)?);
        verb = verb.with_session_key(text.trim().parse()?)?;
    }
    for name in &options.with_password {
        verb = verb.with_password(password(name)?)?;
    }
    for name in &options.with_key_password {
        verb = verb.with_key_password(password(name)?)?;
    }
    for name in &options.keys {
        verb = verb.with_keys(&keys(sop, name)?)?;
    }
    for name in &options.verify_with {
        verb = verb.verify_with_certs(&certs(sop, name)?)?;
    }
    if let Some(time) = options.verify_not_before.and_then(|bound| bound.0) {
        verb = verb.verify_not_before(time);
    }
    if let Some(time) = options.verify_not_after.and_then(|bound| bound.0) {
        verb = verb.verify_not_after(time);
    }
    let ((session_key, verifications), plaintext) = verb.ciphertext(&mut io::stdin())?.to_vec()?;
    let mut plaintext = plaintext;
    if let Some(output) = &mut session_key_out {
        output.write(session_key_line(session_key.as_ref())?.as_bytes())?;
    }
    if let Some(output) = &mut verifications_out {
        output.write(lines(&verifications).as_bytes())?;
    }
    let printed = print(&plaintext);
    wipe(&mut plaintext);
    printed?;
    keep([session_key_out, verifications_out]);
    Ok(())
}
