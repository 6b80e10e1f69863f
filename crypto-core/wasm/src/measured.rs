//! Parts of the core that the package does not offer, for `cargo xtask bench` alone: it measures
//! them in the same page as their peers.

use crypto_core::{
    bulk::{BulkEngine, HashKind},
    ids::{ObjectId, Revision},
    kdf::{KdfParameters, derive_stretched_key},
    secret::Passphrase,
    vault::{Namespace, Record, Sealable, Vault, VaultKey},
};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

use crate::engine::{engine, rng};

/// Objects in a vault, sealed and opened in batches.
#[wasm_bindgen]
pub struct Objects {
    vault: Vault,
    ids: Vec<ObjectId>,
    content: Vec<u8>,
    records: Vec<Record>,
}

#[wasm_bindgen]
impl Objects {
    /// So many objects of so many bytes.
    #[wasm_bindgen(constructor)]
    pub fn new(count: usize, length: usize) -> Self {
        Self {
            vault: Vault::new(&VaultKey::make(&mut rng())),
            ids: (0..count)
                .map(|number| ObjectId(format!("message-{number:08}")))
                .collect(),
            content: vec![0x42; length],
            records: Vec::new(),
        }
    }

    /// Seals all.
    ///
    /// # Errors
    /// When the vault refuses.
    pub fn seal(&mut self) -> Result<(), JsError> {
        let sealables = self.ids.iter().map(|id| Sealable {
            namespace: Namespace::Summary,
            id,
            revision: Revision(1),
            content: &self.content,
        });
        self.records = self.vault.seal_many(sealables, &mut rng())?;
        Ok(())
    }

    /// Opens all, and says how many could be.
    pub fn open(&self) -> usize {
        let opened = self.vault.open_many(&self.records);
        opened.iter().filter(|one| one.is_ok()).count()
    }
}

/// Argon2id as log-in uses it: 64 MiB, 3 passes, one lane.
///
/// # Errors
/// When the parameters are refused.
#[wasm_bindgen]
pub fn stretch(passphrase: String) -> Result<(), JsError> {
    let passphrase = Passphrase::new(passphrase);
    derive_stretched_key(&passphrase, &[7; 16], &KdfParameters::DEFAULT)?;
    Ok(())
}

/// A hash by the engine.
///
/// # Errors
/// When the platform fails.
#[wasm_bindgen]
pub async fn hash(bits: u32, data: Vec<u8>) -> Result<Vec<u8>, JsError> {
    let kind = match bits {
        1 => HashKind::Sha1,
        512 => HashKind::Sha512,
        _ => HashKind::Sha256,
    };
    Ok(engine().hash(kind, &[&data]).await?)
}
