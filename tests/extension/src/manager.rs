//! What a person does in the extension's own pages, by clicking.

use std::path::Path;

use anyhow::{Context as _, Result};
use letterlock_tests::page::{id, id_with};
use serde_json::json;
use thirtyfour::By;

use crate::extension::Extended;

/// A remembered person in the list of contacts, or something about them.
#[must_use]
pub fn contact(address: &str, more: &str) -> By {
    By::Css(format!(
        "[data-testid=\"contact\"][data-address=\"{address}\"]{more}"
    ))
}

/// A fingerprint as it is shown: in groups of four.
#[must_use]
pub fn grouped(fingerprint: &str) -> String {
    let digits: Vec<char> = fingerprint.chars().collect();
    let groups: Vec<String> = digits.chunks(4).map(|four| four.iter().collect()).collect();
    groups.join(" ")
}

impl Extended {
    /// Opens a page of the key manager; `locked` is what it shows without keys.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn manager(&self, route: &str) -> Result<()> {
        // The same address with another hash would not load anew.
        self.page.open("about:blank").await?;
        let hash = if route == "locked" { "keys" } else { route };
        self.own(&format!("manager.html#/{hash}")).await?;
        let wanted = format!("[data-route=\"{route}\"]");
        self.page.see(id_with("manager", &wanted)).await?;
        Ok(())
    }

    /// Opens the popup as a tab, about another tab if one is named.
    ///
    /// # Errors
    ///
    /// When it is not in this state.
    pub async fn popup(&self, about: Option<i64>, state: &str) -> Result<()> {
        self.page.open("about:blank").await?;
        match about {
            Some(tab) => self.own(&format!("popup.html?tab={tab}")).await?,
            None => self.own("popup.html").await?,
        }
        let wanted = format!("[data-state=\"{state}\"]");
        self.page.see(id_with("popup", &wanted)).await?;
        Ok(())
    }

    /// Presses the one "next" of a first run that can be seen.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn next(&self) -> Result<()> {
        let page = &self.page;
        page.until("a click on the next step", async || {
            for button in page.driver().find_all(id("next")).await? {
                if button.is_displayed().await? && button.is_enabled().await? {
                    button.click().await?;
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .await
    }

    /// The last steps of every first run: the words that were drawn, and the picture.
    ///
    /// # Errors
    ///
    /// When a step does not come.
    pub async fn finish_first_run(&self) -> Result<String> {
        let page = &self.page;
        let passphrase = self.type_drawn_words().await?;
        self.next().await?;
        page.click(id("create")).await?;
        page.see(id_with("welcome", "[data-step=\"done\"]")).await?;
        self.only_window().await?;
        Ok(passphrase)
    }

    /// Types the words that were drawn for a new passphrase.
    ///
    /// # Errors
    ///
    /// When none were.
    pub async fn type_drawn_words(&self) -> Result<String> {
        let page = &self.page;
        page.see(id("drawn-passphrase")).await?;
        let drawn = page.text(id("drawn-passphrase")).await?;
        let passphrase = drawn.split_whitespace().collect::<Vec<_>>().join(" ");
        page.fill("passphrase-new", &passphrase).await?;
        Ok(passphrase)
    }

    /// Types the passphrase into the form of the page that is open.
    ///
    /// # Errors
    ///
    /// When there is no form.
    pub async fn type_passphrase(&self, passphrase: &str) -> Result<()> {
        self.page.fill("passphrase", passphrase).await?;
        self.page.click(id("unlock-submit")).await
    }

    /// Unlocks in the key manager.
    ///
    /// # Errors
    ///
    /// When it stays locked.
    pub async fn unlock(&self, passphrase: &str) -> Result<()> {
        self.manager("locked").await?;
        self.type_passphrase(passphrase).await?;
        self.page
            .see(id_with("manager", "[data-route=\"keys\"]"))
            .await?;
        Ok(())
    }

    /// Locks by hand, in the popup.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn lock(&self) -> Result<()> {
        self.popup(None, "unlocked").await?;
        self.page.click(id("lock")).await?;
        self.page
            .see(id_with("popup", "[data-state=\"locked\"]"))
            .await?;
        Ok(())
    }

    /// Something in the card of one own key.
    #[must_use]
    pub fn of_key(&self, fingerprint: &str, testid: &str) -> By {
        By::Css(format!(
            "[data-testid=\"own-key\"][data-fingerprint=\"{fingerprint}\"] [data-testid=\"{testid}\"]"
        ))
    }

    /// Fingerprints of the own keys, in the order in which they are shown.
    ///
    /// # Errors
    ///
    /// When there are none.
    pub async fn key_fingerprints(&self) -> Result<Vec<String>> {
        self.page.see(id("own-key")).await?;
        let mut all = Vec::new();
        for card in self.page.driver().find_all(id("own-key")).await? {
            all.push(card.attr("data-fingerprint").await?.unwrap_or_default());
        }
        Ok(all)
    }

    /// Takes in a private key from a file that a passphrase of its own locks. A wrong one is told.
    ///
    /// # Errors
    ///
    /// When it is not among the own keys afterwards.
    pub async fn import_locked(
        &self,
        key: &Path,
        passphrase: &str,
        fingerprint: &str,
    ) -> Result<()> {
        let page = &self.page;
        self.manager("keys").await?;
        page.click(id("key-import")).await?;
        page.choose_file("key-file", key).await?;
        page.see(id_with("key-preview", "[data-private=\"true\"]"))
            .await?;
        page.fill("file-passphrase", "not this one").await?;
        page.click(id("import-submit")).await?;
        page.see(id("failure")).await?;
        page.fill("file-passphrase", passphrase).await?;
        page.click(id("import-submit")).await?;
        page.see(self.of_key(fingerprint, "own-fingerprint"))
            .await?;
        Ok(())
    }

    /// The fingerprint that is remembered of somebody, as the page of contacts has it.
    ///
    /// # Errors
    ///
    /// When nobody of this address is there.
    pub async fn contact_fingerprint(&self, address: &str) -> Result<String> {
        self.manager("contacts").await?;
        self.page.see(contact(address, "")).await?;
        self.page
            .attribute(contact(address, ""), "data-fingerprint")
            .await
    }

    /// What stands in the editor that the window is in.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn written(&self) -> Result<String> {
        let body = self.body().await?;
        Ok(match body.value().await? {
            Some(text) if !text.is_empty() => text,
            _ => body.text().await?,
        })
    }

    /// Puts a text into a field as a paste does, in one piece.
    ///
    /// # Errors
    ///
    /// When there is no such field.
    pub async fn paste(&self, name: &str, text: &str) -> Result<()> {
        self.page.see(id(name)).await?;
        let script = "const [name, text] = arguments;
            const field = document.querySelector(`[data-testid=\"${name}\"]`);
            field.value = text;
            field.dispatchEvent(new InputEvent('input', { bubbles: true }));";
        self.page
            .driver()
            .execute(script, vec![json!(name), json!(text)])
            .await?;
        Ok(())
    }

    /// All own keys with which of them is used, as the key manager shows them.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn own_keys(&self) -> Result<String> {
        self.manager("keys").await?;
        let mut all = Vec::new();
        self.page.see(id("own-key")).await?;
        for card in self.page.driver().find_all(id("own-key")).await? {
            let fingerprint = card.attr("data-fingerprint").await?.unwrap_or_default();
            let is_used = card.attr("data-used").await?.unwrap_or_default();
            all.push(format!("{fingerprint} {is_used}"));
        }
        all.sort();
        Ok(all.join(", "))
    }

    /// The armored certificate of an own key.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn certificate_of(&self, fingerprint: &str) -> Result<String> {
        let answer = self
            .ask(json!({ "type": "exportCertificate", "fingerprint": fingerprint }))
            .await?;
        Ok(answer["text"].as_str().context("no text")?.to_owned())
    }

    /// Flips a switch until it is on or off.
    ///
    /// # Errors
    ///
    /// When there is none, or it does not stay so.
    pub async fn switch(&self, within: &str, name: &str, is_on: bool) -> Result<()> {
        let page = &self.page;
        let input = By::Css(format!("{within} [data-testid=\"{name}\"]"));
        let whole = By::Css(format!("{within} .switch:has([data-testid=\"{name}\"])"));
        let now = page
            .until(&format!("the switch {name}"), async || {
                let found = page.driver().find(input.clone()).await?;
                Ok(Some(found.is_selected().await?))
            })
            .await?;
        if now != is_on {
            page.click(whole).await?;
        }
        page.until(&format!("{name} at {is_on}"), async || {
            let found = page.driver().find(input.clone()).await?;
            Ok((found.is_selected().await? == is_on).then_some(()))
        })
        .await
    }

    /// A file that was saved, once it is whole.
    ///
    /// # Errors
    ///
    /// When it does not come.
    pub async fn saved(&self, name: &str) -> Result<Vec<u8>> {
        let file = self.downloads.join(name);
        let part = self.downloads.join(format!("{name}.part"));
        self.page
            .until(&format!("the file {name}"), async || {
                if part.exists() {
                    return Ok(None);
                }
                Ok(std::fs::read(&file).ok().filter(|data| !data.is_empty()))
            })
            .await
    }

    /// Opens a page in a further tab and goes there; the browser's number of the one before.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn tab_beside(&self, path: &str) -> Result<i64> {
        let driver = self.page.driver();
        let left = self.page.driver().current_url().await?.to_string();
        driver.new_tab().await?;
        let windows = driver.windows().await?;
        let newest = windows.last().context("no window")?;
        driver.switch_to_window(newest.clone()).await?;
        self.own(path).await?;
        let tab = self
            .with_api(
                "const all = await api.tabs.query({});
                 return all.find((tab) => tab.url === argument)?.id ?? -1;",
                json!(left),
            )
            .await?;
        tab.as_i64().context("no number")
    }
}

/// Writes a file and returns its path.
///
/// # Errors
///
/// When the disk refuses.
pub fn file(folder: &Path, name: &str, data: impl AsRef<[u8]>) -> Result<std::path::PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, data)?;
    Ok(path)
}
