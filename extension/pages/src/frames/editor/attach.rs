//! Files that go along: by picker, dragged or pasted.

use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;
use yew::prelude::*;

use super::letter::{Change, LetterFile};
use crate::files::may_run;
use crate::format;
use crate::i18n::t;
use ui_kit::icon::{Glyph, IconButton, icon};

/// Reads one file.
///
/// # Errors
///
/// The name of one that cannot be read: a folder, or one that went away meanwhile.
pub(super) async fn read(file: web_sys::File, number: u32) -> Result<LetterFile, String> {
    let name = file.name();
    match JsFuture::from(file.array_buffer()).await {
        Ok(buffer) => {
            let data = js_sys::Uint8Array::new(&buffer).to_vec();
            Ok(LetterFile {
                number,
                name,
                media_type: match file.type_() {
                    empty if empty.is_empty() => "application/octet-stream".to_owned(),
                    known => known,
                },
                size: data.len() as u64,
                data: Some(data),
            })
        }
        Err(_) => Err(name),
    }
}

/// The files of a list; a list may be emptied by the browser while they are read.
pub(super) fn all(files: &web_sys::FileList) -> Vec<web_sys::File> {
    (0..files.length())
        .filter_map(|index| files.get(index))
        .collect()
}

/// Properties of [`Files`].
#[derive(Properties, PartialEq)]
pub(super) struct FilesProps {
    pub(super) files: Vec<Rc<LetterFile>>,
    pub(super) on_change: Callback<Change>,
}

/// The files with their sizes.
#[component]
pub(super) fn Files(props: &FilesProps) -> Html {
    if props.files.is_empty() {
        return Html::default();
    }
    let remove = |number: u32| {
        props
            .on_change
            .reform(move |_: MouseEvent| Change::RemoveFile(number))
    };
    html! {
        <ul class="files draft-files" aria-label={t!("files")}>
            for file in props.files.iter() {
                <li key={file.number} class="file" data-testid="file" data-name={file.name.clone()} data-size={file.size.to_string()}>
                    { icon(if may_run(&file.name) { Glyph::Warn } else { Glyph::File }) }
                    <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
                    <span class="file-size">{ format::size(file.size) }</span>
                    <IconButton glyph={Glyph::Close} label={t!("remove-file", name = format::clean(&file.name))} testid="file-remove" onclick={remove(file.number)} />
                </li>
            }
        </ul>
    }
}
