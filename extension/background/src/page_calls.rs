//! What our own pages ask: everything a person may. Passphrases are typed there and nowhere else.

use std::rc::Rc;

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use crypto_core::secret::Passphrase;
use ext_protocol::{
    envelope::Call,
    failure::{Failure, FailureKind},
    page::{Answer, Event, NamedFile, Request, Settings},
    transfer::Base64,
    view::{MARK_COLOURS, MARK_PICTURES, Mark, Person, VaultState},
};
use mail_client::{
    Client,
    found::{FoundContent, FoundMessage},
    local_account::AccountKind,
    people::Reach,
    recovery::parse_recovery_code,
    seal::Letter as SealLetter,
    sites::Ring,
    view::{Step, Verdict},
};
use zeroize::Zeroizing;

use crate::{
    background::{Background, Connected},
    convert,
    failure::{failed, failure, failure_of},
    frames::Kind,
    host::{Host, PortId},
    parts, reader,
    sender::Peer,
    set_up::{Keys, NewPerson, check_length},
    settings::{SETTINGS_KEY, Sealed},
};

/// The longest time until it locks that can be chosen: a week.
const LONGEST_LOCK_MINUTES: u32 = 7 * 24 * 60;

impl<H: Host> Background<H> {
    /// A page of ours said something.
    pub fn page_call(self: &Rc<Self>, port: PortId, call: Call<Request>) {
        let Some(connected) = self.connected(port) else {
            return;
        };
        if !matches!(connected.peer, Peer::Page { .. }) {
            return self.refuse(port);
        }
        let id = call.id;
        if let Request::Part(part) = &call.request {
            let taken = self.take_part(&connected, part).map(|()| Answer::Done);
            return self.reply::<_, Event>(port, id, taken);
        }
        let this = Rc::clone(self);
        self.host.spawn(async move {
            let answer = this.page_answer(&connected, call.request).await;
            this.reply::<_, Event>(port, id, answer);
        });
    }

    async fn page_answer(
        self: &Rc<Self>,
        port: &Connected,
        request: Request,
    ) -> Result<Answer, Failure> {
        match request {
            Request::Status => self.status().await,
            Request::SetUp {
                name,
                address,
                passphrase,
                mark,
                import,
            } => {
                let new = NewPerson {
                    name,
                    address,
                    passphrase,
                    mark,
                };
                match import {
                    None => self.set_up(new, Keys::Make).await,
                    Some(file) => self.set_up(new, Keys::Bring(file)).await,
                }
            }
            Request::SetUpFromRecovery {
                code,
                backup,
                passphrase,
                mark,
            } => {
                let code = Zeroizing::new(code);
                let code = parse_recovery_code(&code)
                    .ok_or_else(|| Failure::new(FailureKind::WrongRecoveryCode))?;
                let new = NewPerson {
                    name: String::new(),
                    address: String::new(),
                    passphrase,
                    mark,
                };
                let done = self.set_up(new, Keys::Restore(code, backup)).await?;
                self.sheet_done(|kind| matches!(kind, Kind::Restore));
                Ok(done)
            }
            Request::SetUpFromServer {
                server,
                address,
                passphrase,
                mark,
            } => {
                check_mark(mark)?;
                self.set_up_from_server(&server, &address, passphrase, mark)
                    .await
            }
            Request::ServerInfo { server } => self.server_info(&server).await,
            // A first run with keys brought along shows them before there is a vault.
            Request::PreviewKeyFile { file } if self.vault_state() == VaultState::NotSetUp => {
                let keys = self
                    .client()
                    .await?
                    .preview_first_keys(&bytes(&file)?)
                    .map_err(failure)?;
                Ok(Answer::KeyFilePreview {
                    keys: keys.into_iter().map(convert::preview).collect(),
                })
            }
            Request::Unlock { passphrase } => {
                self.unlock(passphrase).await?;
                Ok(Answer::Done)
            }
            Request::Lock => {
                self.lock().await;
                Ok(Answer::Done)
            }
            Request::ChangePassphrase { old, new } => {
                check_length(&new)?;
                self.change_passphrase(old, new).await?;
                Ok(Answer::Done)
            }
            Request::CurrentSite => self.current_site(port).await,
            Request::Sites => Ok(self.all_sites()),
            Request::SwitchSite { origin, scan, api } => {
                self.switch_site(&origin, scan, api).await?;
                Ok(Answer::Done)
            }
            Request::RemoveSite { origin } => {
                self.remove_site(&origin).await?;
                Ok(Answer::Done)
            }
            Request::UpdateRules { rules, signature } => {
                self.update_rules(&rules, &signature).await?;
                Ok(Answer::Done)
            }
            other => {
                let client = self.unlocked().await?;
                self.touch();
                self.with_keys(port, &client, other).await
            }
        }
    }

