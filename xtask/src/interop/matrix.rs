//! Which operations are run, with whom, and which of them a peer cannot do.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::peer::{Answer, Form, KeyFiles, Opener, Peer, Scratch, Writing};

/// Our profiles of `generate-key`, and what to call them.
const OURS: [(&str, &str); 3] = [
    ("default", "compatible"),
    ("rfc9580", "modern"),
    ("rfc9980", "post-quantum"),
];

/// What became of one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Works,
    /// It cannot be, for a reason known before; with the peer's own words.
    Unsupported(String),
    Fails(String),
}

/// One row of a table: an operation and its outcome with each peer.
pub(super) struct Row {
    pub(super) operation: String,
    pub(super) cells: Vec<(&'static str, Cell)>,
}

/// A table with a heading.
pub(super) struct Table {
    pub(super) heading: String,
    pub(super) rows: Vec<Row>,
}

/// What peers are known not to do, so that anything else that fails is a failure.
struct Known {
    /// Neither version 6 nor SEIPDv2.
    only_version_4: bool,
    /// No ML-KEM.
    no_post_quantum: bool,
    /// Does not find the post-quantum one among several encryption keys.
    one_encryption_key: bool,
}

fn known(peer: &str) -> Known {
    let old = matches!(peer, "GnuPG" | "sqop");
    Known {
        only_version_4: old,
        no_post_quantum: old || peer == "OpenPGP.js",
        one_encryption_key: peer == "pysequoia",
    }
}

/// The kinds of keys that peers are asked for, and who makes them. The others are asked too, for
/// their own words.
const KINDS: [(&str, &[&str]); 5] = [
    (
        "default",
        &["GnuPG", "sqop", "OpenPGP.js", "pysequoia", "rsop"],
    ),
    ("rsa", &["GnuPG", "OpenPGP.js", "pysequoia"]),
    ("rfc9580", &["OpenPGP.js", "pysequoia", "rsop"]),
    ("rfc9980", &["pysequoia", "rsop"]),
    ("rfc9980-v4", &["pysequoia", "rsop"]),
];

fn makes(peer: &str, kind: &str) -> bool {
    KINDS
        .iter()
        .any(|(known, makers)| *known == kind && makers.contains(&peer))
}

/// Everybody and everything that the operations need.
pub(super) struct Setting<'a> {
    ours: &'a dyn Peer,
    peers: &'a [Box<dyn Peer>],
    keys: Vec<(&'static str, &'static str, KeyFiles)>,
    theirs: Vec<Vec<(&'static str, Answer<KeyFiles>)>>,
    password: PathBuf,
    locked: Vec<KeyFiles>,
    attachment: Vec<u8>,
}

impl<'a> Setting<'a> {
    /// Makes all keys.
    pub(super) fn new(
        ours: &'a dyn Peer,
        peers: &'a [Box<dyn Peer>],
        lock: impl Fn(&Path, &Path, &Path) -> Answer<()>,
        scratch: &Scratch,
    ) -> Result<Self> {
        let files = |name: &str| {
            let secret = scratch.path(name).with_extension("key");
            let certificate = secret.with_extension("cert");
            KeyFiles {
                secret,
                certificate,
            }
        };
        let password = scratch.write("password", b"over the wall")?;
        let mut keys = Vec::new();
        let mut locked = Vec::new();
        for (kind, name) in OURS {
            let made = files(name);
            ours.generate(kind, &made).map_err(anyhow::Error::msg)?;
            let one = files(&format!("{name}-locked"));
            lock(&made.secret, &password, &one.secret).map_err(anyhow::Error::msg)?;
            std::fs::copy(&made.certificate, &one.certificate)?;
            keys.push((kind, name, made));
            locked.push(one);
        }
        let theirs = peers
            .iter()
            .map(|peer| {
                KINDS
                    .iter()
                    .map(|(kind, _)| {
                        let made = files(&format!("{}-{kind}", peer.name()));
                        (*kind, peer.generate(kind, &made).map(|()| made))
                    })
                    .collect()
            })
            .collect();
        Ok(Self {
            ours,
            peers,
            keys,
            theirs,
            password,
            locked,
            attachment: attachment(),
        })
    }

