//! Files that go along with a letter or come out of it: their list, what may run, safe names.

use wasm_bindgen::JsCast;
use yew::prelude::*;

use crate::format;
use crate::icon::{Glyph, IconButton, icon};
use crate::t;

/// Endings of files that run something when they are opened, or carry what runs.
const RUNS: [&str; 58] = [
    "apk", "app", "appx", "bat", "chm", "cmd", "com", "cpl", "deb", "desktop", "dll", "dmg",
    "docm", "exe", "gadget", "hta", "htm", "html", "inf", "iso", "jar", "js", "jse", "lnk", "mht",
    "mhtml", "mjs", "msc", "msi", "msp", "msix", "pif", "pkg", "potm", "ppam", "pptm", "ps1",
    "psm1", "reg", "rpm", "run", "scr", "sct", "sh", "shtml", "svg", "url", "vbe", "vbs", "vhd",
    "vhdx", "wsf", "wsh", "xhtml", "xlam", "xlsm", "xltm", "xll",
];

/// True for files that could do something when opened.
pub fn may_run(name: &str) -> bool {
    // Trailing dots and blanks are dropped by Windows when it opens a file.
    let name = name.trim_end_matches(['.', ' ']).to_lowercase();
    name.rsplit_once('.')
        .is_some_and(|(_, ending)| RUNS.contains(&ending.trim()))
}

/// A name under which a file may be saved: no folders, no control or direction marks, not hidden.
pub fn safe_name(name: &str) -> String {
    let clean = format::clean(name);
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

/// The media type of a picked file; what the browser does not know is bytes.
pub fn media_type(file: &web_sys::File) -> String {
    match file.type_() {
        empty if empty.is_empty() => "application/octet-stream".to_owned(),
        known => known,
    }
}

/// The bytes of a picked file; `None` of a folder, or of a file that went away meanwhile.
pub async fn read(file: &web_sys::File) -> Option<Vec<u8>> {
    let buffer = wasm_bindgen_futures::JsFuture::from(file.array_buffer()).await;
    buffer
        .ok()
        .map(|buffer| js_sys::Uint8Array::new(&buffer).to_vec())
}

/// The files of a list; a list may be emptied by the browser while they are read.
pub fn all(files: &web_sys::FileList) -> Vec<web_sys::File> {
    (0..files.length())
        .filter_map(|index| files.get(index))
        .collect()
}

/// Properties of [`Picker`].
#[derive(Properties, PartialEq)]
pub struct PickerProps {
    /// What is picked, for those who hear.
    pub label: AttrValue,
    /// `data-testid`.
    pub testid: AttrValue,
    /// To open it by [`open_picker`].
    pub node: NodeRef,
    /// Several at once.
    #[prop_or(true)]
    pub is_many: bool,
    /// What was picked.
    pub on_files: Callback<Vec<web_sys::File>>,
}

/// The browser's own field for files, out of sight: a button of the page opens it.
#[component]
pub fn Picker(props: &PickerProps) -> Html {
    let onchange = {
        let on_files = props.on_files.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
            if let Some(input) = input {
                if let Some(files) = input.files() {
                    on_files.emit(all(&files));
                }
                // The same file may be chosen again after it was removed.
                input.set_value("");
            }
        })
    };
    html! {
        <input ref={props.node.clone()} class="visually-hidden" type="file" multiple={props.is_many} tabindex="-1" aria-label={props.label.clone()}
            data-testid={props.testid.clone()} {onchange} />
    }
}

/// Opens a [`Picker`].
pub fn open_picker(node: &NodeRef) {
    if let Some(input) = node.cast::<web_sys::HtmlElement>() {
        input.click();
    }
}

/// A file that goes along.
#[derive(Clone, Debug, PartialEq)]
pub struct Enclosed {
    /// Tells it from the others.
    pub key: u32,
    /// As the sender calls it.
    pub name: AttrValue,
    /// Bytes.
    pub size: u64,
}

/// Properties of [`EnclosedList`].
#[derive(Properties, PartialEq)]
pub struct EnclosedListProps {
    /// In their order.
    pub files: Vec<Enclosed>,
    /// Leave this one out.
    pub on_remove: Callback<u32>,
}

/// The files of a letter being written, with their sizes.
#[component]
pub fn EnclosedList(props: &EnclosedListProps) -> Html {
    if props.files.is_empty() {
        return Html::default();
    }
    html! {
        <ul class="files draft-files" aria-label={t!("files")}>
            for file in props.files.iter() {
                <li key={file.key} class="file" data-testid="file" data-name={file.name.clone()} data-size={file.size.to_string()}>
                    { icon(if may_run(&file.name) { Glyph::Warn } else { Glyph::File }) }
                    <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
                    <span class="file-size">{ format::size(file.size) }</span>
                    <IconButton glyph={Glyph::Close} label={t!("remove-file", name = format::clean(&file.name))} testid="file-remove"
                        onclick={props.on_remove.reform({ let key = file.key; move |_: MouseEvent| key })} />
                </li>
            }
        </ul>
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
