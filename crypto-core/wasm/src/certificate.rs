//! Public certificates.

use std::rc::Rc;

use crypto_core::openpgp::{self, check_certificates};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::{
    failure::{thrown, value},
    request::time,
    shapes::{Encryption, Person, Status},
};

/// A handle of a public certificate.
#[wasm_bindgen]
pub struct Certificate(pub(crate) Rc<openpgp::Certificate>);

impl From<openpgp::Certificate> for Certificate {
    fn from(certificate: openpgp::Certificate) -> Self {
        Self(Rc::new(certificate))
    }
}

#[wasm_bindgen]
impl Certificate {
    /// Reads exactly one certificate.
    ///
    /// # Errors
    /// `ImportError`.
    pub fn parse(bytes: &[u8]) -> Result<Self, JsValue> {
        openpgp::Certificate::parse(bytes)
            .map(Self::from)
            .map_err(thrown)
    }

    /// Reads all certificates of a keyring.
    ///
    /// # Errors
    /// `ImportError`.
    #[wasm_bindgen(js_name = parseMany)]
    pub fn parse_many(bytes: &[u8]) -> Result<Vec<Self>, JsValue> {
        let all = openpgp::Certificate::parse_many(bytes).map_err(thrown)?;
        Ok(all.into_iter().map(Self::from).collect())
    }

    /// The primary key's fingerprint, upper-case hexadecimal.
    #[wasm_bindgen(getter)]
    pub fn fingerprint(&self) -> String {
        self.0.fingerprint().as_hex().to_owned()
    }

    /// When the primary key was made, in seconds since 1970.
    #[wasm_bindgen(getter)]
    pub fn created(&self) -> f64 {
        self.0.created().0 as f64
    }

    /// When it ends by itself, in seconds since 1970.
    #[wasm_bindgen(getter)]
    pub fn expires(&self) -> Option<f64> {
        self.0.expires().map(|end| end.0 as f64)
    }

    /// Names and addresses.
    #[wasm_bindgen(getter, js_name = userIds)]
    pub fn user_ids(&self) -> JsValue {
        let people: Vec<Person> = self.0.user_ids().into_iter().map(Person::from).collect();
        value(&people)
    }

    /// What it is good for at a time.
    pub fn status(&self, now: f64) -> JsValue {
        value(&Status::from(self.0.status(time(now))))
    }

    /// Whether one can encrypt to it at a time, and how.
    pub fn encryption(&self, now: f64) -> JsValue {
        value(&Encryption::from(self.0.check_encryption(time(now))))
    }

    /// Armor.
    #[wasm_bindgen(js_name = toArmor)]
    pub fn to_armor(&self) -> String {
        self.0.to_armor()
    }

    /// The binary form.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes()
    }

    /// The same without what others certified.
    #[wasm_bindgen(js_name = withoutForeign)]
    pub fn without_foreign(&self) -> Self {
        self.0.without_foreign().into()
    }

    /// United with another version of itself.
    ///
    /// # Errors
    /// `MergeError`.
    pub fn merge(&self, other: &Self) -> Result<Self, JsValue> {
        self.0.merge(&other.0).map(Self::from).map_err(thrown)
    }

    /// With a revocation applied.
    ///
    /// # Errors
    /// `MergeError`.
    pub fn revoke(&self, revocation: &[u8]) -> Result<Self, JsValue> {
        self.0.revoke(revocation).map(Self::from).map_err(thrown)
    }
}

/// Reads and judges many certificates: for each `{certificate, status, encryption}` or `{error}`.
#[wasm_bindgen(js_name = checkCertificates)]
pub fn check_many(certificates: Array, now: f64) -> Array {
    let bytes = owned(&certificates);
    let borrowed: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    check_certificates(&borrowed, time(now))
        .into_iter()
        .map(|checked| match checked {
            Ok(report) => object(&[
                ("status", value(&Status::from(report.status))),
                ("encryption", value(&Encryption::from(report.encryption))),
                ("certificate", Certificate::from(report.certificate).into()),
            ]),
            Err(error) => object(&[("error", thrown(error))]),
        })
        .collect()
}

/// Copies a list of byte arrays; what is none counts as empty.
pub(crate) fn owned(list: &Array) -> Vec<Vec<u8>> {
    list.iter()
        .map(|item| {
            item.dyn_ref::<Uint8Array>()
                .map(Uint8Array::to_vec)
                .unwrap_or_default()
        })
        .collect()
}

/// A fresh JavaScript object.
pub(crate) fn object(properties: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in properties {
        // Setting properties of a fresh object cannot fail.
        let _ = Reflect::set(&object, &JsValue::from_str(name), value);
    }
    object.into()
}
