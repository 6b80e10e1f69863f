//! Files that go along: by picker, dragged or pasted.

use crate::ui::actor::Actor;
use crate::ui::errors;
use crate::ui::state::DraftFile;
use std::rc::Rc;
use ui_kit::files::{self, Enclosed, EnclosedList};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Reads files into the draft, each as soon as it is read.
pub(crate) fn add_files(actor: &Actor, picked: Vec<web_sys::File>) {
    for file in picked {
        let actor = actor.clone();
        spawn_local(async move {
            match files::read(&file).await {
                Some(data) => {
                    let read = Rc::new(DraftFile {
                        name: file.name(),
                        media_type: files::media_type(&file),
                        data,
                    });
                    actor.edit_draft(move |draft| {
                        draft.files.push(read);
                        draft.touched = true;
                    });
                }
                None => actor.complain(&errors::unexpected(&file.name())),
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
    let on_remove = Callback::from(move |key: u32| {
        if let Some(actor) = &actor {
            actor.edit_draft(move |draft| {
                if (key as usize) < draft.files.len() {
                    draft.files.remove(key as usize);
                }
            });
        }
    });
    let enclosed: Vec<_> = (0..)
        .zip(&props.files)
        .map(|(key, file)| Enclosed {
            key,
            name: file.name.clone().into(),
            size: file.data.len() as u64,
        })
        .collect();
    html! { <EnclosedList files={enclosed} {on_remove} /> }
}
