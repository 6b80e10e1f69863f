//! Keys in header fields, as a webmail takes them out of mail and puts them into it.

use std::path::Path;

use anyhow::{Context as _, Result};
use data_encoding::BASE64;
use extension_tests::extension::Extended;
use extension_tests::peers::Gpg;
use serde_json::{Value, json};

use crate::calls::{code, value};
use crate::page::{ALICE, CAROL};

const ERIN: &str = "erin@example.net";

pub(crate) async fn play(alice: &Extended, carol: &Gpg, folder: &Path) -> Result<()> {
    outgoing(alice, carol).await?;
    let erin = Gpg::make(folder, "Erin Example", ERIN).await?;
    let data = BASE64.encode(&erin.certificate().await?);
    refused(alice, &data).await?;
    incoming(alice, &erin, &data).await
}

/// What goes out brings the person's key, and for nobody else anything.
async fn outgoing(alice: &Extended, carol: &Gpg) -> Result<()> {
    let ask = "return (await mv.getKeyring(args[0])).additionalHeadersForOutgoingEmail({ from: args[1] })";
    for keyring in ["someone", ""] {
        let headers = value(alice, ask, json!([keyring, ALICE])).await?;
        let field = headers["autocrypt"].as_str().context("no field")?;
        assert!(field.starts_with(&format!("addr={ALICE}; ")), "{field}");
        let (_, data) = field.split_once("keydata=").context("no key")?;
        let key = BASE64.decode(data.as_bytes())?;
        let read = fingerprint(&carol.gpg(&["--with-colons", "--show-keys"], &key).await?)?;
        let known = carol
            .gpg(&["--with-colons", "--list-keys", ALICE], &[])
            .await?;
        assert_eq!(read, fingerprint(&known)?, "another key than the person's");
        let other = value(alice, ask, json!([keyring, "nobody@example.org"])).await?;
        assert_eq!(other, json!({}));
    }
    Ok(())
}

/// The first in gpg's listing, as callers of the client API write it.
fn fingerprint(listing: &[u8]) -> Result<String> {
    let listing = String::from_utf8_lossy(listing);
    let line = listing.lines().find(|line| line.starts_with("fpr:"));
    let print = line.and_then(|line| line.split(':').nth(9));
    Ok(print.context("no fingerprint")?.to_lowercase())
}

fn field(address: &str, data: &str) -> String {
    format!("addr={address}; prefer-encrypt=mutual; keydata={data}")
}

const DATE: &str = "Sat, 21 Nov 2026 05:00:00 +0000";

/// Fields that are none, and such as bring somebody else's key.
async fn refused(alice: &Extended, data: &str) -> Result<()> {
    let process = "return (await mv.getKeyring('someone')).processAutocryptHeader(args)";
    let good = field(ERIN, data);
    for wrong in [
        json!({ "autocrypt": good, "from": CAROL, "date": DATE }),
        json!({ "autocrypt": field(CAROL, data), "from": CAROL, "date": DATE }),
        json!({ "autocrypt": format!("addr={ERIN}"), "from": ERIN, "date": DATE }),
        json!({ "autocrypt": field(ERIN, "AAAA"), "from": ERIN, "date": DATE }),
        json!({ "autocrypt": format!("critical=1; {good}"), "from": ERIN, "date": DATE }),
        json!({ "autocrypt": format!("_long={}; {good}", "x".repeat(10_240)), "from": ERIN, "date": DATE }),
        json!({ "autocrypt": good, "from": ERIN, "date": "one day" }),
    ] {
        assert_eq!(
            code(alice, process, wrong.clone()).await?,
            "INVALID_HEADER",
            "{wrong}"
        );
    }
    assert_eq!(valid(alice, "someone").await?, false);
    Ok(())
}

async fn valid(alice: &Extended, keyring: &str) -> Result<Value> {
    let ask = "const [name, address] = args; \
        const found = (await (await mv.getKeyring(name)).validKeyForAddress([address]))[address]; \
        return found && found.keys.map((key) => [key.fingerprint, key.source, typeof key.lastModified.getTime()])";
    value(alice, ask, json!([keyring, ERIN])).await
}

/// What comes in serves the page's own keyring, and changes nothing in the person's.
async fn incoming(alice: &Extended, erin: &Gpg, data: &str) -> Result<()> {
    let process = "const [name, autocrypt, from, date] = args; \
        return (await mv.getKeyring(name)).processAutocryptHeader({ autocrypt, from, date })";
    let listed = erin
        .gpg(&["--with-colons", "--list-keys", ERIN], &[])
        .await?;
    let expected = json!([[fingerprint(&listed)?, "AC", "number"]]);
    for (keyring, expected) in [("", json!(false)), ("someone", expected)] {
        let args = json!([keyring, field(ERIN, data), ERIN, DATE]);
        assert_eq!(value(alice, process, args).await?, json!(null));
        assert_eq!(valid(alice, keyring).await?, expected, "{keyring:?}");
    }
    assert_eq!(valid(alice, "").await?, false);
    Ok(())
}
