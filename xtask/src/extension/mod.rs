//! Builds the browser extension into a folder for each family of browsers.
//!
//! Everything lies under the name the manifest or a loader calls it by. The webmail is in the
//! package, too; the background answers it, and its page is the program of the extension's pages,
//! so that nothing is shipped twice.

mod lint;
mod manifest;
pub(crate) mod package;
pub(crate) mod rehearsal;
pub(crate) mod scripts;
mod size;
mod styles;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;

use crate::assets::{self, Place, Site, Source};
use crate::bindgen::{self, Bound};
use crate::cargo::{self, Profile};
use crate::setup::Toolchain;
use crate::{build, cache, paths, process, setup, step};

/// The browsers' families, as the manifest's template names them.
pub(crate) const FAMILIES: [&str; 2] = ["chromium", "firefox"];

/// The program that holds the keys.
const BACKGROUND: &str = "ext-background";
/// Stretches passphrases in an instance of its own, whose 64 MiB go away with it.
const KDF: &str = "ext-kdf";
/// The programs without keys; `pages` is the webmail's page as well.
const PAGES: [&str; 2] = ["frames", "pages"];

/// What has a window of its own, all by the program `pages`.
const WINDOWS: [&str; 4] = ["manager", "popup", "unlock", "welcome"];

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// How much to optimise
    #[arg(long, value_enum, default_value = "dist")]
    profile: Profile,
    /// The folder to build into, from the workspace's root
    #[arg(long, default_value = "dist/extension")]
    out: PathBuf,
}

/// The task.
///
/// # Errors
///
/// When a part cannot be built.
pub(crate) fn run(options: &Options) -> Result<()> {
    let toolchain = setup::toolchain()?;
    build(
        &toolchain,
        options.profile,
        &paths::root().join(&options.out),
    )
}

/// Where the extension is built unless another place is asked for.
pub(crate) fn folder() -> PathBuf {
    paths::root().join("dist/extension")
}

/// Builds both families' folders.
///
/// # Errors
///
/// When a part cannot be built.
pub(crate) fn build(toolchain: &Toolchain, profile: Profile, folder: &Path) -> Result<()> {
    let content = scripts::content()?;
    step::step(
        &format!("Building the extension for wasm32 ({})", profile.name()),
        || {
            let build = |what: &[&str]| {
                let mut build = cargo::wasm("build", toolchain.name());
                cargo::quiet(&mut build)
                    .args(what)
                    .args(["--target", setup::TARGET, "--profile", profile.name()])
                    .env(
                        "CARGO_ENCODED_RUSTFLAGS",
                        cargo::remap_flags(toolchain.sysroot().as_deref()),
                    );
                process::run(&mut build, cargo::LIMIT)
            };
            let mut programs = vec!["--package", "ext-background", "--package", "ext-pages"];
            programs.extend(["--bin", BACKGROUND]);
            programs.extend(PAGES.iter().flat_map(|bin| ["--bin", *bin]));
            build(&programs)?;
            // By itself: beside the others its dependencies would get their features, and with
            // them a generator of randomness that imports functions from JavaScript.
            build(&["--package", KDF, "--lib"])
        },
    )?;
    let common = step::step("Putting the extension together", || {
        let mut site = programs(profile)?;
        site.extend(content);
        site.extend(copied()?);
        scripts::join_loaders(&mut site)?;
        styles::join(&mut site)?;
        Ok(site)
    })?;
    for family in FAMILIES {
        let mut site = common.clone();
        site.insert("manifest.json".into(), manifest::render(family)?);
        write(&site, &folder.join(family))?;
    }
    step::say(format!("The extension is in {}", paths::shown(folder)));
    Ok(())
}

