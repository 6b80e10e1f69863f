//! The keys that sign packages: given by file or environment, else development keys that are
//! made once, outside the repository.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use crypto_core::{
    ids::UnixTime,
    openpgp::{Profile, SecretCertificate, UserId, generate},
};
use rsa::{
    RsaPrivateKey,
    pkcs8::{DecodePrivateKey, EncodePrivateKey, LineEnding},
};

/// What Chromium's own packer makes.
const RSA_BITS: usize = 2048;

/// The RSA key whose hash is the extension's id in Chromium.
///
/// # Errors
/// When the file is no unlocked PKCS #8 RSA key in PEM, or the development key cannot be kept.
pub(crate) fn crx_key(given: Option<&Path>) -> Result<RsaPrivateKey> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => development("crx-key.pem", || {
            let key = RsaPrivateKey::new(&mut rand::rngs::OsRng, RSA_BITS)?;
            Ok(key.to_pkcs8_pem(LineEnding::LF)?.as_bytes().to_vec())
        })?,
    };
    let pem = zeroize::Zeroizing::new(
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?,
    );
    RsaPrivateKey::from_pkcs8_pem(&pem)
        .with_context(|| format!("{} is no RSA key in PKCS #8 PEM", path.display()))
}

/// The OpenPGP key that signs SHA256SUMS and the rules for webmails.
///
/// # Errors
/// When the file is no unlocked OpenPGP private key, or the development key cannot be kept.
pub(crate) fn release_key(given: Option<&Path>) -> Result<SecretCertificate> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => development("release-key.pgp", || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
            let user_id = UserId::new("Letterlock development builds", "");
            // The compatible profile: gpg can check the signature, and it has no salt in it.
            let key = generate(
                Profile::Compatible,
                &[user_id],
                UnixTime(now),
                &mut rand::rngs::OsRng,
            )?;
            Ok(key.secret.to_bytes().to_vec())
        })?,
    };
    let bytes = zeroize::Zeroizing::new(
        fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?,
    );
    let key = SecretCertificate::parse(&bytes)
        .with_context(|| format!("{} is no OpenPGP private key", path.display()))?;
    if key.is_locked() {
        bail!(
            "{} is locked by a passphrase; give an unlocked copy from a safe place",
            path.display()
        );
    }
    Ok(key)
}

/// Where a development key lies; made at first use, readable by its owner alone.
fn development(name: &str, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<PathBuf> {
    let folder = match std::env::var_os("XDG_DATA_HOME") {
        Some(folder) => PathBuf::from(folder),
        None => {
            PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".local/share")
        }
    }
    .join("letterlock/development-keys");
    let path = folder.join(name);
    if !path.exists() {
        fs::create_dir_all(&folder)?;
        // Whole or not at all, and nobody else's eyes in between.
        let staging = folder.join(format!(".{name}.{}", std::process::id()));
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&staging)?
            .write_all(&make()?)?;
        // Two builds at once: the first one's key is everybody's.
        let linked = fs::hard_link(&staging, &path);
        fs::remove_file(&staging)?;
        if let Err(problem) = linked
            && !path.exists()
        {
            return Err(problem.into());
        }
    }
    // Not among what is printed for programs: `certificate` prints a file.
    eprintln!("Signing with the development key {}", path.display());
    Ok(path)
}
