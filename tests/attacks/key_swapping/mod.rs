//! Keys in the place of others, brought by a page and on the extension's own import page.

use std::path::Path;

use anyhow::{Context as _, Result};
use extension_tests::peers::Gpg;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::{id, id_with};
use serde_json::{Value, json};
use thirtyfour::WindowHandle;

use crate::stage::{ALICE, CAROL, Stage};

const RING: &str = "swapping";

pub(crate) async fn play(stage: &Stage) -> Result<()> {
    // Another key that calls itself Carol.
    let folder = stage.folder.path().join("false");
    std::fs::create_dir_all(&folder)?;
    let false_carol = Gpg::make(&folder, "Carol Example", CAROL).await?;
    by_a_page(stage, &false_carol).await?;
    private_by_a_page(stage, &folder).await?;
    on_our_page(stage, &false_carol).await
}

async fn armored(gpg: &Gpg, more: &[&str]) -> Result<String> {
    let arguments = [&["--armor"], more, &["--export", &gpg.address]].concat();
    Ok(String::from_utf8(gpg.gpg(&arguments, &[]).await?)?)
}

async fn fingerprint(gpg: &Gpg) -> Result<String> {
    let listed = gpg
        .gpg(&["--with-colons", "--list-keys", &gpg.address], &[])
        .await?;
    let listed = String::from_utf8(listed)?;
    let line = listed
        .lines()
        .find(|line| line.starts_with("fpr:"))
        .context("no fingerprint")?;
    Ok(line.split(':').nth(9).context("no fingerprint")?.to_owned())
}

/// The key that a keyring of the page's has for Carol.
async fn known(stage: &Stage, ring: &str) -> Result<String> {
    let valid = stage
        .value(
            "return (await mv.getKeyring(args[0])).validKeyForAddress([args[1]])",
            json!([ring, CAROL]),
        )
        .await?;
    let found = valid[CAROL]["keys"][0]["fingerprint"].as_str();
    Ok(found.unwrap_or_default().to_uppercase())
}

/// Begins an import; what comes of it lies in `imported`.
async fn begin(stage: &Stage, ring: &str, key: &str) -> Result<()> {
    stage
        .value(
            "const keyring = await mv.getKeyring(args[0]); window.imported = null; \
             keyring.importPublicKey(args[1]).then((value) => { window.imported = { value }; }, \
               (error) => { window.imported = { code: error.code, message: error.message }; }); return null",
            json!([ring, key]),
        )
        .await?;
    Ok(())
}

/// What came of it. A site may not ask that often: then it is asked again.
async fn outcome(stage: &Stage, ring: &str, key: &str) -> Result<Option<Value>> {
    let found = stage.script("return window.imported").await?;
    if found["message"]
        .as_str()
        .is_some_and(|text| text.contains("Too many calls"))
    {
        begin(stage, ring, key).await?;
        return Ok(None);
    }
    Ok((!found.is_null()).then_some(found))
}

async fn import(stage: &Stage, ring: &str, key: &str) -> Result<Value> {
    begin(stage, ring, key).await?;
    let page = &stage.alice.page;
    page.until("the end of an import", async || {
        outcome(stage, ring, key).await
    })
    .await
}

/// An import that asks: it does not settle until the window of ours was answered.
async fn import_asked(
    stage: &Stage,
    ring: &str,
    key: &str,
    answer: &str,
    replaces: bool,
) -> Result<Value> {
    let alice = &stage.alice;
    let page = &alice.page;
    let own = page.driver().window().await?;
    begin(stage, ring, key).await?;
    let window = page
        .until("the question", async || {
            let early = outcome(stage, ring, key).await?;
            assert!(early.is_none(), "without a question: {early:?}");
            other_window(stage, &own).await
        })
        .await
        .with_context(|| format!("{ring:?} {answer}"))?;
    page.driver().switch_to_window(window.clone()).await?;
    page.see(id("confirm-import")).await?;
    assert_eq!(page.shows(id("import-replaces")).await?, replaces);
    page.driver().switch_to_window(own.clone()).await?;
    assert!(stage.script("return window.imported").await?.is_null());
    page.driver().switch_to_window(window).await?;
    // The window closes with the answer.
    let _ = alice.press(answer).await;
    page.driver().switch_to_window(own).await?;
    page.until("the answer", async || outcome(stage, ring, key).await)
        .await
}

async fn other_window(stage: &Stage, own: &WindowHandle) -> Result<Option<WindowHandle>> {
    let windows = stage.alice.page.driver().windows().await?;
    Ok(windows.into_iter().find(|window| window != own))
}

