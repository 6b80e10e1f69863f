//! The licences of what is linked into the package's programs, whose terms ask to be passed on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package, PackageId};

use crate::{bindgen, paths, setup};

/// Licence files begin with one of these, in any case.
const NAMES: [&str; 4] = ["license", "licence", "copying", "notice"];

/// Every package linked into `crypto-wasm`, and each licence text once.
///
/// # Errors
///
/// When cargo does not tell, or a text cannot be read.
pub(super) fn text() -> Result<String> {
    let metadata = MetadataCommand::new()
        .manifest_path(paths::root().join("crypto-core/wasm/Cargo.toml"))
        .other_options(vec![
            "--filter-platform".to_owned(),
            setup::TARGET.to_owned(),
        ])
        .exec()
        .context("cargo metadata failed")?;
    let resolve = metadata.resolve.as_ref().context("a resolved graph")?;
    let links: BTreeMap<&PackageId, Vec<&PackageId>> = resolve
        .nodes
        .iter()
        .map(|node| {
            let linked = node
                .deps
                .iter()
                .filter(|dep| {
                    dep.dep_kinds
                        .iter()
                        .any(|kind| kind.kind == DependencyKind::Normal)
                })
                .map(|dep| &dep.pkg)
                .collect();
            (&node.id, linked)
        })
        .collect();
    let root = metadata
        .packages
        .iter()
        .find(|package| package.name.as_str() == "crypto-wasm")
        .context("crypto-wasm is a member")?;
    let mut reached = BTreeSet::new();
    reach(&root.id, &links, &mut reached);
    let mut packages: Vec<&Package> = metadata
        .packages
        .iter()
        // Our own are under the package's own licence.
        .filter(|package| reached.contains(&package.id) && package.source.is_some())
        .collect();
    packages.sort_by(|a, b| (&a.name, &a.version).cmp(&(&b.name, &b.version)));
    written(&packages)
}

fn reach<'a>(
    from: &'a PackageId,
    links: &BTreeMap<&'a PackageId, Vec<&'a PackageId>>,
    reached: &mut BTreeSet<&'a PackageId>,
) {
    if reached.insert(from) {
        for next in links.get(from).into_iter().flatten() {
            reach(next, links, reached);
        }
    }
}

fn written(packages: &[&Package]) -> Result<String> {
    let mut out = String::from(
        "The programs in this package contain these libraries, under the licences named.\n\
         The texts follow, each once, with the libraries that carry it.\n\n",
    );
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("see below");
        let _ = writeln!(out, "{name}: {licence}");
        let folder = package
            .manifest_path
            .parent()
            .context("a manifest lies in a folder")?;
        for text in licence_files(folder.as_std_path())? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    for (text, names) in texts {
        let _ = write!(
            out,
            "\n{}\n{}\n\n{}\n",
            "-".repeat(72),
            names.join(", "),
            text.trim_end()
        );
    }
    Ok(out)
}

fn licence_files(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for path in bindgen::sorted(folder)? {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_ascii_lowercase();
        if path.is_file() && NAMES.iter().any(|start| name.starts_with(start)) {
            let bytes = fs::read(&path)?;
            texts.push(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"));
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_linked_is_named_with_its_terms() {
        let text = super::text().unwrap();
        assert!(text.contains("\npgp "), "{}", &text[..400]);
        assert!(text.contains("Permission is hereby granted"));
        // For tests and for building alone.
        assert!(!text.contains("\nproptest "));
        assert!(!text.contains("\ncrypto-core "));
    }
}
