//! What a page is told when something does not work: each in the code that webmails know.

use std::path::Path;

use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use extension_tests::extension::Extended;
use extension_tests::frames::ours;
use extension_tests::peers::Gpg;
use letterlock_tests::page::id;
use serde_json::{Value, json};

use crate::calls::{call, code, enter, give, value};
use crate::page::{ALICE, CAROL, open};

const DORA: &str = "dora@example.net";

pub(crate) async fn play(alice: &Extended, carol: &Gpg, folder: &Path) -> Result<()> {
    open(alice).await?;
    refused(alice).await?;
    imports(alice, folder).await?;
    displays(alice, carol).await?;
    open(alice).await?;
    // The editor stands at the top, all of it in sight.
    let clear = "document.querySelector('#display').remove()";
    value(alice, clear, json!(null)).await?;
    editors(alice).await
}

/// Calls that are answered at once.
async fn refused(alice: &Extended) -> Result<()> {
    for (wrong, expected) in [
        (
            "mv.createKeyring('mail.example|#|someone')",
            "INVALID_IDENTIFIER",
        ),
        (
            "keyring.exportOwnPublicKey('nobody@example.org')",
            "NO_KEY_FOR_ADDRESS",
        ),
        (
            "keyring.hasPrivateKey({ fingerprint: 'A', email: 'b@example.org' })",
            "INVALID_OPTIONS",
        ),
        (
            "mv.createEditorContainer('#editor', keyring, { armoredDraft: '-----BEGIN PGP MESSAGE-----', predefinedText: 'Dear' })",
            "INVALID_OPTIONS",
        ),
        (
            "mv.createEditorContainer('#editor', keyring, { quotedMail: 'no armor' })",
            "WRONG_ARMORED_TYPE",
        ),
        (
            "mv.createDisplayContainer('#display', 'no armor', keyring)",
            "WRONG_ARMORED_TYPE",
        ),
        (
            "keyring.createKeyGenContainer('#keys', { userIds: [] })",
            "INPUT_NOT_VALID",
        ),
        (
            "keyring.createKeyGenContainer('#keys', { userIds: [{ email: 'a@example.org' }], keySize: 1024 })",
            "INPUT_NOT_VALID",
        ),
        (
            "keyring.createKeyGenContainer('#keys', { userIds: [{ email: 'nobody' }] })",
            "INPUT_NOT_VALID",
        ),
        (
            "keyring.importPublicKey('-----BEGIN PGP MESSAGE-----')",
            "WRONG_ARMORED_TYPE",
        ),
        (
            "keyring.importPublicKey('-----BEGIN PGP PUBLIC KEY BLOCK-----\\n\\n!!\\n-----END PGP PUBLIC KEY BLOCK-----')",
            "IMPORT_ERROR",
        ),
    ] {
        let wrong = format!("const keyring = await mv.getKeyring('someone'); return {wrong}");
        assert_eq!(code(alice, &wrong, json!(null)).await?, expected, "{wrong}");
    }
    // Nothing was placed for any of them.
    let placed = value(
        alice,
        "return document.querySelectorAll('iframe').length",
        json!(null),
    );
    assert_eq!(placed.await?, 0);
    Ok(())
}

/// A key that comes, comes again, and is withdrawn.
async fn imports(alice: &Extended, folder: &Path) -> Result<()> {
    let dora = Gpg::make(folder, "Dora Example", DORA).await?;
    let certificate = exported(&dora).await?;
    for expected in ["IMPORTED", "UPDATED"] {
        assert_eq!(import(alice, &certificate).await?, expected);
        assert!(valid(alice, DORA).await?.is_object(), "{expected}");
    }
    revoke(&dora, folder).await?;
    let revoked = exported(&dora).await?;
    assert_eq!(import(alice, &revoked).await?, "INVALIDATED");
    assert_eq!(valid(alice, DORA).await?, false);
    // The key that was good is no way back.
    assert_ne!(import(alice, &certificate).await?, "IMPORTED");
    assert_eq!(valid(alice, DORA).await?, false);
    Ok(())
}

