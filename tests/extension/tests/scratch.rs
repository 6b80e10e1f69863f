//! scratch
use anyhow::Result;
use extension_tests::{extension, web::Web};
use letterlock_tests::browser::Kind;
use serde_json::json;
#[tokio::test]
async fn c() -> Result<()> { run(Kind::Chromium).await }
#[tokio::test]
async fn f() -> Result<()> { run(Kind::Firefox).await }
async fn run(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let e = extension::start(kind, folder.path(), "alice", &web).await?;
    println!("{:?}", e.ask(json!({"type":"status"})).await);
    println!("{:?}", e.ask(json!({"type":"setUp","name":"A","address":"alice@example.org","passphrase":"correct horse battery staple lamp","mark":{"picture":1,"colour":1},"import":null})).await);
    println!("{:?}", e.ask(json!({"type":"status"})).await);
    e.close().await
}
