//! Cleaning HTML mail, where the keys are, before any of it reaches a page.
//!
//! The attacker wrote the HTML. Three walls stand one behind the other: this allow-list of
//! elements, attributes and style properties; a frame without scripts in which the result is
//! shown; and that frame's content security policy, which loads nothing until the person asks.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use ammonia::{Builder, UrlRelative};

/// HTML that may be shown in the message frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CleanHtml {
    /// The cleaned HTML.
    pub html: String,
    /// True when it names pictures on other machines.
    pub has_remote_content: bool,
}

/// Style properties that change how text looks and cannot cover, move or load anything.
const STYLE_PROPERTIES: [&str; 38] = [
    "background-color",
    "border",
    "border-bottom",
    "border-collapse",
    "border-color",
    "border-left",
    "border-radius",
    "border-right",
    "border-spacing",
    "border-style",
    "border-top",
    "border-width",
    "color",
    "direction",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style-type",
    "max-width",
    "min-width",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-indent",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
];

/// The most bytes that pictures of the message may add to its HTML: one small picture can be named
/// thousands of times.
const INLINE_BUDGET: usize = 16 << 20;

/// Cleans HTML mail. `inline` gives `data:` URLs for pictures that came with the message, by
/// Content-ID. They may add 16 MiB; pictures beyond that are left out.
pub fn sanitize(html: &str, inline: HashMap<String, String>) -> CleanHtml {
    // Shared and atomic because ammonia asks for a filter that could run anywhere; there is one
    // thread.
    let remote = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&remote);
    let left = AtomicUsize::new(INLINE_BUDGET);
    let cleaned = Builder::default()
        .add_tags(["font", "u", "big"])
        .rm_tags(["map", "area"])
        .add_generic_attributes(["style", "dir", "align", "valign", "bgcolor"])
        .add_tag_attributes("font", ["color", "face", "size"])
        .add_tag_attributes("table", ["border", "cellpadding", "cellspacing", "width"])
        .add_tag_attributes("td", ["width", "height"])
        .filter_style_properties(HashSet::from(STYLE_PROPERTIES))
        .url_schemes(HashSet::from([
            "http", "https", "mailto", "tel", "cid", "data",
        ]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .set_tag_attribute_value("a", "target", "_blank")
        .attribute_filter(move |element, attribute, value| {
            filter(element, attribute, value, &inline, &left, &noted)
        })
        .clean(html)
        .to_string();
    CleanHtml {
        html: cleaned,
        has_remote_content: remote.load(Ordering::Relaxed),
    }
}

/// Decides over one attribute: its new value, or `None` to drop it.
fn filter<'v>(
    element: &str,
    attribute: &str,
    value: &'v str,
    inline: &HashMap<String, String>,
    left: &AtomicUsize,
    remote: &AtomicBool,
) -> Option<Cow<'v, str>> {
    let value = value.trim();
    let scheme = value.split(':').next().unwrap_or("").to_ascii_lowercase();
    match (element, attribute) {
        ("img", "src") => match scheme.as_str() {
            "cid" => inline
                .get(value.get(4..).unwrap_or(""))
                .filter(|data| spend(left, data.len()))
                .map(|data| Cow::Owned(data.clone())),
            "http" | "https" => {
                remote.store(true, Ordering::Relaxed);
                Some(Cow::Borrowed(value))
            }
            // Pictures only: a data: document could be opened from the context menu.
            "data" => is_picture(value).then_some(Cow::Borrowed(value)),
            _ => None,
        },
        ("a", "href") => matches!(scheme.as_str(), "http" | "https" | "mailto" | "tel")
            .then_some(Cow::Borrowed(value)),
        (_, "style") => harmless_style(value).then_some(Cow::Borrowed(value)),
        (_, "src" | "href" | "cite" | "background" | "poster" | "srcset") => None,
        _ => Some(Cow::Borrowed(value)),
    }
}

/// Takes so much of what is left, if there is enough.
fn spend(left: &AtomicUsize, bytes: usize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(bytes)
    })
    .is_ok()
}

/// The allow-list names properties; a value can still try to load or to compute something.
fn harmless_style(style: &str) -> bool {
    let lower = style.to_ascii_lowercase();
    // Escapes and comments could hide any of the others.
    [
        "url",
        "image",
        "expression",
        "var(",
        "attr(",
        "\\",
        "/*",
        "@",
    ]
    .iter()
    .all(|bad| !lower.contains(bad))
}