    /// What needs the keys.
    async fn with_keys(
        self: &Rc<Self>,
        port: &Connected,
        client: &Client<H::Platform>,
        request: Request,
    ) -> Result<Answer, Failure> {
        match request {
            Request::Settings => {
                let sealed = self.sealed_settings(client).await?;
                Ok(Answer::Settings(self.kept.borrow().with(&sealed)))
            }
            Request::SetSettings(settings) => {
                self.set_settings(client, settings).await?;
                Ok(Answer::Done)
            }
            Request::Account => self.account(client).await,
            Request::MakeAccount {
                server,
                address,
                passphrase,
                publish,
            } => {
                self.make_account(&server, &address, passphrase, publish)
                    .await
            }
            Request::EnterAccount {
                server,
                address,
                passphrase,
            } => self.enter_account(&server, &address, passphrase).await,
            Request::Synchronise => {
                self.synchronise(client).await?;
                Ok(Answer::Done)
            }
            Request::LeaveServer => self.leave_server(client).await,
            Request::EncryptFiles {
                files,
                recipients,
                password,
                sign,
            } => {
                let password = password.map(Passphrase::new);
                let plain = taken(port, &files)?;
                let reach = self.reach(client).await?;
                let sealed = client
                    .encrypt_files(
                        &Ring::Main,
                        &plain,
                        &recipients,
                        password.as_ref(),
                        sign,
                        reach,
                    )
                    .await
                    .map_err(failure)?;
                let sent = sealed.into_iter().map(|one| (one.name, one.data));
                Ok(Answer::Files {
                    files: self.send_files(port, sent)?,
                    verdicts: Vec::new(),
                })
            }
            Request::DecryptFiles { files, password } => {
                let password = password.map(Passphrase::new);
                let mut opened = Vec::new();
                let mut verdicts: Vec<Verdict> = Vec::new();
                for sealed in taken(port, &files)? {
                    let sealed_data = Zeroizing::new(sealed.data);
                    let one = client
                        .decrypt_file(&Ring::Main, &sealed.name, &sealed_data, password.as_ref())
                        .await
                        .map_err(failure_of(FailureKind::WrongPassword))?;
                    verdicts.push(one.verdict);
                    opened.push((one.file.name, one.file.data));
                }
                Ok(Answer::Files {
                    files: self.send_files(port, opened.into_iter())?,
                    verdicts,
                })
            }
            Request::Drafts => self.kept_letters(client).await,
            Request::DraftFiles { key } => self.draft_files(port, client, &key).await,
            Request::DiscardDraft { key } => {
                self.discard_kept(client, &key).await?;
                Ok(Answer::Done)
            }
            Request::WelcomeLetter => self.welcome_letter(client).await,
            Request::OpenText { armored } => {
                let found = FoundMessage {
                    content: FoundContent::Text(&armored),
                    sender: mail_client::view::Person::default(),
                    message_id: "",
                    password: None,
                };
                let opened = client
                    .open_found(&Ring::Main, &found)
                    .await
                    .map_err(failure)?;
                Ok(Answer::Opened(Box::new(reader::finish(opened).view)))
            }
            Request::RecoverySheet { passphrase } => {
                self.check_passphrase(passphrase).await?;
                let sheet = client.make_recovery_sheet().await.map_err(failure)?;
                let qr = qr(&sheet.code, &sheet.backup);
                self.sheet_done(|kind| matches!(kind, Kind::Backup));
                Ok(Answer::RecoverySheet {
                    code: sheet.code,
                    backup: sheet.backup,
                    qr,
                    fingerprint: sheet.fingerprint,
                })
            }
            Request::ExportPrivateKey {
                fingerprint,
                passphrase,
                export_passphrase,
            } => {
                self.check_passphrase(passphrase).await?;
                let text = client
                    .export_private_key(&fingerprint, &Passphrase::new(export_passphrase))
                    .map_err(failure)?;
                Ok(Answer::Text { text })
            }
            other => self.keys_and_contacts(client, other).await,
        }
    }

