//! An unlocked account. It exists only while the vault is open; dropping it is locking.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use crypto_core::{
    ids::{ObjectId, Revision},
    keyring::{Keyring, SlotId},
    openpgp::Certificate,
    secret::Secret,
    vault::{Namespace, Vault, VaultKey},
};
use serde::{Deserialize, Serialize};

use crate::{
    account::{Contact, Settings},
    device::DeviceHeader,
    sites::{SiteKeyring, SiteRecord},
    view::{MailboxView, MessageSummary, Person},
};

/// Keys and caches of the unlocked account. Shared by `Rc`: a flow that is under way when the
/// person locks ends with what it holds, and nothing starts anew.
pub(crate) struct Session {
    pub(crate) header: RefCell<DeviceHeader>,
    /// Proves the passphrase to the server, so that an ended session can be renewed.
    pub(crate) login_secret: RefCell<Secret<[u8; 32]>>,
    pub(crate) vault_key: VaultKey,
    pub(crate) vault: Vault,
    pub(crate) keyring: RefCell<Rc<Keyring>>,
    /// The slot that signs.
    pub(crate) own_slot: RefCell<Option<SlotId>>,
    pub(crate) settings: RefCell<Settings>,
    pub(crate) contacts: RefCell<BTreeMap<String, Contact>>,
    /// Parsed certificates of the contacts.
    pub(crate) parsed: RefCell<crate::contacts::ParsedCertificates>,
    /// What the directory said lately.
    pub(crate) directory: RefCell<crate::contacts::DirectoryCache>,
    /// What Web Key Directories said lately.
    pub(crate) domains: RefCell<crate::contacts::DirectoryCache>,
    /// Keyrings of sites.
    pub(crate) sites: RefCell<BTreeMap<SiteKeyring, SiteRecord>>,
    pub(crate) summaries: RefCell<HashMap<String, StoredSummary>>,
    /// Set once the summaries were read from the device's store.
    pub(crate) lines_loaded: Cell<bool>,
    pub(crate) mailboxes: RefCell<Vec<MailboxView>>,
    pub(crate) sync: RefCell<SyncState>,
    /// Revisions of the synchronised objects, by namespace and id.
    pub(crate) revisions: RefCell<HashMap<(Namespace, ObjectId), Revision>>,
    /// Objects changed here and not yet on the server.
    pub(crate) dirty: RefCell<BTreeMap<String, DirtyObject>>,
    /// Bearer token; a secret that lives in memory only.
    pub(crate) token: RefCell<Option<zeroize::Zeroizing<String>>>,
    /// Message-ID and References of opened messages, by email id: what an answer needs.
    pub(crate) threads: RefCell<HashMap<String, (String, Vec<String>)>>,
    /// Set once something fetched found no room: how far synchronisation has come must then not
    /// be written down, or the next visit would never fetch it.
    pub(crate) unkept: Cell<bool>,
    /// Set when this session must not be used any more.
    pub(crate) closed: Cell<bool>,
}

/// Where synchronisation stands; in [`Namespace::State`] under [`SYNC_ID`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncState {
    /// JMAP Email state the summaries stand at; empty before the first synchronisation.
    pub(crate) email: String,
    /// JMAP state of the sealed objects.
    pub(crate) objects: String,
}

/// The id of the [`SyncState`].
pub(crate) const SYNC_ID: &str = "sync";
/// Prefix of the ids under which [`DirtyObject`]s lie in [`Namespace::State`].
pub(crate) const DIRTY_PREFIX: &str = "dirty:";
/// The id under which the mailboxes lie in [`Namespace::State`].
pub(crate) const MAILBOXES_ID: &str = "mailboxes";

/// A note that an object waits to be sent to the server. A record of its own, so that two tabs
/// cannot overwrite each other's notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DirtyObject {
    pub(crate) namespace: Namespace,
    pub(crate) id: ObjectId,
    /// The server's revision that the change was made on; 0 for a new object.
    pub(crate) replaces: u64,
}

/// A line of the list with what is needed to fetch the message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredSummary {
    pub(crate) summary: MessageSummary,
    pub(crate) blob_id: String,
    pub(crate) size: u64,
}

impl Session {
    /// The address and the name others see.
    pub(crate) fn me(&self) -> Person {
        Person {
            name: self.settings.borrow().display_name.clone(),
            address: self.header.borrow().address.clone(),
        }
    }

    /// True for an account without a server.
    pub(crate) fn is_local(&self) -> bool {
        self.header.borrow().account_id.is_empty()
    }

    /// The account's JMAP id.
    pub(crate) fn account_id(&self) -> String {
        self.header.borrow().account_id.clone()
    }

    /// Chooses the slot that signs: the one the person chose if it names the account's address or
    /// there is no server to which the address belongs; else one that names the address.
    pub(crate) fn choose_slot(&self) {
        let address = self.header.borrow().address.clone();
        let wanted = self.settings.borrow().more.in_use.clone();
        let keyring = self.keyring.borrow();
        let names = |slot: &&SlotId| {
            keyring
                .certificate(slot)
                .is_some_and(|c| c.has_address(&address))
        };
        let is_wanted = |slot: &&SlotId| slot.fingerprint().as_hex() == wanted;
        let chosen = keyring
            .slots()
            .filter(|slot| names(slot) || self.is_local())
            .find(is_wanted)
            .or_else(|| keyring.slots().filter(names).last());
        self.own_slot.replace(chosen.cloned());
    }

    /// One's own certificate.
    pub(crate) fn own_certificate(&self) -> Option<Certificate> {
        let slot = self.own_slot.borrow();
        self.keyring.borrow().certificate(slot.as_ref()?).cloned()
    }
}
