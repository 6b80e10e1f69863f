//! Dora brings her key from GnuPG, does everything in the key manager, and comes back on another
//! device with nothing but her recovery sheet.

use anyhow::Result;
use letterlock_tests::browser::Kind;

use crate::world::World;
use crate::{contacts, files, keys, recovery};

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let carol = world.carol().await?;
    let browser = world.browser("dora").await?;
    let dora = keys::first_run(&world, browser).await?;
    keys::further(&world, &dora, &carol).await?;
    keys::to_gnupg(&world, &dora).await?;
    files::play(&world, &dora, &carol).await?;
    contacts::play(&world, &dora).await?;
    keys::withdrawn(&world, &dora).await?;
    let passphrase = recovery::another_passphrase(&dora).await?;
    let sheet = recovery::sheet(&dora, &passphrase).await?;
    dora.browser.close().await?;
    let elsewhere = world.browser("elsewhere").await?;
    recovery::restored(&world, &elsewhere, &sheet, &carol).await?;
    elsewhere.close().await?;
    let third = world.browser("third").await?;
    recovery::beside(&third, &sheet).await?;
    third.close().await
}
