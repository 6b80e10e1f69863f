//! Files: sealed for a person and with a password, opened again, and one from gpg.

use anyhow::Result;
use extension_tests::manager::file;
use extension_tests::peers::Gpg;
use letterlock_tests::page::{id, id_with};
use thirtyfour::By;

use crate::keys::Dora;
use crate::world::{CAROL, DORA, World};

const FILE: &str = "Copperwhistle";
const PASSWORD: &str = "ortolan gantry";

pub(crate) async fn play(world: &World, dora: &Dora, carol: &Gpg) -> Result<()> {
    let (browser, page) = (&dora.browser, &dora.browser.page);
    let folder = world.folder.path();
    let plain = file(folder, "minutes.csv", format!("{FILE},1\n"))?;
    let certificate = browser.certificate_of(&dora.fingerprint).await?;
    carol.import(&certificate).await?;
    let choose = async |path: &std::path::Path| {
        browser.manager("files").await?;
        page.choose_file("files-input", path).await?;
        page.see(id("file")).await.map(drop)
    };

    choose(&plain).await?;
    page.click(id("files-submit")).await?;
    page.see(By::Css("[data-testid=\"files-form\"] [role=\"alert\"]"))
        .await?;
    page.fill("files-to", CAROL).await?;
    page.click(id("files-submit")).await?;
    page.see(id("result")).await?;
    let name = page.attribute(id("result"), "data-name").await?;
    page.click(id("result-save")).await?;
    let sealed = browser.saved(&name).await?;
    let opened = carol.open(&sealed).await?;
    assert!(String::from_utf8_lossy(&opened).contains(FILE));

    let second = file(folder, "second.csv", format!("{FILE},2\n"))?;
    choose(&second).await?;
    page.fill("files-password", PASSWORD).await?;
    page.click(id("files-submit")).await?;
    page.see(id("result")).await?;
    let name = page.attribute(id("result"), "data-name").await?;
    page.click(id("result-save")).await?;
    browser.saved(&name).await?;

    // And back: the wrong password is told, the right one opens.
    choose(&browser.downloads.join(&name)).await?;
    page.fill("files-password", "not it").await?;
    page.click(id("files-submit")).await?;
    page.see(id_with("failure", "[data-kind=\"WrongPassword\"]"))
        .await?;
    page.fill("files-password", PASSWORD).await?;
    page.click(id("files-submit")).await?;
    page.see(id_with("result", "[data-name=\"second.csv\"]"))
        .await?;
    page.see(id("verdict")).await?;

    // From gpg, signed: the verdict names her.
    let foreign = carol.seal(DORA, &format!("{FILE} from gpg")).await?;
    let foreign = file(folder, "foreign.txt.asc", foreign)?;
    choose(&foreign).await?;
    page.click(id("files-submit")).await?;
    page.see(id_with("result", "[data-name=\"foreign.txt\"]"))
        .await?;
    let verdict = page.text(id("verdict")).await?;
    assert!(verdict.contains("Carol Example"), "{verdict}");
    page.click(id("result-save")).await?;
    let saved = browser.saved("foreign.txt").await?;
    assert!(String::from_utf8_lossy(&saved).contains("from gpg"));
    Ok(())
}