    async fn keys_and_contacts(
        &self,
        client: &Client<H::Platform>,
        request: Request,
    ) -> Result<Answer, Failure> {
        let done = |()| Answer::Done;
        match request {
            Request::Keys => {
                let keys = client.own_keys().map_err(failure)?;
                let kind = client.account_kind().await.map_err(failure)?;
                let is_on_server = matches!(kind, AccountKind::OnServer { .. });
                let keys = keys
                    .into_iter()
                    .map(|key| convert::own_key(key, is_on_server));
                Ok(Answer::Keys {
                    keys: keys.collect(),
                })
            }
            Request::GenerateKey {
                person,
                profile,
                expires_in_days,
            } => {
                let now = self.host.now() / 1000;
                let end = expires_in_days.map(|days| now + u64::from(days) * 86_400);
                let text = client
                    .generate_key(&person, convert::profile(profile), end)
                    .await
                    .map_err(failure)?;
                Ok(Answer::Text { text })
            }
            Request::PreviewKeyFile { file } => {
                let keys = client
                    .preview_key_file(&Ring::Main, &bytes(&file)?)
                    .map_err(failure)?;
                Ok(Answer::KeyFilePreview {
                    keys: keys.into_iter().map(convert::preview).collect(),
                })
            }
            Request::ImportKeyFile(file) => {
                let passphrase = file.passphrase.map(Passphrase::new);
                client
                    .import_key_file(&Ring::Main, &bytes(&file.file)?, passphrase.as_ref())
                    .await
                    .map_err(failure_of(FailureKind::WrongKeyPassphrase))?;
                Ok(Answer::Done)
            }
            Request::RestoreKeys { code, backup } => {
                client
                    .restore_keys(&Passphrase::new(code), backup.as_bytes())
                    .await
                    .map_err(failure_of(FailureKind::WrongRecoveryCode))?;
                self.sheet_done(|kind| matches!(kind, Kind::Restore));
                Ok(Answer::Done)
            }
            Request::ExportCertificate { fingerprint } => {
                let text = client.export_certificate(&fingerprint).map_err(failure)?;
                Ok(Answer::Text { text })
            }
            Request::UseKey { fingerprint } => client
                .use_key(&fingerprint)
                .await
                .map_err(failure)
                .map(done),
            Request::RevokeKey {
                fingerprint,
                reason,
            } => {
                let text = client
                    .revoke_key(&fingerprint, convert::reason(reason))
                    .await
                    .map_err(failure)?;
                Ok(Answer::Text { text })
            }
            Request::DeleteKey { fingerprint } => client
                .delete_key(&fingerprint)
                .await
                .map_err(failure)
                .map(done),
            Request::Publish {
                fingerprint,
                to_everybody,
            } => client
                .publish_key(&fingerprint, to_everybody)
                .await
                .map_err(failure)
                .map(done),
            Request::Contacts => {
                let contacts = client.contacts(&Ring::Main).map_err(failure)?;
                Ok(Answer::Contacts {
                    contacts: contacts.into_iter().map(convert::contact).collect(),
                })
            }
            Request::LookUp { address } => {
                let reach = match self.reach(client).await? {
                    Reach::Everywhere => Reach::Anew,
                    nearer => nearer,
                };
                let found = client
                    .look_up(&Ring::Main, &address, reach)
                    .await
                    .map_err(failure)?;
                Ok(Answer::Recipient {
                    state: convert::found(found),
                })
            }
            Request::AcceptKey {
                address,
                fingerprint,
            } => client
                .accept_key_in(&Ring::Main, &address, &fingerprint)
                .await
                .map_err(failure)
                .map(done),
            Request::DeleteContact { address } => client
                .delete_contact(&Ring::Main, &address)
                .await
                .map_err(failure)
                .map(done),
            _ => Err(Failure::new(FailureKind::NotAllowed)),
        }
    }

    async fn status(self: &Rc<Self>) -> Result<Answer, Failure> {
        self.find_account().await?;
        let me = match self.unlocked().await {
            Ok(client) => client.me().map_err(failure)?,
            Err(_) => Person {
                name: String::new(),
                address: self
                    .client()
                    .await?
                    .stored_address()
                    .await
                    .map_err(failure)?
                    .unwrap_or_default(),
            },
        };
        let vault = self.vault_state();
        let kept = self.kept.borrow();
        Ok(Answer::Status {
            vault,
            me,
            mark: kept.set_up.then_some(kept.mark),
            language: kept.language.clone(),
        })
    }

