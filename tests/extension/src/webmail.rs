//! Webmails with the structure of Outlook on the web and of Yahoo Mail, at their own addresses,
//! and what they saw. Their mail lies here; how they show it is the affair of `pages/`.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::gmail::{Message, Sent, policy, raw, shown_whole};
use crate::web::{Asked, Said, Site};

/// Whose structure a page has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// Outlook on the web, for private people
    Outlook,
    /// Yahoo Mail
    Yahoo,
}

impl Look {
    /// Its name in the web.
    #[must_use]
    pub fn host(self) -> &'static str {
        match self {
            Self::Outlook => "outlook.live.com",
            Self::Yahoo => "mail.yahoo.com",
        }
    }

    /// The page of an account.
    #[must_use]
    pub fn address(self, account: &str) -> String {
        let path = match self {
            Self::Outlook => "mail/0/",
            Self::Yahoo => "d/folders/1",
        };
        format!("https://{}/{path}?as={account}", self.host())
    }

    /// The page that shows a thread.
    #[must_use]
    pub fn thread(self, account: &str, thread: &str) -> String {
        let before = match self {
            Self::Outlook => "#/id/",
            Self::Yahoo => "#/",
        };
        format!("{}{before}{thread}", self.address(account))
    }

    fn script(self) -> &'static str {
        match self {
            Self::Outlook => include_str!("../pages/outlook.js"),
            Self::Yahoo => include_str!("../pages/yahoo.js"),
        }
    }
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
}

/// A webmail. Clones share their mail.
#[derive(Clone)]
pub struct Webmail {
    /// Whose structure it has
    pub look: Look,
    state: Arc<Mutex<State>>,
}

impl std::fmt::Debug for Webmail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.look)
    }
}

impl Webmail {
    /// An empty one.
    #[must_use]
    pub fn new(look: Look) -> Self {
        Self {
            look,
            state: Arc::default(),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lays a message into every mailbox; returns its thread.
    pub fn deliver(&self, message: Message) -> String {
        self.deliver_to(message, None)
    }

    fn deliver_to(&self, message: Message, thread: Option<String>) -> String {
        let mut state = self.lock();
        state.numbers += 1;
        let thread = thread.unwrap_or_else(|| format!("AQMk{}", state.numbers));
        let id = format!("m{}", state.numbers);
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

    fn page(&self, account: &str) -> Said {
        let nonce = {
            let mut state = self.lock();
            state.numbers += 1;
            format!("nonce{}", state.numbers)
        };
        let page = include_str!("../pages/webmail.html")
            .replace("{{ACCOUNT}}", account)
            .replace("{{NONCE}}", &nonce);
        Said::body("text/html; charset=utf-8", page).with("content-security-policy", policy(&nonce))
    }

    fn list(&self) -> Said {
        let state = self.lock();
        let threads: Vec<_> = state
            .stored
            .iter()
            .map(|stored| {
                json!({
                    "id": stored.thread,
                    "from": stored.message.from,
                    "subject": stored.message.subject,
                })
            })
            .collect();
        Said::json(&json!({ "threads": threads }))
    }

    fn thread(&self, id: &str) -> Said {
        let state = self.lock();
        let of_thread = state.stored.iter().filter(|stored| stored.thread == id);
        let messages: Vec<_> = of_thread
            .map(|stored| shown_whole(&stored.id, &stored.message))
            .collect();
        let subject = state.stored.iter().find(|stored| stored.thread == id);
        let subject = subject.map_or("", |stored| stored.message.subject.as_str());
        Said::json(&json!({ "id": id, "subject": subject, "messages": messages }))
    }

    fn message(&self, id: &str) -> Option<Message> {
        let state = self.lock();
        let stored = state.stored.iter().find(|stored| stored.id == id)?;
        Some(stored.message.clone())
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
                from: sent.from.clone(),
                name: sent.from,
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
}

impl Site for Webmail {
    fn answer(&self, asked: &Asked) -> Said {
        let parameter = |name: &str| asked.parameter(name).unwrap_or_default();
        let script = "text/javascript; charset=utf-8";
        match asked.path.as_str() {
            "/static/probe.js" => Said::body(script, include_str!("../pages/probe.js")),
            "/static/store.js" => Said::body(script, include_str!("../pages/store.js")),
            "/static/look.js" => Said::body(script, self.look.script()),
            "/static/webmail.css" => Said::body("text/css", include_str!("../pages/webmail.css")),
            "/store/list" => self.list(),
            "/store/thread" => self.thread(&parameter("id")),
            "/store/source" => self
                .message(&parameter("id"))
                .map_or_else(Said::not_found, |message| {
                    Said::json(&json!({ "raw": raw(&message) }))
                }),
            "/store/send" => self.take(asked),
            "/store/draft" => {
                let letter = serde_json::from_slice(&asked.body).unwrap_or(Value::Null);
                self.lock().drafts.push(letter);
                Said::json(&json!({}))
            }
            "/owa/service.svc/s/GetFileAttachment" => {
                let number: usize = parameter("n").parse().unwrap_or(usize::MAX);
                let message = self.message(&parameter("id"));
                let file = message.and_then(|message| message.files.get(number).cloned());
                file.map_or_else(Said::not_found, |file| {
                    Said::body("application/octet-stream", file.data)
                        .with("content-disposition", "attachment")
                })
            }
            "/favicon.ico" => Said::not_found(),
            _ => self.page(&parameter("as")),
        }
    }
}
