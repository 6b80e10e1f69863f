//! Files of a message: saved, never opened in our own origin.

use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, icon};
use crate::ui::errors;
use crate::ui::i18n::t;
use crate::ui::{dom, format};
use mail_client::view::AttachmentInfo;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

/// Properties of [`Attachments`].
#[derive(Properties, PartialEq)]
pub(crate) struct AttachmentsProps {
    /// JMAP email id.
    pub(crate) id: String,
    pub(crate) files: Vec<AttachmentInfo>,
}

/// All of them.
#[component]
pub(crate) fn Attachments(props: &AttachmentsProps) -> Html {
    if props.files.is_empty() {
        return Html::default();
    }
    html! {
        <section class="files" aria-label={t!("files")}>
            <h2>{ t!("files-count", n = props.files.len()) }</h2>
            <ul>
                for file in props.files.iter() {
                    <File key={file.index} id={props.id.clone()} file={file.clone()} />
                }
            </ul>
        </section>
    }
}

#[derive(Properties, PartialEq)]
struct FileProps {
    id: String,
    file: AttachmentInfo,
}

#[component]
fn File(props: &FileProps) -> Html {
    let is_busy = use_state_eq(|| false);
    let actor = use_context::<Actor>();
    let file = &props.file;
    let save = {
        let (id, index, is_busy) = (props.id.clone(), file.index, is_busy.clone());
        Callback::from(move |_: MouseEvent| {
            let Some(actor) = actor.clone() else { return };
            if *is_busy {
                return;
            }
            is_busy.set(true);
            let (id, is_busy) = (id.clone(), is_busy.clone());
            spawn_local(async move {
                match actor.attachment(&id, index).await {
                    Ok((name, _, data)) => {
                        if dom::download(&name, &data).is_err() {
                            actor.complain(&errors::unexpected("download"));
                        }
                    }
                    Err(failure) => actor.complain(&failure),
                }
                is_busy.set(false);
            });
        })
    };
    html! {
        <li class="file" data-testid="attachment" data-name={file.name.clone()} data-size={file.size.to_string()}>
            { icon(Glyph::File) }
            <span class="file-name"><bdi>{ format::clean(&file.name) }</bdi></span>
            <span class="file-size">{ format::size(file.size) }</span>
            <button type="button" class="button small" data-testid="attachment-save" disabled={*is_busy} aria-label={t!("save-file", name = format::clean(&file.name))} onclick={save}>
                { icon(Glyph::Save) }{ t!("save") }
            </button>
        </li>
    }
}
