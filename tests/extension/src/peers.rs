//! Other people's OpenPGP: GnuPG and OpenPGP.js, and a Web Key Directory that serves their keys.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use data_encoding::BASE64;
use serde_json::{Value, json};
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

    /// The certificate, armored.
    ///
    /// # Errors
    ///
    /// When gpg refuses.
    pub async fn armored_certificate(&self) -> Result<String> {
        let armored = self
            .gpg(&["--armor", "--export", &self.address], &[])
            .await?;
        Ok(String::from_utf8(armored)?)
    }

    /// The fingerprint of the key for the address, in upper-case hexadecimal.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn fingerprint(&self) -> Result<String> {
        let listed = self
            .gpg(&["--with-colons", "--list-keys", &self.address], &[])
            .await?;
        let listed = String::from_utf8(listed)?;
        let line = listed.lines().find(|line| line.starts_with("fpr:"));
        let found = line.and_then(|line| line.split(':').nth(9));
        Ok(found.context("gpg lists no fingerprint")?.to_owned())
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

    /// Decrypts what a good signature of this address must be in.
    ///
    /// # Errors
    ///
    /// When gpg refuses, or tells of no such signature.
    pub async fn open_signed_by(&self, address: &str, sealed: &[u8]) -> Result<String> {
        let told = self.gpg(&["--status-fd", "1", "--decrypt"], sealed).await?;
        let told = String::from_utf8(told)?;
        let is_good = |line: &str| line.starts_with("[GNUPG:] GOODSIG ") && line.contains(address);
        if !told.lines().any(is_good) {
            bail!("gpg tells of no good signature of {address}: {told}");
        }
        Ok(told)
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

/// Makes a key in OpenPGP.js for whomever it is told: the job of the core's own tests has one name.
const MAKE_KEY: &str = r"
import * as openpgp from 'openpgp';
const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const { version, name, email, passphrase } = JSON.parse(Buffer.concat(chunks).toString());
const { publicKey, privateKey } = await openpgp.generateKey({
  type: version === 6 ? 'curve25519' : 'ecc',
  userIDs: [{ name, email }],
  passphrase,
  config: version === 6 ? { v6Keys: true, aeadProtect: true } : {},
});
const fingerprint = (await openpgp.readKey({ armoredKey: publicKey })).getFingerprint();
process.stdout.write(JSON.stringify({ publicKey, privateKey, fingerprint }));
";

/// A key that OpenPGP.js made.
#[derive(Clone, Debug)]
pub struct JsKey {
    /// Whose it is
    pub address: String,
    /// The certificate, armored
    pub public: String,
    /// The private key, armored and locked
    pub private: String,
    /// What locks it
    pub passphrase: String,
    /// In upper-case hexadecimal
    pub fingerprint: String,
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
        self.node(&["peer.mjs"], job).await
    }

    /// Makes a key of version 4 or 6, locked by a passphrase.
    ///
    /// # Errors
    ///
    /// When node fails.
    pub async fn make(
        &self,
        version: u8,
        name: &str,
        address: &str,
        passphrase: &str,
    ) -> Result<JsKey> {
        let wanted = json!({
            "version": version,
            "name": name,
            "email": address,
            "passphrase": passphrase,
        });
        let made = self
            .node(&["--input-type=module", "--eval", MAKE_KEY], &wanted)
            .await?;
        let text = |name: &str| made[name].as_str().context("no key");
        Ok(JsKey {
            address: address.to_owned(),
            public: text("publicKey")?.to_owned(),
            private: text("privateKey")?.to_owned(),
            passphrase: passphrase.to_owned(),
            fingerprint: text("fingerprint")?.to_uppercase(),
        })
    }

    /// Signs with a key and encrypts to certificates, armored.
    ///
    /// # Errors
    ///
    /// When node fails.
    pub async fn seal(&self, by: &JsKey, to: &[&str], text: &str) -> Result<String> {
        let sealed = self
            .job(&json!({
                "job": "encrypt",
                "to": to,
                "signer": { "key": by.private, "passphrase": by.passphrase },
                "data": BASE64.encode(text.as_bytes()),
                "armor": true,
            }))
            .await?;
        let armored = sealed["message"].as_str().context("no message")?;
        Ok(String::from_utf8(BASE64.decode(armored.as_bytes())?)?)
    }

    /// Decrypts an armored message, and tells of each signature whether it is `good` for this
    /// certificate.
    ///
    /// # Errors
    ///
    /// When node fails.
    pub async fn open(
        &self,
        key: &JsKey,
        from: &str,
        sealed: &str,
    ) -> Result<(String, Vec<String>)> {
        let opened = self
            .job(&json!({
                "job": "decrypt",
                "message": BASE64.encode(&bare(sealed)?),
                "key": { "key": key.private, "passphrase": key.passphrase },
                "from": [from],
            }))
            .await?;
        let data = opened["data"].as_str().context("no data")?;
        let signatures = opened["signatures"].as_array().context("no signatures")?;
        Ok((
            String::from_utf8(BASE64.decode(data.as_bytes())?)?,
            signatures
                .iter()
                .map(|verdict| verdict.as_str().unwrap_or_default().to_owned())
                .collect(),
        ))
    }

    async fn node(&self, arguments: &[&str], input: &Value) -> Result<Value> {
        let mut node = Command::new("node");
        node.args(arguments).current_dir(&self.folder);
        let output = run(&mut node, input.to_string().as_bytes()).await?;
        if !output.status.success() {
            bail!("OpenPGP.js: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// What a directory has for somebody.
#[derive(Clone, Debug)]
enum Listed {
    Key(Vec<u8>),
    /// It does not say beforehand how much is to come.
    InPieces(Vec<u8>),
    Silence,
}

#[derive(Debug, Default)]
struct Shelf {
    listed: Mutex<BTreeMap<String, Listed>>,
    changed: Condvar,
}

/// A Web Key Directory for one domain, by both of its methods.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    shelf: Arc<Shelf>,
}

impl Directory {
    /// Publishes a binary certificate.
    pub fn publish(&self, local_part: &str, certificate: Vec<u8>) {
        self.list(local_part, Listed::Key(certificate));
    }

    /// The same, in an answer whose length is not told beforehand.
    pub fn publish_in_pieces(&self, local_part: &str, certificate: Vec<u8>) {
        self.list(local_part, Listed::InPieces(certificate));
    }

    /// Takes questions for somebody and does not answer them, until something is published or
    /// nobody waits any longer. The test needs a runtime with several threads, one of which waits.
    pub fn fall_silent(&self, local_part: &str) {
        self.list(local_part, Listed::Silence);
    }

    fn list(&self, local_part: &str, listed: Listed) {
        self.shelf
            .listed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(local_part.to_owned(), listed);
        self.shelf.changed.notify_all();
    }

    fn find(&self, local_part: &str) -> Option<Listed> {
        let all = self
            .shelf
            .listed
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_silent = |one: Option<&Listed>| matches!(one, Some(Listed::Silence));
        if !is_silent(all.get(local_part)) {
            return all.get(local_part).cloned();
        }
        tokio::task::block_in_place(move || {
            let (all, _) = self
                .shelf
                .changed
                .wait_timeout_while(all, LIMIT, |all| is_silent(all.get(local_part)))
                .unwrap_or_else(PoisonError::into_inner);
            all.get(local_part).cloned()
        })
    }
}

impl Site for Directory {
    fn answer(&self, asked: &Asked) -> Said {
        let open = |said: Said| said.with("access-control-allow-origin", "*");
        if asked.path.ends_with("/policy") {
            return open(Said::body("text/plain", ""));
        }
        if !asked.path.contains("/.well-known/openpgpkey/") {
            return open(Said::not_found());
        }
        let key = |key| open(Said::body("application/octet-stream", key));
        // The hash stands in the path; the address's own words stand beside it.
        match asked.parameter("l").and_then(|local| self.find(&local)) {
            Some(Listed::Key(data)) => key(data),
            Some(Listed::InPieces(data)) => key(data).with("transfer-encoding", "chunked"),
            Some(Listed::Silence) | None => open(Said::not_found()),
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
