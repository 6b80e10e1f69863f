//! Who spoke: decided by what the browser proves, before a byte of a message is read.
//!
//! The attacker is a page, or a content script in a renderer that the page took over. It can open
//! ports under any name and say anything in them, but it cannot choose what the browser reports
//! about it: the address of the document, its tab and its place in the tab.

use url::Url;

/// What the browser reports about the other end of a port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sender {
    /// Id of the extension it belongs to.
    pub extension: String,
    /// Address of its document.
    pub url: String,
    /// Origin of its document; empty where the browser does not tell.
    pub origin: String,
    /// The tab: number and address of its top document (empty where the browser hides it).
    pub tab: Option<(i32, String)>,
    /// Its place in the tab; 0 is the top document.
    pub sub: Option<i32>,
}

/// What is true of ourselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    /// The extension's id.
    pub extension: String,
    /// Such as `chrome-extension://abc/`; with the addresses that change each session, where the
    /// browser has them.
    pub bases: Vec<String>,
}

/// Who it is. Each kind has one closed enum of requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A page of the extension, on its own in a tab or window, or the popup.
    Page {
        /// The file, such as `popup.html`.
        file: String,
        /// The tab it stands in; `None` for the popup.
        tab: Option<i32>,
        /// A tab named in its address (`?tab=7`), for a popup that was opened as a tab.
        about: Option<i32>,
    },
    /// The webmail page of the extension, alone in a tab.
    Webmail,
    /// Our frame. What it may ask is decided by its token.
    Frame {
        /// The tab.
        tab: i32,
        /// It is a window of ours, not a frame inside somebody's page.
        alone: bool,
        /// Origin of the tab's top document, where the browser tells.
        top: Option<String>,
    },
    /// The content script in a page.
    Content(Spot),
}

/// One document in one tab, as far as content scripts are concerned.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Spot {
    /// The tab.
    pub tab: i32,
    /// Place in the tab.
    pub sub: i32,
    /// Origin of the page, such as `https://mail.example.org`.
    pub origin: String,
}

/// The file of our frames in the pages of the known webmails.
pub const FRAME_FILE: &str = "frame.html";
/// The same file under the name that all other sites load it by: there the browser gives it an
/// address that changes, so that a page cannot find out whether the extension is here.
pub const FRAME_ELSEWHERE_FILE: &str = "frame-elsewhere.html";

/// The page that speaks the webmail's protocol.
const WEBMAIL_FILE: &str = "webmail.html";
/// The pages that may ask what a person may ask.
const PAGES: [&str; 4] = ["popup.html", "unlock.html", "welcome.html", "manager.html"];

impl Own {
    /// The file of ours that an address names.
    fn file<'a>(&self, address: &'a str) -> Option<&'a str> {
        let rest = self
            .bases
            .iter()
            .filter(|base| !base.is_empty())
            .find_map(|base| address.strip_prefix(base.as_str()))?;
        rest.split(['?', '#']).next()
    }

    /// Whether the origin the browser reports is that of the address: a sandboxed document has
    /// the address and not the origin.
    fn agrees(&self, sender: &Sender) -> bool {
        if sender.origin.is_empty() {
            return true;
        }
        match self.file(&sender.url) {
            Some(_) => {
                let base = format!("{}/", sender.origin);
                self.bases.contains(&base)
            }
            None => origin(&sender.url).is_some_and(|origin| origin == sender.origin),
        }
    }
}

/// Decides who opened a port. `None`: nobody we talk to.
#[must_use]
pub fn identify(port: &str, sender: &Sender, own: &Own) -> Option<Peer> {
    if sender.extension != own.extension || !own.agrees(sender) {
        return None;
    }
    let file = own.file(&sender.url);
    match port {
        ext_protocol::envelope::PAGE_PORT => {
            let file = file.filter(|file| PAGES.contains(file))?;
            // The popup has no tab; everything else stands alone in one.
            let alone = match (&sender.tab, sender.sub) {
                (None, _) => true,
                (Some(_), sub) => sub == Some(0),
            };
            alone.then(|| Peer::Page {
                file: file.to_owned(),
                tab: sender.tab.as_ref().map(|tab| tab.0),
                about: about(&sender.url),
            })
        }
        ext_protocol::envelope::WEBMAIL_PORT => {
            file.filter(|file| *file == WEBMAIL_FILE)?;
            let alone = sender.tab.is_some() && sender.sub == Some(0);
            alone.then_some(Peer::Webmail)
        }
        ext_protocol::envelope::FRAME_PORT => {
            file.filter(|file| [FRAME_FILE, FRAME_ELSEWHERE_FILE].contains(file))?;
            let (tab, address) = sender.tab.as_ref()?;
            Some(Peer::Frame {
                tab: *tab,
                alone: sender.sub? == 0,
                top: origin(address),
            })
        }
        ext_protocol::envelope::CONTENT_PORT => {
            if file.is_some() {
                return None;
            }
            let (tab, _) = sender.tab.as_ref()?;
            Some(Peer::Content(Spot {
                tab: *tab,
                sub: sender.sub?,
                origin: origin(&sender.url)?,
            }))
        }
        _ => None,
    }
}

