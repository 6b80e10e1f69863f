//! The client API (`window.mailvelope`): what a page that the person approved may ask.
//!
//! The attacker is such a page. Whatever keyring it names lies under its own origin, which the
//! browser proves; the empty name is the person's own keyring, in which it may look up, display
//! and write, but which changes only after a click in a window of ours. It gets ciphertext,
//! public keys and codes; a letter's text never comes back to it. How often it may ask is limited.

mod containers;
mod import;

use std::{collections::BTreeMap, rc::Rc};

use ext_protocol::{
    api::{ApiKey, ApiKeySource, ApiUserId, Call, EditorOptions, ErrorCode, Return},
    content::{Answer, Recipients},
    failure::FailureKind,
    view::Person,
};
use futures::future::{Either, select};
use mail_client::{
    Client, ClientError,
    people::KeySource,
    sites::{Ring, SiteKeyring},
    view::RecipientState,
};

use crate::{
    background::{Background, Decision},
    frames::{Frame, Kind},
    host::Host,
    sender::Spot,
};

/// How long a call waits for the keys.
const UNLOCK_MILLIS: u32 = 110_000;
/// How long a call waits for a click.
const CLICK_MILLIS: u32 = 110_000;
/// How long a page may wait for a recovery sheet to be made or used, in a window of ours.
const SHEET_MILLIS: u32 = 600_000;
/// What separates origin and name in other programs' keyring ids; no name may hold it.
const SEPARATOR: &str = "|#|";
/// The most keyrings of one site.
const KEYRINGS_LIMIT: usize = 20;
/// The quota of an editor that names none, in kilobytes.
const QUOTA_KB: u32 = 20_480;

type Result<T> = std::result::Result<T, Return>;

fn error<T>(code: ErrorCode, message: &str) -> Result<T> {
    Err(Return::Error {
        code,
        message: message.to_owned(),
    })
}

impl<H: Host> Background<H> {
    /// Carries out a call of a page. The site was approved; `spot` is proven by the browser.
    pub(crate) async fn api_call(self: &Rc<Self>, spot: &Spot, call: Call) -> Return {
        let now = self.host.now();
        let mut allowed = self.api_calls.borrow_mut().allows(&spot.origin, now);
        if is_heavy(&call) {
            allowed &= self.api_heavy.borrow_mut().allows(&spot.origin, now);
        }
        let result = if allowed {
            self.carry_out(spot, call).await
        } else {
            error(ErrorCode::NoConnection, "Too many calls in a short time.")
        };
        result.unwrap_or_else(|error| error)
    }