async fn by_a_page(stage: &Stage, false_carol: &Gpg) -> Result<()> {
    let carol = fingerprint(&stage.carol).await?;
    let other = fingerprint(false_carol).await?;
    stage.open_webmail().await?;
    stage
        .value("await mv.createKeyring(args); return null", json!(RING))
        .await?;
    let true_key = armored(&stage.carol, &[]).await?;
    let taken = import(stage, RING, &true_key).await?;
    assert_eq!(taken["value"], "IMPORTED", "{taken}");

    // A key with fewer parts takes nothing away.
    let stripped = armored(&stage.carol, &["--export-filter", "drop-subkey=key_algo>0"]).await?;
    assert!(stripped.len() < true_key.len());
    let taken = import(stage, RING, &stripped).await?;
    assert_eq!(taken["value"], "UPDATED", "{taken}");
    assert_eq!(
        known(stage, RING).await?,
        carol,
        "it can still be written to"
    );

    let swapped = armored(false_carol, &[]).await?;
    if stage.alice.kind == Kind::Chromium {
        return asked_in_chromium(stage, &swapped, &carol).await;
    }
    // Another key: the person is asked, and may say no.
    let refused = import_asked(stage, RING, &swapped, "import-refuse", true).await?;
    assert_eq!(refused["value"], "REJECTED", "{refused}");
    assert_eq!(known(stage, RING).await?, carol);
    let refused = import_asked(stage, "", &swapped, "import-refuse", true).await?;
    assert_eq!(refused["value"], "REJECTED", "{refused}");
    assert_eq!(known(stage, "").await?, carol);

    // Two keys at once would show one and take in both.
    let both = format!("{true_key}\n{swapped}");
    for (ring, text) in [(RING, both.as_str()), ("", both.as_str())] {
        let answer = import(stage, ring, text).await?;
        assert_ne!(answer["value"], "IMPORTED", "{answer}");
        assert_eq!(known(stage, ring).await?, carol, "{answer}");
    }
    // A header field is no click: the same key stays.
    let lines = swapped.lines().skip_while(|line| !line.is_empty()).skip(1);
    let data: String = lines
        .take_while(|line| !line.starts_with(['=', '-']))
        .collect();
    let taken = stage
        .call(
            "await (await mv.getKeyring(args[0])).processAutocryptHeader({ autocrypt: `addr=${args[1]}; prefer-encrypt=mutual; keydata=${args[2]}`, from: args[1], date: new Date().toUTCString() })",
            json!([RING, CAROL, data]),
        )
        .await?;
    assert!(
        taken["code"].is_null(),
        "the field was not even read: {taken}"
    );
    assert_eq!(known(stage, RING).await?, carol);

    // With the person's word it is another key, once.
    let taken = import_asked(stage, RING, &swapped, "import-keep", true).await?;
    assert_eq!(taken["value"], "IMPORTED", "{taken}");
    assert_eq!(known(stage, RING).await?, other);
    assert_eq!(
        known(stage, "").await?,
        carol,
        "the person's own keyring is another"
    );
    Ok(())
}

