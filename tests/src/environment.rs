//! What `cargo xtask` tells the tests.

use std::path::PathBuf;

use anyhow::{Context, Result};

/// Where everything is that a browser test needs.
#[derive(Clone, Debug)]
pub struct Environment {
    /// The server's binary
    pub server: PathBuf,
    /// The built site, `dist/webmail` or its like
    pub webmail: PathBuf,
    /// Chromium and its driver
    pub chromium: [PathBuf; 2],
    /// Firefox and its driver
    pub firefox: [PathBuf; 2],
    /// Where pictures of failures go
    pub artifacts: PathBuf,
}

impl Environment {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// Tells how to run the tests when they were started by hand: silence would
    /// look like success.
    pub fn read() -> Result<Self> {
        Ok(Self {
            server: path("LETTERLOCK_SERVER")?,
            webmail: path("LETTERLOCK_WEBMAIL")?,
            chromium: [
                path("LETTERLOCK_CHROMIUM")?,
                path("LETTERLOCK_CHROMEDRIVER")?,
            ],
            firefox: [path("LETTERLOCK_FIREFOX")?, path("LETTERLOCK_GECKODRIVER")?],
            artifacts: path("LETTERLOCK_ARTIFACTS")?,
        })
    }
}

fn path(name: &str) -> Result<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).with_context(|| {
        format!(
            "{name} is not set. These tests need a built site, a server and two browsers: \
             run `cargo xtask test`, or `cargo xtask test --only browsers`"
        )
    })
}
