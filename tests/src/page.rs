//! One window of the webmail, and waiting for what it shows.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use thirtyfour::{By, Key, WebDriver, WebElement};

use crate::browser::{Browser, Kind};
use crate::effort::Effort;

/// How long anything may take. Far above what people wait for: it only ends a
/// test that would never end.
const LIMIT: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(50);

/// What [`Page::describe`] collects, for the message of a failed wait.
const DESCRIBE: &str = r"
const ids = [...document.querySelectorAll('[data-testid]')]
  .filter((element) => element.offsetParent !== null || element.getClientRects().length > 0)
  .slice(0, 60)
  .map((element) => {
    const data = Object.entries(element.dataset)
      .filter(([name]) => name !== 'testid')
      .map(([name, value]) => `${name}=${value}`);
    return element.dataset.testid + (data.length ? `[${data.join(' ')}]` : '');
  });
return `${location.href} shows ${ids.join(', ')}`;
";

/// A window and what is done in it.
#[derive(Debug)]
pub struct Page {
    browser: Browser,
    /// Whose window it is, for messages and file names
    pub name: String,
    artifacts: PathBuf,
}

/// The selector of a test id.
#[must_use]
pub fn id(name: &str) -> By {
    By::Css(format!("[data-testid=\"{name}\"]"))
}

/// The selector of a test id with further attributes, like `[data-state=ready]`.
#[must_use]
pub fn id_with(name: &str, attributes: &str) -> By {
    By::Css(format!("[data-testid=\"{name}\"]{attributes}"))
}

impl Page {
    /// Takes a started browser.
    #[must_use]
    pub fn new(browser: Browser, kind: Kind, name: &str, artifacts: PathBuf) -> Self {
        Self {
            browser,
            name: format!("{}-{name}", kind.name()),
            artifacts,
        }
    }

