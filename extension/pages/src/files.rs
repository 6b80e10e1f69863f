//! Files that come out of letters and go into them.

/// Endings of files that run something when they are opened, or carry what runs.
const RUNS: [&str; 58] = [
    "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "deb", "desktop", "dll", "dmg",
    "docm", "exe", "gadget", "hta", "htm", "html", "inf", "iso", "jar", "js", "jse", "lnk", "mht",
    "mhtml", "mjs", "msc", "msi", "msp", "msix", "pif", "pkg", "potm", "ppam", "pptm", "ps1",
    "psm1", "reg", "rpm", "run", "scr", "sct", "sh", "shtml", "svg", "url", "vbe", "vbs", "vhd",
    "vhdx", "wsf", "wsh", "xhtml", "xlam", "xlsm", "xltm", "xll",
];

/// True for files that could do something when opened.
pub(crate) fn may_run(name: &str) -> bool {
    // Trailing dots and blanks are dropped by Windows when it opens a file.
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| RUNS.contains(&ending.trim()))
}

/// A name under which a file may be saved: no folders, no control or direction marks, not hidden.
pub(crate) fn safe_name(name: &str) -> String {
    let clean = ui_kit::format::clean(name);
    let last = clean.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .map(|c| match c {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
            other => other,
        })
        .take(180)
        .collect();
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() {
        "file".to_owned()
    } else {
        kept.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_told_by_its_last_ending() {
        assert!(may_run("invoice.pdf.exe"));
        assert!(may_run("page.HTML"));
        assert!(may_run("picture.svg"));
        assert!(may_run("setup.exe. "));
        assert!(!may_run("minutes.csv"));
        assert!(!may_run("exe"));
        assert!(!may_run("letter.pdf"));
    }

    #[test]
    fn names_lead_nowhere() {
        assert_eq!(safe_name("../../etc/passwd"), "passwd");
        assert_eq!(safe_name("C:\\temp\\a.txt"), "a.txt");
        assert_eq!(safe_name("photo\u{202E}gpj.exe"), "photogpj.exe");
        assert_eq!(safe_name("..."), "file");
        assert_eq!(safe_name(".bashrc"), "bashrc");
        assert_eq!(safe_name("a:b?.txt"), "a_b_.txt");
    }

    #[test]
    fn the_endings_are_written_once_each() {
        let mut sorted = RUNS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), RUNS.len());
    }
}
