//! What needs real connections: the accept loop, slow clients, the binary itself.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

use axum::Router;
use server_stub::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};
use wire::problem::kinds;

use crate::kit::{Person, Server};

/// Far longer than anything takes: only a hanging test meets it.
const PATIENCE: Duration = Duration::from_secs(60);

struct Listening {
    address: std::net::SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

async fn listen(server: &Server) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let (router, state): (Router, _) = (server.router.clone(), server.state.clone());
    let task = tokio::spawn(async move {
        serve(listener, router, &state, async {
            let _ = stopped.await;
        })
        .await;
    });
    Listening {
        address,
        stop,
        task,
    }
}

async fn exchange(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("an end")
        .ok();
    String::from_utf8_lossy(&answer).into_owned()
}

fn get(path: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}\r\n")
        .into_bytes()
}

#[tokio::test]
async fn a_listening_server_answers_and_ends_in_order() {
    let server = Server::start().await;
    let alice = server.account("alice").await;
    let listening = listen(&server).await;
    let answer = exchange(listening.address, &get("/api/v1/server", "")).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("example.org"),
        "{answer}"
    );
    // An open push stream does not keep the server from ending.
    let mut stream = TcpStream::connect(listening.address).await.unwrap();
    let auth = format!("Authorization: Bearer {}\r\n", alice.token);
    stream
        .write_all(&get("/jmap/eventsource?types=*&ping=300", &auth))
        .await
        .unwrap();
    let mut piece = [0; 1024];
    let count = stream.read(&mut piece).await.unwrap();
    assert!(String::from_utf8_lossy(&piece[..count]).starts_with("HTTP/1.1 200"));
    listening.stop.send(()).unwrap();
    tokio::time::timeout(PATIENCE, listening.task)
        .await
        .expect("an orderly end")
        .unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.ok();
    assert!(TcpStream::connect(listening.address).await.is_err());
}

#[tokio::test]
async fn nonsense_and_slow_heads_are_given_up() {
    let server = Server::start_with(|config| {
        config.limits.head_time = Duration::from_millis(200);
    })
    .await;
    let listening = listen(&server).await;
    let answer = exchange(listening.address, b"\x16\x03\x01nonsense\r\n\r\n").await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400"),
        "{answer}"
    );
    // Half a head, and then nothing: the server hangs up by itself.
    let answer = exchange(
        listening.address,
        b"GET /api/v1/server HTTP/1.1\r\nHost: x\r\n",
    )
    .await;
    assert!(!answer.contains("200 OK"), "{answer}");
    let huge = format!("X-Long: {}\r\n", "y".repeat(1 << 20));
    let answer = exchange(listening.address, &get("/api/v1/server", &huge)).await;
    assert!(!answer.contains("200 OK"), "{answer}");
    let answer = exchange(listening.address, &get("/api/v1/server", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_body_that_stops_coming_gets_an_answer() {
    let server = Server::start_with(|config| {
        config.limits.body_pause = Duration::from_millis(200);
    })
    .await;
    let listening = listen(&server).await;
    let head = "POST /api/v1/login/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
        Content-Length: 100\r\n\r\n{\"addr";
    let answer = exchange(listening.address, head.as_bytes()).await;
    assert!(
        answer.starts_with("HTTP/1.1 408") && answer.contains(kinds::TIMED_OUT),
        "{answer}"
    );
}

#[tokio::test]
async fn idle_connections_give_way_to_others() {
    let server = Server::start_with(|config| {
        config.limits.connections = 1;
        config.limits.head_time = Duration::from_millis(200);
    })
    .await;
    let listening = listen(&server).await;
    let idle = TcpStream::connect(listening.address).await.unwrap();
    let answer = exchange(listening.address, &get("/api/v1/server", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    drop(idle);
}

#[tokio::test]
async fn peers_are_limited_by_their_address_and_a_trusted_proxy_may_name_it() {
    let rate = server_stub::Rate::new(1, Duration::from_secs(600));
    let server = Server::start_with(|config| {
        config.rates.directory_per_peer = rate;
        config.behind_proxy = true;
    })
    .await;
    let listening = listen(&server).await;
    let ask = async |forwarded: &str| {
        let header = format!("X-Forwarded-For: 198.51.100.7, {forwarded}\r\n");
        let path = "/pks/lookup?op=get&search=nobody@example.org";
        exchange(listening.address, &get(path, &header)).await[..12].to_owned()
    };
    assert_eq!(ask("192.0.2.1").await, "HTTP/1.1 404");
    assert_eq!(ask("192.0.2.1").await, "HTTP/1.1 429");
    assert_eq!(ask("192.0.2.2").await, "HTTP/1.1 404");
}

struct Running {
    child: Child,
    address: std::net::SocketAddr,
}

fn run(data: &std::path::Path) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_server-stub"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--domain",
            "Example.org",
            "--data",
        ])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    let address = line
        .trim()
        .strip_prefix("listening on http://")
        .unwrap()
        .parse()
        .unwrap();
    Running { child, address }
}

#[tokio::test]
async fn the_binary_serves_makes_tokens_and_ends_on_a_signal() {
    // The account is made by the library, then the binary serves the same data.
    let server = Server::start().await;
    server.account("alice").await;
    let Server {
        folder,
        state,
        router,
        ..
    } = server;
    drop(router);
    state.close().await;
    let running = run(folder.path());
    let token = |address: &str| {
        Command::new(env!("CARGO_BIN_EXE_server-stub"))
            .args(["token", "--data"])
            .arg(folder.path())
            .arg(address)
            .output()
            .unwrap()
    };
    let output = token("alice@example.org");
    assert!(output.status.success(), "{output:?}");
    let token_text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(token_text.lines().count(), 1);
    let auth = format!("Authorization: Bearer {}\r\n", token_text.trim());
    let answer = exchange(running.address, &get("/.well-known/jmap", &auth)).await;
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.contains("alice@example.org"),
        "{answer}"
    );
    assert!(!token("nobody@example.org").status.success());

    let pid = running.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    let output = running.child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("stopped"), "{log}");
    assert!(
        !log.contains("alice") && !log.contains(token_text.trim()),
        "{log}"
    );
}

#[test]
fn people_differ() {
    // The kit makes fresh secrets each time, or tests would prove less than they seem to.
    assert_ne!(
        Person::make("a", 1_700_000_000).salt,
        Person::make("a", 1_700_000_000).salt
    );
}
