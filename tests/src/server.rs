//! The real server, on a free port of the loopback interface.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::environment::Environment;
use crate::process::Process;

/// The domain of all accounts.
pub const DOMAIN: &str = "letterlock.test";

/// A server and the folder of its database.
#[derive(Debug)]
pub struct Server {
    process: Option<Process>,
    environment: Environment,
    data: PathBuf,
    /// `http://127.0.0.1:PORT`
    pub address: String,
}

impl Server {
    /// Starts a server over `data`.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub async fn start(environment: &Environment, data: &Path) -> Result<Self> {
        let (process, address) = serve(environment, data, "127.0.0.1:0").await?;
        Ok(Self {
            process: Some(process),
            environment: environment.clone(),
            data: data.to_owned(),
            address,
        })
    }

    /// Ends the server; its port is refused from then on.
    ///
    /// # Errors
    ///
    /// When it does not end.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(process) => process.end().await,
            None => Ok(()),
        }
    }

    /// Starts the server again on the same port over the same data.
    ///
    /// # Errors
    ///
    /// When it does not come up.
    pub async fn start_again(&mut self) -> Result<()> {
        let listen = self
            .address
            .strip_prefix("http://")
            .context("an address with a scheme")?
            .to_owned();
        let (process, address) = serve(&self.environment, &self.data, &listen).await?;
        if address != self.address {
            bail!("the server came back as {address}");
        }
        self.process = Some(process);
        Ok(())
    }

    /// A bearer token that is limited to mail, made by the operator's command.
    ///
    /// # Errors
    ///
    /// When the command fails.
    pub async fn token(&self, address: &str) -> Result<String> {
        let output = Command::new(&self.environment.server)
            .arg("token")
            .arg("--data")
            .arg(&self.data)
            .arg(address)
            .output()
            .await?;
        if !output.status.success() {
            bail!("no token: {}", String::from_utf8_lossy(&output.stderr));
        }
        String::from_utf8(output.stdout)?
            .split_whitespace()
            .last()
            .map(ToOwned::to_owned)
            .context("the command printed nothing")
    }

    /// The folder with the database.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }
}

async fn serve(environment: &Environment, data: &Path, listen: &str) -> Result<(Process, String)> {
    let mut command = Command::new(&environment.server);
    command
        .arg("serve")
        .arg("--data")
        .arg(data)
        .args(["--listen", listen, "--domain", DOMAIN])
        .arg("--webmail")
        .arg(&environment.webmail)
        .env("RUST_LOG", "warn");
    Process::start(&mut command, |line| {
        line.strip_prefix("listening on ")
            .map(|address| address.trim().to_owned())
    })
    .await
}
