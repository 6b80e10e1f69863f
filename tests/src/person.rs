//! What a person does in the webmail.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use thirtyfour::{By, Key};

use crate::page::{Page, id, id_with};
use crate::server::DOMAIN;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// What stands before the `@`
    pub local: String,
    /// The name that others see
    pub name: String,
    /// The passphrase of the moment
    pub passphrase: String,
}

/// A message to write.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The recipient
    pub to: String,
    /// The subject
    pub subject: String,
    /// The text
    pub body: String,
    /// A file to attach
    pub file: Option<PathBuf>,
}

impl Person {
    /// The mail address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}@{DOMAIN}", self.local)
    }

    /// Creates the account, from the first page to the empty inbox; on the way a
    /// weak passphrase must be called weak and a good one good.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn sign_up(&self, page: &Page) -> Result<()> {
        page.click(id("welcome-create")).await?;
        page.fill("signup-address", &self.local).await?;
        page.fill("signup-name", &self.name).await?;
        page.click(id("signup-next")).await?;
        page.fill("signup-passphrase", "password1").await?;
        page.see(id_with("signup-strength", "[data-score=\"0\"]"))
            .await?;
        page.fill("signup-passphrase", &self.passphrase).await?;
        page.see(id_with("signup-strength", "[data-score=\"4\"]"))
            .await?;
        page.fill("signup-repeat", &self.passphrase).await?;
        page.click(id("signup-next")).await?;
        page.click(id("signup-create")).await?;
        page.see(id("page-mail")).await?;
        page.see(id("list-empty")).await?;
        Ok(())
    }

    /// Fills in the log-in page, which must be open, and sends it.
    ///
    /// # Errors
    ///
    /// When the page is not there.
    pub async fn enter(&self, page: &Page, passphrase: &str) -> Result<()> {
        page.fill("login-address", &self.address()).await?;
        page.fill("login-passphrase", passphrase).await?;
        page.click(id("login-submit")).await
    }

    /// Logs in from the first page or from the log-in page.
    ///
    /// # Errors
    ///
    /// When the inbox does not come.
    pub async fn log_in(&self, page: &Page) -> Result<()> {
        go_to_log_in(page).await?;
        self.enter(page, &self.passphrase).await?;
        page.see(id("page-mail")).await?;
        Ok(())
    }

    /// Opens what is locked.
    ///
    /// # Errors
    ///
    /// When it stays locked.
    pub async fn unlock(&self, page: &Page) -> Result<()> {
        page.fill("unlock-passphrase", &self.passphrase).await?;
        page.click(id("unlock-submit")).await?;
        page.see(id("page-mail")).await?;
        Ok(())
    }

    /// Changes the passphrase in the settings.
    ///
    /// # Errors
    ///
    /// When it is not changed.
    pub async fn change_passphrase(&mut self, page: &Page, new: &str) -> Result<()> {
        page.click(id("nav-settings")).await?;
        page.fill("pass-old", &self.passphrase).await?;
        page.fill("pass-new", new).await?;
        page.fill("pass-repeat", new).await?;
        page.click(id("pass-submit")).await?;
        page.see(id("pass-done")).await?;
        new.clone_into(&mut self.passphrase);
        Ok(())
    }
}

/// Comes to the log-in page from wherever a logged-out webmail is.
///
/// # Errors
///
/// When it does not come.
pub async fn go_to_log_in(page: &Page) -> Result<()> {
    page.until("the log-in page", async || {
        if page.shows(id("page-login")).await? {
            return Ok(Some(()));
        }
        if page.shows(id("welcome-login")).await? {
            page.driver()
                .find(id("welcome-login"))
                .await?
                .click()
                .await?;
        }
        Ok(None)
    })
    .await
}

/// Goes to a mailbox by its name in the side bar.
///
/// # Errors
///
/// When it does not open.
pub async fn go_to(page: &Page, mailbox: &str) -> Result<()> {
    page.click(id(&format!("nav-{mailbox}"))).await?;
    page.see(id_with(
        "page-mail",
        &format!("[data-mailbox=\"{mailbox}\"]"),
    ))
    .await?;
    Ok(())
}