    async fn carry_out(self: &Rc<Self>, spot: &Spot, call: Call) -> Result<Return> {
        match call {
            Call::GetKeyring { keyring } => {
                self.known_ring(spot, &keyring).await?;
                Ok(Return::Keyring {
                    keyring,
                    logo_rev: 0,
                })
            }
            Call::CreateKeyring { keyring } => self.create_keyring(spot, keyring).await,
            Call::ValidKeyForAddress { keyring, addresses } => {
                self.valid_keys(spot, &keyring, addresses).await
            }
            Call::ExportOwnPublicKey { keyring, address } => {
                let (client, ring) = self.keys_of(spot, &keyring).await?;
                match client.own_key_for(&ring, &address) {
                    Ok(Some((_, text))) => Ok(Return::Text { text }),
                    _ => error(ErrorCode::NoKeyForAddress, "No key pair for this address."),
                }
            }
            Call::ImportPublicKey { keyring, armored } => {
                self.import(spot, &keyring, &armored).await
            }
            Call::HasPrivateKey {
                keyring,
                fingerprint,
                address,
            } => {
                let (client, ring) = self.keys_of(spot, &keyring).await?;
                let value = match (fingerprint, address) {
                    (Some(fingerprint), None) => {
                        client.has_private_key(&ring, &fingerprint.to_uppercase())
                    }
                    (None, Some(address)) => {
                        client.own_key_for(&ring, &address).map(|key| key.is_some())
                    }
                    _ => {
                        return error(
                            ErrorCode::InvalidOptions,
                            "Either a fingerprint or an address.",
                        );
                    }
                };
                Ok(Return::Boolean {
                    value: value.or_else(no_ring)?,
                })
            }
            Call::AdditionalHeaders { keyring, from } => {
                let (client, ring) = self.keys_of(spot, &keyring).await?;
                match client.autocrypt_header(&ring, &from) {
                    Ok(Some(text)) => Ok(Return::Text { text }),
                    _ => Ok(Return::Nothing),
                }
            }
            Call::ProcessAutocrypt {
                keyring,
                autocrypt,
                from,
                date,
            } => {
                let (client, ring) = self.keys_of(spot, &keyring).await?;
                if ring == Ring::Main {
                    // Not a page's to fill; nobody clicks for a header field.
                    return Ok(Return::Nothing);
                }
                match client
                    .process_autocrypt(&ring, &autocrypt, &from, date)
                    .await
                {
                    Ok(_) => Ok(Return::Nothing),
                    Err(ClientError::BadInput(_) | ClientError::WrongKind(_)) => {
                        error(ErrorCode::InvalidHeader, "Not a valid header field.")
                    }
                    Err(_) => error(ErrorCode::StorageError, "The key could not be kept."),
                }
            }
            Call::Display {
                keyring,
                armored,
                sender,
            } => {
                let ring = self.known_ring(spot, &keyring).await?;
                if !is_message(&armored) {
                    return error(ErrorCode::WrongArmoredType, "Not an OpenPGP message.");
                }
                let kind = Kind::Reader {
                    source: ext_protocol::content::Source::Inline { armored },
                    sender: Person {
                        name: String::new(),
                        address: sender,
                    },
                    message_id: String::new(),
                    message: String::new(),
                    by_api: true,
                };
                self.container(spot, ring, kind)
            }
            Call::Editor {
                keyring,
                mut options,
            } => {
                leave_out_empty(&mut options);
                let ring = self.known_ring(spot, &keyring).await?;
                check_options(&options)?;
                self.container(spot, ring, Kind::ApiEditor(options))
            }
            Call::Encrypt { frame, recipients } => {
                self.encrypt_for_page(spot, &frame, recipients).await
            }
            Call::CreateDraft { frame } => self.draft_for_page(spot, &frame).await,
            Call::KeyGen { keyring, user_ids } => {
                let ring = self.known_ring(spot, &keyring).await?;
                let people = people(&user_ids)?;
                self.container(spot, ring, Kind::Generator { people })
            }
            Call::Generate { frame } => self.generate(spot, &frame).await,
            Call::GenerateConfirmed { frame, keep } => {
                self.generate_confirmed(spot, &frame, keep).await
            }
            Call::KeyBackup { keyring } => {
                let ring = self.known_ring(spot, &keyring).await?;
                self.container(spot, ring, Kind::Backup)
            }
            Call::RestoreBackup { keyring } => {
                let ring = self.known_ring(spot, &keyring).await?;
                self.container(spot, ring, Kind::Restore)
            }
            Call::WaitFor { frame } => {
                self.placed(spot, &frame)?;
                match self.click(&frame, SHEET_MILLIS).await {
                    Decision::Cancelled => error(ErrorCode::NoConnection, "The person closed it."),
                    Decision::Confirmed | Decision::Named(_) => Ok(Return::Nothing),
                }
            }
            Call::OpenSettings => {
                let now = self.host.now();
                if !self.openings.borrow_mut().allows(&spot.origin, now) {
                    return error(ErrorCode::NoConnection, "They were opened just now.");
                }
                let address = self.host.address("manager.html", true);
                self.host.open_tab(&format!("{address}#/settings"));
                Ok(Return::Nothing)
            }
        }
    }

    /// The keyring a page names: its own, or the person's. Told while locked, too.
    async fn known_ring(self: &Rc<Self>, spot: &Spot, name: &str) -> Result<Option<SiteKeyring>> {
        if name.is_empty() {
            return match self.kept.borrow().set_up {
                true => Ok(None),
                false => error(ErrorCode::NoKeyringForId, "Letterlock is not set up."),
            };
        }
        let keyring = SiteKeyring {
            origin: spot.origin.clone(),
            name: name.to_owned(),
        };
        let known = match self.unlocked().await {
            Ok(client) => client.has_site_keyring(&keyring).unwrap_or(false),
            Err(_) => self
                .sites
                .borrow()
                .get(&spot.origin)
                .is_some_and(|site| site.keyrings.iter().any(|one| one == name)),
        };
        if known {
            Ok(Some(keyring))
        } else {
            error(ErrorCode::NoKeyringForId, "There is no such keyring.")
        }
    }