    /// Runs everything.
    pub(super) fn run(&self) -> Vec<Table> {
        let mut tables = Vec::new();
        for (index, (_, name, files)) in self.keys.iter().enumerate() {
            tables.push(Table {
                heading: format!("Our {name} key"),
                rows: self.with_our_key(name, files, self.locked.get(index)),
            });
        }
        tables.push(Table {
            heading: "Their keys".to_owned(),
            rows: self.with_their_keys(),
        });
        tables.push(Table {
            heading: "Passwords".to_owned(),
            rows: self.with_passwords(),
        });
        tables
    }

    /// One row, an operation that each peer is asked for.
    fn row(
        &self,
        operation: &str,
        impossible: impl Fn(&Known) -> bool,
        work: impl Fn(&dyn Peer, &KeyFiles) -> Answer<()>,
    ) -> Row {
        let cells = self
            .peers
            .iter()
            .zip(&self.theirs)
            .map(|(peer, keys)| {
                let outcome = match keys.first() {
                    Some((_, Ok(files))) => work(peer.as_ref(), files),
                    Some((_, Err(refusal))) => Err(refusal.clone()),
                    None => Err("it has no key".to_owned()),
                };
                (peer.name(), judge(outcome, impossible(&known(peer.name()))))
            })
            .collect();
        Row {
            operation: operation.to_owned(),
            cells,
        }
    }

