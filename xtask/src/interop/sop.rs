//! Peers that speak Stateless OpenPGP.

use std::path::{Path, PathBuf};

use super::peer::{Answer, Form, KeyFiles, Opener, Peer, Scratch, Writing, run, text};

/// A program that speaks Stateless OpenPGP, perhaps through a script.
pub(super) struct Sop {
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    /// What stands in front of the verb.
    pub(super) script: Option<PathBuf>,
    /// What is said about its version; without it, the program is asked.
    pub(super) version: Option<String>,
    pub(super) scratch: Scratch,
}

impl Sop {
    fn call(&self, arguments: &[String], input: &[u8]) -> Answer {
        let script = self.script.as_deref().map(text);
        let arguments: Vec<&str> = script
            .into_iter()
            .chain(arguments.iter().map(String::as_str))
            .collect();
        run(&self.program, &arguments, input)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> Answer<PathBuf> {
        self.scratch
            .write(name, bytes)
            .map_err(|error| format!("{error:#}"))
    }
}

fn option(name: &str, value: &Path) -> String {
    format!("--{name}={}", text(value))
}

impl Peer for Sop {
    fn name(&self) -> &'static str {
        self.name
    }

    fn version(&self) -> Answer<String> {
        if let Some(version) = &self.version {
            return Ok(version.clone());
        }
        let output = self.call(&["version".to_owned()], b"")?;
        Ok(String::from_utf8_lossy(&output).trim().to_owned())
    }

    fn generate(&self, kind: &str, files: &KeyFiles) -> Answer<()> {
        let mut arguments = vec!["generate-key".to_owned()];
        // Older ones have no profiles.
        if kind != "default" {
            arguments.push(format!("--profile={kind}"));
        }
        arguments.push(format!(
            "{0} <{0}@example.org>",
            self.name.replace(' ', "-")
        ));
        let secret = self.call(&arguments, b"")?;
        let certificate = self.call(&["extract-cert".to_owned()], &secret)?;
        let write = |path: &Path, bytes: &[u8]| std::fs::write(path, bytes);
        write(&files.secret, &secret)
            .and_then(|()| write(&files.certificate, &certificate))
            .map_err(|error| error.to_string())
    }

    fn encrypt(&self, data: &[u8], writing: &Writing<'_>) -> Answer {
        let mut arguments = vec!["encrypt".to_owned()];
        arguments.extend(writing.profile.map(|name| format!("--profile={name}")));
        arguments.extend(writing.signer.map(|key| option("sign-with", key)));
        arguments.extend(writing.password.map(|file| option("with-password", file)));
        arguments.extend(writing.recipients.iter().map(|path| text(path).to_owned()));
        self.call(&arguments, data)
    }

    fn decrypt(&self, message: &[u8], opener: Opener<'_>, signer: Option<&Path>) -> Answer {
        let mut arguments = vec!["decrypt".to_owned()];
        let verifications = self.scratch.path("verifications");
        if let Some(signer) = signer {
            arguments.push(option("verifications-out", &verifications));
            arguments.push(option("verify-with", signer));
        }
        match opener {
            Opener::Key(key) => arguments.push(text(key).to_owned()),
            Opener::Locked { key, password } => {
                arguments.push(option("with-key-password", password));
                arguments.push(text(key).to_owned());
            }
            Opener::Password(file) => arguments.push(option("with-password", file)),
        }
        // sqop takes what follows for more certificates otherwise.
        if let Some(last) = arguments.pop() {
            if !last.starts_with("--") {
                arguments.push("--".to_owned());
            }
            arguments.push(last);
        }
        let opened = self.call(&arguments, message)?;
        if signer.is_some() {
            let lines = std::fs::read_to_string(&verifications).unwrap_or_default();
            if lines.trim().is_empty() {
                return Err("it was opened, but its signature was not accepted".to_owned());
            }
        }
        Ok(opened)
    }

    fn sign(&self, data: &[u8], key: &Path, form: Form) -> Answer {
        let mut arguments = match form {
            Form::Detached => vec!["sign".to_owned()],
            Form::Inline => vec!["inline-sign".to_owned()],
            Form::Cleartext => vec!["inline-sign".to_owned(), "--as=clearsigned".to_owned()],
        };
        arguments.push(text(key).to_owned());
        self.call(&arguments, data)
    }

    fn verify(&self, data: &[u8], signed: &[u8], certificate: &Path, form: Form) -> Answer {
        let certificate = text(certificate).to_owned();
        if form == Form::Detached {
            let signature = self.file("signature", signed)?;
            let signature = text(&signature).to_owned();
            self.call(&["verify".to_owned(), signature, certificate], data)?;
            return Ok(data.to_vec());
        }
        self.call(&["inline-verify".to_owned(), certificate], signed)
    }
}
