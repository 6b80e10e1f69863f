//! The table of imports, and the graph that must fit it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use cargo_metadata::MetadataCommand;

use super::Findings;

const TABLE_FILE: &str = "ARCHITECTURE.md";
const HEADER: [&str; 2] = ["crate", "may import from the workspace"];

/// Crates from outside that belong to some of ours only: what touches a browser,
/// what opens sockets and databases, and OpenPGP itself.
const RESERVED: [(&[&str], &[&str]); 4] = [
    (
        &[
            "web-sys",
            "js-sys",
            "wasm-bindgen",
            "wasm-bindgen-futures",
            "gloo",
            "idb",
        ],
        &[
            "crypto-wasm",
            "crypto-webcrypto",
            "ext-background",
            "ext-browser",
            "ext-pages",
            "platform-web",
            "ui-kit",
            "webapp",
        ],
    ),
    (&["yew", "yew-router"], &["ext-pages", "ui-kit", "webapp"]),
    (
        &["sqlx", "axum", "tower-http"],
        &["server-stub", "testkit", "flows"],
    ),
    // The attacks and the fuzzer forge what our own writer never would write.
    (&["pgp"], &["crypto-core", "attacks", "fuzz"]),
];

/// Names of crates, each with what it imports or may import.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// Compares the workspace's manifests with the table.
///
/// # Errors
///
/// When cargo or the table cannot be read.
pub(super) fn check(root: &Path, findings: &mut Findings) -> Result<()> {
    let text = fs::read_to_string(root.join(TABLE_FILE))
        .with_context(|| format!("{TABLE_FILE} is missing"))?;
    let allowed = table(&text)?;
    let metadata = MetadataCommand::new()
        .manifest_path(root.join("Cargo.toml"))
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let members: BTreeSet<String> = metadata
        .packages
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let mut graph = Graph::new();
    for package in &metadata.packages {
        let imports = graph.entry(package.name.to_string()).or_default();
        for dependency in &package.dependencies {
            if dependency.path.is_some() && members.contains(&dependency.name) {
                imports.insert(dependency.name.clone());
            }
        }
        for (reserved, owners) in RESERVED {
            for dependency in &package.dependencies {
                if reserved.contains(&dependency.name.as_str())
                    && !owners.contains(&package.name.as_str())
                {
                    findings.problems.push(format!(
                        "{} imports {}, which belongs to {}",
                        package.name,
                        dependency.name,
                        owners.join(", ")
                    ));
                }
            }
        }
    }
    findings.problems.extend(compare(&graph, &allowed));
    if let Some(circle) = circle(&graph) {
        findings
            .problems
            .push(format!("a circle of imports: {}", circle.join(" -> ")));
    }
    Ok(())
}

/// Reads the table: names stand in backticks, a cell without any allows nothing.
fn table(text: &str) -> Result<Graph> {
    let mut lines = text
        .lines()
        .skip_while(|line| cells(line).is_none_or(|cells| cells != HEADER));
    if lines.next().is_none() {
        bail!("{TABLE_FILE} has no table | {} |", HEADER.join(" | "));
    }
    let mut graph = Graph::new();
    // The line below the header only draws it.
    for line in lines.skip(1) {
        let Some(cells) = cells(line) else { break };
        let [crates, imports, ..] = cells.as_slice() else {
            break;
        };
        for name in names(crates) {
            graph.entry(name).or_default().extend(names(imports));
        }
    }
    Ok(graph)
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let inner = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(inner.split('|').map(str::trim).collect())
}

fn names(cell: &str) -> Vec<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(ToOwned::to_owned)
        .collect()
}

fn compare(graph: &Graph, allowed: &Graph) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, imports) in graph {
        let Some(allowed) = allowed.get(name) else {
            problems.push(format!("{TABLE_FILE}'s table has no row for {name}"));
            continue;
        };
        for import in imports.difference(allowed) {
            problems.push(format!(
                "{name} imports {import}, which {TABLE_FILE}'s table does not allow"
            ));
        }
    }
    for (name, imports) in allowed {
        for unknown in std::iter::once(name)
            .chain(imports)
            .filter(|name| !graph.contains_key(*name))
        {
            problems.push(format!(
                "{TABLE_FILE}'s table names {unknown}, which is no crate of the workspace"
            ));
        }
    }
    problems.sort();
    problems.dedup();
    problems
}

/// A way from a crate back to itself, if there is one.
fn circle(graph: &Graph) -> Option<Vec<String>> {
    let mut done = BTreeSet::new();
    graph
        .keys()
        .find_map(|name| walk(graph, name, &mut Vec::new(), &mut done))
}

fn walk<'a>(
    graph: &'a Graph,
    name: &'a str,
    way: &mut Vec<&'a str>,
    done: &mut BTreeSet<&'a str>,
) -> Option<Vec<String>> {
    if let Some(start) = way.iter().position(|step| *step == name) {
        return Some(
            way.iter()
                .skip(start)
                .copied()
                .chain([name])
                .map(ToOwned::to_owned)
                .collect(),
        );
    }
    if !done.insert(name) {
        return None;
    }
    way.push(name);
    let found = graph
        .get(name)
        .into_iter()
        .flatten()
        .find_map(|import| walk(graph, import, way, done));
    way.pop();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
text

| crate | may import from the workspace |
|---|---|
| `core`, `wire` | nothing |
| `client` | `core`, `wire` |

| another | table |
";

    fn graph(edges: &[(&str, &[&str])]) -> Graph {
        edges
            .iter()
            .map(|(name, imports)| {
                (
                    (*name).to_owned(),
                    imports.iter().map(|import| (*import).to_owned()).collect(),
                )
            })
            .collect()
    }

    #[test]
    fn an_allowed_graph_passes() {
        let allowed = table(TABLE).unwrap();
        let graph = graph(&[("core", &[]), ("wire", &[]), ("client", &["core"])]);
        assert_eq!(compare(&graph, &allowed), Vec::<String>::new());
        assert_eq!(circle(&graph), None);
    }

    #[test]
    fn an_edge_that_the_table_lacks_is_told() {
        let allowed = table(TABLE).unwrap();
        let graph = graph(&[("core", &["wire"]), ("wire", &[]), ("client", &[])]);
        let problems = compare(&graph, &allowed);
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with("core imports wire"));
    }

    #[test]
    fn rows_and_crates_must_match() {
        let allowed = table(TABLE).unwrap();
        let graph = graph(&[("core", &[]), ("client", &[]), ("new", &[])]);
        let problems = compare(&graph, &allowed);
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems[0].contains("no row for new"));
        assert!(problems[1].contains("names wire"));
    }

    #[test]
    fn a_circle_is_found() {
        let graph = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]);
        assert_eq!(circle(&graph).unwrap(), ["b", "c", "b"]);
    }

    #[test]
    fn a_missing_table_is_told() {
        assert!(table("nothing here").is_err());
    }
}
