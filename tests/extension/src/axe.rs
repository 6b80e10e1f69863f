//! Accessibility, judged by axe-core in the page itself.

use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::extension::Extended;

/// Looks at the document by day and by night. Motion is off: a colour on its way to another is
/// none that anybody reads.
const LOOK: &str = r"
const done = arguments[arguments.length - 1];
const root = document.documentElement;
const before = root.dataset.theme;
root.style.setProperty('--quick', '0ms');
const look = async () => {
  const found = [];
  for (const theme of ['light', 'dark']) {
    root.dataset.theme = theme;
    for (const change of document.getAnimations()) if (change instanceof CSSTransition) change.finish();
    await new Promise((next) => setTimeout(next, 30));
    const { violations } = await window.axe.run(document, {
      runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
      rules: { 'target-size': { enabled: true } },
      resultTypes: ['violations'],
      iframes: false,
    });
    for (const violation of violations) {
      for (const node of violation.nodes) {
        found.push(`${theme}: ${violation.id} at ${node.target.join(' ')}: ${node.failureSummary.replaceAll('\n', ' ')}`);
      }
    }
  }
  const wide = root.scrollWidth - root.clientWidth;
  if (wide > 1) found.push(`it is ${wide} pixels wider than the window`);
  return found;
};
look()
  .catch((error) => [String(error)])
  .then((found) => {
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
    root.style.removeProperty('--quick');
    done(JSON.stringify(found));
  });
";

/// The program, and what it found so far.
#[derive(Debug)]
pub struct Axe {
    program: String,
    /// Place and complaint
    pub found: Vec<String>,
}

impl Axe {
    /// Reads the program that `cargo xtask test` installed.
    ///
    /// # Errors
    ///
    /// When it is not there.
    pub fn read() -> Result<Self> {
        let folder = std::env::var_os("LETTERLOCK_AXE")
            .map(PathBuf::from)
            .context("LETTERLOCK_AXE is not set: run `cargo xtask test --only browsers`")?;
        let file = folder.join("node_modules/axe-core/axe.min.js");
        let program = std::fs::read_to_string(&file)
            .with_context(|| format!("{} is not installed", file.display()))?;
        Ok(Self {
            program,
            found: Vec::new(),
        })
    }

    /// Judges what the driver is in: a page, or the frame it has entered.
    ///
    /// # Errors
    ///
    /// When the browser refuses the script.
    pub async fn look(&mut self, browser: &Extended, place: &str) -> Result<()> {
        let script = format!("{}\n{LOOK}", self.program);
        let answer = browser
            .page
            .driver()
            .execute_async(script, Vec::new())
            .await?;
        let found: Vec<String> =
            serde_json::from_str(answer.json().as_str().context("no answer")?)?;
        self.found
            .extend(found.into_iter().map(|one| format!("{place}, {one}")));
        Ok(())
    }

    /// Judges a page of the extension, wide and narrow.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn look_twice(&mut self, browser: &Extended, place: &str) -> Result<()> {
        self.look(browser, &format!("{place}, wide")).await?;
        browser.set_width(Some(360)).await?;
        self.look(browser, &format!("{place}, narrow")).await?;
        browser.set_width(None).await
    }
}
