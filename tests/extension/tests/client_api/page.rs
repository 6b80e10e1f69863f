//! A page of our own that calls the client API as its documentation says.

use anyhow::{Context as _, Result, ensure};
use extension_tests::extension::{self, Extended};
use extension_tests::frames::ours;
use extension_tests::peers::{Directory, Gpg};
use extension_tests::person::message_text;
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id_with;
use serde_json::json;
use thirtyfour::By;

use crate::calls::{call, code, value};
use crate::{codes, containers, disconnect, headers};

pub(crate) const ALICE: &str = "alice@example.org";
pub(crate) const CAROL: &str = "carol@example.org";
const HOST: &str = "webmail.test";
/// Another webmail: how often a site may ask is counted for each.
const KEYS: &str = "keys.test";
const SECRET: &str = "Velvetharbour";

fn site(asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/" => Said::body(
            "text/html; charset=utf-8",
            include_str!("../../pages/client.html"),
        ),
        "/static/probe.js" => Said::body("text/javascript", include_str!("../../pages/probe.js")),
        _ => Said::not_found(),
    }
}

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let directory = Directory::default();
    web.put(HOST, site);
    web.put(KEYS, site);
    web.put("openpgpkey.example.org", directory.clone());
    let carol = Gpg::make(folder.path(), "Carol Example", CAROL).await?;
    directory.publish("carol", carol.certificate().await?);

    let sites = [HOST, KEYS].map(|host| format!("https://{host}/*"));
    let sites: Vec<&str> = sites.iter().map(String::as_str).collect();
    let alice = extension::start_with_sites(kind, folder.path(), "api", &web, &sites).await?;
    let (passphrase, _) = alice.first_run(ALICE, "Alice Example").await?;
    carol.import(&alice.certificate().await?).await?;

    // Before the person approved the site there is nothing.
    open(&alice).await?;
    let before = alice
        .page
        .driver()
        .execute("return typeof window.mailvelope", Vec::new())
        .await?;
    assert_eq!(before.json(), "undefined");
    approve(&alice, HOST).await?;
    open(&alice).await?;

    keyrings(&alice).await?;
    types(&alice).await?;
    display(&alice, &carol).await?;
    editor(&alice, &carol, kind).await?;
    headers::play(&alice, &carol, folder.path()).await?;
    codes::play(&alice, &carol, folder.path()).await?;

    approve(&alice, KEYS).await?;
    alice.page.open(&format!("https://{KEYS}/")).await?;
    containers::play(&alice, &passphrase).await?;
    disconnect::by_the_person(&alice, &format!("https://{KEYS}")).await?;
    codes::without_a_key(&alice).await?;
    // Late: it leaves another tab before this one.
    settings(&alice).await?;
    disconnect::by_an_update(&alice).await?;
    alice.close().await
}

async fn approve(alice: &Extended, host: &str) -> Result<()> {
    let origin = format!("https://{host}");
    let approval = json!({ "type": "switchSite", "origin": origin, "scan": false, "api": true });
    alice.ask(approval).await?;
    Ok(())
}

pub(crate) async fn open(alice: &Extended) -> Result<()> {
    alice.page.open(&format!("https://{HOST}/")).await
}

async fn keyrings(alice: &Extended) -> Result<()> {
    let version = value(alice, "return mv.getVersion()", json!(null)).await?;
    assert!(
        version
            .as_str()
            .is_some_and(|text| text.split('.').count() == 3),
        "{version}"
    );
    let shown = alice
        .page
        .until("the mark on the body", async || {
            let shown = alice
                .page
                .driver()
                .execute("return document.body.dataset.mailvelopeVersion", Vec::new())
                .await?;
            Ok(shown.json().as_str().map(str::to_owned))
        })
        .await?;
    assert_eq!(version, json!(shown));
    assert_eq!(
        code(alice, "return mv.getKeyring('someone')", json!(null)).await?,
        "NO_KEYRING_FOR_ID"
    );
    let made = value(
        alice,
        "return (await mv.createKeyring('someone')).identifier",
        json!(null),
    )
    .await?;
    assert_eq!(made, "someone");
    assert_eq!(
        code(alice, "return mv.createKeyring('someone')", json!(null)).await?,
        "KEYRING_ALREADY_EXISTS"
    );
    let valid = value(
        alice,
        "const keyring = await mv.getKeyring('someone'); return keyring.validKeyForAddress(args)",
        json!([CAROL, "nobody@example.org"]),
    )
    .await?;
    assert_eq!(valid["nobody@example.org"], false);
    assert!(
        valid[CAROL]["keys"][0]["fingerprint"].is_string(),
        "{valid}"
    );
    let own = value(
        alice,
        "return (await mv.getKeyring('someone')).exportOwnPublicKey(args)",
        json!(ALICE),
    )
    .await?;
    assert!(
        own.as_str()
            .is_some_and(|key| key.contains("BEGIN PGP PUBLIC KEY BLOCK")),
        "{own}"
    );
    let has = value(
        alice,
        "return (await mv.getKeyring('someone')).hasPrivateKey({ email: args })",
        json!(ALICE),
    )
    .await?;
    assert_eq!(has, true);
    Ok(())
}

