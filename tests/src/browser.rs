//! Chromium and Firefox, driven by the same code.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use thirtyfour::{Capabilities, WebDriver};
use tokio::process::Command;

use crate::effort::{Counter, CountingClient};
use crate::environment::Environment;
use crate::process::{EndedEarly, Process};

const DRIVER_STARTS: usize = 4;

/// Which browser.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Chromium with ChromeDriver
    Chromium,
    /// Firefox with geckodriver
    Firefox,
}

impl Kind {
    /// A name for files and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
        }
    }
}

/// What a browser is started with beside the usual.
#[derive(Clone, Debug, Default)]
pub struct Extras {
    /// Further arguments of Chromium
    pub chromium_arguments: Vec<String>,
    /// Further arguments of geckodriver
    pub geckodriver_arguments: Vec<String>,
    /// Further preferences of Firefox
    pub firefox_preferences: Vec<(String, Value)>,
    /// Take certificates that nobody vouches for
    pub insecure: bool,
}

/// A browser window with its driver.
#[derive(Debug)]
pub struct Browser {
    /// The WebDriver session
    pub driver: WebDriver,
    /// What was clicked and filled in it
    pub counter: Counter,
    process: Option<Process>,
}

impl Browser {
    /// Starts a browser on a profile folder, which may hold a former visit;
    /// downloads go to `downloads` without a question.
    ///
    /// # Errors
    ///
    /// When the driver or the browser does not start.
    pub async fn start(
        environment: &Environment,
        kind: Kind,
        profile: &Path,
        downloads: &Path,
    ) -> Result<Self> {
        Self::start_with(environment, kind, profile, downloads, &Extras::default()).await
    }

    /// The same, with extras.
    ///
    /// # Errors
    ///
    /// When the driver or the browser does not start.
    pub async fn start_with(
        environment: &Environment,
        kind: Kind,
        profile: &Path,
        downloads: &Path,
        extras: &Extras,
    ) -> Result<Self> {
        std::fs::create_dir_all(profile)?;
        std::fs::create_dir_all(downloads)?;
        let (mut command, mut capabilities) = match kind {
            Kind::Chromium => chromium(environment, profile, downloads),
            Kind::Firefox => firefox(environment, profile, downloads),
        };
        extras.add_to(kind, &mut command, &mut capabilities);
        // Browsers complain about their own affairs all day long.
        std::fs::create_dir_all(&environment.artifacts)?;
        let log = environment.artifacts.join(format!("{}.log", kind.name()));
        command.stderr(OpenOptions::new().create(true).append(true).open(log)?);
        let (process, port) = start_driver(&mut command).await?;
        let mut all = Capabilities::new();
        if let Value::Object(map) = capabilities {
            for (name, value) in map {
                all.set(name, value)?;
            }
        }
        let counter = Counter::default();
        let client = CountingClient {
            inner: reqwest::Client::builder()
                .timeout(Duration::from_secs(180))
                .build()?,
            counter: counter.clone(),
        };
        let driver = WebDriver::builder(format!("http://127.0.0.1:{port}"), all)
            .client(client)
            .await
            .with_context(|| format!("{} did not start", kind.name()))?;
        Ok(Self {
            driver,
            counter,
            process: Some(process),
        })
    }

    /// Closes the browser in an orderly way, so that its profile is on disk.
    ///
    /// # Errors
    ///
    /// When it does not close.
    pub async fn close(mut self) -> Result<()> {
        self.driver.clone().quit().await?;
        match self.process.take() {
            Some(process) => process.end().await,
            None => Ok(()),
        }
    }
}

