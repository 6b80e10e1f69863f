//! Who, with what, and when: the arguments that calls have in common.

use std::rc::Rc;

use crypto_core::ids::UnixTime;
#[cfg(feature = "full")]
use crypto_core::{
    openpgp::{DecryptRequest, EncryptRequest, Limits, SecretCertificate},
    secret::Passphrase,
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::certificate::Certificate;
#[cfg(feature = "full")]
use crate::key::PrivateKey;

/// Arguments, collected one by one: handles cannot travel in lists, and a list that took them
/// over would leave JavaScript without its keys.
#[wasm_bindgen]
pub struct Request {
    pub(crate) now: UnixTime,
    certificates: Vec<Rc<crypto_core::openpgp::Certificate>>,
    #[cfg(feature = "full")]
    keys: Vec<Rc<SecretCertificate>>,
    #[cfg(feature = "full")]
    passwords: Vec<Passphrase>,
    #[cfg(feature = "full")]
    pub(crate) signer: Option<Rc<SecretCertificate>>,
    #[cfg(feature = "full")]
    pub(crate) armor: bool,
    #[cfg(feature = "full")]
    pub(crate) limits: Limits,
}

#[wasm_bindgen]
impl Request {
    /// Begins a request; `now` in seconds since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(now: f64) -> Self {
        Self {
            now: time(now),
            certificates: Vec::new(),
            #[cfg(feature = "full")]
            keys: Vec::new(),
            #[cfg(feature = "full")]
            passwords: Vec::new(),
            #[cfg(feature = "full")]
            signer: None,
            #[cfg(feature = "full")]
            armor: false,
            #[cfg(feature = "full")]
            limits: Limits::default(),
        }
    }

    /// A recipient, or somebody who may have signed.
    #[wasm_bindgen(js_name = addCertificate)]
    pub fn add_certificate(&mut self, certificate: &Certificate) {
        self.certificates.push(Rc::clone(&certificate.0));
    }
}

#[cfg(feature = "full")]
#[wasm_bindgen]
impl Request {
    /// A key to decrypt with.
    #[wasm_bindgen(js_name = addKey)]
    pub fn add_key(&mut self, key: &PrivateKey) {
        self.keys.push(Rc::clone(&key.0));
    }

    /// A password that shall open, or may open, the message.
    #[wasm_bindgen(js_name = addPassword)]
    pub fn add_password(&mut self, password: String) {
        self.passwords.push(Passphrase::new(password));
    }

    /// Who signs.
    #[wasm_bindgen(js_name = setSigner)]
    pub fn set_signer(&mut self, key: &PrivateKey) {
        self.signer = Some(Rc::clone(&key.0));
    }

    /// Armor instead of binary output.
    #[wasm_bindgen(js_name = setArmor)]
    pub fn set_armor(&mut self, armor: bool) {
        self.armor = armor;
    }

    /// Limits for streams instead of those for whole messages.
    #[wasm_bindgen(js_name = setStreaming)]
    pub fn set_streaming(&mut self) {
        self.limits = Limits::for_streams();
    }

    /// Changes one limit; false for a name that is none.
    #[wasm_bindgen(js_name = setLimit)]
    pub fn set_limit(&mut self, name: &str, value: f64) -> bool {
        let limits = &mut self.limits;
        match name {
            "decompressed" => limits.decompressed = value as usize,
            "compressionRatio" => limits.compression_ratio = value as usize,
            "nesting" => limits.nesting = value as usize,
            "s2kMemoryKiB" => limits.s2k_memory_kib = value as u32,
            "s2kWorkKiB" => limits.s2k_work_kib = value as u64,
            "sessionKeys" => limits.session_keys = value as usize,
            "signatures" => limits.signatures = value as usize,
            _ => return false,
        }
        true
    }
}

impl Request {
    /// The certificates, as the core takes them.
    pub(crate) fn certificates(&self) -> Vec<&crypto_core::openpgp::Certificate> {
        self.certificates.iter().map(AsRef::as_ref).collect()
    }
}

#[cfg(feature = "full")]
impl Request {
    /// Calls `work` with the request as the core takes it.
    pub(crate) async fn encrypting<T>(&self, work: impl AsyncFnOnce(EncryptRequest<'_>) -> T) -> T {
        let recipients = self.certificates();
        let passwords: Vec<&Passphrase> = self.passwords.iter().collect();
        work(EncryptRequest {
            recipients: &recipients,
            passwords: &passwords,
            signer: self.signer.as_deref(),
            now: self.now,
            armor: self.armor,
        })
        .await
    }

    /// Calls `work` with the request as the core takes it.
    pub(crate) async fn decrypting<T>(&self, work: impl AsyncFnOnce(DecryptRequest<'_>) -> T) -> T {
        let keys: Vec<&SecretCertificate> = self.keys.iter().map(AsRef::as_ref).collect();
        let passwords: Vec<&Passphrase> = self.passwords.iter().collect();
        let verifiers = self.certificates();
        work(DecryptRequest {
            keys: &keys,
            passwords: &passwords,
            verifiers: &verifiers,
            limits: &self.limits,
            now: self.now,
        })
        .await
    }
}

/// JavaScript's numbers are whole seconds here; what is none becomes the nearest one.
pub(crate) fn time(seconds: f64) -> UnixTime {
    UnixTime(seconds as u64)
}
