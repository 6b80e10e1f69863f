//! A browser with the built extension, in which every name of the web leads to the tests' own
//! listeners.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use letterlock_tests::browser::{Browser, Extras, Kind};
use letterlock_tests::environment::Environment;
use letterlock_tests::page::Page;
use serde_json::{Value, json};
use thirtyfour::extensions::addons::firefox::FirefoxTools;

use crate::web::Web;

/// Firefox gives each profile another host for an extension, unless told which.
pub(crate) const FIREFOX_HOST: &str = "5f0c1d52-7a1e-4b7c-9d3a-4c6f2f1e9b10";

/// Reads where browsers and the extension are.
///
/// # Errors
///
/// Tells how to run the tests when they were started by hand.
pub fn environment() -> Result<(Environment, PathBuf)> {
    let folder = std::env::var_os("LETTERLOCK_EXTENSION")
        .map(PathBuf::from)
        .context(
            "LETTERLOCK_EXTENSION is not set. These tests need the built extension and two \
             browsers: run `cargo xtask test --only browsers`",
        )?;
    let path = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .with_context(|| format!("{name} is not set: run `cargo xtask test --only browsers`"))
    };
    let environment = Environment {
        // No test here needs a server of ours; those that do read it themselves.
        server: std::env::var_os("LETTERLOCK_SERVER")
            .unwrap_or_default()
            .into(),
        webmail: std::env::var_os("LETTERLOCK_WEBMAIL")
            .unwrap_or_default()
            .into(),
        chromium: [
            path("LETTERLOCK_CHROMIUM")?,
            path("LETTERLOCK_CHROMEDRIVER")?,
        ],
        firefox: [path("LETTERLOCK_FIREFOX")?, path("LETTERLOCK_GECKODRIVER")?],
        artifacts: path("LETTERLOCK_ARTIFACTS")?,
    };
    Ok((environment, folder))
}

/// A window with the extension.
#[derive(Debug)]
pub struct Extended {
    /// The window
    pub page: Page,
    /// Which browser
    pub kind: Kind,
    /// `chrome-extension://...` or `moz-extension://...`, without a slash at the end
    pub origin: String,
    /// Where files that were saved lie
    pub downloads: PathBuf,
}

/// Starts a browser with the extension on a profile below `folder`.
///
/// # Errors
///
/// When the browser or the extension does not start.
pub async fn start(kind: Kind, folder: &Path, name: &str, web: &Web) -> Result<Extended> {
    start_with_sites(kind, folder, name, web, &[]).await
}

/// The same, with host permissions that a person would otherwise give by a click in a question
/// of the browser, where no driver can click. The extension is the built one but for that line.
///
/// # Errors
///
/// When the browser or the extension does not start.
pub async fn start_with_sites(
    kind: Kind,
    folder: &Path,
    name: &str,
    web: &Web,
    sites: &[&str],
) -> Result<Extended> {
    let (environment, extension) = environment()?;
    let mut built = extension.join(kind.name());
    if !built.join("manifest.json").is_file() {
        bail!("{} holds no extension", built.display());
    }
    if !sites.is_empty() {
        let copy = folder.join(format!("extension-{name}"));
        copy_folder(&built, &copy)?;
        built = copy;
        let file = built.join("manifest.json");
        let mut manifest: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
        manifest["host_permissions"] = json!(sites);
        std::fs::write(&file, manifest.to_string())?;
    }
    run(&environment, kind, folder, name, web, Some(&built)).await
}

/// The same browser in the same web without the extension, to compare with.
///
/// # Errors
///
/// When the browser does not start.
pub async fn start_bare(kind: Kind, folder: &Path, name: &str, web: &Web) -> Result<Extended> {
    let (environment, _) = environment()?;
    run(&environment, kind, folder, name, web, None).await
}

