//! Webmails that cannot be installed here, by the sequence of their calls: each finds its
//! keyring, asks about keys, writes, seals and shows; SnappyMail saves a draft and takes it up
//! again; Open-Xchange sets itself up.

use anyhow::{Context as _, Result, bail};
use extension_tests::extension::{self, Extended};
use extension_tests::frames::ours;
use extension_tests::peers::{Directory, Gpg};
use extension_tests::person::message_text;
use extension_tests::web::{Asked, Said, Web};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id_with;
use serde_json::{Value, json};

const ALICE: &str = "alice@example.org";
const CAROL: &str = "carol@example.org";
const HOST: &str = "webmail.test";
const WRITTEN: &str = "Velvetharbour";
const LATER: &str = "Saltmeadowfinch";
const READ: &str = "Hollowbramble";

/// Runs a piece of page code with `webmail` and `args`; a failure comes as its code.
const RUN: &str = r"
const [code, args, done] = arguments;
const AsyncFunction = (async () => {}).constructor;
new AsyncFunction('webmail', 'args', code)(window.webmail, args).then(
  (value) => done(JSON.stringify({ value: value === undefined ? null : value })),
  (error) => done(JSON.stringify({ code: error.code ?? null, message: String(error) })),
);
";

fn site(asked: &Asked) -> Said {
    match asked.path.as_str() {
        "/" => Said::body(
            "text/html; charset=utf-8",
            include_str!("../../pages/callers.html"),
        ),
        "/static/probe.js" => Said::body("text/javascript", include_str!("../../pages/probe.js")),
        "/static/callers.js" => {
            Said::body("text/javascript", include_str!("../../pages/callers.js"))
        }
        _ => Said::not_found(),
    }
}

async fn value(alice: &Extended, code: &str, args: Value) -> Result<Value> {
    let driver = alice.page.driver();
    let answer = driver.execute_async(RUN, vec![json!(code), args]).await?;
    let answer: Value = serde_json::from_str(answer.json().as_str().context("no answer")?)?;
    match answer.get("value") {
        Some(value) => Ok(value.clone()),
        None => bail!("{code} failed: {answer}"),
    }
}

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let directory = Directory::default();
    web.put(HOST, site);
    web.put("openpgpkey.example.org", directory.clone());
    let carol = Gpg::make(folder.path(), "Carol Example", CAROL).await?;
    directory.publish("carol", carol.certificate().await?);
    let pattern = format!("https://{HOST}/*");
    let sites = [pattern.as_str()];
    let alice = extension::start_with_sites(kind, folder.path(), "callers", &web, &sites).await?;
    alice.first_run(ALICE, "Alice Example").await?;
    carol.import(&alice.certificate().await?).await?;
    alice
        .ask(json!({ "type": "switchSite", "origin": format!("https://{HOST}"), "scan": false, "api": true }))
        .await?;

    nextcloud(&alice, &carol).await?;
    snappymail(&alice, &carol).await?;
    open_xchange(&alice, &carol).await?;
    components(&alice, &carol).await?;
    alice.close().await
}

async fn open(alice: &Extended) -> Result<()> {
    alice.page.open(&format!("https://{HOST}/")).await
}

/// The page saw none of the words.
async fn nothing_was_seen(alice: &Extended) -> Result<()> {
    let seen = alice.seen().await?;
    assert!(seen.contains("document: "), "the probe saw no page at all");
    for word in [WRITTEN, LATER, READ] {
        assert!(!seen.contains(word), "the page saw {word}");
    }
    Ok(())
}

/// Types into the page's container.
async fn type_in(alice: &Extended, text: &str) -> Result<()> {
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    alice.body().await?.send_keys(text).await?;
    alice.leave().await
}

/// Begins a sealing in the page, agrees in the container, and opens the result as Carol.
async fn sealed(alice: &Extended, carol: &Gpg, begin: &str, expected: &[&str]) -> Result<String> {
    let code = format!("window.sealing = {begin}; return null");
    value(alice, &code, json!([CAROL])).await?;
    alice.agree().await?;
    let sealed = value(alice, "return window.sealing", json!(null)).await?;
    let sealed = sealed.as_str().context("no text")?.to_owned();
    let opened = String::from_utf8(carol.open(sealed.as_bytes()).await?)?;
    for word in expected {
        assert!(opened.contains(word), "{opened}");
    }
    Ok(sealed)
}

/// Has a message shown, and reads it in the container.
async fn shown(alice: &Extended, code: &str, armored: &str, expected: &str) -> Result<()> {
    let status = value(alice, code, json!(armored)).await?;
    assert_eq!(status, json!({}), "{code}");
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    let text = message_text(&alice.page).await?;
    assert!(text.contains(expected), "{text}");
    alice.leave().await
}

async fn from_carol(carol: &Gpg) -> Result<String> {
    carol.seal(ALICE, &format!("{READ} by gpg")).await
}

async fn nextcloud(alice: &Extended, carol: &Gpg) -> Result<()> {
    open(alice).await?;
    let missing = value(
        alice,
        "return webmail.nextcloud.loaded(args)",
        json!([CAROL, "nobody@example.org"]),
    )
    .await?;
    assert_eq!(missing, json!(["nobody@example.org"]));
    value(alice, "await webmail.nextcloud.write()", json!(null)).await?;
    type_in(alice, &format!("{WRITTEN} in Nextcloud")).await?;
    sealed(alice, carol, "webmail.nextcloud.pull(args)", &[WRITTEN]).await?;
    nothing_was_seen(alice).await?;

    let armored = from_carol(carol).await?;
    open(alice).await?;
    let code = format!("return webmail.nextcloud.show(args, '{CAROL}')");
    shown(alice, &code, &armored, READ).await?;
    nothing_was_seen(alice).await?;

    // An answer with the encrypted mail quoted: opened in the editor and nowhere else.
    open(alice).await?;
    value(
        alice,
        "await webmail.nextcloud.loaded([]); await webmail.nextcloud.write(args)",
        json!(armored),
    )
    .await?;
    type_in(alice, &format!("{LATER} above it. ")).await?;
    let begin = "webmail.nextcloud.pull(args)";
    sealed(alice, carol, begin, &[LATER, READ]).await?;
    nothing_was_seen(alice).await
}