    #[allow(
        clippy::too_many_lines,
        reason = "a list of operations, read from top to bottom"
    )]
    fn with_our_key(&self, name: &str, files: &KeyFiles, locked: Option<&KeyFiles>) -> Vec<Row> {
        const TEXT: &[u8] = b"a line\n- and -- dashes\nFrom me\n\nthe end";
        let ours = self.ours;
        let KeyFiles {
            secret,
            certificate,
        } = files;
        let added = name == "compatible";
        let newer = !added;
        let quantum = name == "post-quantum";
        // Verifying needs nothing but version 6; encrypting to it and opening need its key.
        let cannot_verify = move |known: &Known| newer && known.only_version_4;
        let cannot_write = move |known: &Known| {
            (newer && known.only_version_4) || (quantum && known.no_post_quantum)
        };
        let cannot_open_quantum = |known: &Known| known.no_post_quantum || known.one_encryption_key;
        let opens = |peer: &dyn Peer, profile: Option<&str>| {
            let writing = Writing {
                recipients: &[certificate],
                signer: Some(secret),
                profile,
                ..Writing::default()
            };
            let message = ours.encrypt(TEXT, &writing)?;
            same(
                &peer.decrypt(&message, Opener::Key(secret), Some(certificate))?,
                TEXT,
            )
        };
        let mut rows = vec![
            self.row("writes to it, we read", cannot_write, |peer, _| {
                let writing = Writing {
                    recipients: &[certificate],
                    ..Writing::default()
                };
                let message = peer.encrypt(TEXT, &writing)?;
                same(&ours.decrypt(&message, Opener::Key(secret), None)?, TEXT)
            }),
            self.row(
                "writes to it and signs, we read and verify",
                cannot_write,
                |peer, their| {
                    let writing = Writing {
                        recipients: &[certificate],
                        signer: Some(&their.secret),
                        ..Writing::default()
                    };
                    let message = peer.encrypt(TEXT, &writing)?;
                    let by = Some(their.certificate.as_path());
                    same(&ours.decrypt(&message, Opener::Key(secret), by)?, TEXT)
                },
            ),
            self.row(
                "reads what it signed and we encrypted, and verifies",
                cannot_verify,
                |peer, their| {
                    let writing = Writing {
                        recipients: &[&their.certificate],
                        signer: Some(secret),
                        ..Writing::default()
                    };
                    let message = ours.encrypt(TEXT, &writing)?;
                    let opener = Opener::Key(&their.secret);
                    same(&peer.decrypt(&message, opener, Some(certificate))?, TEXT)
                },
            ),
        ];
        for (form, what) in FORMS {
            rows.push(
                self.row(&format!("verifies its {what}"), cannot_verify, |peer, _| {
                    let signed = ours.sign(TEXT, secret, form)?;
                    same_signed(&peer.verify(TEXT, &signed, certificate, form)?, TEXT, form)
                }),
            );
        }
        rows.push(self.row(
            "writes to it and to its own key, both read",
            cannot_write,
            |peer, their| {
                let writing = Writing {
                    recipients: &[certificate, &their.certificate],
                    ..Writing::default()
                };
                let message = peer.encrypt(TEXT, &writing)?;
                same(&ours.decrypt(&message, Opener::Key(secret), None)?, TEXT)?;
                same(
                    &peer.decrypt(&message, Opener::Key(&their.secret), None)?,
                    TEXT,
                )
            },
        ));
        // It has to verify as well as to read: it is told who signed.
        rows.push(self.row(
            "reads what we wrote to it and to the peer's key",
            |_| false,
            |peer, their| {
                let writing = Writing {
                    recipients: &[certificate, &their.certificate],
                    ..Writing::default()
                };
                let message = ours.encrypt(TEXT, &writing)?;
                same(&ours.decrypt(&message, Opener::Key(secret), None)?, TEXT)?;
                same(
                    &peer.decrypt(&message, Opener::Key(&their.secret), None)?,
                    TEXT,
                )
            },
        ));
        rows.push(self.row(
            "sends it a mail with an attachment",
            cannot_write,
            |peer, their| {
                let writing = Writing {
                    recipients: &[certificate],
                    signer: Some(&their.secret),
                    ..Writing::default()
                };
                let message = peer.encrypt(&self.attachment, &writing)?;
                let by = Some(their.certificate.as_path());
                same(
                    &ours.decrypt(&message, Opener::Key(secret), by)?,
                    &self.attachment,
                )
            },
        ));
        rows.push(self.row(
            "reads a mail with an attachment that it signed",
            cannot_verify,
            |peer, their| {
                let writing = Writing {
                    recipients: &[&their.certificate],
                    signer: Some(secret),
                    ..Writing::default()
                };
                let message = ours.encrypt(&self.attachment, &writing)?;
                let opener = Opener::Key(&their.secret);
                same(
                    &peer.decrypt(&message, opener, Some(certificate))?,
                    &self.attachment,
                )
            },
        ));
        rows.push(self.row(
            "has the private key: reads what the peer itself wrote",
            cannot_write,
            |peer, _| {
                let writing = Writing {
                    recipients: &[certificate],
                    ..Writing::default()
                };
                let message = peer.encrypt(TEXT, &writing)?;
                same(&peer.decrypt(&message, Opener::Key(secret), None)?, TEXT)
            },
        ));
        rows.push(self.row(
            "has the private key: reads what we wrote",
            cannot_write,
            |peer, _| opens(peer, None),
        ));
        if added {
            rows.push(self.row(
                "has the private key: reads what we wrote with `--profile=compatibility`",
                |_| false,
                |peer, _| opens(peer, Some("compatibility")),
            ));
            rows.push(self.row(
                "has the private key: reads what we wrote with `--profile=security`",
                cannot_open_quantum,
                |peer, _| opens(peer, Some("security")),
            ));
        }
        rows.push(self.row(
            "has the private key: signs, we verify",
            cannot_verify,
            |peer, _| {
                let signed = peer.sign(TEXT, secret, Form::Detached)?;
                let read = ours.verify(TEXT, &signed, certificate, Form::Detached)?;
                same_signed(&read, TEXT, Form::Detached)
            },
        ));
        if let Some(locked) = locked {
            rows.push(self.row(
                "has the private key locked: opens it and reads",
                cannot_write,
                |peer, _| {
                    let writing = Writing {
                        recipients: &[certificate],
                        ..Writing::default()
                    };
                    let message = peer.encrypt(TEXT, &writing)?;
                    let opener = Opener::Locked {
                        key: &locked.secret,
                        password: &self.password,
                    };
                    same(&peer.decrypt(&message, opener, None)?, TEXT)
                },
            ));
        }
        rows
    }

    /// One row an operation and kind of key.
    fn with_their_keys(&self) -> Vec<Row> {
        const TEXT: &[u8] = b"a line\n- and -- dashes\nFrom me\n\nthe end";
        type Work<'w> = Box<dyn Fn(&dyn Peer, &KeyFiles) -> Answer<()> + 'w>;
        let ours = self.ours;
        let mut operations: Vec<(String, Work<'_>)> = vec![
            (
                "reads what we write to it".to_owned(),
                Box::new(move |peer, their| {
                    let writing = Writing {
                        recipients: &[&their.certificate],
                        ..Writing::default()
                    };
                    let message = ours.encrypt(TEXT, &writing)?;
                    same(
                        &peer.decrypt(&message, Opener::Key(&their.secret), None)?,
                        TEXT,
                    )
                }),
            ),
            (
                "its private key with us: reads what the peer writes to it".to_owned(),
                Box::new(move |peer, their| {
                    let writing = Writing {
                        recipients: &[&their.certificate],
                        signer: Some(&their.secret),
                        ..Writing::default()
                    };
                    let message = peer.encrypt(TEXT, &writing)?;
                    let by = Some(their.certificate.as_path());
                    same(
                        &ours.decrypt(&message, Opener::Key(&their.secret), by)?,
                        TEXT,
                    )
                }),
            ),
        ];
        for (form, what) in FORMS {
            operations.push((
                format!("we verify its {what}"),
                Box::new(move |peer, their| {
                    let signed = peer.sign(TEXT, &their.secret, form)?;
                    let read = ours.verify(TEXT, &signed, &their.certificate, form)?;
                    same_signed(&read, TEXT, form)
                }),
            ));
            operations.push((
                format!("its private key with us: makes a {what}, the peer verifies"),
                Box::new(move |peer, their| {
                    let signed = ours.sign(TEXT, &their.secret, form)?;
                    let read = peer.verify(TEXT, &signed, &their.certificate, form)?;
                    same_signed(&read, TEXT, form)
                }),
            ));
        }
        let mut rows = Vec::new();
        for (operation, work) in &operations {
            for (kind, _) in KINDS {
                let mut cells = Vec::new();
                for (peer, keys) in self.peers.iter().zip(&self.theirs) {
                    let Some((_, key)) = keys.iter().find(|(known, _)| *known == kind) else {
                        continue;
                    };
                    let outcome = match key {
                        Ok(files) => work(peer.as_ref(), files),
                        Err(refusal) => Err(refusal.clone()),
                    };
                    let impossible = !makes(peer.name(), kind);
                    cells.push((peer.name(), judge(outcome, impossible)));
                }
                rows.push(Row {
                    operation: format!("{kind} key: {operation}"),
                    cells,
                });
            }
        }
        rows
    }

    fn with_passwords(&self) -> Vec<Row> {
        const TEXT: &[u8] = b"over the wall it goes";
        let ours = self.ours;
        let password = self.password.as_path();
        let write = |writer: &dyn Peer, reader: &dyn Peer, profile: Option<&str>| {
            let writing = Writing {
                password: Some(password),
                profile,
                ..Writing::default()
            };
            let message = writer.encrypt(TEXT, &writing)?;
            same(
                &reader.decrypt(&message, Opener::Password(password), None)?,
                TEXT,
            )
        };
        vec![
            self.row(
                "writes, we read",
                |_| false,
                |peer, _| write(peer, ours, None),
            ),
            self.row(
                "reads what we write",
                |_| false,
                |peer, _| write(ours, peer, None),
            ),
            self.row(
                "reads what we write with `--profile=rfc9580` (SEIPDv2, Argon2)",
                |known| known.only_version_4,
                |peer, _| write(ours, peer, Some("rfc9580")),
            ),
        ]
    }
}

