//! The vault's life: opened by a passphrase in a window of ours, kept open in memory that ends
//! with the browser, locked by hand, by the clock, and by losing that memory.
//!
//! The background may be stopped at any second. What opens the vault again lies in
//! `storage.session`, which no page can read and no disk sees, together with the time at which it
//! ends; a woken background goes on with it without Argon2id.

use std::rc::Rc;

use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
use crypto_core::secret::{Passphrase, Secret};
use ext_protocol::{
    content,
    failure::{Failure, FailureKind},
    frame, page,
    view::VaultState,
};
use mail_client::{
    Client, ClientError,
    local_account::{SessionKey, StretchedPassphrase},
};
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    background::{Background, ToContent, ToFrame, ToPage},
    failure::failure,
    host::{Host, Memory},
    sender::Peer,
    settings::KEPT_KEY,
};

/// Key in the session's memory, and the name of the alarm.
const VAULT_KEY: &str = "vault";
/// The alarm that locks.
pub const LOCK_ALARM: &str = "lock";
/// A deadline that never comes: exact in JavaScript.
const NEVER: u64 = 1 << 52;
/// Browsers stop a background that did nothing for 30 seconds.
const STIR_MILLIS: u32 = 20_000;
/// The deadline is written anew when it moved by this much, in milliseconds.
const TOUCH_MILLIS: u64 = 20_000;

/// What an unlocked session needs.
#[derive(Default)]
pub(crate) struct Held {
    key: Option<SessionKey>,
    /// Milliseconds since 1970.
    deadline: u64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    key: String,
    deadline: u64,
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl Held {
    pub(crate) fn read(session: &[(String, String)]) -> Self {
        let found = session
            .iter()
            .find(|(key, _)| key == VAULT_KEY)
            .and_then(|(_, text)| serde_json::from_str::<Stored>(text).ok())
            .and_then(|stored| {
                let bytes = Zeroizing::new(BASE64.decode(stored.key.as_bytes()).ok()?);
                let key: [u8; 64] = bytes.as_slice().try_into().ok()?;
                Some(Self {
                    key: Some(SessionKey::from_bytes(Secret::new(key))),
                    deadline: stored.deadline,
                })
            });
        found.unwrap_or_default()
    }

    fn to_json(&self) -> Option<Zeroizing<String>> {
        let stored = Stored {
            key: BASE64.encode(self.key.as_ref()?.expose()),
            deadline: self.deadline,
        };
        serde_json::to_string(&stored).ok().map(Zeroizing::new)
    }
}

impl<H: Host> Background<H> {
    /// Whether the keys are at hand.
    pub fn vault_state(&self) -> VaultState {
        let held = self.vault.borrow();
        if held.key.is_some() && self.host.now() < held.deadline {
            VaultState::Unlocked
        } else if self.kept.borrow().set_up {
            VaultState::Locked
        } else {
            VaultState::NotSetUp
        }
    }

    /// The client, locked or not.
    pub(crate) async fn client(&self) -> Result<Rc<Client<H::Platform>>, Failure> {
        let mut opening = self.opening.lock().await;
        if let Some(client) = &*opening {
            return Ok(Rc::clone(client));
        }
        let server = self.kept.borrow().server.clone();
        let platform = self.host.platform(&server).await.map_err(failure)?;
        let client = Rc::new(Client::new(platform));
        *opening = Some(Rc::clone(&client));
        Ok(client)
    }

