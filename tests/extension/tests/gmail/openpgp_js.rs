//! OpenPGP.js: its keys as the person's own and as somebody else's, its mail read, and mail that it
//! opens and verifies.

use anyhow::{Context as _, Result};
use extension_tests::extension::Extended;
use extension_tests::gmail::{Message, address};
use extension_tests::manager::file;
use extension_tests::peers::{JsKey, OpenPgpJs, bare};
use extension_tests::person::Letter;

use crate::world::{ALICE, World, opens, words};

/// Further addresses of Alice's, with keys of the old and of the new version.
const OWN: [(u8, &str); 2] = [(4, "alice.four@example.org"), (6, "alice.six@example.org")];
const KIM: &str = "kim@example.org";
const PASSPHRASE: &str = "corncrake lintel";

/// Somebody with OpenPGP.js and whom she exchanges letters with.
struct Kim {
    peer: OpenPgpJs,
    key: JsKey,
}

pub(crate) async fn play(world: &World, alice: &Extended, certificate: &str) -> Result<()> {
    let peer = OpenPgpJs::install(world.folder.path()).await?;
    let mut own = vec![(ALICE.to_owned(), certificate.to_owned())];
    for (version, address) in OWN {
        let key = peer
            .make(version, "Alice Example", address, PASSPHRASE)
            .await?;
        let path = file(world.folder.path(), &format!("{address}.asc"), &key.private)?;
        alice
            .import_locked(&path, PASSPHRASE, &key.fingerprint)
            .await?;
        own.push((key.address, key.public));
    }
    let key = peer.make(6, "Kim Example", KIM, PASSPHRASE).await?;
    world.directory.publish("kim", bare(&key.public)?);
    let kim = Kim { peer, key };

    let thread = from_kim(world, &kim, certificate, "first").await?;
    opens(alice, ALICE, &thread, words::FOREIGN, "unknown").await?;
    for (account, certificate) in &own {
        written_from(world, alice, &kim, account, certificate).await?;
        let thread = from_kim(world, &kim, certificate, account).await?;
        opens(alice, account, &thread, words::FOREIGN, "good").await?;
    }
    Ok(())
}

/// Signed by Kim, and sealed to one certificate alone.
async fn from_kim(world: &World, kim: &Kim, to: &str, about: &str) -> Result<String> {
    let text = format!("{} from JavaScript, {about}", words::FOREIGN);
    Ok(world.gmail.deliver(Message {
        from: KIM.to_owned(),
        name: "Kim Example".to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "From elsewhere".to_owned(),
        text: kim.peer.seal(&kim.key, &[to], &text).await?,
        ..Message::default()
    }))
}

/// OpenPGP.js opens it, and the signature is that of the key of the address it was sent from.
async fn written_from(
    world: &World,
    alice: &Extended,
    kim: &Kim,
    account: &str,
    certificate: &str,
) -> Result<()> {
    alice.page.open("about:blank").await?;
    alice.page.open(&address(account)).await?;
    alice.compose(KIM).await?;
    let letter = Letter {
        text: &format!("Dear Kim, {} from {account}", words::BODY),
        ..Letter::default()
    };
    alice.write(&letter, KIM).await?;
    alice.seal_and_send().await?;
    let sent = world.gmail.sent();
    let sealed = &sent.last().context("nothing was sent")?.text;
    let (opened, signatures) = kim.peer.open(&kim.key, certificate, sealed).await?;
    let expected = format!("{} from {account}", words::BODY);
    assert!(opened.contains(&expected), "{opened}");
    assert_eq!(signatures, ["good"], "{account}");
    Ok(())
}