    /// The keys, waiting for them if they are locked, and the keyring a page names.
    pub(super) async fn keys_of(
        self: &Rc<Self>,
        spot: &Spot,
        name: &str,
    ) -> Result<(Rc<Client<H::Platform>>, Ring)> {
        let client = match self.wait_unlocked(UNLOCK_MILLIS).await {
            Ok(client) => client,
            Err(failure) if failure.kind == FailureKind::NotSetUp => {
                return error(ErrorCode::NoKeyringForId, "Letterlock is not set up.");
            }
            Err(_) => return error(ErrorCode::PwdDialogCancel, "Letterlock is locked."),
        };
        let ring = match self.known_ring(spot, name).await? {
            Some(keyring) => {
                // Approved was the use of the key in use: it may be another one now.
                self.lend_key_in_use(&client, &keyring).await?;
                Ring::Site(keyring)
            }
            None => Ring::Main,
        };
        Ok((client, ring))
    }

    /// Lets a site's keyring use the key in use, if it does not yet.
    async fn lend_key_in_use(
        &self,
        client: &Client<H::Platform>,
        keyring: &SiteKeyring,
    ) -> Result<()> {
        let Ok((_, fingerprint)) = client.own_certificate() else {
            return Ok(());
        };
        let ring = Ring::Site(keyring.clone());
        if client
            .has_private_key(&ring, &fingerprint)
            .unwrap_or_default()
        {
            return Ok(());
        }
        match client.lend_key(keyring, &fingerprint).await {
            Ok(()) => Ok(()),
            Err(_) => error(ErrorCode::StorageError, "It could not be kept."),
        }
    }

    async fn create_keyring(self: &Rc<Self>, spot: &Spot, name: String) -> Result<Return> {
        if name.is_empty() {
            return error(
                ErrorCode::KeyringAlreadyExists,
                "The main keyring is there.",
            );
        }
        if name.contains(SEPARATOR) {
            return error(ErrorCode::InvalidIdentifier, "Not a name for a keyring.");
        }
        let count = self
            .sites
            .borrow()
            .get(&spot.origin)
            .map_or(0, |site| site.keyrings.len());
        if count >= KEYRINGS_LIMIT {
            return error(ErrorCode::InvalidIdentifier, "Too many keyrings.");
        }
        let (client, _) = self.keys_of(spot, "").await?;
        let keyring = SiteKeyring {
            origin: spot.origin.clone(),
            name: name.clone(),
        };
        match client.create_site_keyring(&keyring).await {
            Ok(()) => {}
            Err(ClientError::Exists) => {
                return error(ErrorCode::KeyringAlreadyExists, "It is there already.");
            }
            Err(ClientError::BadInput(_)) => {
                return error(ErrorCode::InvalidIdentifier, "Not a name for a keyring.");
            }
            Err(_) => return error(ErrorCode::StorageError, "It could not be kept."),
        }
        // Approving the site was the word for this: it may write and read with the key in use.
        self.lend_key_in_use(&client, &keyring).await?;
        {
            let rules = self.rules.borrow().clone();
            let mut sites = self.sites.borrow_mut();
            let known = &mut sites.entry(&rules, &spot.origin).keyrings;
            if !known.contains(&name) {
                known.push(name.clone());
            }
        }
        self.write_sites().await;
        Ok(Return::Keyring {
            keyring: name,
            logo_rev: 0,
        })
    }

    async fn valid_keys(
        self: &Rc<Self>,
        spot: &Spot,
        name: &str,
        addresses: Vec<String>,
    ) -> Result<Return> {
        let (client, ring) = self.keys_of(spot, name).await?;
        let found = self
            .look_up_for(&spot.origin, &client, &ring, &addresses)
            .await;
        let found = match found {
            Ok(found) => found,
            Err(failure) if failure.kind == FailureKind::NotFound => {
                return error(ErrorCode::NoKeyringForId, "There is no such keyring.");
            }
            Err(failure) => return error(ErrorCode::NoConnection, &failure.detail),
        };
        let mut keys = BTreeMap::new();
        for (address, one) in addresses.into_iter().zip(found) {
            let key = match one.state {
                RecipientState::Ready { fingerprint, .. } => {
                    let contact = client.contact(&ring, &address).ok();
                    let last_modified = contact.map_or_else(
                        // One's own is no contact. Another's that is none was met just now.
                        || made_at(&client, &fingerprint).unwrap_or(self.host.now() / 1000),
                        |contact| contact.changed_at,
                    );
                    vec![ApiKey {
                        fingerprint: fingerprint.to_lowercase(),
                        last_modified,
                        source: match one.source {
                            Some(KeySource::Wkd) => ApiKeySource::Wkd,
                            Some(KeySource::Autocrypt) => ApiKeySource::Ac,
                            _ => ApiKeySource::Loc,
                        },
                    }]
                }
                _ => Vec::new(),
            };
            keys.insert(address, key);
        }
        Ok(Return::Keys { keys })
    }

