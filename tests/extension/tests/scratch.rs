//! scratch
use anyhow::Result;
use extension_tests::{extension, frames, gmail::{self, Gmail, Message, File}, web::Web};
use letterlock_tests::browser::Kind;
use thirtyfour::By;

const ARMOR: &str = "Hello\n-----BEGIN PGP MESSAGE-----\nVersion: x\n\nwcBMA0Q1Y2FzZWJhc2U2NGRhdGFkYXRhZGF0YWRhdGFkYXRhZGF0YWRhdGFkYXRh\nYWJj\n=abcd\n-----END PGP MESSAGE-----\nbye";

#[tokio::test]
async fn c() -> Result<()> { run(Kind::Chromium).await }
#[tokio::test]
async fn f() -> Result<()> { run(Kind::Firefox).await }

async fn run(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let g = Gmail::default();
    web.put(gmail::HOST, g.clone());
    let t = g.deliver(Message{from:"bob@example.org".into(),name:"Bob".into(),to:vec!["alice@example.org".into()],subject:"hi".into(),text:ARMOR.into(),files: vec![File{name:"a.txt.pgp".into(),media_type:"application/octet-stream".into(),data:b"cipher".to_vec()}],..Default::default()});
    let mut long = ARMOR.to_owned(); long = long.replace("YWJj", &"QUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJDQUJD\n".repeat(100));
    g.deliver_to(Message{from:"bob@example.org".into(),name:"Bob".into(),to:vec![],subject:"hi".into(),text:long,clipped:true,..Default::default()}, Some(t.clone()));
    let e = extension::start(kind, folder.path(), "alice", &web).await?;
    println!("origin {}", e.origin);
    let page=&e.page;
    page.open(&format!("{}#inbox/{t}", gmail::address("alice@example.org"))).await?;
    page.see(frames::ours("reader")).await?;
    println!("readers {}", page.driver().find_all(frames::ours("reader")).await?.len());
    let hosts = page.driver().find_all(frames::ours("reader")).await?;
    for h in hosts {
        page.until("frame", async || { let i = frames::inside(page, kind, &h, "iframe").await?; i.enter_frame().await?; Ok(Some(())) }).await?;
        page.see(By::Css("[data-ready]")).await?;
        println!("shows {}", page.driver().find(By::Id("what")).await?.text().await?.chars().take(500).collect::<String>());
        let f = page.driver().find(By::Id("fetch")).await?; f.click().await?;
        page.driver().enter_default_frame().await?;
        println!("rect {:?}", h.rect().await?);
    }
    // compose
    page.click(By::Id("compose")).await?;
    let b = page.see(frames::ours("button")).await?;
    let to = page.see(By::Css("[peoplekit-id=to]")).await?; to.send_keys("carol@example.org,").await?;
    let body = page.see(By::Css(".editable")).await?; body.send_keys("typed before").await?;
    let inner = frames::inside(page, kind, &b, "button").await?;
    println!("button {:?} {:?}", inner.text().await?, inner.rect().await?);
    inner.click().await?;
    let ed = page.see(frames::ours("editor")).await?;
    page.picture("editor").await?;
    page.until("frame", async || { let i = frames::inside(page, kind, &ed, "iframe").await?; i.enter_frame().await?; Ok(Some(())) }).await?;
    page.see(By::Css("[data-ready]")).await?;
    println!("editor {}", page.driver().find(By::Id("what")).await?.text().await?);
    page.driver().find(By::Id("text")).await?.send_keys("secretmarker").await?;
    page.click(By::Id("encrypt")).await?;
    page.driver().enter_default_frame().await?;
    page.gone(frames::ours("editor")).await?;
    println!("body {:?}", page.driver().find(By::Css(".editable")).await?.text().await);
    page.click(By::Css(".T-I-atl")).await?;
    page.until("sent", async || Ok((!g.sent().is_empty()).then_some(()))).await?;
    println!("sent {:?}", g.sent());
    println!("drafts {:?}", g.drafts());
    // reply
    let h = page.see(frames::ours("reader")).await?;
    frames::inside(page, kind, &h, "iframe").await?.enter_frame().await?;
    page.click(By::Id("reply")).await?;
    page.driver().enter_default_frame().await?;
    let ed = page.see(frames::ours("editor")).await?;
    page.until("frame", async || { let i = frames::inside(page, kind, &ed, "iframe").await?; i.enter_frame().await?; Ok(Some(())) }).await?;
    page.see(By::Css("[data-ready]")).await?;
    println!("reply editor {}", page.driver().find(By::Id("what")).await?.text().await?);
    page.driver().enter_default_frame().await?;
    page.picture("reply").await?;
    let seen = page.driver().execute("probe.look(); return [probe.seen.length, probe.seen.filter(s=>s.includes('secretmarker')).length, JSON.stringify(probe.counts), probe.seen.filter(s=>s.includes('securitypolicy')).slice(0,5)]", vec![]).await?;
    println!("probe {}", seen.json());
    for a in web.asked() { println!("{} {}{}?{} {}", a.method, a.host, a.path, a.query, a.body.len()); }
    e.close().await
}
