//! Where things lie in the workspace.

use std::env;
use std::path::{Path, PathBuf};

/// The workspace's root folder.
pub(crate) fn root() -> PathBuf {
    // Cargo sets the variable for `cargo run`; the compiled-in path serves a
    // binary that is started by hand.
    let manifest = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest.parent().map(Path::to_path_buf).unwrap_or(manifest)
}

/// Cargo's target folder for native builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(
        || root().join("target"),
        |folder| root().join(PathBuf::from(folder)),
    )
}

/// Cargo's target folder for wasm32, apart so that neither build waits for the
/// other's lock nor throws away the other compiler's work.
pub(crate) fn wasm_target() -> PathBuf {
    target().join("wasm")
}

/// What xtask itself keeps between runs.
pub(crate) fn own() -> PathBuf {
    target().join("xtask")
}

/// A path as shown to a person: relative to the workspace where possible.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(root())
        .unwrap_or(path)
        .display()
        .to_string()
}
