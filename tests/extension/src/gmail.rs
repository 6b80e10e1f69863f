//! A webmail with the structure of Gmail's pages at `https://mail.google.com`, and what it saw.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::web::{Asked, Said, Site};

/// Its name.
pub const HOST: &str = "mail.google.com";

/// Gmail's view of a message's source, which it opens in a tab of its own.
#[must_use]
pub fn original(account: &str, thread_number: u64) -> String {
    format!(
        "https://{HOST}/mail/u/0/?ik=0&view=om&permmsgid=msg-f:18{thread_number:06x}&as={account}"
    )
}

/// A policy as strict as the great webmails have.
pub(crate) fn policy(nonce: &str) -> String {
    POLICY.replace("{}", nonce)
}

/// As strict as Gmail's own: no script without the nonce, nothing from elsewhere, no HTML from
/// strings.
const POLICY: &str = "default-src 'self'; script-src 'nonce-{}' 'strict-dynamic'; \
    style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; \
    object-src 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/// A file of a message.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Name
    pub name: String,
    /// Media type
    pub media_type: String,
    /// Bytes
    pub data: Vec<u8>,
}

/// A message as the webmail keeps it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// Address of the sender
    pub from: String,
    /// Name of the sender
    pub name: String,
    /// Addresses
    pub to: Vec<String>,
    /// Subject
    pub subject: String,
    /// Text, shown with `<br>`
    pub text: String,
    /// HTML, shown instead of the text
    pub html: Option<String>,
    /// Files
    pub files: Vec<File>,
    /// The page shows its beginning only
    pub clipped: bool,
    /// Further lines of the header in its source, each with its line end
    pub header: String,
}

/// What a compose window sent.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    /// Whose window
    pub from: String,
    /// To
    pub to: Vec<String>,
    /// Cc
    pub cc: Vec<String>,
    /// Bcc
    pub bcc: Vec<String>,
    /// Subject
    pub subject: String,
    /// Body as text
    pub text: String,
    /// Body as HTML
    pub html: String,
    /// The thread it answers
    pub thread: Option<String>,
    /// Files
    pub files: Vec<File>,
}

#[derive(Clone, Debug)]
struct Stored {
    id: String,
    thread: String,
    message: Message,
}

#[derive(Default)]
struct State {
    stored: Vec<Stored>,
    sent: Vec<Sent>,
    drafts: Vec<Value>,
    numbers: u64,
    /// A script that the pages begin with instead of the probe that reads everything.
    probe: Option<&'static str>,
}

/// The webmail. Clones share their mail.
#[derive(Clone, Default)]
pub struct Gmail {
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Gmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Gmail")
    }
}

/// The page of an account, with everything before `#`.
#[must_use]
pub fn address(account: &str) -> String {
    format!("https://{HOST}/mail/u/0/?as={account}")
}

/// A page of the same account that shows no mail.
#[must_use]
pub fn settings(account: &str) -> String {
    format!("https://{HOST}/mail/u/0/settings?as={account}")
}

/// The page of a compose window of its own.
#[must_use]
pub fn pop_out(account: &str) -> String {
    format!("https://{HOST}/mail/u/0/popout?as={account}")
}

