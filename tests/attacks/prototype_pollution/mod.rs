//! Every call of the client API with poisoned arguments, through `window.mailvelope` and over a
//! channel of the page's own.

use anyhow::Result;
use extension_tests::frames::ours;
use serde_json::json;

use crate::stage::{ALICE, CAROL, Stage};

/// Makes the poison: own keys of these names, three deep, around what each call would take.
const POISON: &str = r#"
const NAMES = ['__proto__', 'constructor', 'prototype'];
const poison = (base = {}, depth = 3) => {
  const text = depth === 0 ? '{"polluted":1}' : JSON.stringify(poison({ polluted: 1 }, depth - 1));
  const inner = JSON.parse('{' + NAMES.map((name) => JSON.stringify(name) + ':' + text).join(',') + '}');
  for (const [key, value] of Object.entries(base)) inner[key] = value;
  return inner;
};
const clean = () => {
  const bad = [];
  for (const one of [{}, [], () => 0, '', 0, true, new Date(), new Map()]) {
    for (const name of ['polluted', 'keyring', 'fields', 'armoredDraft', 'method']) {
      if (name in Object(one)) bad.push([typeof one, name]);
    }
  }
  return bad;
};
"#;

/// All calls, with each of the names in each place.
const CALLS: &str = r#"
const keyring = await mv.getKeyring();
const bad = [];
const outcomes = {};
const times = [];
for (const name of NAMES) {
  const object = poison({ email: name, fullName: name, fingerprint: name });
  const tried = {
    getKeyring: () => mv.getKeyring(name),
    getKeyringObject: () => mv.getKeyring(poison()),
    display: () => mv.createDisplayContainer('#display', name, poison({ identifier: name }), poison({ senderAddress: name })),
    displayList: () => mv.createDisplayContainer('#display', [name], poison(), poison({ senderAddress: poison() })),
    displaySelector: () => mv.createDisplayContainer(name, '-----BEGIN PGP MESSAGE-----', null, poison()),
    editor: () => mv.createEditorContainer('#editor', poison({ identifier: name }), poison({ quota: poison() })),
    editorSelector: () => mv.createEditorContainer(`#${name}`, keyring, poison({ predefinedText: name })),
    editorDraft: () => mv.createEditorContainer('#editor', keyring, poison({ armoredDraft: name })),
    settings: () => mv.createSettingsContainer(poison(), poison()),
    form: () => mv.createEncryptedFormContainer(poison(), poison(), poison()),
    valid: () => keyring.validKeyForAddress([name]),
    validObject: () => keyring.validKeyForAddress(poison({ 0: name, length: 1 })),
    validDeep: () => keyring.validKeyForAddress([poison(), name]),
    exported: () => keyring.exportOwnPublicKey(name),
    exportedObject: () => keyring.exportOwnPublicKey(object),
    imported: () => keyring.importPublicKey(name),
    importedObject: () => keyring.importPublicKey(object),
    headers: () => keyring.additionalHeadersForOutgoingEmail(poison({ from: name })),
    headersDeep: () => keyring.additionalHeadersForOutgoingEmail(poison({ from: poison() })),
    autocrypt: () => keyring.processAutocryptHeader(poison({ autocrypt: `addr=${name}; keydata=x`, from: name, date: new Date() })),
    autocryptDeep: () => keyring.processAutocryptHeader(poison({ autocrypt: poison(), from: poison(), date: poison() })),
    logo: () => keyring.setLogo(poison(), poison()),
    generator: () => keyring.createKeyGenContainer(`#${name}`, poison({ userIds: [object], keySize: 2048 })),
    generatorDeep: () => keyring.createKeyGenContainer('#keys', poison({ userIds: [poison({ email: poison() })] })),
    backup: () => keyring.createKeyBackupContainer(`#${name}`, poison()),
    restore: () => keyring.restoreBackupContainer(`#${name}`, poison()),
    has: () => keyring.hasPrivateKey(object),
    hasName: () => keyring.hasPrivateKey(name),
    hasInherited: () => keyring.hasPrivateKey(Object.create({ email: args.own })),
    sync: () => keyring.addSyncHandler(poison()),
  };
  for (const [what, call] of Object.entries(tried)) {
    const outcome = await call().then((value) => JSON.stringify(value), (error) => error.code ?? `?${error}`);
    outcomes[`${what} ${name}`] = outcome;
    bad.push(...clean().map((found) => [what, name, ...found]));
  }
}
return { bad, outcomes };
"#;

/// The same over the wire, where the page's own half of the API checks nothing.
const WIRE: &str = r#"
const port = await new Promise((resolve, reject) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = (event) => event.data.event === 'ready' ? resolve(port1) : reject(new Error('no channel'));
  window.postMessage({ type: 'letterlock-api-hello' }, location.origin, [port2]);
});
let number = 0;
const ask = (call) => new Promise((resolve) => {
  number += 1;
  const id = number;
  const heard = (event) => {
    if (event.data.id !== id) return;
    port.removeEventListener('message', heard);
    resolve(event.data.result);
  };
  port.addEventListener('message', heard);
  port.postMessage({ id, call });
});
const METHODS = ['getKeyring', 'createKeyring', 'validKeyForAddress', 'exportOwnPublicKey', 'importPublicKey',
  'hasPrivateKey', 'additionalHeaders', 'processAutocrypt', 'display', 'editor', 'encrypt', 'createDraft', 'keyGen',
  'generate', 'generateConfirmed', 'keyBackup', 'restoreBackup', 'waitFor'];