const FORMS: [(Form, &str); 3] = [
    (Form::Detached, "detached signature"),
    (Form::Inline, "signed message"),
    (Form::Cleartext, "cleartext signature"),
];

fn judge(outcome: Answer<()>, impossible: bool) -> Cell {
    match outcome {
        Ok(()) => Cell::Works,
        Err(refusal) if impossible => Cell::Unsupported(refusal),
        Err(refusal) => Cell::Fails(refusal),
    }
}

fn same(read: &[u8], written: &[u8]) -> Answer<()> {
    if read == written {
        Ok(())
    } else {
        Err("what came out differs from what went in".to_owned())
    }
}

/// Cleartext signatures leave the ends of lines open, and whether the last line has one.
fn same_signed(read: &[u8], written: &[u8], form: Form) -> Answer<()> {
    if form != Form::Cleartext {
        return same(read, written);
    }
    let lines = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes);
        text.trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    if lines(read) == lines(written) {
        Ok(())
    } else {
        Err("what came out differs from what went in".to_owned())
    }
}

/// A mail with a text and a binary file, as PGP/MIME encrypts it: 300 KB, which is more than one
/// chunk and more than one partial length.
fn attachment() -> Vec<u8> {
    let file: Vec<u8> = (0..220_000u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let encoded = data_encoding::BASE64_MIME.encode(&file);
    format!(
        "Content-Type: multipart/mixed; boundary=\"edge\"\r\n\r\n\
         --edge\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\n\r\nsiehe unten, Grüße\r\n\
         --edge\r\nContent-Type: application/octet-stream\r\n\
         Content-Transfer-Encoding: base64\r\n\
         Content-Disposition: attachment; filename=\"table.bin\"\r\n\r\n\
         {encoded}\r\n--edge--\r\n"
    )
    .into_bytes()
}