/// Writes a message up to the point where it could be sent.
///
/// # Errors
///
/// When a field does not take its part, or the recipient's key is not found.
pub async fn write(page: &Page, draft: &Draft) -> Result<()> {
    page.click(id("compose-button")).await?;
    page.see(id("page-compose")).await?;
    let field = page.see(id("to-input")).await?;
    field
        .send_keys(format!("{}{}", draft.to, char::from(Key::Enter)))
        .await?;
    page.see(id_with(
        "chip",
        &format!("[data-address=\"{}\"][data-state=\"ready\"]", draft.to),
    ))
    .await?;
    page.fill("subject", &draft.subject).await?;
    page.fill("body", &draft.body).await?;
    if let Some(file) = &draft.file {
        attach(page, file).await?;
    }
    Ok(())
}

/// Attaches a file to the message being written.
///
/// # Errors
///
/// When it does not appear.
pub async fn attach(page: &Page, file: &Path) -> Result<()> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    page.choose_file("attach-input", file).await?;
    page.see(id_with("file", &format!("[data-name=\"{name}\"]")))
        .await?;
    Ok(())
}

/// Sends the message being written and waits until nothing waits to be sent.
///
/// # Errors
///
/// When it is not sent.
pub async fn send(page: &Page) -> Result<()> {
    page.click(id("send")).await?;
    page.gone(id("page-compose")).await?;
    page.gone(id("outbox")).await
}

/// The row of a subject, once it is there.
///
/// # Errors
///
/// When it does not come.
pub async fn wait_for_row(page: &Page, subject: &str) -> Result<()> {
    page.see(row(subject)).await?;
    Ok(())
}

/// Opens the message of a subject, once it is there.
///
/// # Errors
///
/// When it does not come or does not open.
pub async fn read(page: &Page, subject: &str) -> Result<()> {
    page.click(row(subject)).await?;
    page.see(id_with("reader", "[data-state=\"open\"]")).await?;
    page.until(&format!("the subject {subject}"), async || {
        let shown = page
            .driver()
            .find(id("reader-subject"))
            .await?
            .text()
            .await?;
        Ok((shown == subject).then_some(()))
    })
    .await
}

/// Checks what the reader says about the open message's protection.
///
/// # Errors
///
/// When it says something else.
pub async fn expect_verdict(page: &Page, protection: &str, signature: &str) -> Result<()> {
    let found = (
        page.attribute(id("verdict"), "data-protection").await?,
        page.attribute(id("verdict"), "data-signature").await?,
    );
    if found != (protection.to_owned(), signature.to_owned()) {
        bail!(
            "{}: the verdict is {found:?}, not {protection} and {signature}",
            page.name
        );
    }
    Ok(())
}

/// Saves an attachment and returns its bytes as they arrive in the folder of
/// downloads.
///
/// # Errors
///
/// When it does not arrive.
pub async fn save_attachment(page: &Page, name: &str, downloads: &Path) -> Result<Vec<u8>> {
    let selector = format!(
        "[data-testid=\"attachment\"][data-name=\"{name}\"] [data-testid=\"attachment-save\"]"
    );
    page.click(By::Css(selector)).await?;
    let file = downloads.join(name);
    page.until(&format!("the download {name}"), async || {
        // Browsers write beside the final name and rename when all is there.
        let partial = std::fs::read_dir(downloads)?
            .filter_map(Result::ok)
            .any(|entry| {
                let name = entry.file_name().to_string_lossy().into_owned();
                name.ends_with(".part") || name.ends_with(".crdownload")
            });
        let length = std::fs::metadata(&file).map_or(0, |data| data.len());
        Ok((!partial && length > 0).then_some(()))
    })
    .await?;
    Ok(std::fs::read(file)?)
}

/// Locks by the button.
///
/// # Errors
///
/// When it does not lock.
pub async fn lock(page: &Page) -> Result<()> {
    page.click(id("lock-button")).await?;
    page.see(id("page-unlock")).await?;
    Ok(())
}

/// Logs out by the settings.
///
/// # Errors
///
/// When it does not log out.
pub async fn log_out(page: &Page) -> Result<()> {
    page.click(id("nav-settings")).await?;
    page.click(id("logout-button")).await?;
    page.click(id("logout-confirm")).await?;
    page.until("the page before the log-in", async || {
        Ok(
            (page.shows(id("page-welcome")).await? || page.shows(id("page-login")).await?)
                .then_some(()),
        )
    })
    .await
}

fn row(subject: &str) -> By {
    By::XPath(format!(
        "//*[@data-testid='message-row'][.//*[@data-testid='row-subject'][normalize-space(.)='{subject}']]"
    ))
}
