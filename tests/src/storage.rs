//! What a page keeps on the device: IndexedDB, localStorage, sessionStorage,
//! cookies and the Cache API, written out as text in which every byte can be
//! searched.

use anyhow::{Result, bail};
use thirtyfour::WebDriver;

const SCRIPT: &str = r"
const done = arguments[arguments.length - 1];
const asText = (value, seen = new Set()) => {
  if (value === null || value === undefined) return String(value);
  if (value instanceof ArrayBuffer) return asText(new Uint8Array(value), seen);
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192) {
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    }
    return `bytes(${bytes.length}):${text}`;
  }
  if (typeof value !== 'object') return String(value);
  if (seen.has(value)) return '';
  seen.add(value);
  if (value instanceof Date) return value.toISOString();
  return Object.entries(value).map(([key, inner]) => `${key}=${asText(inner, seen)}`).join(';');
};
const request = (made) => new Promise((resolve, reject) => {
  made.onsuccess = () => resolve(made.result);
  made.onerror = () => reject(made.error);
  made.onblocked = () => reject(new Error('blocked'));
});
(async () => {
  const out = [];
  let records = 0;
  for (const storage of [localStorage, sessionStorage]) {
    for (let at = 0; at < storage.length; at += 1) {
      out.push(`storage ${storage.key(at)}=${storage.getItem(storage.key(at))}`);
    }
  }
  out.push(`cookies ${document.cookie}`);
  for (const { name } of await indexedDB.databases()) {
    const database = await request(indexedDB.open(name));
    out.push(`database ${name}`);
    for (const store of [...database.objectStoreNames]) {
      const objects = database.transaction(store).objectStore(store);
      const [keys, values] = await Promise.all([request(objects.getAllKeys()), request(objects.getAll())]);
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at] instanceof Blob ? await values[at].arrayBuffer() : values[at];
        records += 1;
        out.push(`${store} ${asText(keys[at])} ${asText(value)}`);
      }
    }
    database.close();
  }
  for (const name of await caches.keys()) out.push(`cache ${name}`);
  done({ text: out.join('\n'), records });
})().catch((problem) => done({ failed: String(problem) }));
";

/// What a page's origin keeps.
#[derive(Debug)]
pub struct Dump {
    /// Every key and value; bytes stand as the characters of the same number
    pub bytes: Vec<u8>,
    /// How many records IndexedDB holds
    pub records: u64,
}

/// Dumps everything that the current page's origin keeps on the device.
///
/// # Errors
///
/// When the browser refuses.
pub async fn dump(driver: &WebDriver) -> Result<Dump> {
    let result = driver.execute_async(SCRIPT, Vec::new()).await?;
    let value = result.json();
    if let Some(problem) = value.get("failed") {
        bail!("the dump failed: {problem}");
    }
    let text = value
        .get("text")
        .and_then(|text| text.as_str())
        .unwrap_or_default();
    // Characters below 256 are bytes again; others are kept as UTF-8.
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => bytes.push(byte),
            Err(_) => bytes.extend(character.to_string().bytes()),
        }
    }
    Ok(Dump {
        bytes,
        records: value
            .get("records")
            .and_then(serde_json::Value::as_u64)
            .unwrap_or_default(),
    })
}