    /// The unlocked client; a woken background opens the vault here.
    pub(crate) async fn unlocked(self: &Rc<Self>) -> Result<Rc<Client<H::Platform>>, Failure> {
        match self.vault_state() {
            VaultState::Unlocked => {}
            VaultState::Locked => {
                self.lock_if_late().await;
                return Err(Failure::new(FailureKind::Locked));
            }
            VaultState::NotSetUp => return Err(Failure::new(FailureKind::NotSetUp)),
        }
        let client = self.client().await?;
        if !client.is_unlocked() {
            let _one_at_a_time = self.opening.lock().await;
            let key = self.vault.borrow().key.clone();
            if let Some(key) = key
                && !client.is_unlocked()
                && let Err(error) = client.resume(&key).await
            {
                // What may pass leaves the key: the next call tries again. Else it is another
                // account's, or another time's, and the passphrase decides.
                if !may_pass(&error) {
                    self.forget_key().await;
                    self.tell_vault();
                    self.show_icon();
                }
                return Err(failure(error));
            }
        }
        if !client.is_unlocked() {
            return Err(Failure::new(FailureKind::Locked));
        }
        Ok(client)
    }

    /// The person is here: the deadline moves. Only for what a person does in pages and frames of
    /// ours; what pages call and what happens by itself must not keep the vault open.
    pub(crate) fn touch(self: &Rc<Self>) {
        let deadline = self.deadline();
        {
            let mut held = self.vault.borrow_mut();
            // Too late is too late, even before the alarm has rung.
            let over = held.key.is_none() || self.host.now() >= held.deadline;
            if over || deadline < held.deadline.saturating_add(TOUCH_MILLIS) {
                return;
            }
            held.deadline = deadline;
        }
        let this = Rc::clone(self);
        self.host.spawn(async move { this.write_key().await });
    }

    fn deadline(&self) -> u64 {
        match self.kept.borrow().lock_after_minutes {
            0 => NEVER,
            minutes => self.host.now().saturating_add(u64::from(minutes) * 60_000),
        }
    }

    /// Writes key and deadline into memory, and sets the clock.
    async fn write_key(&self) {
        let (text, deadline) = {
            let held = self.vault.borrow();
            (held.to_json(), held.deadline)
        };
        let Some(text) = text else { return };
        self.host.keep(Memory::Session, VAULT_KEY, &text).await;
        if deadline < NEVER {
            self.host.set_alarm(LOCK_ALARM, deadline).await;
        } else {
            self.host.clear_alarm(LOCK_ALARM).await;
        }
    }

    /// What opens the vault, while it is open.
    pub(crate) fn session_key(&self) -> Result<SessionKey, Failure> {
        let key = self.vault.borrow().key.clone();
        key.ok_or_else(|| Failure::new(FailureKind::Locked))
    }

    async fn forget_key(&self) {
        *self.vault.borrow_mut() = Held::default();
        self.host.forget(Memory::Session, VAULT_KEY).await;
        self.host.clear_alarm(LOCK_ALARM).await;
    }

    /// Takes over an open client: its key is kept, and everybody hears of it.
    pub(crate) async fn opened_now(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
    ) -> Result<(), Failure> {
        let key = client.hand_out_session_key().map_err(failure)?;
        *self.vault.borrow_mut() = Held {
            key: Some(key),
            deadline: self.deadline(),
        };
        self.write_key().await;
        self.tell_vault();
        for waiting in self.waits.unlocks.take() {
            // Whoever waited may be gone.
            let _gone = waiting.send(());
        }
        self.show_icon();
        self.synchronise_soon();
        Ok(())
    }

    /// Opens the vault with the passphrase.
    pub(crate) async fn unlock(self: &Rc<Self>, passphrase: String) -> Result<(), Failure> {
        let passphrase = Passphrase::new(passphrase);
        let client = self.client().await?;
        let parameters = client.unlock_parameters().await.map_err(failure)?;
        let key = self
            .host
            .stretch(&passphrase, &parameters)
            .await
            .map_err(failure)?;
        client.unlock_stretched(&key).await.map_err(failure)?;
        let client = match self.find_server(&client).await? {
            None => client,
            Some(server) => {
                self.kept.borrow_mut().server = server;
                self.write_kept().await;
                self.opening.lock().await.take();
                let client = self.client().await?;
                client.unlock_stretched(&key).await.map_err(failure)?;
                client
            }
        };
        if !self.kept.borrow().set_up {
            // The record was lost while the vault was not.
            self.kept.borrow_mut().set_up = true;
            self.write_kept().await;
        }
        self.opened_now(&client).await
    }