async fn exported(gpg: &Gpg) -> Result<String> {
    let armored = gpg.gpg(&["--armor", "--export", &gpg.address], &[]).await?;
    Ok(String::from_utf8(armored)?)
}

async fn import(alice: &Extended, armored: &str) -> Result<Value> {
    let import = "return (await mv.getKeyring('someone')).importPublicKey(args)";
    value(alice, import, json!(armored)).await
}

async fn valid(alice: &Extended, address: &str) -> Result<Value> {
    let ask = "return (await (await mv.getKeyring('someone')).validKeyForAddress([args]))[args]";
    value(alice, ask, json!(address)).await
}

/// With the certificate that gpg lays aside for every key it makes.
async fn revoke(gpg: &Gpg, folder: &Path) -> Result<()> {
    let aside = folder.join("gpg-dora/openpgp-revocs.d");
    let file = std::fs::read_dir(aside)?
        .next()
        .context("nothing was laid aside")??;
    // gpg puts a colon before the armor, so that nobody takes it in by mistake.
    let revocation = std::fs::read_to_string(file.path())?.replace(":-----BEGIN", "-----BEGIN");
    gpg.import(&revocation).await
}

/// What the page is told of a message that cannot be shown.
async fn displays(alice: &Extended, carol: &Gpg) -> Result<()> {
    let to_herself = carol.seal(CAROL, "for nobody else").await?;
    let altered = altered(carol).await?;
    // Its end is missing.
    let cut_off = to_herself[..to_herself.len() / 2].to_owned();
    for (armored, expected) in [
        (to_herself, "NO_KEY_FOUND"),
        (altered, "DECRYPT_ERROR"),
        (cut_off, "ARMOR_PARSE_ERROR"),
    ] {
        let status = value(
            alice,
            "document.querySelector('#display').replaceChildren(); \
             return mv.createDisplayContainer('#display', args, await mv.getKeyring('someone'))",
            json!(armored),
        )
        .await?;
        assert_eq!(status["error"]["code"], expected, "{status}");
        assert!(status["error"]["message"].is_string(), "{status}");
    }
    Ok(())
}

/// A message to Alice that somebody changed on the way.
async fn altered(carol: &Gpg) -> Result<String> {
    let arguments = ["--encrypt", "--recipient", ALICE];
    let mut sealed = carol.gpg(&arguments, b"as it was written").await?;
    *sealed.last_mut().context("nothing was sealed")? ^= 1;
    let data = BASE64.encode(&sealed);
    Ok(format!(
        "-----BEGIN PGP MESSAGE-----\n\n{data}\n-----END PGP MESSAGE-----\n"
    ))
}

/// An editor in the page; `options` are those of the client API.
async fn editor(alice: &Extended, options: Value) -> Result<()> {
    let make = "document.querySelector('#editor').replaceChildren(); \
        window.editor = await mv.createEditorContainer('#editor', await mv.getKeyring('someone'), args); \
        return null";
    value(alice, make, options).await?;
    Ok(())
}

/// Begins a sealing, or a draft without recipients; its end lies in `window.sealing`.
async fn begin(alice: &Extended, recipients: &[&str]) -> Result<()> {
    let begin = "window.sealing = args.length === 0 ? window.editor.createDraft() : window.editor.encrypt(args); \
        window.sealing.catch(() => undefined); return null";
    value(alice, begin, json!(recipients)).await?;
    Ok(())
}

const END: &str = "return window.sealing";