impl Gmail {
    /// One whose pages do not write down what happens in them, which takes long, but begin with
    /// this script: for measuring.
    #[must_use]
    pub fn measured_by(probe: &'static str) -> Self {
        let gmail = Self::default();
        gmail.lock().probe = Some(probe);
        gmail
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays a message into every mailbox; returns its thread.
    pub fn deliver(&self, message: Message) -> String {
        self.deliver_to(message, None)
    }

    /// Lays a message into a thread that is there already.
    pub fn deliver_to(&self, message: Message, thread: Option<String>) -> String {
        let mut state = self.lock();
        state.numbers += 1;
        let id = format!("18{:06x}", state.numbers);
        let thread = thread.unwrap_or_else(|| format!("thread{}", state.numbers));
        state.stored.push(Stored {
            id,
            thread: thread.clone(),
            message,
        });
        thread
    }

    /// What was sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    /// The thread of the newest message.
    #[must_use]
    pub fn last_thread(&self) -> Option<String> {
        Some(self.lock().stored.last()?.thread.clone())
    }

    /// Drafts that the pages saved by themselves so far.
    #[must_use]
    pub fn drafts(&self) -> Vec<Value> {
        self.lock().drafts.clone()
    }

    fn page(&self, account: &str, view: &str) -> Said {
        let nonce = {
            let mut state = self.lock();
            state.numbers += 1;
            BASE64URL_NOPAD.encode(format!("nonce-of-the-tests-{}", state.numbers).as_bytes())
        };
        let page = include_str!("../pages/gmail.html")
            .replace("{{ACCOUNT}}", account)
            .replace("{{VIEW}}", view)
            .replace("{{NONCE}}", &nonce);
        Said::body("text/html; charset=utf-8", page).with("content-security-policy", policy(&nonce))
    }

    fn list(&self) -> Said {
        let state = self.lock();
        let mut threads = BTreeMap::new();
        for stored in &state.stored {
            threads.entry(&stored.thread).or_insert_with(|| {
                json!({
                    "id": stored.thread,
                    "from": stored.message.from,
                    "name": stored.message.name,
                    "subject": stored.message.subject,
                })
            });
        }
        Said::json(&json!({ "threads": threads.into_values().collect::<Vec<_>>() }))
    }

    fn thread(&self, id: &str) -> Said {
        let state = self.lock();
        let messages: Vec<_> = state
            .stored
            .iter()
            .filter(|stored| stored.thread == id)
            .collect();
        let Some(first) = messages.first() else {
            return Said::not_found();
        };
        Said::json(&json!({
            "id": id,
            "subject": first.message.subject,
            "messages": messages.iter().map(|stored| shown(stored)).collect::<Vec<_>>(),
        }))
    }

    fn whole(&self, id: &str) -> Said {
        let state = self.lock();
        let found = state.stored.iter().find(|stored| stored.id == id);
        found.map_or_else(Said::not_found, |stored| {
            let text = stored
                .message
                .text
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('\n', "<br>\n");
            Said::body(
                "text/html; charset=utf-8",
                format!(
                    "<!doctype html><title>Gmail</title><div class=\"maincontent\">{text}</div>"
                ),
            )
        })
    }

    fn file(&self, id: &str, index: usize) -> Said {
        let state = self.lock();
        state
            .stored
            .iter()
            .find(|stored| stored.id == id)
            .and_then(|stored| stored.message.files.get(index))
            .map_or_else(Said::not_found, |file| {
                Said::body("application/octet-stream", file.data.clone())
                    .with("content-disposition", "attachment")
            })
    }

    /// The whole of a message, headers and all, as text.
    fn source(&self, id: &str) -> Said {
        let state = self.lock();
        let Some(stored) = state.stored.iter().find(|stored| stored.id == id) else {
            return Said::not_found();
        };
        let page = include_str!("../pages/original.html")
            .replace("{{SOURCE}}", &escaped(&raw(&stored.message)));
        Said::body("text/html; charset=utf-8", page)
    }

    fn take(&self, asked: &Asked) -> Said {
        let Ok(sent) = serde_json::from_slice::<Sent>(&asked.body) else {
            return Said {
                status: 400,
                ..Said::default()
            };
        };
        self.lock().sent.push(sent.clone());
        self.deliver_to(
            Message {
                from: sent.from,
                to: sent.to,
                subject: sent.subject,
                text: sent.text,
                html: Some(sent.html),
                files: sent.files,
                ..Message::default()
            },
            sent.thread,
        );
        Said::json(&json!({}))
    }

    fn save(&self, asked: &Asked) -> Said {
        let mut state = self.lock();
        state.numbers += 1;
        let draft = state.numbers;
        let letter = serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
        state.drafts.push(letter);
        Said::json(&json!({ "draft": draft }))
    }
}

impl Site for Gmail {
    fn answer(&self, asked: &Asked) -> Said {
        let account = asked.parameter("as").unwrap_or_default();
        let script = "text/javascript; charset=utf-8";
        match asked.path.as_str() {
            "/static/probe.js" => {
                let probe = self.lock().probe;
                Said::body(script, probe.unwrap_or(include_str!("../pages/probe.js")))
            }
            "/static/gmail.js" => Said::body(script, include_str!("../pages/gmail.js")),
            "/static/gmail.css" => Said::body("text/css", include_str!("../pages/gmail.css")),
            "/mail/u/0/list" => self.list(),
            "/mail/u/0/thread" => self.thread(&asked.parameter("id").unwrap_or_default()),
            "/mail/u/0/settings" => self.page(&account, "settings"),
            "/mail/u/0/popout" => self.page(&account, "popout"),
            "/mail/u/0/" => match asked.parameter("act").as_deref() {
                Some("sd") => self.save(asked),
                Some("sm") => self.take(asked),
                _ => match asked.parameter("view").as_deref() {
                    Some("att") => self.file(
                        &asked.parameter("th").unwrap_or_default(),
                        asked
                            .parameter("attid")
                            .and_then(|index| index.parse().ok())
                            .unwrap_or(usize::MAX),
                    ),
                    Some("om") => {
                        let id = asked.parameter("permmsgid").unwrap_or_default();
                        self.source(id.trim_start_matches("msg-f:"))
                    }
                    Some("lg") => {
                        let id = asked.parameter("permmsgid").unwrap_or_default();
                        self.whole(id.trim_start_matches("msg-f:"))
                    }
                    _ => self.page(&account, "inbox"),
                },
            },
            _ => Said::not_found(),
        }
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// A message as it went over the wire, but for its files.
pub(crate) fn raw(message: &Message) -> String {
    format!(
        "Delivered-To: {to}\r\nReceived: by somewhere\r\n        for <{to}>\r\n\
         Date: Sat, 21 Nov 2026 05:00:00 +0000 (UTC)\r\nFrom: {name} <{from}>\r\nTo: {to}\r\n\
         Subject: {subject}\r\n{header}Content-Type: text/plain\r\n\r\n{text}\r\n",
        to = message.to.join(", "),
        name = message.name,
        from = message.from,
        subject = message.subject,
        header = message.header,
        text = message.text,
    )
}

/// A message as a page gets it.
pub(crate) fn shown_whole(id: &str, message: &Message) -> Value {
    shown(&Stored {
        id: id.to_owned(),
        thread: String::new(),
        message: message.clone(),
    })
}

/// A message as the page gets it: Gmail cuts what is longer than it likes.
fn shown(stored: &Stored) -> Value {
    const CLIP: usize = 2000;
    let message = &stored.message;
    let text = if message.clipped {
        message.text.chars().take(CLIP).collect()
    } else {
        message.text.clone()
    };
    let files: Vec<_> = message
        .files
        .iter()
        .enumerate()
        .map(|(index, file)| {
            json!({
                "index": index,
                "name": file.name,
                "mediaType": file.media_type,
                "size": file.data.len(),
            })
        })
        .collect();
    json!({
        "id": stored.id,
        "from": message.from,
        "name": message.name,
        "to": message.to,
        "text": text,
        "html": if message.clipped { None } else { message.html.clone() },
        "clipped": message.clipped,
        "files": files,
    })
}