    /// Opens the vault again before anybody asks, when a former life left the key.
    pub async fn warm(self: &Rc<Self>) {
        if self.vault_state() == VaultState::Unlocked {
            // Whoever asks next hears what went wrong.
            let _told_later = self.unlocked().await;
        }
    }

    /// Waits, and keeps the browser from stopping us meanwhile: somebody's answer is awaited.
    pub(crate) async fn patience(&self, millis: u32) {
        let mut left = millis;
        while left > 0 {
            let step = left.min(STIR_MILLIS);
            self.host.sleep(step).await;
            self.host.stir().await;
            left -= step;
        }
    }

    /// Checks the passphrase once more.
    pub(crate) async fn check_passphrase(&self, passphrase: String) -> Result<(), Failure> {
        let passphrase = Passphrase::new(passphrase);
        let client = self.client().await?;
        let parameters = client.unlock_parameters().await.map_err(failure)?;
        let key = self
            .host
            .stretch(&passphrase, &parameters)
            .await
            .map_err(failure)?;
        client.check_passphrase(&key).await.map_err(failure)
    }

    /// Another passphrase.
    pub(crate) async fn change_passphrase(
        self: &Rc<Self>,
        old: String,
        new: String,
    ) -> Result<(), Failure> {
        let client = self.unlocked().await?;
        let new = self.stretched(&client, new).await?;
        let parameters = client.unlock_parameters().await.map_err(failure)?;
        let old = self
            .host
            .stretch(&Passphrase::new(old), &parameters)
            .await
            .map_err(failure)?;
        client
            .change_passphrase_stretched(&old, new)
            .await
            .map_err(failure)?;
        self.opened_now(&client).await
    }

    /// A new passphrase, stretched by new parameters.
    pub(crate) async fn stretched(
        &self,
        client: &Client<H::Platform>,
        passphrase: String,
    ) -> Result<StretchedPassphrase, Failure> {
        let passphrase = Passphrase::new(passphrase);
        let parameters = client.new_parameters();
        let key = self
            .host
            .stretch(&passphrase, &parameters)
            .await
            .map_err(failure)?;
        Ok(StretchedPassphrase { parameters, key })
    }

    /// Forgets the keys.
    pub async fn lock(self: &Rc<Self>) {
        if let Some(client) = &*self.opening.lock().await {
            client.lock();
        }
        self.opened.borrow_mut().clear();
        self.ahead.borrow_mut().clear();
        let expected: Vec<String> = self.expected.borrow().keys().cloned().collect();
        for id in expected {
            if let Ok(frame) = self.frame(&id)
                && let Some(spot) = frame.spot()
            {
                self.settle_height(spot, &id, false);
            }
        }
        // Editors that were locked begin anew with their kept draft.
        self.files.borrow_mut().clear();
        self.waits.contents.borrow_mut().clear();
        // So are key pairs that nobody has kept yet.
        self.unkept.borrow_mut().clear();
        self.forget_key().await;
        self.tell_vault();
        self.show_icon();
    }

    /// Locks when the time has come: at the alarm, and whenever we wake.
    pub async fn lock_if_late(self: &Rc<Self>) {
        let late = {
            let held = self.vault.borrow();
            held.key.is_some() && self.host.now() >= held.deadline
        };
        if late {
            self.lock().await;
        }
    }

    /// An alarm rang.
    pub async fn alarm(self: &Rc<Self>, name: &str) {
        if name == LOCK_ALARM {
            self.lock_if_late().await;
            // It rang early, or the deadline moved while we slept.
            let deadline = self.vault.borrow().deadline;
            if self.vault.borrow().key.is_some() && deadline < NEVER {
                self.host.set_alarm(LOCK_ALARM, deadline).await;
            }
        }
    }