    pub(crate) fn tell_progress(&self, step: Step) {
        let percent = match step {
            Step::StretchingPassphrase => 10,
            Step::MakingKeys => 50,
            _ => 80,
        };
        let event = crate::background::ToPage::Event {
            event: Event::Progress { percent },
        };
        for port in self.ports.borrow().values() {
            if matches!(port.peer, Peer::Page { .. }) {
                self.host.send(port.id, &event);
            }
        }
    }

    async fn set_settings(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
        settings: Settings,
    ) -> Result<(), Failure> {
        check_mark(settings.mark)?;
        {
            let mut kept = self.kept.borrow_mut();
            kept.mark = settings.mark;
            kept.language = settings.language;
            kept.lock_after_minutes = settings.lock_after_minutes.min(LONGEST_LOCK_MINUTES);
        }
        self.write_kept().await;
        let sealed = Sealed {
            hide_subject: settings.hide_subject,
            sign: settings.sign,
            rich_text: settings.rich_text,
            wkd: settings.wkd,
            server: self.kept.borrow().server.clone(),
        };
        let json = serde_json::to_vec(&sealed).map_err(|_| Failure::new(FailureKind::Internal))?;
        client
            .set_sealed_value(SETTINGS_KEY, &json)
            .await
            .map_err(failure)?;
        // The deadline may have moved either way.
        self.opened_now(client).await
    }

    /// A letter from oneself, so that the first success comes within a minute.
    async fn welcome_letter(&self, client: &Client<H::Platform>) -> Result<Answer, Failure> {
        let me = client.me().map_err(failure)?;
        let letter = SealLetter {
            from: me.address.clone(),
            to: vec![me],
            subject: self.host.text("welcome_subject"),
            hide_subject: true,
            text: self.host.text("welcome_text"),
            sign: true,
            encrypt: true,
            ..SealLetter::default()
        };
        let sealed = client
            .seal_letter(&Ring::Main, &letter, Reach::Here)
            .await
            .map_err(failure)?;
        Ok(Answer::Text { text: sealed.body })
    }

    pub(crate) fn send_files(
        &self,
        port: &Connected,
        files: impl Iterator<Item = (String, Vec<u8>)>,
    ) -> Result<Vec<NamedFile>, Failure> {
        let mut named = Vec::new();
        for (name, data) in files {
            let data = Zeroizing::new(data);
            let file = self.file_number();
            for part in parts::cut(file, &data) {
                let event = crate::background::ToPage::Event {
                    event: Event::Part(part),
                };
                if !self.host.send(port.id, &event) {
                    return Err(Failure::new(FailureKind::NotFound));
                }
            }
            named.push(NamedFile { file, name });
        }
        Ok(named)
    }
}

pub(crate) fn check_mark(mark: Mark) -> Result<(), Failure> {
    if mark.picture >= MARK_PICTURES || mark.colour >= MARK_COLOURS {
        return Err(failed(FailureKind::WrongKind, "no such picture"));
    }
    Ok(())
}

pub(crate) fn bytes(file: &Base64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    BASE64
        .decode(file.0.as_bytes())
        .map(Zeroizing::new)
        .map_err(|_| failed(FailureKind::WrongKind, "not base64"))
}

/// The files a page has sent.
fn taken(
    port: &Connected,
    files: &[NamedFile],
) -> Result<Vec<mail_client::view::OutgoingAttachment>, Failure> {
    let mut parts = port.parts.borrow_mut();
    files
        .iter()
        .map(|file| {
            let data = parts
                .take(file.file)
                .ok_or_else(|| failed(FailureKind::NotFound, "a file is not here"))?;
            Ok(convert::outgoing(
                &file.name,
                "application/octet-stream",
                data,
            ))
        })
        .collect()
}

/// How much one QR code carries, in bytes: more is hard to read from paper.
const QR_BYTES: usize = 1200;
/// The most QR codes on a sheet.
const QR_LIMIT: usize = 16;

/// Code and backup as QR codes, SVG, in their order; none when it would be too many.
fn qr(code: &[String], backup: &str) -> Vec<String> {
    use qrcode::{EcLevel, QrCode, render::svg};
    let text = Zeroizing::new(format!("{}\n{backup}", code.join("-")));
    let pieces = text.as_bytes().chunks(QR_BYTES);
    if pieces.len() > QR_LIMIT {
        return Vec::new();
    }
    let draw = |piece| {
        let code = QrCode::with_error_correction_level(piece, EcLevel::L).ok()?;
        Some(
            code.render::<svg::Color<'_>>()
                .min_dimensions(240, 240)
                .build(),
        )
    };
    pieces.map(draw).collect::<Option<_>>().unwrap_or_default()
}