async fn snappymail(alice: &Extended, carol: &Gpg) -> Result<()> {
    open(alice).await?;
    value(
        alice,
        "await webmail.snappymail.loadKeyrings('alice')",
        json!(null),
    )
    .await?;
    for (who, all) in [
        (json!([CAROL]), true),
        (json!([CAROL, "nobody@example.org"]), false),
    ] {
        let can = value(
            alice,
            "return webmail.snappymail.hasPublicKeyForEmails(args, true)",
            who,
        )
        .await?;
        assert_eq!(can, all);
    }
    let own = value(
        alice,
        "return webmail.snappymail.hasPrivateKey(args)",
        json!(ALICE),
    )
    .await?;
    assert_eq!(own, true);
    // Eight megabytes and a byte less: not a whole number of kilobytes.
    value(
        alice,
        "await webmail.snappymail.area('Typed in the page. ', 8388607)",
        json!(null),
    )
    .await?;
    type_in(alice, &format!("{WRITTEN} in SnappyMail. ")).await?;
    let draft = value(alice, "return webmail.snappymail.save()", json!(null)).await?;
    let draft = draft.as_str().context("no draft")?.to_owned();
    assert!(draft.contains("-----BEGIN PGP MESSAGE-----"), "{draft}");
    assert!(
        carol.open(draft.as_bytes()).await.is_err(),
        "the draft is sealed to somebody else"
    );
    nothing_was_seen(alice).await?;

    // Another day.
    open(alice).await?;
    value(
        alice,
        "await webmail.snappymail.loadKeyrings('alice'); await webmail.snappymail.area(args, 8388608)",
        json!(draft),
    )
    .await?;
    type_in(alice, &format!("{LATER} on another day. ")).await?;
    let begin = "webmail.snappymail.send(args)";
    sealed(alice, carol, begin, &["Typed in the page", WRITTEN, LATER]).await?;
    nothing_was_seen(alice).await?;

    let armored = from_carol(carol).await?;
    open(alice).await?;
    let code = format!(
        "await webmail.snappymail.loadKeyrings('alice'); return webmail.snappymail.decrypt(args, '{CAROL}')"
    );
    shown(alice, &code, &armored, READ).await?;
    nothing_was_seen(alice).await
}

async fn open_xchange(alice: &Extended, carol: &Gpg) -> Result<()> {
    open(alice).await?;
    let name = value(
        alice,
        "return (await webmail.ox.getKeyring()).identifier",
        json!(null),
    )
    .await?;
    assert_eq!(name, "alice.ox");
    let steps = value(alice, "return webmail.ox.steps", json!(null)).await?;
    assert_eq!(steps, json!(["no keyring"]), "it was made once");
    let done = value(alice, "return webmail.ox.isSetupDone(args)", json!(ALICE)).await?;
    assert_eq!(done, true, "the person's own key is lent to the keyring");
    // Whoever has another address at this provider is led through the set-up.
    let other = "alice@ox.example.org";
    let done = value(alice, "return webmail.ox.isSetupDone(args)", json!(other)).await?;
    assert_eq!(done, false);
    value(
        alice,
        "const generator = await webmail.ox.setup(args); window.made = generator.generate(); return null",
        json!(other),
    )
    .await?;
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    alice.press("generator-make").await?;
    alice.leave().await?;
    let made = value(alice, "return window.made", json!(null)).await?;
    assert!(
        made.as_str()
            .is_some_and(|key| key.contains("BEGIN PGP PUBLIC KEY BLOCK")),
        "{made}"
    );
    let done = value(alice, "return webmail.ox.isSetupDone(args)", json!(other)).await?;
    assert_eq!(done, true);

    open(alice).await?;
    value(alice, "await webmail.ox.write()", json!(null)).await?;
    type_in(alice, &format!("{WRITTEN} in App Suite")).await?;
    sealed(alice, carol, "webmail.ox.prepareContent(args)", &[WRITTEN]).await?;
    nothing_was_seen(alice).await?;
    let armored = from_carol(carol).await?;
    open(alice).await?;
    shown(alice, "return webmail.ox.detail(args)", &armored, READ).await?;
    nothing_was_seen(alice).await
}

async fn components(alice: &Extended, carol: &Gpg) -> Result<()> {
    open(alice).await?;
    value(
        alice,
        "await webmail.nextcloud.loaded([]); await webmail.components.write('Dear Carol, ')",
        json!(null),
    )
    .await?;
    type_in(alice, &format!("{WRITTEN} in a component")).await?;
    let begin = "webmail.components.encrypt(args)";
    sealed(alice, carol, begin, &["Dear Carol", WRITTEN]).await?;
    let armored = from_carol(carol).await?;
    open(alice).await?;
    value(
        alice,
        "await webmail.nextcloud.loaded([]); return null",
        json!(null),
    )
    .await?;
    let code = "return webmail.components.read(args)";
    shown(alice, code, &armored, READ).await?;
    // A frame that shows mail says so to the person and not to the page.
    alice
        .page
        .see(ours("container"))
        .await?
        .enter_frame()
        .await?;
    alice
        .page
        .see(id_with("reader", "[data-state=\"open\"]"))
        .await?;
    alice.leave().await?;
    nothing_was_seen(alice).await
}
