//! Files that go along: by picker, dragged or pasted.

use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, IconButton, icon};
use crate::ui::errors;
use crate::ui::format;
use crate::ui::i18n::t;
use crate::ui::state::DraftFile;
use std::rc::Rc;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

/// Reads files into the draft, each as soon as it is read.
pub(crate) fn add_files(actor: &Actor, files: &web_sys::FileList) {
    for index in 0..files.length() {
        let Some(file) = files.get(index) else {
            continue;
        };
        let actor = actor.clone();
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                Ok(buffer) => {
                    let media_type = match file.type_() {
                        empty if empty.is_empty() => "application/octet-stream".to_owned(),
                        known => known,
                    };
                    let read = Rc::new(DraftFile {
                        name: file.name(),
                        media_type,
                        data: js_sys::Uint8Array::new(&buffer).to_vec(),
                    });
                    actor.edit_draft(move |draft| {
                        draft.files.push(read);
                        draft.touched = true;
                    });
                }
                // A folder, or a file that went away meanwhile.
                Err(_) => actor.complain(&errors::unexpected(&file.name())),
            }
        });
    }
}

/// Properties of [`Files`].
#[derive(Properties, PartialEq)]
pub(crate) struct FilesProps {
    pub(crate) files: Vec<Rc<DraftFile>>,
}

/// The files with their sizes.
#[component]
pub(crate) fn Files(props: &FilesProps) -> Html {
    let actor = use_context::<Actor>();
    if props.files.is_empty() {
        return Html::default();
    }
    let remove = |index: usize| {
        let actor = actor.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(actor) = &actor {
                actor.edit_draft(move |draft| {
                    if index < draft.files.len() {
                        draft.files.remove(index);
                    }
                });
            }
        })
    };
    html! {
        <ul class="files draft-files" aria-label={t!("files")}>
            for (index, file) in props.files.iter().enumerate() {
                <li key={index} class="file" data-testid="file" data-name={file.name.clone()} data-size={file.data.len().to_string()}>
                    { icon(Glyph::File) }
                    <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
                    <span class="file-size">{ format::size(file.data.len() as u64) }</span>
                    <IconButton glyph={Glyph::Close} label={t!("remove-file", name = format::clean(&file.name))} testid="file-remove" onclick={remove(index)} />
                </li>
            }
        </ul>
    }
}
