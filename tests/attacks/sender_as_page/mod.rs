//! A sender writes the webmail's own controls into a letter.

use anyhow::{Result, ensure};
use extension_tests::extension;
use extension_tests::gmail::{self, Gmail, Message};
use extension_tests::peers::Gpg;
use extension_tests::web::Web;
use letterlock_tests::browser::Kind;

const ALICE: &str = "alice@example.org";
const MALLORY: &str = "mallory@example.org";

fn from(sender: &str) -> Message {
    Message {
        from: sender.to_owned(),
        to: vec![ALICE.to_owned()],
        subject: "A letter".to_owned(),
        ..Message::default()
    }
}

fn lines(armor: &str) -> String {
    armor.replace('\n', "<br>\n")
}

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let web = Web::start().await?;
    let mail = Gmail::default();
    web.put(gmail::HOST, mail.clone());
    let carol = Gpg::make(folder.path(), "Carol", "carol@example.org").await?;
    let alice = extension::start(kind, folder.path(), "imitation", &web).await?;
    alice.first_run(ALICE, "Alice").await?;
    carol.import(&alice.certificate().await?).await?;

    // Somebody else's letter, which the links of the next ones lead to: the first id there is.
    let sealed = carol.seal(ALICE, "another letter").await?;
    mail.deliver(Message {
        text: sealed.clone(),
        ..from("carol@example.org")
    });
    let other = carol.seal(ALICE, &"not that one ".repeat(200)).await?;
    let cut: String = lines(&other).chars().take(600).collect();
    let whole = lines(&sealed);
    let link = r#"<a href="/mail/u/0/?ui=2&view=lg&permmsgid=msg-f:18000001&imitated=1">View entire message</a>"#;
    let controls = r#"<div class="aQH"><span class="aZo" download_url="application/pgp-encrypted:x.asc:https://mail.google.com/mail/u/0/?view=att&imitated=1">
        <a href="/mail/u/0/?view=att&imitated=1"><span class="aV3">x.asc</span></a></span></div>
        <span class="ams bkH" role="link" onclick="1"><a class="gD" email="carol@example.org" data-tooltip="Reply" href="/mail/u/0/?imitated=1">Reply</a></span>"#;
    let clipped = mail.deliver(Message {
        html: Some(format!("<div class=\"iX\">{link}</div>{cut}")),
        ..from(MALLORY)
    });
    let with_controls = mail.deliver(Message {
        html: Some(format!("{controls}<div>{whole}</div>")),
        ..from(MALLORY)
    });

    // The page itself says which message it is: that one is fetched, and holds no such armor.
    alice.open_thread(ALICE, &clipped).await?;
    alice
        .page
        .until("the rest of the message", async || {
            let asked = web.asked();
            let whole = asked.iter().find(|asked| asked.query.contains("view=lg"));
            let Some(whole) = whole else { return Ok(None) };
            ensure!(!whole.query.contains("imitated"), "{}", whole.query);
            Ok(Some(()))
        })
        .await?;

    alice.open_thread(ALICE, &with_controls).await?;
    alice.read(0).await?;
    alice.press("reply").await?;
    alice.leave().await?;
    alice.enter("editor", 0).await?;
    alice.body().await?;
    alice.leave().await?;
    let imitated: Vec<_> = web
        .asked()
        .into_iter()
        .filter(|asked| asked.query.contains("imitated"))
        .map(|asked| format!("{}?{}", asked.path, asked.query))
        .collect();
    ensure!(imitated.is_empty(), "{imitated:?}");
    alice.close().await
}
