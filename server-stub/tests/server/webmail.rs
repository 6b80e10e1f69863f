//! The static webmail: what is served, and with which header fields.

use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use tempfile::TempDir;

use crate::kit::{Answer, Server, request};

async fn start() -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir(folder.path().join("assets")).unwrap();
    write("index.html", "<!doctype html>index");
    write("index.html.br", "compressed index");
    write("message.html", "message");
    write("message-remote.html", "remote");
    write("config.json", "{\"server\":\"\"}");
    write("assets/app-1234.js", "script");
    write("assets/app-1234.js.br", "compressed script");
    write("assets/app-1234.wasm", "wasm");
    let path = folder.path().to_owned();
    (
        Server::start_with(|config| config.webmail = Some(path)).await,
        folder,
    )
}

async fn get(server: &Server, path: &str, encoding: &str) -> Answer {
    let mut request = request(Method::GET, path, None, None, Body::empty());
    request
        .headers_mut()
        .insert("accept-encoding", encoding.parse().unwrap());
    server.send(request).await
}

#[tokio::test]
async fn pages_are_served_with_a_strict_policy() {
    let (server, _folder) = start().await;
    for path in ["/", "/index.html", "/inbox", "/message/m0000000000000001"] {
        let answer = get(&server, path, "identity").await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert_eq!(&answer.body[..], b"<!doctype html>index", "{path}");
        assert_eq!(answer.header("content-type"), "text/html", "{path}");
        let policy = answer.header("content-security-policy");
        for rule in [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval';",
            "require-trusted-types-for 'script'",
            "trusted-types letterlock",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(rule), "{rule} in {policy}");
        }
        assert!(!policy.contains("unsafe-inline"));
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cache-control"), "no-cache");
        assert!(answer.header("permissions-policy").contains("camera=()"));
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}

#[tokio::test]
async fn frames_for_messages_can_load_nothing_or_pictures_only() {
    let (server, _folder) = start().await;
    let local = get(&server, "/message.html", "identity").await;
    let policy = local.header("content-security-policy");
    assert!(policy.contains("img-src data: blob:;") && policy.contains("frame-ancestors 'self'"));
    assert!(!policy.contains("script-src") && !policy.contains("https:"));
    let remote = get(&server, "/message-remote.html", "identity").await;
    let policy = remote.header("content-security-policy");
    assert!(policy.contains("img-src https: http: data: blob:;") && !policy.contains("script-src"));
}

#[tokio::test]
async fn files_come_compressed_and_stay_in_caches_by_their_hash() {
    let (server, _folder) = start().await;
    let script = get(&server, "/assets/app-1234.js", "gzip, br").await;
    assert_eq!(&script.body[..], b"compressed script");
    assert_eq!(script.header("content-encoding"), "br");
    assert_eq!(script.header("vary"), "accept-encoding");
    assert!(script.header("content-type").contains("javascript"));
    assert_eq!(
        script.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    let plain = get(&server, "/assets/app-1234.js", "identity").await;
    assert_eq!(
        (&plain.body[..], plain.header("content-encoding")),
        (&b"script"[..], "")
    );
    let wasm = get(&server, "/assets/app-1234.wasm", "br").await;
    assert_eq!(wasm.header("content-type"), "application/wasm");
    let page = get(&server, "/", "br").await;
    assert_eq!(&page.body[..], b"compressed index");
    let config = get(&server, "/config.json", "br").await;
    assert_eq!(config.header("cache-control"), "no-cache");
}

#[tokio::test]
async fn nothing_else_is_served() {
    let (server, folder) = start().await;
    std::fs::write(
        folder.path().parent().unwrap().join("outside.txt"),
        "secret",
    )
    .ok();
    for path in [
        "/missing.js",
        "/assets/missing-1.wasm",
        "/../outside.txt",
        "/%2e%2e/outside.txt",
        "/assets/..%2f..%2foutside.txt",
        "/api/v1/x",
        "/jmap/x",
        "/.well-known/x",
    ] {
        let answer = get(&server, path, "identity").await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
    }
    let post = request(Method::POST, "/index.html", None, None, Body::empty());
    server.send(post).await.is_problem("bad-request", 405);
    let head = request(Method::HEAD, "/", None, None, Body::empty());
    assert_eq!(server.send(head).await.status, StatusCode::OK);
}
