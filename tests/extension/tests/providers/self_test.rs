//! A page whose structure changed: the person is told which role is not found any more.

use anyhow::Result;
use extension_tests::frames::ours;
use extension_tests::gmail::{self, Gmail};
use extension_tests::web::{Asked, Site as _};
use letterlock_tests::browser::Kind;
use letterlock_tests::page::id_with;
use thirtyfour::By;

use crate::world::{ALICE, World};

pub(crate) async fn play(kind: Kind) -> Result<()> {
    let world = World::make(kind).await?;
    let alice = world.person("Alice Example", ALICE, &[]).await?;
    let page = &alice.page;
    let whole = Gmail::default();
    let changed = {
        let gmail = Gmail::default();
        move |asked: &Asked| {
            let mut said = gmail.answer(asked);
            if asked.path == "/static/gmail.js" {
                let script = String::from_utf8_lossy(&said.body);
                let script = script.replace(
                    "name: \"subjectbox\", class: \"aoT\"",
                    "name: \"topic\", class: \"zz9\"",
                );
                said.body = script.into_bytes();
            }
            said
        }
    };
    let own = page.driver().window().await?;
    for is_whole in [true, false] {
        if is_whole {
            world.web.put(gmail::HOST, whole.clone());
        } else {
            world.web.put(gmail::HOST, changed.clone());
        }
        page.open("about:blank").await?;
        page.open(&gmail::address(ALICE)).await?;
        page.click(By::Id("compose")).await?;
        page.see(ours("button")).await?;
        let tab = page.driver().new_tab().await?;
        page.driver().switch_to_window(tab).await?;
        let missing = if is_whole { "0" } else { "1" };
        page.until("what the self-test says", async || {
            page.open("about:blank").await?;
            alice.own("manager.html#sites").await?;
            page.see(By::Css("[data-testid=\"site-card\"]")).await?;
            let card = By::Css(format!(
                "[data-origin=\"https://{}\"] [data-testid=\"self-test\"][data-missing=\"{missing}\"]",
                gmail::HOST
            ));
            page.driver().find(card).await?;
            Ok(Some(()))
        })
        .await?;
        if !is_whole {
            page.click(By::Css(format!(
                "[data-origin=\"https://{}\"] [data-testid=\"self-test\"] summary",
                gmail::HOST
            )))
            .await?;
            let told = page
                .text(id_with("self-test", "[data-missing=\"1\"] .mono"))
                .await?;
            let missing = told.rsplit("missing:").next().unwrap_or_default();
            assert!(missing.trim().starts_with("subject (input[name="), "{told}");
            page.picture("self-test").await?;
        }
        page.driver().close_window().await?;
        page.driver().switch_to_window(own.clone()).await?;
    }
    alice.close().await
}
