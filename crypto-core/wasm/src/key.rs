//! Private keys. JavaScript never gets one but as a handle, or locked by a passphrase.

use std::rc::Rc;

use crypto_core::{
    openpgp::{self, Limits, Profile, SecretCertificate, UserId},
    secret::Passphrase,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use zeroize::Zeroizing;

use crate::{
    certificate::Certificate,
    engine::{engine, rng},
    failure::thrown,
    request::time,
};

/// A handle of a private key; wiped from memory when the last request that uses it and the handle
/// are freed.
#[wasm_bindgen]
pub struct PrivateKey(pub(crate) Rc<SecretCertificate>);

impl From<SecretCertificate> for PrivateKey {
    fn from(key: SecretCertificate) -> Self {
        Self(Rc::new(key))
    }
}

#[wasm_bindgen]
impl PrivateKey {
    /// Reads exactly one private key.
    ///
    /// # Errors
    /// `ImportError`.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, JsValue> {
        let bytes = Zeroizing::new(bytes);
        SecretCertificate::parse(&bytes)
            .map(Self::from)
            .map_err(thrown)
    }

    /// The primary key's fingerprint, upper-case hexadecimal.
    #[wasm_bindgen(getter)]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().as_hex().to_owned()
    }

    /// Whether it needs a passphrase.
    #[wasm_bindgen(getter, js_name = isLocked)]
    pub fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    /// The public part.
    #[wasm_bindgen(getter)]
    pub fn certificate(&self) -> Certificate {
        self.0.certificate().into()
    }

    /// The unlocked key.
    ///
    /// # Errors
    /// `UnlockError`.
    pub async fn unlock(&self, passphrase: String) -> Result<Self, JsValue> {
        let passphrase = Passphrase::new(passphrase);
        self.0
            .unlock_with(&*engine(), &passphrase, &Limits::default())
            .await
            .map(Self::from)
            .map_err(thrown)
    }

    /// The key in armor, locked by a passphrase.
    ///
    /// # Errors
    /// `LockError`.
    pub fn lock(&self, passphrase: String) -> Result<String, JsValue> {
        let passphrase = Passphrase::new(passphrase);
        self.0
            .export_locked(&passphrase, &mut rng())
            .map_err(thrown)
    }

    /// An armored revocation of the whole key.
    ///
    /// # Errors
    /// `LockError`.
    #[wasm_bindgen(js_name = makeRevocation)]
    pub fn make_revocation(&self, now: f64) -> Result<String, JsValue> {
        self.0
            .make_revocation(time(now), &mut rng())
            .map_err(thrown)
    }

    /// The same key with a newer version of its certificate.
    ///
    /// # Errors
    /// `MergeError`.
    #[wasm_bindgen(js_name = withCertificate)]
    pub fn with_certificate(&self, newer: &Certificate) -> Result<Self, JsValue> {
        self.0
            .with_certificate(&newer.0)
            .map(Self::from)
            .map_err(thrown)
    }
}

/// A fresh key and its revocation.
#[wasm_bindgen]
pub struct Generated {
    secret: Rc<SecretCertificate>,
    revocation: String,
}

#[wasm_bindgen]
impl Generated {
    /// The key.
    #[wasm_bindgen(getter)]
    pub fn key(&self) -> PrivateKey {
        PrivateKey(Rc::clone(&self.secret))
    }

    /// An armored revocation.
    #[wasm_bindgen(getter)]
    pub fn revocation(&self) -> String {
        self.revocation.clone()
    }
}

/// Makes a key; names and addresses alternate in `user_ids`.
///
/// # Errors
/// `GenerateError`.
#[wasm_bindgen(js_name = generateKey)]
pub fn generate(profile: &str, user_ids: Vec<String>, now: f64) -> Result<Generated, JsValue> {
    let profile = match profile {
        "compatible" => Profile::Compatible,
        "postQuantum" => Profile::PostQuantum,
        _ => Profile::Modern,
    };
    let user_ids: Vec<UserId> = user_ids
        .chunks(2)
        .map(|pair| {
            let text = |index: usize| pair.get(index).map_or("", String::as_str);
            UserId::new(text(0), text(1))
        })
        .collect();
    let made = openpgp::generate(profile, &user_ids, time(now), &mut rng()).map_err(thrown)?;
    Ok(Generated {
        secret: Rc::new(made.secret),
        revocation: made.revocation,
    })
}