async fn run(
    environment: &Environment,
    kind: Kind,
    folder: &Path,
    name: &str,
    web: &Web,
    built: Option<&Path>,
) -> Result<Extended> {
    let profile = folder.join(format!("profile-{name}"));
    let downloads = folder.join(format!("downloads-{name}"));
    let extras = extras(built, web);
    let browser = Browser::start_with(environment, kind, &profile, &downloads, &extras).await?;
    let origin = match (kind, built) {
        (_, None) => String::new(),
        (Kind::Chromium, Some(_)) => chromium_origin(&browser).await?,
        (Kind::Firefox, Some(built)) => {
            FirefoxTools::new(browser.driver.handle().clone())
                .install_addon(&built.display().to_string(), Some(true))
                .await?;
            format!("moz-extension://{FIREFOX_HOST}")
        }
    };
    let page = Page::new(browser, kind, name, environment.artifacts.clone());
    Ok(Extended {
        page,
        kind,
        origin,
        downloads,
    })
}

fn extras(built: Option<&Path>, web: &Web) -> Extras {
    let id = built.map(addon_id).unwrap_or_default();
    let loading = built.map(|built| format!("--load-extension={}", built.display()));
    let mut extras = Extras {
        chromium_arguments: vec![
            "--disable-features=DisableLoadExtensionCommandLineSwitch".to_owned(),
            "--ignore-certificate-errors".to_owned(),
            format!(
                "--host-resolver-rules=MAP *:443 {}, MAP *:80 {}, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                web.tls, web.plain
            ),
        ],
        geckodriver_arguments: vec!["--allow-system-access".to_owned()],
        firefox_preferences: vec![
            ("network.dns.forceResolve".to_owned(), json!("127.0.0.1")),
            (
                "network.socket.forcePort".to_owned(),
                json!(format!("443={};80={}", web.tls.port(), web.plain.port())),
            ),
            (
                "extensions.webextensions.uuids".to_owned(),
                json!(json!({ id: FIREFOX_HOST }).to_string()),
            ),
            (
                "network.stricttransportsecurity.preloadlist".to_owned(),
                json!(false),
            ),
            (
                "security.cert_pinning.enforcement_level".to_owned(),
                json!(0),
            ),
            ("network.trr.mode".to_owned(), json!(5)),
            ("dom.disable_open_during_load".to_owned(), json!(false)),
            // A temporary add-on goes with the browser. What it kept stays, as that of an installed
            // one does, so that a test can close the browser and open it again.
            (
                "extensions.webextensions.keepStorageOnUninstall".to_owned(),
                json!(true),
            ),
            (
                "extensions.webextensions.keepUuidOnUninstall".to_owned(),
                json!(true),
            ),
        ],
        insecure: true,
    };
    extras.chromium_arguments.extend(loading);
    extras
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn addon_id(built: &Path) -> String {
    std::fs::read(built.join("manifest.json"))
        .ok()
        .and_then(|text| serde_json::from_slice::<Value>(&text).ok())
        .and_then(|manifest| {
            let id = manifest.pointer("/browser_specific_settings/gecko/id")?;
            Some(id.as_str()?.to_owned())
        })
        .unwrap_or_default()
}

/// The background's own address tells it.
async fn chromium_origin(browser: &Browser) -> Result<String> {
    let tools = browser.driver.cdp();
    for _ in 0..200 {
        let targets = tools.send_raw("Target.getTargets", json!({})).await?;
        let found = targets["targetInfos"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|target| target["url"].as_str())
            .find_map(|url| {
                let rest = url.strip_prefix("chrome-extension://")?;
                let (id, path) = rest.split_once('/')?;
                (path.starts_with("background") || path.ends_with(".html")).then(|| id.to_owned())
            });
        if let Some(id) = found {
            return Ok(format!("chrome-extension://{id}"));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    bail!("Chromium did not start the extension's background")
}

impl Extended {
    /// Opens a page of the extension.
    ///
    /// # Errors
    ///
    /// When the browser refuses.
    pub async fn own(&self, path: &str) -> Result<()> {
        self.page.open(&format!("{}/{path}", self.origin)).await
    }

    /// Closes the browser.
    ///
    /// # Errors
    ///
    /// When it does not close.
    pub async fn close(self) -> Result<()> {
        self.page.close().await
    }
}