/// The wasm programs with their glue, and the webmail.
fn programs(profile: Profile) -> Result<Site> {
    let mut sources = Vec::new();
    let background = bound(BACKGROUND, profile)?;
    let mut root = Site::new();
    root.extend(background.snippets);
    let pages = bound("pages", profile)?;
    for (token, path, bytes) in [
        ("app.js", "pages.js", pages.js),
        ("app.wasm", "pages_bg.wasm", pages.wasm),
    ] {
        sources.push(Source {
            name: token.to_owned(),
            bytes,
            place: Place::At(path),
        });
    }
    root.extend(pages.snippets);
    sources.extend(webmail_sources()?);
    let mut site = assets::finish(sources)?;
    let frames = bound("frames", profile)?;
    site.insert("ext-background.js".to_owned(), background.js);
    site.insert("ext-background_bg.wasm".to_owned(), background.wasm);
    site.insert("frames.js".to_owned(), frames.js);
    site.insert("frames_bg.wasm".to_owned(), frames.wasm);
    root.extend(frames.snippets);
    site.extend(root);
    let kdf = bindgen::strip(&built("ext_kdf", profile))?;
    site.insert("kdf.wasm".to_owned(), kdf);
    Ok(site)
}

/// Where cargo put a program.
fn built(name: &str, profile: Profile) -> PathBuf {
    paths::wasm_target()
        .join(setup::TARGET)
        .join(profile.folder())
        .join(format!("{name}.wasm"))
}

fn bound(program: &str, profile: Profile) -> Result<Bound> {
    bindgen::bind(&built(program, profile), program, profile == Profile::Dev)
}

/// The webmail's own files: as on the web, but its page is `webmail.html`, and its loader is the
/// extension's: the background stands in the worker's place.
fn webmail_sources() -> Result<Vec<Source>> {
    let root = paths::root();
    let mut sources = Vec::new();
    for folder in ["webapp/loader", "webapp/assets"] {
        build::collect(&root.join(folder), "", &mut sources)?;
    }
    sources.retain(|source| {
        !matches!(
            source.name.as_str(),
            "boot.js" | "worker.js" | "config.json"
        )
    });
    build::collect(&root.join("extension/loader/webmail"), "", &mut sources)?;
    // Where the extension's own pages look for them too.
    for source in &mut sources {
        if source.name.ends_with(".css") {
            source.place = Place::In("styles");
        }
    }
    sources.push(Source {
        name: "webmail.html".to_owned(),
        bytes: fs::read(root.join("index.html"))?,
        place: Place::Root,
    });
    Ok(sources)
}

/// What is taken as it is: from where, to where, and which endings.
const COPIED: [(&str, &str, &[&str]); 7] = [
    ("extension/loader", "", &["js"]),
    ("extension/pages/assets", "", &["html"]),
    ("extension/pages/assets", "styles/", &["css"]),
    ("extension/pages/icons", "icons/", &["png", "svg"]),
    ("extension/rules", "", &["json", "asc"]),
    ("extension/_locales/en", "_locales/en/", &["json"]),
    ("webapp/assets", "", &["html"]),
];

fn copied() -> Result<Site> {
    let mut site = Site::new();
    for (from, to, endings) in COPIED {
        for path in bindgen::sorted(&paths::root().join(from))? {
            let name = build::file_name(&path)?;
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            if path.is_file() && endings.contains(&ending) {
                site.insert(format!("{to}{name}"), fs::read(&path)?);
            }
        }
    }
    // The extension's own pages differ in nothing but their name.
    let page = site.remove("page.html").context("page.html is missing")?;
    let page = String::from_utf8(page).context("in page.html")?;
    for name in WINDOWS {
        let bytes = page.replace("{page}", name).into_bytes();
        site.insert(format!("{name}.html"), bytes);
    }
    // Under another name for sites that the browser gives a changing address.
    for name in ["frame", "message", "message-remote"] {
        let file = site.get(&format!("{name}.html"));
        let file = file.with_context(|| format!("{name}.html is missing"))?;
        site.insert(format!("{name}-elsewhere.html"), file.clone());
    }
    Ok(site)
}

/// Writes a folder that then holds nothing else.
fn write(site: &Site, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let wanted: BTreeMap<PathBuf, &Vec<u8>> = site
        .iter()
        .map(|(path, bytes)| (folder.join(path), bytes))
        .collect();
    for (path, bytes) in &wanted {
        if fs::read(path).ok().as_ref() != Some(bytes) {
            cache::write_whole(path, bytes)?;
            assets::set_readable(path)?;
        }
    }
    assets::remove_others(folder, &wanted.into_keys().collect())
}
