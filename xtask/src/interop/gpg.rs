//! GnuPG, which keeps keys by itself: each operation gets a home of its own.

use std::path::{Path, PathBuf};

use super::peer::{Answer, Form, KeyFiles, Opener, Peer, Scratch, Writing, run, text};

/// GnuPG.
pub(super) struct Gpg {
    pub(super) program: PathBuf,
    pub(super) scratch: Scratch,
}

/// A home that lasts for one operation.
struct Home<'a> {
    gpg: &'a Gpg,
    folder: tempfile::TempDir,
}

impl Drop for Home<'_> {
    fn drop(&mut self) {
        // The agent that GnuPG started for this home would outlive it.
        let home = text(self.folder.path());
        let _ = run(
            Path::new("gpgconf"),
            &["--homedir", home, "--kill", "all"],
            b"",
        );
    }
}

impl Home<'_> {
    fn run(&self, arguments: &[&str], input: &[u8]) -> Answer {
        let mut all = vec!["--batch", "--no-tty", "--yes", "--quiet"];
        all.extend(["--trust-model", "always", "--no-auto-key-locate"]);
        all.extend(["--homedir", text(self.folder.path())]);
        if !arguments.contains(&"--passphrase-file") {
            all.extend(["--pinentry-mode", "loopback", "--passphrase", ""]);
        }
        all.extend(arguments);
        run(&self.gpg.program, &all, input)
    }

    /// Takes a private key in as its owner does: the certificate lies in the keyring already,
    /// with all that GnuPG may not know.
    fn take_in(&self, secret: &Path) -> Answer<()> {
        self.import(&[&secret.with_extension("cert"), secret])?;
        Ok(())
    }

    /// Takes keys in, and returns their fingerprints.
    fn import(&self, files: &[&Path]) -> Answer<Vec<String>> {
        let mut prints = Vec::new();
        for file in files {
            // Its exit code also tells of parts that were left out; what counts is what is there.
            let imported = self.run(&["--import", text(file)], b"");
            let listed = self.run(
                &[
                    "--with-colons",
                    "--import-options",
                    "show-only",
                    "--import",
                    text(file),
                ],
                b"",
            );
            let listed = listed.or_else(|_| imported.clone())?;
            let listed = String::from_utf8_lossy(&listed).into_owned();
            let print = listed
                .lines()
                .find_map(|line| {
                    line.strip_prefix("fpr:")?
                        .split(':')
                        .find(|part| !part.is_empty())
                })
                .map(str::to_owned);
            let print = match print {
                Some(print) => print,
                None => {
                    return Err(imported
                        .err()
                        .unwrap_or_else(|| "it was not imported".to_owned()));
                }
            };
            self.run(&["--list-keys", &print], b"")?;
            prints.push(print);
        }
        Ok(prints)
    }
}

impl Gpg {
    fn home(&self) -> Answer<Home<'_>> {
        let folder = tempfile::Builder::new()
            .prefix("gpg")
            .tempdir()
            .map_err(|error| error.to_string())?;
        Ok(Home { gpg: self, folder })
    }
}

impl Peer for Gpg {
    fn name(&self) -> &'static str {
        "GnuPG"
    }

    fn version(&self) -> Answer<String> {
        let output = run(&self.program, &["--version"], b"")?;
        let output = String::from_utf8_lossy(&output).into_owned();
        Ok(output.lines().next().unwrap_or_default().to_owned())
    }

    fn generate(&self, kind: &str, files: &KeyFiles) -> Answer<()> {
        let home = self.home()?;
        let id = "gnu <gnu@example.org>";
        match kind {
            "rsa" => {
                home.run(&["--quick-generate-key", id, "rsa3072", "sign,encr"], b"")?;
            }
            // Its own words for kinds that it does not know.
            kind => {
                home.run(&["--quick-generate-key", id, kind, "default"], b"")?;
            }
        }
        let secret = home.run(&["--armor", "--export-secret-keys", "gnu"], b"")?;
        let certificate = home.run(&["--armor", "--export", "gnu"], b"")?;
        std::fs::write(&files.secret, secret)
            .and_then(|()| std::fs::write(&files.certificate, certificate))
            .map_err(|error| error.to_string())
    }

    fn encrypt(&self, data: &[u8], writing: &Writing<'_>) -> Answer {
        let home = self.home()?;
        let mut arguments = vec!["--armor".to_owned()];
        for print in home.import(writing.recipients)? {
            arguments.extend(["--recipient".to_owned(), print]);
        }
        if let Some(signer) = writing.signer {
            home.take_in(signer)?;
            arguments.push("--sign".to_owned());
        }
        if let Some(file) = writing.password {
            arguments
                .extend(["--pinentry-mode", "loopback", "--passphrase-file"].map(str::to_owned));
            arguments.extend([text(file).to_owned(), "--symmetric".to_owned()]);
        }
        if !writing.recipients.is_empty() {
            arguments.push("--encrypt".to_owned());
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        home.run(&arguments, data)
    }

    fn decrypt(&self, message: &[u8], opener: Opener<'_>, signer: Option<&Path>) -> Answer {
        let home = self.home()?;
        let signer_print = signer.map(|signer| home.import(&[signer])).transpose()?;
        let mut arguments = Vec::new();
        match opener {
            Opener::Key(key) => home.take_in(key)?,
            Opener::Locked { key, password } => {
                home.take_in(key)?;
                arguments.extend([
                    "--pinentry-mode",
                    "loopback",
                    "--passphrase-file",
                    text(password),
                ]);
            }
            Opener::Password(file) => {
                arguments.extend([
                    "--pinentry-mode",
                    "loopback",
                    "--passphrase-file",
                    text(file),
                ]);
            }
        }
        let status = self.scratch.path("status");
        arguments.extend(["--status-file", text(&status), "--decrypt"]);
        let opened = home.run(&arguments, message)?;
        if let Some(prints) = signer_print {
            require_good(&status, &prints)?;
        }
        Ok(opened)
    }

    fn sign(&self, data: &[u8], key: &Path, form: Form) -> Answer {
        let home = self.home()?;
        home.take_in(key)?;
        let form = match form {
            Form::Detached => "--detach-sign",
            Form::Inline => "--sign",
            Form::Cleartext => "--clear-sign",
        };
        home.run(&["--armor", form], data)
    }

    fn verify(&self, data: &[u8], signed: &[u8], certificate: &Path, form: Form) -> Answer {
        let home = self.home()?;
        let prints = home.import(&[certificate])?;
        let status = self.scratch.path("status");
        if form == Form::Detached {
            let signature = self
                .scratch
                .write("signature", signed)
                .map_err(|error| error.to_string())?;
            let arguments = [
                "--status-file",
                text(&status),
                "--verify",
                text(&signature),
                "-",
            ];
            home.run(&arguments, data)?;
            require_good(&status, &prints)?;
            return Ok(data.to_vec());
        }
        let read = home.run(&["--status-file", text(&status), "--decrypt"], signed)?;
        require_good(&status, &prints)?;
        Ok(read)
    }
}

/// GnuPG's exit code does not tell who signed.
fn require_good(status: &Path, prints: &[String]) -> Answer<()> {
    let status = std::fs::read_to_string(status).unwrap_or_default();
    let good = status.lines().any(|line| {
        line.contains("VALIDSIG") && prints.iter().any(|print| line.contains(print.as_str()))
    });
    if good {
        Ok(())
    } else {
        Err("its signature was not accepted".to_owned())
    }
}