/// Types are checked before anything happens, and what is no own field of a plain object is no
/// argument.
async fn types(alice: &Extended) -> Result<()> {
    for wrong in [
        "return mv.getKeyring(5)",
        "return mv.createDisplayContainer('#display', 7)",
        "return mv.createEditorContainer('#editor', null, { quota: 'much' })",
        "return mv.createEditorContainer('#nowhere')",
        "return (await mv.getKeyring()).validKeyForAddress('a@example.org')",
        "return (await mv.getKeyring()).importPublicKey({})",
        "return mv.createDisplayContainer('#display', 'x', { identifier: '' })",
    ] {
        assert_eq!(
            code(alice, wrong, json!(null)).await?,
            "TYPE_MISMATCH",
            "{wrong}"
        );
    }
    let deprecated = code(
        alice,
        "return mv.createSettingsContainer('#display')",
        json!(null),
    )
    .await?;
    assert_eq!(deprecated, "FEATURE_DEPRECATED");
    let polluted = value(
        alice,
        r#"
        const evil = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
        const keyring = await mv.getKeyring('someone');
        const tried = [
          () => mv.createEditorContainer('#editor', keyring, Object.assign(Object.create({ predefinedText: 'inherited' }), evil, { quota: 'x' })),
          () => keyring.validKeyForAddress(['__proto__', 'constructor']),
          () => keyring.hasPrivateKey(evil),
          () => mv.getKeyring('__proto__'),
          () => keyring.processAutocryptHeader(evil),
        ];
        for (const one of tried) await one().catch(() => undefined);
        return [({}).polluted ?? null, Object.prototype.polluted ?? null];
        "#,
        json!(null),
    )
    .await?;
    assert_eq!(polluted, json!([null, null]));
    Ok(())
}

/// The message is shown in a frame; the page gets to know that it was, and no word of it.
async fn display(alice: &Extended, carol: &Gpg) -> Result<()> {
    let sealed = carol
        .seal(ALICE, &format!("{SECRET} for the frame"))
        .await?;
    let shown = value(
        alice,
        "return mv.createDisplayContainer('#display', args, await mv.getKeyring('someone'), { senderAddress: 'carol@example.org' })",
        json!(sealed),
    )
    .await?;
    assert_eq!(shown, json!({}));
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(SECRET), "{text}");
    let seen = alice.seen().await?;
    assert!(!seen.contains(SECRET), "the page saw the message");
    let wrong = call(
        alice,
        "const status = await mv.createDisplayContainer('#display', args); return status.error.code",
        json!("this is no armor"),
    )
    .await?;
    let told = [&wrong["code"], &wrong["value"]];
    assert!(
        told.contains(&&json!("WRONG_ARMORED_TYPE")) || told.contains(&&json!("ARMOR_PARSE_ERROR")),
        "{wrong}"
    );
    Ok(())
}

/// Where our frames come from must not be readable: in Firefox it is one address on all sites.
const ADDRESSES: &str = r"
const found = [document.documentElement.outerHTML, ...performance.getEntries().map((entry) => entry.name)];
for (const frame of document.querySelectorAll('iframe')) {
  found.push(frame.src, ...frame.getAttributeNames().map((name) => frame.getAttribute(name)));
}
for (let index = 0; index < window.length; index += 1) {
  try { found.push(window[index].location.href); } catch { found.push('kept shut'); }
}
return [found.includes('kept shut'), found.filter((text) => /-extension:/.test(text)).map((text) => text.slice(0, 200))];
";

async fn addresses(alice: &Extended) -> Result<()> {
    let found = value(alice, ADDRESSES, json!(null)).await?;
    assert_eq!(found, json!([true, []]));
    let seen = alice.seen().await?;
    assert!(!seen.contains("-extension:"), "the page saw our address");
    Ok(())
}