    /// Waits for a click in a frame.
    pub(super) async fn click(self: &Rc<Self>, frame: &str, millis: u32) -> Decision {
        if let Some(early) = self.early.borrow_mut().remove(frame) {
            return early;
        }
        let (sender, receiver) = futures::channel::oneshot::channel();
        self.waits
            .decisions
            .borrow_mut()
            .insert(frame.to_owned(), sender);
        let patience = self.patience(millis);
        futures::pin_mut!(patience);
        let decision = match select(receiver, patience).await {
            Either::Left((Ok(decision), _)) => decision,
            _ => Decision::Cancelled,
        };
        self.waits.decisions.borrow_mut().remove(frame);
        decision
    }

    fn container(
        self: &Rc<Self>,
        spot: &Spot,
        ring: Option<SiteKeyring>,
        kind: Kind,
    ) -> Result<Return> {
        match self.make_frame(spot, ring, kind, Recipients::default()) {
            Ok(Answer::Frame { frame, url }) => Ok(Return::Container { frame, url }),
            _ => error(ErrorCode::NoConnection, "Too many containers."),
        }
    }

    /// A frame that this very document placed.
    pub(super) fn placed(&self, spot: &Spot, frame: &str) -> Result<Frame> {
        let placed = self.frames.borrow().placed_by(frame, spot).cloned();
        match placed {
            Some(frame) => Ok(frame),
            None => error(ErrorCode::NoConnection, "There is no such container."),
        }
    }
}

/// When one's own key was made, Unix seconds.
fn made_at<P: mail_client::ports::Platform>(client: &Client<P>, fingerprint: &str) -> Option<u64> {
    let keys = client.own_keys().unwrap_or_default();
    let own = keys.iter().find(|key| key.fingerprint == fingerprint);
    own.map(|key| key.created_at)
}

/// Calls that make, open or look up much.
fn is_heavy(call: &Call) -> bool {
    matches!(
        call,
        Call::CreateKeyring { .. }
            | Call::ImportPublicKey { .. }
            | Call::KeyGen { .. }
            | Call::Generate { .. }
            | Call::KeyBackup { .. }
            | Call::RestoreBackup { .. }
            | Call::OpenSettings
    )
}

fn is_message(armored: &str) -> bool {
    armored.contains("-----BEGIN PGP MESSAGE-----")
        || armored.contains("-----BEGIN PGP SIGNED MESSAGE-----")
}

/// Callers fill in all options and leave empty what they do not mean.
fn leave_out_empty(options: &mut EditorOptions) {
    for text in [
        &mut options.armored_draft,
        &mut options.predefined_text,
        &mut options.quoted_mail,
        &mut options.quoted_mail_header,
    ] {
        if text.as_ref().is_some_and(String::is_empty) {
            *text = None;
        }
    }
}

fn check_options(options: &EditorOptions) -> Result<()> {
    let writes = options.predefined_text.is_some()
        || options.quoted_mail.is_some()
        || options.quoted_mail_header.is_some()
        || options.quoted_mail_indent.is_some();
    if options.armored_draft.is_some() && writes {
        return error(
            ErrorCode::InvalidOptions,
            "A draft goes with no other text to begin with.",
        );
    }
    let armored = [&options.armored_draft, &options.quoted_mail];
    if armored.into_iter().flatten().any(|text| !is_message(text)) {
        return error(ErrorCode::WrongArmoredType, "Not an OpenPGP message.");
    }
    Ok(())
}

fn people(user_ids: &[ApiUserId]) -> Result<Vec<Person>> {
    let valid =
        |one: &ApiUserId| one.email.contains('@') && !one.email.contains(char::is_whitespace);
    if user_ids.is_empty() || !user_ids.iter().all(valid) {
        return error(ErrorCode::InputNotValid, "Name at least one address.");
    }
    Ok(user_ids
        .iter()
        .map(|one| Person {
            name: one.full_name.clone(),
            address: one.email.clone(),
        })
        .collect())
}

fn no_ring<T>(_: ClientError) -> Result<T> {
    error(ErrorCode::NoKeyringForId, "There is no such keyring.")
}
