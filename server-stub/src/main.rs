//! `server-stub`: runs a Letterlock server, or makes a token for one of its accounts.

use std::{
    io::Write,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use server_stub::{AppState, Config, app, serve};
use tokio::{net::TcpListener, signal};
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(version, about = "A small Letterlock server")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until interrupted; prints one line with the address when ready.
    Serve(Serve),
    /// Print a bearer token limited to mail, for a JMAP tool; works while the server runs.
    Token {
        /// The directory that holds the database.
        #[arg(long)]
        data: PathBuf,
        /// The account's address.
        address: String,
    },
}

#[derive(Args)]
struct Serve {
    /// The directory that holds the database; made if it is missing.
    #[arg(long)]
    data: PathBuf,
    /// Where to listen; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A domain to give out addresses in; can be given several times.
    #[arg(long, required = true)]
    domain: Vec<String>,
    /// The built webmail.
    #[arg(long)]
    webmail: Option<PathBuf>,
    /// The address people reach this server under, such as https://mail.example.org.
    #[arg(long)]
    public_url: Option<String>,
    /// Take no new accounts.
    #[arg(long)]
    closed: bool,
    /// A reverse proxy in front sets X-Forwarded-For.
    #[arg(long)]
    behind_proxy: bool,
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")),
        )
        .with_writer(std::io::stderr)
        .init();
    // A panic's message may quote what a request said: only its place is told.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "panic");
    }));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        match Cli::parse().command {
            Command::Serve(arguments) => run(arguments).await,
            Command::Token { data, address } => token(&data, &address).await,
        }
    })
}

async fn run(arguments: Serve) -> anyhow::Result<()> {
    let mut config = Config::new(arguments.data, "");
    config.domains = arguments
        .domain
        .iter()
        .map(|domain| domain.to_ascii_lowercase())
        .collect();
    config.webmail = arguments.webmail;
    config.public_url = arguments.public_url;
    config.registration_open = !arguments.closed;
    config.behind_proxy = arguments.behind_proxy;
    let state = AppState::open(config).await?;
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    let address = listener.local_addr()?;
    // Taken before the line is printed: whoever reads it may send a signal at once.
    let stop = stop_signal()?;
    say(&format!("listening on http://{address}"))?;
    serve(listener, app(state.clone()), &state, stop).await;
    state.close().await;
    tracing::info!("stopped");
    Ok(())
}

async fn token(data: &Path, address: &str) -> anyhow::Result<()> {
    anyhow::ensure!(
        data.join("letterlock.db").is_file(),
        "there is no database in this directory"
    );
    // The domain plays no part in making a token.
    let state = AppState::open(Config::new(data, "localhost")).await?;
    let token = state.make_mail_token(address).await?;
    say(&token)?;
    state.close().await;
    Ok(())
}

fn say(line: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Done when the process is asked to end.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Done when the process is asked to end.
#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = signal::ctrl_c().await;
    })
}