    /// The WebDriver session.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.browser.driver
    }

    /// What was clicked and filled so far.
    #[must_use]
    pub fn effort(&self) -> Effort {
        self.browser.counter.effort()
    }

    /// Closes the browser.
    ///
    /// # Errors
    ///
    /// When it does not close.
    pub async fn close(self) -> Result<()> {
        self.browser.close().await
    }

    /// Loads an address.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn open(&self, url: &str) -> Result<()> {
        self.driver().goto(url).await?;
        Ok(())
    }

    /// Asks again and again until there is an answer. A failed question is asked
    /// again as well: the page may have changed between two steps of it.
    ///
    /// # Errors
    ///
    /// When the deadline passes; tells what the page shows and takes a picture.
    pub async fn until<T>(
        &self,
        what: &str,
        mut probe: impl AsyncFnMut() -> Result<Option<T>>,
    ) -> Result<T> {
        let deadline = Instant::now() + LIMIT;
        loop {
            let last = match probe().await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => None,
                Err(problem) => Some(problem),
            };
            if Instant::now() > deadline {
                let picture = self.picture("failure").await;
                bail!(
                    "{}: {what} did not come within {} s. {}. Picture: {picture:?}. Last problem: {last:?}",
                    self.name,
                    LIMIT.as_secs(),
                    self.describe().await,
                );
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits for an element that can be seen.
    ///
    /// # Errors
    ///
    /// When none appears.
    pub async fn see(&self, by: By) -> Result<WebElement> {
        self.until(&format!("{by:?}"), async || {
            for element in self.driver().find_all(by.clone()).await? {
                if element.is_displayed().await? {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Waits until no such element can be seen.
    ///
    /// # Errors
    ///
    /// When one stays.
    pub async fn gone(&self, by: By) -> Result<()> {
        self.until(&format!("the end of {by:?}"), async || {
            Ok((!self.shows(by.clone()).await?).then_some(()))
        })
        .await
    }

    /// Whether such an element can be seen at this moment.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn shows(&self, by: By) -> Result<bool> {
        for element in self.driver().find_all(by).await? {
            if element.is_displayed().await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Clicks, as soon as the element takes the click.
    ///
    /// # Errors
    ///
    /// When it never does.
    pub async fn click(&self, by: By) -> Result<()> {
        self.until(&format!("a click on {by:?}"), async || {
            let element = self.driver().find(by.clone()).await?;
            if !element.is_enabled().await? {
                return Ok(None);
            }
            element.click().await?;
            Ok(Some(()))
        })
        .await
    }

    /// Replaces what a field holds.
    ///
    /// # Errors
    ///
    /// When the field does not take it.
    pub async fn fill(&self, name: &str, text: &str) -> Result<()> {
        self.see(id(name)).await?;
        self.until(&format!("the text in {name}"), async || {
            let field = self.driver().find(id(name)).await?;
            field.send_keys(Key::Control + "a").await?;
            field.send_keys(text).await?;
            Ok((field.value().await?.as_deref() == Some(text)).then_some(()))
        })
        .await
    }

    /// Puts a file into a file field, which may be hidden behind a button.
    ///
    /// # Errors
    ///
    /// When the field does not take it.
    pub async fn choose_file(&self, name: &str, file: &std::path::Path) -> Result<()> {
        self.until(name, async || {
            let field = self.driver().find(id(name)).await?;
            field.send_keys(file.display().to_string()).await?;
            Ok(Some(()))
        })
        .await
    }

    /// The text of an element, once it is there.
    ///
    /// # Errors
    ///
    /// When it never is.
    pub async fn text(&self, by: By) -> Result<String> {
        self.until(&format!("the text of {by:?}"), async || {
            Ok(Some(self.driver().find(by.clone()).await?.text().await?))
        })
        .await
    }

    /// An attribute of an element, once both are there.
    ///
    /// # Errors
    ///
    /// When they never are.
    pub async fn attribute(&self, by: By, name: &str) -> Result<String> {
        self.until(&format!("{name} of {by:?}"), async || {
            Ok(self.driver().find(by.clone()).await?.attr(name).await?)
        })
        .await
    }

    /// Types on the keyboard, into whatever has the focus.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn press(&self, keys: impl AsRef<str>) -> Result<()> {
        self.driver()
            .action_chain()
            .send_keys(keys.as_ref())
            .perform()
            .await?;
        Ok(())
    }

    /// Presses Tab until the focus is on an element of this test id.
    ///
    /// # Errors
    ///
    /// When a whole round of the page does not lead there.
    pub async fn tab_to(&self, name: &str) -> Result<()> {
        const MOST: usize = 80;
        let tab: char = Key::Tab.into();
        for _ in 0..MOST {
            let focused = self
                .driver()
                .execute(
                    "const e = document.activeElement; return e && e.dataset ? (e.dataset.testid || '') : ''",
                    Vec::new(),
                )
                .await?;
            if focused.json().as_str() == Some(name) {
                return Ok(());
            }
            self.press(tab.to_string()).await?;
        }
        let picture = self.picture("failure").await;
        bail!(
            "{}: Tab does not lead to {name}. {}. Picture: {picture:?}",
            self.name,
            self.describe().await
        );
    }

    /// Takes a picture of the window.
    ///
    /// # Errors
    ///
    /// When the browser or the file system refuses.
    pub async fn picture(&self, title: &str) -> Result<PathBuf> {
        std::fs::create_dir_all(&self.artifacts)?;
        let file = self.artifacts.join(format!("{}-{title}.png", self.name));
        self.driver().screenshot(&file).await?;
        Ok(file)
    }

    /// What the page shows, in test ids.
    pub async fn describe(&self) -> String {
        match self.driver().execute(DESCRIBE, Vec::new()).await {
            Ok(answer) => answer.json().as_str().unwrap_or_default().to_owned(),
            Err(problem) => format!("(the page does not answer: {problem})"),
        }
    }
}
