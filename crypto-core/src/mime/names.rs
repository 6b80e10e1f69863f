//! Texts from strangers, made fit to be shown on one line or written to a disk.

/// Characters kept of a display name.
pub(super) const MAX_NAME: usize = 200;
/// Characters kept of a subject.
pub(super) const MAX_SUBJECT: usize = 2000;
/// Bytes kept of a file name; common file systems take 255.
const MAX_FILE_NAME: usize = 200;
/// The longest extension that survives shortening, in bytes, dot included.
const MAX_EXTENSION: usize = 16;

/// Characters that reorder text or hide between letters: marks and overrides of direction
/// (Unicode Standard Annex 9), zero-width characters and the byte order mark.
fn is_treacherous(c: char) -> bool {
    matches!(
        c,
        '\u{061C}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}'
    )
}

/// Overrides and embeddings of direction, which have no place in a line of a list; joiners and
/// plain marks stay, because names of people and emoji need them.
fn is_override(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// One line without control characters or overrides of direction, at most `max` characters.
pub(super) fn one_line(text: &str, max: usize) -> String {
    let visible: String = text.chars().filter(|c| !is_override(*c)).collect();
    let mut line = String::with_capacity(visible.len());
    for word in visible
        .split(|c: char| c.is_whitespace() || is_break(c))
        .filter(|word| !word.is_empty())
    {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(max) {
        line.truncate(end);
    }
    line
}

/// One `@` with something printable on both sides; what is merely odd passes, what could break
/// a header or fool an eye does not.
pub(super) fn looks_like_address(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    !local.is_empty()
        && !domain.is_empty()
        && !domain.contains('@')
        && !text.chars().any(|c| {
            c.is_whitespace() || is_break(c) || is_treacherous(c) || "<>()[]\\,;:\"".contains(c)
        })
}

/// A file name that can be offered for saving on any system.
///
/// The last component of a path only; no control characters, no overrides of direction (which
/// make `exe.jpg` out of `gpj.exe`), nothing that Windows forbids, no device names, no dots or
/// spaces at the ends, at most 200 bytes with the extension kept. Never empty, and
/// stable: a safe name stays as it is.
///
/// ```
/// use crypto_core::mime::safe_file_name;
/// assert_eq!(safe_file_name("../../etc/passwd"), "passwd");
/// assert_eq!(safe_file_name("photo\u{202E}gpj.exe"), "photogpj.exe");
/// assert_eq!(safe_file_name("CON.txt"), "_CON.txt");
/// ```
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let cleaned: String = last
        .chars()
        .filter(|c| !is_break(*c) && !is_treacherous(*c))
        .map(|c| if "<>:\"|?*".contains(c) { '_' } else { c })
        .collect();
    match trim(&cleaned) {
        "" => "attachment".to_owned(),
        name if is_device(name) => shorten(&format!("_{name}")),
        name => shorten(name),
    }
}

/// Leading dots hide a file, trailing dots and spaces are dropped silently by Windows.
fn trim(name: &str) -> &str {
    let is_edge = |c: char| c == '.' || c.is_whitespace();
    name.trim_matches(is_edge)
}

/// Cuts the middle, so that the extension, which decides what opens the file, stays visible.
fn shorten(name: &str) -> String {
    if name.len() <= MAX_FILE_NAME {
        return name.to_owned();
    }
    let extension = match name.rfind('.') {
        Some(dot) if name.len() - dot <= MAX_EXTENSION => name.get(dot..).unwrap_or_default(),
        _ => "",
    };
    let mut end = MAX_FILE_NAME - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    let stem = name.get(..end).unwrap_or_default();
    format!("{}{extension}", trim(stem))
}

/// Names that mean devices to Windows, with any extension.
fn is_device(name: &str) -> bool {
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    if matches!(
        stem.as_str(),
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$"
    ) {
        return true;
    }
    ["COM", "LPT"].iter().any(|device| {
        stem.strip_prefix(device).is_some_and(|number| {
            let mut digits = number.chars();
            matches!(digits.next(), Some('0'..='9' | '¹' | '²' | '³')) && digits.next().is_none()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn file_names_lose_their_tricks() {
        for (tricky, safe) in [
            ("report.pdf", "report.pdf"),
            ("..\\..\\windows\\system.ini", "system.ini"),
            ("/etc/passwd", "passwd"),
            ("a/b/", "attachment"),
            ("..", "attachment"),
            ("", "attachment"),
            (" . ", "attachment"),
            (".bashrc", "bashrc"),
            ("evil.exe. . ", "evil.exe"),
            ("a\r\nContent-Type: x", "aContent-Type_ x"),
            ("nul", "_nul"),
            ("com1.txt", "_com1.txt"),
            ("LPT¹.log", "_LPT¹.log"),
            ("command.txt", "command.txt"),
            ("C:evil.txt", "C_evil.txt"),
            ("zero\0byte.txt", "zerobyte.txt"),
            ("inv\u{202E}fdp.exe", "invfdp.exe"),
            ("soft\u{200B}ly.txt", "softly.txt"),
            ("what?.txt", "what_.txt"),
            ("Grüße 🌍.txt", "Grüße 🌍.txt"),
        ] {
            assert_eq!(safe_file_name(tricky), safe, "{tricky:?}");
        }
    }

    #[test]
    fn long_names_keep_their_extension() {
        let name = safe_file_name(&format!("{}.tar.gz", "ü".repeat(300)));
        assert!(name.len() <= MAX_FILE_NAME, "{}", name.len());
        assert!(name.ends_with(".gz"));
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(one_line("a\r\n b\tc\0d", 80), "a b c d");
        assert_eq!(one_line("x\u{202E}y", 80), "xy");
        assert_eq!(one_line("👩\u{200D}🚀", 80), "👩\u{200D}🚀");
        assert_eq!(one_line("abc", 2), "ab");
    }

    proptest! {
        #[test]
        fn safe_names_are_safe_and_stable(name in any::<String>()) {
            let safe = safe_file_name(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= 255);
            let forbidden = ['/', '\\', '\0', '\r', '\n', '\u{202E}'];
            prop_assert!(!safe.contains(forbidden));
            prop_assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']));
            prop_assert_eq!(safe_file_name(&safe), safe);
        }

        #[test]
        fn one_line_is_one_line(text in any::<String>()) {
            let line = one_line(&text, 100);
            prop_assert!(!line.contains(['\r', '\n', '\0']) && line.chars().count() <= 100);
        }
    }
}