    /// Writes what is needed while locked.
    pub(crate) async fn write_kept(&self) {
        let text = serde_json::to_string(&*self.kept.borrow()).unwrap_or_default();
        self.host.keep(Memory::Disk, KEPT_KEY, &text).await;
    }

    /// Opens the window in which the passphrase is typed, or brings it to the front.
    pub(crate) async fn open_unlock_window(&self) {
        if let Some(window) = self.unlock_window.get()
            && self.host.focus_window(window).await
        {
            return;
        }
        let file = match self.vault_state() {
            VaultState::NotSetUp => {
                self.host.open_tab(&self.host.address("welcome.html", true));
                return;
            }
            _ => "unlock.html",
        };
        let address = self.host.address(file, true);
        let window = self.host.open_window(&address, 400, 380).await;
        self.unlock_window.set(window);
    }

    /// Everybody hears that the keys came or went.
    fn tell_vault(&self) {
        let state = self.vault_state();
        self.host.vault_changed(state);
        let ports: Vec<_> = self.ports.borrow().values().cloned().collect();
        for port in ports {
            match &port.peer {
                Peer::Page { .. } => self.host.send(
                    port.id,
                    &ToPage::Event {
                        event: page::Event::Vault { state },
                    },
                ),
                Peer::Frame { .. } if port.frame.borrow().is_some() => self.host.send(
                    port.id,
                    &ToFrame::Event {
                        event: frame::Event::Vault { state },
                    },
                ),
                Peer::Frame { .. } | Peer::Webmail => false,
                Peer::Content(_) => self.host.send(
                    port.id,
                    &ToContent::Event {
                        event: content::Event::Vault { state },
                    },
                ),
            };
        }
        let lost = self
            .frames
            .borrow()
            .all()
            .any(|frame| self.frame_port(&frame.id).is_none());
        if lost {
            self.host.call_back_own();
        }
    }

    /// Waits until the keys are at hand, at most so long; the icon says that somebody waits.
    pub(crate) async fn wait_unlocked(
        self: &Rc<Self>,
        millis: u32,
    ) -> Result<Rc<Client<H::Platform>>, Failure> {
        match self.unlocked().await {
            Err(Failure {
                kind: FailureKind::Locked,
                ..
            }) => {}
            other => return other,
        }
        let (sender, receiver) = futures::channel::oneshot::channel();
        self.waits.unlocks.borrow_mut().push(sender);
        self.show_icon();
        let patience = self.patience(millis);
        futures::pin_mut!(patience);
        futures::future::select(receiver, patience).await;
        self.waits
            .unlocks
            .borrow_mut()
            .retain(|one| !one.is_canceled());
        self.show_icon();
        self.unlocked().await
    }

    /// The settings of both parts.
    pub(crate) async fn sealed_settings(
        &self,
        client: &Client<H::Platform>,
    ) -> Result<crate::settings::Sealed, Failure> {
        let value = client
            .sealed_value(crate::settings::SETTINGS_KEY)
            .await
            .map_err(failure)?;
        Ok(value
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default())
    }

    /// True when an account is on this device though the record outside the vault is gone.
    pub(crate) async fn find_account(&self) -> Result<(), Failure> {
        use mail_client::local_account::AccountKind;
        if self.kept.borrow().set_up {
            return Ok(());
        }
        let kind = self.client().await?.account_kind().await.map_err(failure)?;
        if kind != AccountKind::None {
            self.kept.borrow_mut().set_up = true;
            self.write_kept().await;
        }
        Ok(())
    }
}

/// What the store answers when nothing is there is no failure of a first run.
pub(crate) fn not_found_is_none<T>(result: Result<T, ClientError>) -> Result<Option<T>, Failure> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(ClientError::NotFound) => Ok(None),
        Err(other) => Err(failure(other)),
    }
}

/// Whether it may be otherwise at the next call.
fn may_pass(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Store(_)
            | ClientError::StorageFull
            | ClientError::Conflict
            | ClientError::Offline
            | ClientError::TooManyRequests
    )
}