fn is_picture(data_url: &str) -> bool {
    let rest = data_url.get(5..).unwrap_or("").to_ascii_lowercase();
    ["image/png", "image/jpeg", "image/gif", "image/webp"]
        .iter()
        .any(|kind| rest.starts_with(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clean(html: &str) -> CleanHtml {
        sanitize(html, HashMap::new())
    }

    #[test]
    fn text_and_its_looks_survive() {
        let clean = clean("<p style=\"color: red; position: fixed\">Hello <b>Bob</b></p>");
        assert!(clean.html.contains("<b>Bob</b>"));
        assert!(clean.html.contains("color:red") || clean.html.contains("color: red"));
        assert!(!clean.html.contains("position"));
        assert!(!clean.has_remote_content);
    }

    #[test]
    fn nothing_that_runs_or_loads_survives() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"data:text/html,x\">x</a>",
            "<iframe src=\"https://x\"></iframe>",
            "<object data=\"https://x\"></object>",
            "<link rel=stylesheet href=\"https://x\">",
            "<style>@import url(https://x)</style>",
            "<meta http-equiv=refresh content=\"0;url=https://x\">",
            "<form action=\"https://x\"><input name=a></form>",
            "<svg><use href=\"https://x#a\"/></svg>",
            "<video poster=\"https://x\"></video>",
            "<img srcset=\"https://x 2x\">",
            "<base href=\"https://x\">",
            "<p style=\"background-image: url(https://x)\">x</p>",
            "<p style=\"background-color: url(https://x)\">x</p>",
            "<table background=\"https://x\"><tr><td>x</td></tr></table>",
            "<a href=\"https://y\" ping=\"https://x\">x</a>",
            "<math><mtext><img src=\"data:text/html,x\"></mtext></math>",
        ] {
            let cleaned = clean(hostile).html;
            let lower = cleaned.to_lowercase();
            for bad in [
                "https://x",
                "script",
                "onerror",
                "data:text",
                "<form",
                "<svg",
                "<math",
                "url(",
            ] {
                assert!(!lower.contains(bad), "{hostile} became {cleaned}");
            }
        }
    }

    #[test]
    fn remote_pictures_are_noticed_and_inline_ones_shown() {
        assert!(clean("<img src=\"https://tracker.example/x.png\">").has_remote_content);
        let inline =
            HashMap::from([("logo@x".to_owned(), "data:image/png;base64,AA==".to_owned())]);
        let cleaned = sanitize("<img src=\"cid:logo@x\"><img src=\"cid:other\">", inline);
        assert!(cleaned.html.contains("data:image/png;base64,AA=="));
        assert!(!cleaned.html.contains("cid:"));
        assert!(!cleaned.has_remote_content);
    }

    #[test]
    fn a_picture_named_again_and_again_has_a_budget() {
        let picture = format!("data:image/png;base64,{}", "A".repeat(1 << 20));
        let inline = HashMap::from([("a@x".to_owned(), picture)]);
        let cleaned = sanitize(&"<img src=\"cid:a@x\">".repeat(2000), inline).html;
        assert_eq!(cleaned.matches("data:image/png").count(), 15);
        assert!(cleaned.len() < INLINE_BUDGET + (1 << 20));
    }

    #[test]
    fn links_to_hosts_in_every_script_stay_as_they_were_written() {
        for link in [
            "https://b\u{fc}cher.example/a",
            "https://xn--bcher-kva.example/",
            "http://\u{440}\u{430}\u{443}\u{440}\u{430}l.example/",
            "https://\u{646}\u{627}\u{645}\u{647}\u{200c}\u{627}\u{6cc}.example/",
            "https://\u{4f8b}\u{3048}.\u{30c6}\u{30b9}\u{30c8}/",
        ] {
            let cleaned = clean(&format!("<a href=\"{link}\">x</a>")).html;
            assert!(cleaned.contains(&format!("href=\"{link}\"")), "{cleaned}");
        }
        for link in [
            "//b\u{fc}cher.example/",
            "java\u{73}cript://b\u{fc}cher.example/%0aalert(1)",
        ] {
            let cleaned = clean(&format!("<a href=\"{link}\">x</a>")).html;
            assert!(!cleaned.contains("href"), "{cleaned}");
        }
    }

    #[test]
    fn characters_by_name_are_what_they_stand_for() {
        let cleaned = clean("<p>&amp;amp; &lt;b&gt; &auml; &notin; &notit; &CounterClockwiseContourIntegral; &nosuch;</p>").html;
        let text = "<p>&amp;amp; &lt;b&gt; \u{e4} \u{2209} \u{ac}it; \u{2233} &amp;nosuch;</p>";
        assert_eq!(cleaned, text);
    }

    #[test]
    fn links_open_elsewhere_without_a_referrer() {
        let cleaned = clean("<a href=\"https://example.org/\">x</a>").html;
        assert!(cleaned.contains("target=\"_blank\""), "{cleaned}");
        assert!(cleaned.contains("noopener noreferrer"), "{cleaned}");
    }
}
