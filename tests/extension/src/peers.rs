//! Other people's OpenPGP: GnuPG and OpenPGP.js, and a Web Key Directory that serves their keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use data_encoding::BASE64;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::time::timeout;

use crate::web::{Asked, Said, Site};

const LIMIT: Duration = Duration::from_secs(120);

async fn run(command: &mut Command, input: &[u8]) -> Result<Output> {
    let name = format!("{:?}", command.as_std().get_program());
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{name} could not be started"))?;
    let mut pipe = child.stdin.take().context("the input is piped")?;
    let input = input.to_vec();
    tokio::spawn(async move {
        // A program that needs no input may close it.
        let _ = pipe.write_all(&input).await;
    });
    Ok(timeout(LIMIT, child.wait_with_output()).await??)
}

/// A person with GnuPG.
#[derive(Debug)]
pub struct Gpg {
    home: PathBuf,
    /// Whose keyring it is
    pub address: String,
}

impl Gpg {
    /// Makes a keyring below `folder` with a key without a passphrase.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn make(folder: &Path, name: &str, address: &str) -> Result<Self> {
        Self::make_with(folder, name, address, "%no-protection").await
    }

    /// The same, with a key that a passphrase locks.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn make_locked(
        folder: &Path,
        name: &str,
        address: &str,
        passphrase: &str,
    ) -> Result<Self> {
        Self::make_with(folder, name, address, &format!("Passphrase: {passphrase}")).await
    }

    async fn make_with(folder: &Path, name: &str, address: &str, lock: &str) -> Result<Self> {
        let home = folder.join(format!(
            "gpg-{}",
            address.split('@').next().unwrap_or_default()
        ));
        std::fs::create_dir_all(&home)?;
        std::fs::set_permissions(&home, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        let gpg = Self {
            home,
            address: address.to_owned(),
        };
        let recipe = format!(
            "Key-Type: EDDSA\nKey-Curve: ed25519\nSubkey-Type: ECDH\nSubkey-Curve: cv25519\n\
             Name-Real: {name}\nName-Email: {address}\nExpire-Date: 0\n{lock}\n%commit\n"
        );
        gpg.gpg(&["--gen-key"], recipe.as_bytes()).await?;
        Ok(gpg)
    }

    /// Runs gpg; its output.
    ///
    /// # Errors
    ///
    /// When it fails; with its words.
    pub async fn gpg(&self, arguments: &[&str], input: &[u8]) -> Result<Vec<u8>> {
        let mut command = Command::new("gpg");
        command
            .arg("--homedir")
            .arg(&self.home)
            .args([
                "--batch",
                "--yes",
                "--quiet",
                "--no-tty",
                "--trust-model",
                "always",
            ])
            .args(arguments);
        let output = run(&mut command, input).await?;
        if !output.status.success() {
            bail!(
                "gpg {arguments:?}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(output.stdout)
    }

    /// The certificate, binary.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn certificate(&self) -> Result<Vec<u8>> {
        self.gpg(&["--export", &self.address], &[]).await
    }

    /// The private key, armored.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn private_key(&self) -> Result<String> {
        let key = self
            .gpg(&["--armor", "--export-secret-keys", &self.address], &[])
            .await?;
        Ok(String::from_utf8(key)?)
    }

    /// The private key, armored and locked by the passphrase it was made with.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn locked_private_key(&self, passphrase: &str) -> Result<String> {
        let export = [
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            passphrase,
            "--armor",
            "--export-secret-keys",
            &self.address,
        ];
        Ok(String::from_utf8(self.gpg(&export, &[]).await?)?)
    }

    /// Takes in a certificate.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn import(&self, certificate: &str) -> Result<()> {
        self.gpg(&["--import"], certificate.as_bytes()).await?;
        Ok(())
    }

    /// Signs and encrypts, armored.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn seal(&self, to: &str, text: &str) -> Result<String> {
        let sealed = self
            .gpg(
                &["--armor", "--sign", "--encrypt", "--recipient", to],
                text.as_bytes(),
            )
            .await?;
        Ok(String::from_utf8(sealed)?)
    }

    /// Signs in the clear.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn sign_clear(&self, text: &str) -> Result<String> {
        Ok(String::from_utf8(
            self.gpg(&["--clearsign"], text.as_bytes()).await?,
        )?)
    }

    /// Decrypts.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        self.gpg(&["--decrypt"], sealed).await
    }
}

impl Drop for Gpg {
    fn drop(&mut self) {
        // The agent would outlive the tests; it is this keyring's own.
        let _ = std::process::Command::new("gpgconf")
            .arg("--homedir")
            .arg(&self.home)
            .args(["--kill", "all"])
            .status();
    }
}

/// OpenPGP.js, run by node.
#[derive(Debug)]
pub struct OpenPgpJs {
    folder: PathBuf,
}

impl OpenPgpJs {
    /// Installs it below `folder`, in the version that the core's own tests talk to.
    ///
    /// # Errors
    ///
    /// When npm cannot reach its registry.
    pub async fn install(folder: &Path) -> Result<Self> {
        let folder = folder.join("openpgp-js");
        std::fs::create_dir_all(&folder)?;
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crypto-core/tests/interop/js");
        for file in ["package.json", "package-lock.json", "peer.mjs"] {
            std::fs::copy(from.join(file), folder.join(file))?;
        }
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder);
        let output = run(&mut npm, &[]).await?;
        if !output.status.success() {
            bail!(
                "OpenPGP.js could not be installed: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(Self { folder })
    }

    /// Has a job done.
    ///
    /// # Errors
    ///
    /// When node fails.
    pub async fn job(&self, job: &Value) -> Result<Value> {
        let mut node = Command::new("node");
        node.arg("peer.mjs").current_dir(&self.folder);
        let output = run(&mut node, job.to_string().as_bytes()).await?;
        if !output.status.success() {
            bail!("OpenPGP.js: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// A Web Key Directory for one domain, by both of its methods.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    keys: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
}

impl Directory {
    /// Publishes a binary certificate.
    pub fn publish(&self, local_part: &str, certificate: Vec<u8>) {
        self.keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(local_part.to_owned(), certificate);
    }
}

impl Site for Directory {
    fn answer(&self, asked: &Asked) -> Said {
        let open = |said: Said| said.with("access-control-allow-origin", "*");
        if asked.path.ends_with("/policy") {
            return open(Said::body("text/plain", ""));
        }
        let keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        // The hash stands in the path; the address's own words stand beside it.
        let found = asked
            .parameter("l")
            .and_then(|local| keys.get(&local).cloned());
        match found {
            Some(key) if asked.path.contains("/.well-known/openpgpkey/") => {
                open(Said::body("application/octet-stream", key))
            }
            _ => open(Said::not_found()),
        }
    }
}

/// The bytes in an armor.
///
/// # Errors
///
/// When it holds no base64.
pub fn bare(armored: &str) -> Result<Vec<u8>> {
    let (_, rest) = armored.split_once("\n\n").context("no empty line")?;
    let data: String = rest
        .lines()
        .take_while(|line| !line.starts_with('=') && !line.starts_with('-'))
        .collect();
    Ok(BASE64.decode(data.as_bytes())?)
}