const answers = [];
for (const method of [...NAMES, 'toString', 'hasOwnProperty', '__defineGetter__']) {
  answers.push([method, await ask(poison({ method, fields: poison() }))]);
}
for (const method of METHODS) {
  for (const fields of [poison(), NAMES, JSON.parse(`{"__proto__": {"keyring": "", "selector": "body", "address": "${args.own}", "armored": "x", "frame": "x", "addresses": [], "recipients": [], "userIds": [], "autocrypt": "x", "from": "x", "sender": ""}}`)]) {
    // 50 calls a second are answered.
    await new Promise((resolve) => requestAnimationFrame(resolve));
    answers.push([method, await ask(poison({ method, fields }))]);
  }
}
return { bad: clean(), wrong: answers.filter(([, result]) => result.type !== 'error' || result.code !== 'TYPE_MISMATCH') };
"#;

/// The page's own prototypes hold what an argument lacks.
const INHERITED: &str = r#"
const poisoned = { quota: 'x', armoredDraft: 'x', predefinedText: 'inherited', keyring: 'nobodys', fields: {}, senderAddress: 'x', email: args.own };
for (const [name, value] of Object.entries(poisoned)) {
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
}
Object.defineProperty(Array.prototype, '0', { value: args.own, configurable: true, writable: true });
try {
  const keyring = await mv.getKeyring();
  const editor = await mv.createEditorContainer('#editor', keyring, {});
  const has = await keyring.hasPrivateKey({}).catch((error) => error.code);
  const valid = await keyring.validKeyForAddress(new Array(1)).catch((error) => error.code);
  return { name: keyring.identifier, has, valid, editor: typeof editor.editorId };
} finally {
  for (const name of Object.keys(poisoned)) delete Object.prototype[name];
  delete Array.prototype[0];
}
"#;

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    let args = json!({ "own": ALICE });
    stage.open_webmail().await?;
    let told = stage
        .value(&format!("{POISON}{CALLS}"), args.clone())
        .await?;
    assert_eq!(told["bad"], json!([]), "{told}");
    for name in ["__proto__", "constructor", "prototype"] {
        let outcome = |what: &str| told["outcomes"][format!("{what} {name}")].clone();
        assert_eq!(outcome("getKeyring"), "NO_KEYRING_FOR_ID", "{told}");
        assert_eq!(outcome("exported"), "NO_KEY_FOR_ADDRESS", "{told}");
        assert_eq!(outcome("hasInherited"), "INVALID_OPTIONS", "{told}");
        assert_eq!(outcome("hasName"), "false", "{told}");
        assert_eq!(outcome("valid"), format!("{{\"{name}\":false}}"), "{told}");
        for mismatch in [
            "getKeyringObject",
            "displayList",
            "editor",
            "validObject",
            "validDeep",
            "exportedObject",
            "importedObject",
            "headersDeep",
            "autocryptDeep",
            "generatorDeep",
            "displaySelector",
            "backup",
            "restore",
            "editorSelector",
        ] {
            assert_eq!(outcome(mismatch), "TYPE_MISMATCH", "{mismatch}: {told}");
        }
        assert_eq!(outcome("editorDraft"), "WRONG_ARMORED_TYPE", "{told}");
    }
    assert!(!stage.alice.page.shows(ours("container")).await?);

    stage.open_webmail().await?;
    let told = stage
        .value(&format!("{POISON}{WIRE}"), args.clone())
        .await?;
    assert_eq!(told["bad"], json!([]), "{told}");
    assert_eq!(told["wrong"], json!([]), "{told}");

    stage.open_webmail().await?;
    let told = stage.value(INHERITED, args).await?;
    assert_eq!(told["name"], "", "{told}");
    assert_eq!(told["has"], "INVALID_OPTIONS", "{told}");
    assert_eq!(told["valid"], "TYPE_MISMATCH", "{told}");
    stage
        .alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    let body = stage.alice.body().await?;
    let typed = (body.text().await?, body.value().await?);
    assert!(!format!("{typed:?}").contains("inherited"), "{typed:?}");
    // The frame's own world is as it was, too.
    let inner = stage
        .script("return ['polluted', 'quota', 'email'].filter((name) => name in {})")
        .await?;
    assert_eq!(inner, json!([]));
    stage.alice.leave().await?;

    // And everything still works, with a keyring of such a name as with any other.
    let told = stage
        .value(
            "const made = await mv.createKeyring('__proto__'); \
             const found = await mv.getKeyring('__proto__'); \
             const other = await mv.getKeyring('constructor').catch((error) => error.code); \
             const valid = await found.validKeyForAddress([args]); \
             return [made.identifier, found.identifier, other, Object.keys(valid)]",
            json!(CAROL),
        )
        .await?;
    assert_eq!(
        told,
        json!(["__proto__", "__proto__", "NO_KEYRING_FOR_ID", [CAROL]])
    );
    Ok(())
}
