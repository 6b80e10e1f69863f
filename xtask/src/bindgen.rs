//! wasm-bindgen, linked in at the version that Cargo.lock names, so that no
//! separate tool has to be installed or can differ.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::cache;

/// Part of the cache key: raise it when the options below change.
const OPTIONS: &str = "web-2";

/// What wasm-bindgen makes of one program.
pub(crate) struct Bound {
    /// The module with its JavaScript glue
    pub(crate) js: Vec<u8>,
    /// The program itself
    pub(crate) wasm: Vec<u8>,
    /// What TypeScript has to know of the glue
    pub(crate) types: Vec<u8>,
    /// Further modules that the glue imports, by their path beside it
    pub(crate) snippets: Vec<(String, Vec<u8>)>,
}

/// Runs wasm-bindgen on a program, or takes the stored result for the same bytes.
///
/// # Errors
///
/// When wasm-bindgen refuses the program, and failures of the file system.
pub(crate) fn bind(program: &Path, name: &str, keep_names: bool) -> Result<Bound> {
    let input = fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    let key =
        cache::hash(format!("{OPTIONS} {name} {keep_names} {}", cache::hash(&input)).as_bytes());
    let folder = cache::folder("bindgen").join(key);
    if !folder.is_dir() {
        generate(program, name, keep_names, &folder)?;
    }
    read(&folder, name)
}

fn generate(program: &Path, name: &str, keep_names: bool, folder: &Path) -> Result<()> {
    let parent = folder.parent().context("the cache lies in a folder")?;
    fs::create_dir_all(parent)?;
    let staging = tempfile::tempdir_in(parent)?;
    Bindgen::new()
        .input_path(program)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(true)
                .omit_default_module_path(true)
                .remove_name_section(!keep_names)
                .remove_producers_section(true)
                .generate(staging.path())
        })
        .with_context(|| format!("wasm-bindgen cannot process {name}"))?;
    let staging = staging.keep();
    if let Err(problem) = fs::rename(&staging, folder) {
        fs::remove_dir_all(&staging)?;
        // Another run of this program may have been faster, with the same bytes.
        if !folder.is_dir() {
            return Err(problem.into());
        }
    }
    Ok(())
}

/// A program that speaks to JavaScript by plain exports, without the names only a debugger needs.
///
/// # Errors
///
/// When the file cannot be read or is no WebAssembly.
pub(crate) fn strip(program: &Path) -> Result<Vec<u8>> {
    let mut module = walrus::ModuleConfig::new()
        .generate_name_section(false)
        .generate_producers_section(false)
        .parse_file(program)
        .with_context(|| format!("cannot read {}", program.display()))?;
    let sections: Vec<_> = module.customs.iter().map(|(id, _)| id).collect();
    for section in sections {
        module.customs.delete(section);
    }
    Ok(module.emit_wasm())
}

fn read(folder: &Path, name: &str) -> Result<Bound> {
    let mut snippets = Vec::new();
    collect(&folder.join("snippets"), "snippets", &mut snippets)?;
    Ok(Bound {
        js: fs::read(folder.join(format!("{name}.js")))?,
        wasm: fs::read(folder.join(format!("{name}_bg.wasm")))?,
        types: fs::read(folder.join(format!("{name}.d.ts")))?,
        snippets,
    })
}

fn collect(folder: &Path, prefix: &str, into: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for path in sorted(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{prefix}/{name}");
        if path.is_dir() {
            collect(&path, &below, into)?;
        } else {
            into.push((below, fs::read(&path)?));
        }
    }
    Ok(())
}

/// The entries of a folder in an order that is the same everywhere.
///
/// # Errors
///
/// Failures of the file system.
pub(crate) fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(folder)
        .with_context(|| format!("cannot list {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}