/// ChromeDriver does not hand out windows that the extension opens without a tab, so nobody can
/// answer there: the question is asked, and until it is answered nothing has changed.
async fn asked_in_chromium(stage: &Stage, swapped: &str, carol: &str) -> Result<()> {
    let page = &stage.alice.page;
    begin(stage, RING, swapped).await?;
    let question = page
        .until("the question", async || {
            let early = outcome(stage, RING, swapped).await?;
            assert!(early.is_none(), "without a question: {early:?}");
            let tools = page.driver().cdp();
            let targets = tools.send_raw("Target.getTargets", json!({})).await?;
            let all = targets["targetInfos"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let found = all.into_iter().find(|target| {
                let url = target["url"].as_str().unwrap_or_default();
                url.starts_with(&stage.alice.origin) && url.contains("/frame.html#")
            });
            Ok(found)
        })
        .await?;
    assert_eq!(known(stage, RING).await?, carol);
    // A second question would hide the first.
    let again = import(stage, "", swapped).await?;
    assert!(again["code"].is_string(), "{again}");
    let close = json!({ "targetId": question["targetId"] });
    page.driver()
        .cdp()
        .send_raw("Target.closeTarget", close)
        .await?;
    assert_eq!(known(stage, RING).await?, carol);
    assert_eq!(known(stage, "").await?, carol);
    Ok(())
}

/// The names of a private key, said to be public.
fn disguised(private: &str) -> Vec<String> {
    let public = private.replace("PRIVATE KEY BLOCK", "PUBLIC KEY BLOCK");
    vec![
        private.to_owned(),
        public.clone(),
        format!("{public}\n{private}"),
        format!("{private}\n{public}"),
    ]
}

async fn private_by_a_page(stage: &Stage, folder: &Path) -> Result<()> {
    let victim = Gpg::make(folder, "Victor", "victor@example.org").await?;
    let private = victim.private_key().await?;
    let print = fingerprint(&victim).await?;
    stage.open_webmail().await?;
    for (number, text) in disguised(&private).iter().enumerate() {
        for ring in [RING, ""] {
            let answer = import(stage, ring, text).await?;
            assert!(answer["code"].is_string(), "{number} in {ring:?}: {answer}");
        }
    }
    let told = stage
        .value(
            "const told = []; for (const name of [args[0], '']) { const keyring = await mv.getKeyring(name); \
             told.push(await keyring.hasPrivateKey(args[1]), await keyring.hasPrivateKey({ email: args[2] }), \
               (await keyring.validKeyForAddress([args[2]]))[args[2]], \
               await keyring.exportOwnPublicKey(args[2]).catch((error) => (error.code === 'NO_CONNECTION' ? error.message : error.code))); } return told",
            json!([RING, print, victim.address]),
        )
        .await?;
    let nothing = json!([false, false, false, "NO_KEY_FOR_ADDRESS"]);
    let twice = [nothing.as_array().cloned(), nothing.as_array().cloned()];
    let twice: Vec<Value> = twice.into_iter().flatten().flatten().collect();
    assert_eq!(told, json!(twice));
    for kind in ["keys", "contacts"] {
        let listed = stage.alice.ask(json!({ "type": kind })).await?;
        assert!(!listed.to_string().contains(&print), "{kind}: {listed}");
    }
    Ok(())
}

/// What the extension's own page shows and does with the same.
async fn on_our_page(stage: &Stage, false_carol: &Gpg) -> Result<()> {
    let alice = &stage.alice;
    let page = &alice.page;
    let carol = fingerprint(&stage.carol).await?;
    let other = fingerprint(false_carol).await?;
    alice.own("manager.html#/keys").await?;
    page.click(id("key-import")).await?;
    paste(stage, &armored(false_carol, &[]).await?).await?;
    let card = page
        .see(id_with(
            "key-preview",
            &format!("[data-fingerprint=\"{other}\"]"),
        ))
        .await?;
    assert_eq!(card.attr("data-private").await?.as_deref(), Some("false"));
    let grouped = grouped(&carol);
    let words = card.text().await?;
    assert!(
        words.contains(&grouped),
        "it does not say what it would replace: {words}"
    );
    page.click(id("import-submit")).await?;
    page.gone(id("import")).await?;
    let contacts = alice.ask(json!({ "type": "contacts" })).await?;
    let contact = contacts["contacts"]
        .as_array()
        .and_then(|all| {
            all.iter()
                .find(|one| one["person"]["address"] == CAROL)
                .cloned()
        })
        .with_context(|| format!("{contacts}"))?;
    assert_eq!(
        contact["fingerprint"],
        json!(carol),
        "swapped without a word: {contact}"
    );
    assert_eq!(contact["offered"], json!(other), "{contact}");

    // A private key that calls itself public is told to be private, becomes the person's own key
    // if they say so, and only its public part ever comes out.
    let folder = stage.folder.path().join("walter");
    std::fs::create_dir_all(&folder)?;
    let walter = Gpg::make(&folder, "Walter", "walter@example.org").await?;
    let print = fingerprint(&walter).await?;
    alice.own("manager.html#/keys").await?;
    page.click(id("key-import")).await?;
    let private = walter.private_key().await?;
    paste(
        stage,
        &private.replace("PRIVATE KEY BLOCK", "PUBLIC KEY BLOCK"),
    )
    .await?;
    page.until("the preview or its refusal", async || {
        let shown = page.shows(id("key-preview")).await? || page.shows(id("failure")).await?;
        Ok(shown.then_some(()))
    })
    .await?;
    if page.shows(id("key-preview")).await? {
        let card = page.see(id("key-preview")).await?;
        assert_eq!(card.attr("data-private").await?.as_deref(), Some("true"));
    }
    paste(stage, &private).await?;
    let card = page
        .see(id_with(
            "key-preview",
            &format!("[data-fingerprint=\"{print}\"]"),
        ))
        .await?;
    assert_eq!(card.attr("data-private").await?.as_deref(), Some("true"));
    page.click(id("import-submit")).await?;
    page.gone(id("import")).await?;
    let contacts = alice.ask(json!({ "type": "contacts" })).await?;
    assert!(!contacts.to_string().contains(&print), "{contacts}");
    let exported = alice
        .ask(json!({ "type": "exportCertificate", "fingerprint": print }))
        .await?;
    let exported = exported["text"].as_str().context("no text")?;
    let packets = stage
        .carol
        .gpg(&["--list-packets"], exported.as_bytes())
        .await?;
    let packets = String::from_utf8(packets)?;
    assert!(
        packets.contains(":public key packet:") && !packets.contains("secret"),
        "{packets}"
    );
    stage.open_webmail().await?;
    let told = stage
        .value(
            "return (await mv.getKeyring('')).exportOwnPublicKey(args)",
            json!(ALICE),
        )
        .await?;
    let packets = stage
        .carol
        .gpg(
            &["--list-packets"],
            told.as_str().unwrap_or_default().as_bytes(),
        )
        .await?;
    assert!(!String::from_utf8(packets)?.contains("secret"));
    Ok(())
}

/// As the person pastes it: the whole text at once.
async fn paste(stage: &Stage, text: &str) -> Result<()> {
    stage.alice.page.see(id("key-paste")).await?;
    stage
        .script_with(
            "const field = document.querySelector('[data-testid=\"key-paste\"]'); \
             field.value = arguments[0]; field.dispatchEvent(new InputEvent('input', { bubbles: true }))",
            vec![json!(text)],
        )
        .await?;
    Ok(())
}

fn grouped(print: &str) -> String {
    let digits: Vec<char> = print.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}
