//! Mail that the webmail itself would never write, sent by a standard JMAP
//! client's three calls: upload, `Email/import`, `EmailSubmission/set`.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// Sends a raw message from an account to an account of the same server.
///
/// # Errors
///
/// When the server refuses a call.
pub async fn send_raw(server: &str, token: &str, from: &str, to: &str, raw: String) -> Result<()> {
    let http = reqwest::Client::new();
    let session: Value = http
        .get(format!("{server}/jmap/session"))
        .bearer_auth(token)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let account = session
        .pointer("/primaryAccounts/urn:ietf:params:jmap:mail")
        .and_then(Value::as_str)
        .context("the session names an account")?;
    let upload = session
        .pointer("/uploadUrl")
        .and_then(Value::as_str)
        .context("the session names the upload address")?
        .replace("{accountId}", account);
    let blob: Value = http
        .post(absolute(server, &upload))
        .bearer_auth(token)
        .header("content-type", "message/rfc822")
        .body(raw)
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let blob = blob
        .pointer("/blobId")
        .and_then(Value::as_str)
        .context("the upload has an id")?;
    let first = call(
        &http,
        server,
        token,
        json!([
            ["Mailbox/get", { "accountId": account, "ids": null }, "m"],
            ["Identity/get", { "accountId": account, "ids": null }, "i"],
        ]),
    )
    .await?;
    let sent = first
        .pointer("/methodResponses/0/1/list")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .find(|mailbox| mailbox.pointer("/role").and_then(Value::as_str) == Some("sent"))
        .and_then(|mailbox| mailbox.pointer("/id").and_then(Value::as_str))
        .context("there is a mailbox for sent mail")?;
    let identity = first
        .pointer("/methodResponses/1/1/list/0/id")
        .cloned()
        .unwrap_or(Value::Null);
    let second = call(
        &http,
        server,
        token,
        json!([
            ["Email/import", {
                "accountId": account,
                "emails": { "c1": {
                    "blobId": blob,
                    "mailboxIds": { sent: true },
                    "keywords": { "$seen": true },
                } },
            }, "e"],
            ["EmailSubmission/set", {
                "accountId": account,
                "create": { "s1": {
                    "identityId": identity,
                    "emailId": "#c1",
                    "envelope": {
                        "mailFrom": { "email": from },
                        "rcptTo": [{ "email": to }],
                    },
                } },
            }, "s"],
        ]),
    )
    .await?;
    let created = second
        .pointer("/methodResponses")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .any(|response| response.pointer("/1/created/s1").is_some());
    if !created {
        bail!("the server did not send the message: {second}");
    }
    Ok(())
}

async fn call(http: &reqwest::Client, server: &str, token: &str, calls: Value) -> Result<Value> {
    let answer = http
        .post(format!("{server}/jmap/api"))
        .bearer_auth(token)
        .json(&json!({
            "using": [
                "urn:ietf:params:jmap:core",
                "urn:ietf:params:jmap:mail",
                "urn:ietf:params:jmap:submission",
            ],
            "methodCalls": calls,
        }))
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("{status}: {text}");
    }
    Ok(serde_json::from_str(&text)?)
}

fn absolute(server: &str, url: &str) -> String {
    if url.starts_with('/') {
        format!("{server}{url}")
    } else {
        url.to_owned()
    }
}
