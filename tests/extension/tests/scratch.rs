//! scratch
use anyhow::Result;
use extension_tests::{extension, gmail::{self,Gmail}, web::Web, frames};
use letterlock_tests::browser::Kind;
use thirtyfour::By;
#[tokio::test]
async fn c() -> Result<()> { run(Kind::Chromium).await }
#[tokio::test]
async fn f() -> Result<()> { run(Kind::Firefox).await }
async fn run(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    web.put(gmail::HOST, Gmail::default());
    let e = extension::start(kind, folder.path(), "alice", &web).await?;
    e.first_run("alice@example.org","A").await?;
    e.page.open(&gmail::address("alice@example.org")).await?;
    e.page.click(By::Id("compose")).await?;
    let b = e.compose_button(0).await?;
    println!("style {:?}", b.attr("style").await?);
    println!("bg {:?} {:?}", b.css_value("background-color").await?, b.css_value("height").await?);
    let h = e.page.see(frames::ours("button")).await?;
    println!("host {:?} {:?}", h.attr("style").await?, h.css_value("padding-left").await?);
    b.click().await?;
    let h = e.page.see(frames::ours("editor")).await?;
    println!("host {:?} {:?}", h.attr("style").await?, h.rect().await?);
    let i = frames::inside(&e.page, kind, &h, "iframe").await?;
    println!("iframe {:?} {:?}", i.attr("style").await?, i.rect().await?);
    println!("{:?}", e.page.driver().execute("return probe.seen.filter(s=>s.includes('policy')||s.includes('style-src'))", vec![]).await?.json());
    e.page.picture("scratch").await?; println!("after {:?}", b.attr("style").await?);
    e.close().await
}
