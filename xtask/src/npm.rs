//! The npm package: `crypto-core` for JavaScript.
//!
//! Three programs (everything; without post-quantum; verifying alone), each with the glue that
//! wasm-bindgen makes and the TypeScript of `crypto-core/wasm/npm/src` compiled against it. The
//! same sources give the same bytes: versions are pinned, folders are remapped, nothing carries a
//! date.

mod licences;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use crate::setup::Toolchain;
use crate::tools::{self, Tool};
use crate::{bindgen, browser, cache, cargo, paths, process, setup, size, step};

const TSC_LIMIT: Duration = Duration::from_secs(3 * 60);
const INSTALL_LIMIT: Duration = Duration::from_secs(10 * 60);
const TEST_LIMIT: Duration = Duration::from_secs(10 * 60);
/// The profile in the root manifest.
const PROFILE: &str = "npm";
/// What wasm-bindgen's output is called inside the package.
const GLUE: &str = "glue";

/// Options of the task.
#[derive(Args)]
pub(crate) struct Options {
    /// The folder to build into, from the workspace's root
    #[arg(long, default_value = "dist/npm")]
    out: PathBuf,
    /// Run the package's tests as well
    #[arg(long)]
    test: bool,
}

/// One of the programs in the package.
struct Variant {
    /// Its folder, and its name in `exports`
    name: &'static str,
    features: &'static str,
    /// The TypeScript modules that people import
    entries: [&'static str; 2],
}

/// Dearest first.
const VARIANTS: [Variant; 3] = [
    Variant {
        name: "full",
        features: "full,pqc",
        entries: ["index.ts", "node.ts"],
    },
    Variant {
        name: "classic",
        features: "full",
        entries: ["index.ts", "node.ts"],
    },
    Variant {
        name: "verify",
        features: "",
        entries: ["verify.ts", "node-verify.ts"],
    },
];

/// The task.
///
/// # Errors
///
/// When a part cannot be built, a budget is exceeded or a test fails.
pub(crate) fn run(options: &Options) -> Result<()> {
    let out = paths::root().join(&options.out);
    build(&setup::toolchain()?, &out)?;
    size::check_npm(&out)?;
    if options.test {
        browser::require()?;
        test(&out)?;
    }
    Ok(())
}

/// Where the package is built unless another place is asked for.
pub(crate) fn folder() -> PathBuf {
    paths::root().join("dist/npm")
}

/// Builds the package into `out`, which then holds nothing else.
///
/// # Errors
///
/// When a part cannot be built.
pub(crate) fn build(toolchain: &Toolchain, out: &Path) -> Result<()> {
    require_node()?;
    let tools = npm_install("npm", &["package.json", "package-lock.json"])?;
    if out.is_dir() {
        fs::remove_dir_all(out)?;
    }
    for variant in &VARIANTS {
        let bound = program(toolchain, variant.name, variant.features)?;
        step::step(
            &format!("Compiling the TypeScript of `{}`", variant.name),
            || compile(&tools, variant, &bound, &out.join(variant.name)),
        )?;
    }
    manifest(out)?;
    for (from, to) in [
        ("crypto-core/wasm/npm/README.md", "README.md"),
        ("LICENSE-MIT", "LICENSE-MIT"),
        ("LICENSE-APACHE", "LICENSE-APACHE"),
    ] {
        fs::copy(paths::root().join(from), out.join(to))
            .with_context(|| format!("cannot copy {from}"))?;
    }
    fs::write(out.join("THIRD-PARTY-LICENCES.txt"), licences::text()?)?;
    step::say(format!("The package is {}", paths::shown(out)));
    Ok(())
}

/// Makes sure that node and npm are there.
///
/// # Errors
///
/// Names what is missing and how to get it.
pub(crate) fn require_node() -> Result<()> {
    tools::require(&[
        Tool {
            program: "node",
            packages: &["nodejs"],
        },
        Tool {
            program: "npm",
            packages: &["npm"],
        },
    ])
}

/// The folder of the package's sources.
pub(crate) fn sources() -> PathBuf {
    paths::root().join("crypto-core/wasm/npm")
}

/// Installs what a lock file in a folder below `crypto-core/wasm` names, outside of the sources,
/// and returns where; once for each content of the lock file.
///
/// # Errors
///
/// When npm fails.
pub(crate) fn npm_install(folder: &str, files: &[&str]) -> Result<PathBuf> {
    let from = paths::root().join("crypto-core/wasm").join(folder);
    let mut all = Vec::new();
    for file in files {
        all.extend(fs::read(from.join(file)).with_context(|| format!("cannot read {file}"))?);
    }
    let to = cache::folder("npm").join(cache::hash(&all));
    if to.join("node_modules").is_dir() {
        return Ok(to);
    }
    step::step(
        &format!("Installing what {folder}'s lock file names"),
        || {
            let parent = to.parent().context("the cache lies in a folder")?;
            fs::create_dir_all(parent)?;
            let staging = tempfile::tempdir_in(parent)?;
            for file in files {
                fs::copy(from.join(file), staging.path().join(file))?;
            }
            let mut npm = process::command("npm");
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .args(["--loglevel", "error"])
                .current_dir(staging.path())
                .stdout(std::process::Stdio::null());
            process::run(&mut npm, INSTALL_LIMIT)?;
            let staging = staging.keep();
            if let Err(problem) = fs::rename(&staging, &to) {
                fs::remove_dir_all(&staging)?;
                // Another run of this program may have been faster, with the same files.
                if !to.is_dir() {
                    return Err(problem.into());
                }
            }
            Ok(())
        },
    )?;
    Ok(to)
}

/// Builds a program for measuring alone into `out`: the package's, and other parts of the core.
///
/// # Errors
///
/// When it cannot be built.
pub(crate) fn measured(toolchain: &Toolchain, out: &Path) -> Result<()> {
    let bound = program(toolchain, "measured", "full,pqc,measured")?;
    cache::write_whole(&out.join(format!("{GLUE}.js")), &bound.js)?;
    cache::write_whole(&out.join(format!("{GLUE}_bg.wasm")), &bound.wasm)
}

/// Builds one program and binds it.
fn program(toolchain: &Toolchain, name: &str, features: &str) -> Result<bindgen::Bound> {
    step::step(&format!("Building the program `{name}` for wasm32"), || {
        let mut build = cargo::wasm("build", toolchain.name());
        cargo::quiet(&mut build)
            .args(["--package", "crypto-wasm", "--target", setup::TARGET])
            .args(["--profile", PROFILE, "--no-default-features"])
            .args(["--features", features])
            .env(
                "CARGO_ENCODED_RUSTFLAGS",
                cargo::remap_flags(toolchain.sysroot().as_deref()),
            );
        process::run(&mut build, cargo::LIMIT)?;
        let wasm = paths::wasm_target()
            .join(setup::TARGET)
            .join(PROFILE)
            .join("crypto_wasm.wasm");
        bindgen::bind(&wasm, GLUE, false)
    })
}

/// Compiles the TypeScript against the glue, and puts both together.
fn compile(tools: &Path, variant: &Variant, bound: &bindgen::Bound, out: &Path) -> Result<()> {
    let sources = sources();
    let place = tempfile::tempdir_in(tools)?;
    let src = place.path().join("src");
    fs::create_dir_all(&src)?;
    for path in bindgen::sorted(&sources.join("src"))? {
        let name = path.file_name().context("a file has a name")?;
        fs::copy(&path, src.join(name))?;
    }
    fs::write(src.join(format!("{GLUE}.d.ts")), &bound.types)?;
    for file in ["package.json", "tsconfig.json"] {
        fs::copy(sources.join(file), place.path().join(file))?;
    }
    // What the entries do not reach is not part of this variant.
    let files: Vec<String> = variant
        .entries
        .iter()
        .map(|entry| format!("\"src/{entry}\""))
        .collect();
    fs::write(
        place.path().join("tsconfig.variant.json"),
        format!(
            "{{\"extends\": \"./tsconfig.json\", \"files\": [{}]}}",
            files.join(", ")
        ),
    )?;
    let mut tsc = process::command("node");
    tsc.arg(tools.join("node_modules/typescript/bin/tsc"))
        .args(["--project", "tsconfig.variant.json"])
        .current_dir(place.path());
    process::run(&mut tsc, TSC_LIMIT)?;

    fs::create_dir_all(out)?;
    for path in bindgen::sorted(&place.path().join("out"))? {
        let name = path.file_name().context("a file has a name")?;
        fs::copy(&path, out.join(name))?;
    }
    fs::write(out.join(format!("{GLUE}.js")), &bound.js)?;
    fs::write(out.join(format!("{GLUE}_bg.wasm")), &bound.wasm)?;
    for (path, bytes) in &bound.snippets {
        cache::write_whole(&out.join(path), bytes)?;
    }
    Ok(())
}

/// Writes `package.json`, with the workspace's version.
fn manifest(out: &Path) -> Result<()> {
    let text = fs::read_to_string(sources().join("manifest.json"))?;
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(
        out.join("package.json"),
        text.replace("\"version\": \"0.0.0\"", &version),
    )?;
    Ok(())
}

/// Packs, installs and uses the package as its README says: in Node, in both browsers, in their
/// workers, and through the type checker.
///
/// # Errors
///
/// When an example does not do what it says.
pub(crate) fn test(package: &Path) -> Result<()> {
    let tools = npm_install("npm", &["package.json", "package-lock.json"])?;
    step::step("Using the npm package as its README says", || {
        let mut tests = process::command("node");
        tests
            .arg(sources().join("test/main.mjs"))
            .arg(package)
            .arg(tools.join("node_modules"));
        browser::environment(&mut tests, Path::new(""), &paths::own().join("npm-test"))?;
        process::run(&mut tests, TEST_LIMIT)
    })
}