async fn editors(alice: &Extended) -> Result<()> {
    // A page may say how much it takes: a kilobyte here.
    let long = "Velvetharbour ".repeat(100);
    editor(alice, json!({ "quota": 1, "predefinedText": long })).await?;
    begin(alice, &[CAROL]).await?;
    give(alice).await?;
    assert_eq!(code(alice, END, json!(null)).await?, "ENCRYPT_QUOTA_SIZE");

    editor(alice, json!({ "predefinedText": "short" })).await?;
    assert_eq!(
        code(alice, "return window.editor.encrypt([])", json!(null)).await?,
        "NO_KEY_FOR_RECIPIENT"
    );
    begin(alice, &[CAROL, "nobody@example.org"]).await?;
    // While the person is asked, nobody else asks.
    assert_eq!(
        code(alice, "return window.editor.encrypt(args)", json!([CAROL])).await?,
        "ENCRYPT_IN_PROGRESS"
    );
    give(alice).await?;
    assert_eq!(code(alice, END, json!(null)).await?, "NO_KEY_FOR_RECIPIENT");
    declined(alice).await?;
    taken_away(alice).await?;
    discarded(alice).await
}

/// The person says no, and the page may ask again.
async fn declined(alice: &Extended) -> Result<()> {
    begin(alice, &[CAROL]).await?;
    enter(alice).await?;
    alice.page.click(id("page-no")).await?;
    alice.page.gone(id("ask-page")).await?;
    assert_eq!(
        alice.written().await?.trim(),
        "short",
        "what was written stays"
    );
    alice.leave().await?;
    assert_eq!(code(alice, END, json!(null)).await?, "PWD_DIALOG_CANCEL");
    begin(alice, &[CAROL]).await?;
    give(alice).await?;
    let sealed = value(alice, END, json!(null)).await?;
    assert!(
        sealed
            .as_str()
            .is_some_and(|text| text.contains("BEGIN PGP MESSAGE")),
        "{sealed}"
    );
    Ok(())
}

/// The editor goes while the person is asked: the page's question ends, and so do later ones.
async fn taken_away(alice: &Extended) -> Result<()> {
    begin(alice, &[CAROL]).await?;
    enter(alice).await?;
    alice.page.see(id("page-yes")).await?;
    alice.leave().await?;
    let remove = "document.querySelector('#editor').replaceChildren(); return window.sealing";
    assert_eq!(code(alice, remove, json!(null)).await?, "PWD_DIALOG_CANCEL");
    has_gone(alice).await
}

/// The person closes the editor instead, while the page asks.
async fn discarded(alice: &Extended) -> Result<()> {
    editor(alice, json!({ "predefinedText": "short" })).await?;
    begin(alice, &[CAROL]).await?;
    enter(alice).await?;
    alice.page.see(id("page-yes")).await?;
    for button in ["discard", "discard-yes"] {
        alice.press(button).await?;
    }
    alice.leave().await?;
    alice.page.gone(ours("container")).await?;
    has_gone(alice).await
}

/// An editor that is no more gives nothing.
async fn has_gone(alice: &Extended) -> Result<()> {
    for again in [
        "return window.editor.encrypt(args)",
        "return window.editor.createDraft()",
    ] {
        assert_eq!(code(alice, again, json!([CAROL])).await?, "NO_CONNECTION");
    }
    Ok(())
}

/// The person withdraws the only key: pages can no longer write in its name.
pub(crate) async fn without_a_key(alice: &Extended) -> Result<()> {
    let keys = alice.ask(json!({ "type": "keys" })).await?;
    for key in keys["keys"].as_array().context("no keys")? {
        let fingerprint = &key["fingerprint"];
        let withdraw =
            json!({ "type": "revokeKey", "fingerprint": fingerprint, "reason": "retired" });
        alice.ask(withdraw).await?;
    }
    open(alice).await?;
    editor(alice, json!({ "predefinedText": "short", "signMsg": true })).await?;
    for recipients in [&[CAROL][..], &[]] {
        begin(alice, recipients).await?;
        give(alice).await?;
        let told = call(alice, END, json!(null)).await?;
        assert_eq!(
            told["code"], "NO_KEY_FOR_ENCRYPTION",
            "{recipients:?}: {told}"
        );
    }
    let own = "return (await mv.getKeyring('someone')).exportOwnPublicKey(args)";
    assert_eq!(code(alice, own, json!(ALICE)).await?, "NO_KEY_FOR_ADDRESS");
    Ok(())
}