/// How many pages with settings are there. Chromium's driver has no window for them.
async fn opened_settings(alice: &Extended) -> Result<usize> {
    let driver = alice.page.driver();
    if alice.kind == Kind::Firefox {
        return Ok(driver.windows().await?.len() - 1);
    }
    let targets = driver
        .cdp()
        .send_raw("Target.getTargets", json!({}))
        .await?;
    let urls = targets["targetInfos"].as_array().into_iter().flatten();
    let urls = urls.filter_map(|target| target["url"].as_str());
    Ok(urls.filter(|url| url.ends_with("#/settings")).count())
}

/// Settings are opened for a click of the person, not because the page likes to.
async fn settings(alice: &Extended) -> Result<()> {
    let unasked = value(
        alice,
        "const keyring = await mv.getKeyring('someone');
        const open = () => keyring.openSettings().then(() => 'opened', (error) => error.code);
        const button = document.createElement('button');
        button.id = 'settings';
        button.textContent = 'Settings';
        button.addEventListener('click', async () => { button.dataset.result = await open(); });
        document.body.prepend(button);
        while (navigator.userActivation.isActive) await new Promise((resolve) => setTimeout(resolve, 100));
        return [await open(), await open()]",
        json!(null),
    )
    .await?;
    assert_eq!(unasked, json!(["NO_CONNECTION", "NO_CONNECTION"]));
    assert_eq!(opened_settings(alice).await?, 0);
    alice.page.click(By::Id("settings")).await?;
    alice
        .page
        .see(By::Css("#settings[data-result=\"opened\"]"))
        .await?;
    alice
        .page
        .until("the settings", async || {
            let opened = opened_settings(alice).await?;
            ensure!(opened == 1, "{opened} pages");
            Ok(Some(()))
        })
        .await
}

/// The button alone is not enough: what is asked has to be in sight as well.
async fn question_in_sight(alice: &Extended, kind: Kind) -> Result<()> {
    let page = &alice.page;
    let state = |state: &str| id_with("page-yes", &format!("[data-guard=\"{state}\"]"));
    let enter = async || -> Result<()> {
        page.see(ours("container")).await?.enter_frame().await?;
        Ok(())
    };
    enter().await?;
    page.see(state("ready")).await?;
    let words = page
        .see(By::Css("[data-testid=\"ask-page\"] p"))
        .await?
        .rect()
        .await?;
    alice.leave().await?;
    if kind == Kind::Chromium {
        value(
            alice,
            "const frame = document.querySelector('#editor iframe').getBoundingClientRect();
            const lid = document.createElement('div');
            lid.id = 'lid';
            lid.style.cssText = `position: absolute; background: #fff; left: ${frame.left + scrollX + args[0]}px; top: ${frame.top + scrollY + args[1]}px; width: 80px; height: 8px`;
            document.body.append(lid);
            return null",
            json!([words.x, words.y]),
        )
        .await?;
        enter().await?;
        page.see(state("covered")).await?;
        alice.leave().await?;
        value(
            alice,
            "document.querySelector('#lid').remove()",
            json!(null),
        )
        .await?;
        enter().await?;
        page.see(state("ready")).await?;
        alice.leave().await?;
    }
    value(
        alice,
        "document.querySelector('#editor').style.cssText = 'height: 90px; overflow: hidden'",
        json!(null),
    )
    .await?;
    enter().await?;
    page.see(state("covered")).await?;
    alice.leave().await?;
    value(
        alice,
        "document.querySelector('#editor').style.cssText = ''",
        json!(null),
    )
    .await?;
    Ok(())
}

async fn editor(alice: &Extended, carol: &Gpg, kind: Kind) -> Result<()> {
    open(alice).await?;
    value(
        alice,
        "window.editor = await mv.createEditorContainer('#editor', await mv.getKeyring('someone')); return null",
        json!(null),
    )
    .await?;
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    alice
        .body()
        .await?
        .send_keys(format!("{SECRET} for Carol"))
        .await?;
    alice.leave().await?;
    addresses(alice).await?;
    value(
        alice,
        "window.sealing = window.editor.encrypt(args); return null",
        json!([CAROL]),
    )
    .await?;
    question_in_sight(alice, kind).await?;
    alice.agree().await?;
    let sealed = value(alice, "return window.sealing", json!(null)).await?;
    let sealed = sealed.as_str().context("no text")?;
    let opened = String::from_utf8(carol.open(sealed.as_bytes()).await?)?;
    assert!(opened.contains(SECRET), "{opened}");
    let draft = value(alice, "return window.editor.createDraft()", json!(null)).await?;
    assert!(
        draft
            .as_str()
            .is_some_and(|text| text.contains("BEGIN PGP MESSAGE")),
        "{draft}"
    );
    let seen = alice.seen().await?;
    assert!(!seen.contains(SECRET), "the page saw what was written");
    Ok(())
}
