//! One style sheet for the frames: each file that a frame asks for on its own makes whoever opens
//! a message wait.

use anyhow::{Context, Result};

use super::Site;

const FRAMES: [&str; 2] = ["frame.html", "frame-elsewhere.html"];
const JOINED: &str = "styles/frame.css";
const BEFORE: &str = "<link rel=\"stylesheet\" href=\"";
const AFTER: &str = "\">";

/// The sheets of a page, in its order.
fn sheets(page: &str) -> impl Iterator<Item = &str> {
    page.lines()
        .filter_map(|line| line.strip_prefix(BEFORE)?.strip_suffix(AFTER))
}

/// Joins the sheets of the frames into one.
///
/// # Errors
///
/// When a frame's page or a sheet is missing, or the two pages differ.
pub(super) fn join(site: &mut Site) -> Result<()> {
    let mut joined: Option<Vec<u8>> = None;
    for name in FRAMES {
        let page = site.get(name).with_context(|| format!("no {name}"))?;
        let page = String::from_utf8(page.clone())?;
        let mut whole = Vec::new();
        for sheet in sheets(&page) {
            let bytes = site.get(sheet);
            whole.extend(bytes.with_context(|| format!("{name} wants {sheet}"))?);
        }
        anyhow::ensure!(
            joined.as_ref().is_none_or(|other| *other == whole),
            "the frames' pages have different style sheets"
        );
        let mut lines: Vec<String> = Vec::new();
        for line in page.lines() {
            if !line.starts_with(BEFORE) {
                lines.push(line.to_owned());
            } else if !lines.iter().any(|line| line.contains(JOINED)) {
                lines.push(format!("{BEFORE}{JOINED}{AFTER}"));
            }
        }
        site.insert(name.to_owned(), (lines.join("\n") + "\n").into_bytes());
        joined = Some(whole);
    }
    site.remove("styles/frames.css");
    site.insert(JOINED.to_owned(), joined.context("no frames")?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frames_ask_for_one_sheet() {
        let page = "<head>\n<link rel=\"stylesheet\" href=\"styles/a.css\">\n<link rel=\"stylesheet\" href=\"styles/frames.css\">\n</head>\n";
        let mut site = Site::new();
        for name in FRAMES {
            site.insert(name.to_owned(), page.into());
        }
        site.insert("styles/a.css".to_owned(), b"a{}".to_vec());
        site.insert("styles/frames.css".to_owned(), b"b{}".to_vec());
        join(&mut site).unwrap();
        let text = |name: &str| String::from_utf8(site.get(name).unwrap().clone()).unwrap();
        assert_eq!(
            text("frame.html"),
            "<head>\n<link rel=\"stylesheet\" href=\"styles/frame.css\">\n</head>\n"
        );
        assert_eq!(text(JOINED), "a{}b{}");
        assert!(!site.contains_key("styles/frames.css"));
    }
}