fn about(address: &str) -> Option<i32> {
    let url = Url::parse(address).ok()?;
    let (_, tab) = url.query_pairs().find(|(key, _)| key == "tab")?;
    tab.parse().ok()
}

/// The origin of a web page's address. Other schemes have none for us.
#[must_use]
pub fn origin(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "https" | "http").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Own {
        Own {
            extension: "abc".into(),
            bases: vec!["chrome-extension://abc/".into(), String::new()],
        }
    }

    fn sender(url: &str, tab: Option<i32>, sub: Option<i32>) -> Sender {
        Sender {
            extension: "abc".into(),
            url: url.into(),
            origin: String::new(),
            tab: tab.map(|tab| (tab, "https://mail.google.com/".into())),
            sub,
        }
    }

    #[test]
    fn the_popup_and_pages_that_stand_alone_are_pages() {
        let popup = sender("chrome-extension://abc/popup.html", None, None);
        assert_eq!(
            identify("page", &popup, &own()),
            Some(Peer::Page {
                file: "popup.html".into(),
                tab: None,
                about: None
            })
        );
        let manager = sender(
            "chrome-extension://abc/manager.html?tab=9#/keys",
            Some(3),
            Some(0),
        );
        assert_eq!(
            identify("page", &manager, &own()),
            Some(Peer::Page {
                file: "manager.html".into(),
                tab: Some(3),
                about: Some(9)
            })
        );
    }

    #[test]
    fn a_name_alone_makes_nobody_a_page_or_a_frame() {
        for url in [
            "https://mail.google.com/",
            "https://evil.example/chrome-extension://abc/popup.html",
            "chrome-extension://abc.evil/popup.html",
            "chrome-extension://other/popup.html",
            "chrome-extension://abc/message.html",
            "chrome-extension://abc/webmail/index.html",
            "",
        ] {
            let sender = sender(url, Some(1), Some(0));
            assert_eq!(identify("page", &sender, &own()), None, "{url}");
            assert_eq!(identify("frame", &sender, &own()), None, "{url}");
        }
    }

    #[test]
    fn a_page_of_ours_inside_another_page_is_nobody() {
        let inner = sender("chrome-extension://abc/popup.html", Some(1), Some(4));
        assert_eq!(identify("page", &inner, &own()), None);
        let unknown = sender("chrome-extension://abc/popup.html", Some(1), None);
        assert_eq!(identify("page", &unknown, &own()), None);
    }

    #[test]
    fn a_frame_is_one_by_its_file_and_tab() {
        let frame = sender("chrome-extension://abc/frame.html#token", Some(1), Some(4));
        assert_eq!(
            identify("frame", &frame, &own()),
            Some(Peer::Frame {
                tab: 1,
                alone: false,
                top: Some("https://mail.google.com".into()),
            })
        );
        assert_eq!(identify("page", &frame, &own()), None);
        assert_eq!(identify("content", &frame, &own()), None);
        let without_tab = sender("chrome-extension://abc/frame.html#token", None, Some(4));
        assert_eq!(identify("frame", &without_tab, &own()), None);
    }

    #[test]
    fn a_content_script_is_known_by_its_documents_origin() {
        let content = sender("https://Mail.Google.com:443/mail/u/0?a#b", Some(1), Some(0));
        assert_eq!(
            identify("content", &content, &own()),
            Some(Peer::Content(Spot {
                tab: 1,
                sub: 0,
                origin: "https://mail.google.com".into()
            }))
        );
        for url in [
            "about:blank",
            "file:///etc/passwd",
            "data:text/html,x",
            "blob:https://a/b",
        ] {
            assert_eq!(
                identify("content", &sender(url, Some(1), Some(0)), &own()),
                None,
                "{url}"
            );
        }
    }

    #[test]
    fn an_origin_that_is_not_the_addresses_is_nobody() {
        for (port, url, good) in [
            (
                "page",
                "chrome-extension://abc/popup.html",
                "chrome-extension://abc",
            ),
            (
                "frame",
                "chrome-extension://abc/frame.html",
                "chrome-extension://abc",
            ),
            (
                "content",
                "https://mail.google.com/mail",
                "https://mail.google.com",
            ),
        ] {
            let mut sender = sender(url, Some(1), Some(0));
            for origin in ["", good] {
                sender.origin = origin.into();
                assert!(identify(port, &sender, &own()).is_some(), "{port} {origin}");
            }
            for origin in ["null", "https://evil.example", "chrome-extension://other"] {
                sender.origin = origin.into();
                assert_eq!(identify(port, &sender, &own()), None, "{port} {origin}");
            }
        }
    }

    #[test]
    fn another_extension_is_nobody() {
        let mut popup = sender("chrome-extension://abc/popup.html", None, None);
        popup.extension = "other".into();
        assert_eq!(identify("page", &popup, &own()), None);
    }
}