impl Extras {
    #[allow(
        clippy::indexing_slicing,
        reason = "indexing a mutable Value adds what is missing"
    )]
    fn add_to(&self, kind: Kind, command: &mut Command, capabilities: &mut Value) {
        if self.insecure {
            capabilities["acceptInsecureCerts"] = json!(true);
        }
        match kind {
            Kind::Chromium => {
                let options = &mut capabilities["goog:chromeOptions"]["args"];
                if let Value::Array(all) = options {
                    all.extend(self.chromium_arguments.iter().map(|one| json!(one)));
                }
            }
            Kind::Firefox => {
                command.args(&self.geckodriver_arguments);
                let preferences = &mut capabilities["moz:firefoxOptions"]["prefs"];
                for (name, value) in &self.firefox_preferences {
                    preferences[name] = value.clone();
                }
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver's group ends with the process; nobody needs to be asked.
        let _ = self.driver.clone().leak();
    }
}

/// ChromeDriver takes a free port of IPv4 and then wants the same one of IPv6; it ends when somebody
/// happens to have that. Another start takes another port.
async fn start_driver(command: &mut Command) -> Result<(Process, u16)> {
    for _ in 1..DRIVER_STARTS {
        match Process::start(command, driver_port).await {
            Err(error) if port_is_taken(&error) => {}
            other => return other,
        }
    }
    Process::start(command, driver_port).await
}

fn port_is_taken(error: &anyhow::Error) -> bool {
    error
        .downcast_ref()
        .is_some_and(|EndedEarly { said, .. }| said.contains("port not available"))
}

/// Both drivers take a free port and print it: ChromeDriver `... on port 1234.`,
/// geckodriver `... Listening on 127.0.0.1:1234`.
fn driver_port(line: &str) -> Option<u16> {
    if !(line.contains("successfully on port") || line.contains("Listening on")) {
        return None;
    }
    line.trim_end_matches('.')
        .rsplit([' ', ':'])
        .next()
        .and_then(|port| port.parse().ok())
}

fn chromium(environment: &Environment, profile: &Path, downloads: &Path) -> (Command, Value) {
    let [browser, driver] = &environment.chromium;
    let mut command = Command::new(driver);
    command.arg("--port=0");
    let capabilities = json!({
        "browserName": "chrome",
        "goog:chromeOptions": {
            "binary": browser,
            // Windows that an extension opens are windows.
            "enableExtensionTargets": true,
            "args": [
                "--headless=new",
                // The tests may run as root, where Chromium's sandbox refuses to.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--disable-dev-shm-usage",
                "--no-first-run",
                // Nothing but the server under test is ever asked.
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--lang=en-US",
                "--window-size=1280,800",
                format!("--user-data-dir={}", profile.display()),
            ],
            "prefs": {
                "download.default_directory": downloads,
                "download.prompt_for_download": false,
                "credentials_enable_service": false,
            },
        },
    });
    (command, capabilities)
}

fn firefox(environment: &Environment, profile: &Path, downloads: &Path) -> (Command, Value) {
    let [browser, driver] = &environment.firefox;
    let mut command = Command::new(driver);
    command.args(["--port", "0", "--websocket-port", "0"]);
    let capabilities = json!({
        "browserName": "firefox",
        "moz:firefoxOptions": {
            "binary": browser,
            "args": ["-headless", "--width=1280", "--height=800", "-profile", profile],
            "prefs": {
                "browser.download.folderList": 2,
                "browser.download.dir": downloads,
                "browser.download.useDownloadDir": true,
                "browser.download.always_ask_before_handling_new_types": false,
                "browser.helperApps.neverAsk.saveToDisk":
                    "application/octet-stream,text/plain,application/pdf,image/png",
                "intl.accept_languages": "en-US",
                "app.update.enabled": false,
                "browser.safebrowsing.malware.enabled": false,
                "browser.safebrowsing.phishing.enabled": false,
                "browser.safebrowsing.downloads.enabled": false,
                "datareporting.policy.dataSubmissionEnabled": false,
                "network.captive-portal-service.enabled": false,
                "network.connectivity-service.enabled": false,
                "signon.rememberSignons": false,
                "toolkit.telemetry.enabled": false,
            },
        },
    });
    (command, capabilities)
}

#[cfg(test)]
mod tests {
    use super::driver_port;

    #[test]
    fn both_drivers_tell_their_port() {
        let chrome = "ChromeDriver was started successfully on port 43210.";
        let gecko = "1700000000000\tgeckodriver\tINFO\tListening on 127.0.0.1:4567";
        assert_eq!(driver_port(chrome), Some(43210));
        assert_eq!(driver_port(gecko), Some(4567));
        assert_eq!(driver_port("Starting ChromeDriver on port 0"), None);
    }
}
