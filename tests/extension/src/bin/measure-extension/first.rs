//! What it takes from the installation to the first encrypted mail, counted by the driver's client.

use anyhow::{Result, ensure};
use extension_tests::extension;
use extension_tests::person::Letter;

use crate::stage::{BOB, Stage, What};

const CLICKS: What = ("install to first encrypted mail: clicks", "", Some(8.0));
const FIELDS: What = ("install to first encrypted mail: fields", "", Some(5.0));

/// A newcomer on a profile of their own: first run, then a mail to Bob, sent by the page.
///
/// # Errors
///
/// When one of the steps does not come, or what was sent is not sealed.
pub(crate) async fn mail(stage: &mut Stage<'_>) -> Result<()> {
    const NEWCOMER: &str = "dora@example.org";
    let dora = extension::start(stage.kind, stage.folder.path(), "dora", &stage.web).await?;
    dora.first_run(NEWCOMER, "Dora Example").await?;
    dora.page
        .open(&extension_tests::gmail::address(NEWCOMER))
        .await?;
    dora.compose(BOB).await?;
    let letter = Letter {
        text: "Dear Bob, this is the first.",
        ..Letter::default()
    };
    dora.write(&letter, BOB).await?;
    dora.seal_and_send().await?;
    let effort = dora.page.effort();
    let sent = stage.gmail.sent();
    let sealed = sent
        .last()
        .is_some_and(|sent| sent.text.trim().starts_with("-----BEGIN PGP MESSAGE-----"));
    ensure!(sealed, "nothing sealed was sent");
    dora.close().await?;
    stage.add(CLICKS, f64::from(effort.clicks));
    stage.add(FIELDS, f64::from(effort.fields));
    Ok(())
}
