//! Choosing files: a button, and a place to drop them.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use ui_kit::icon::{Glyph, icon};

/// Properties of [`FilePick`].
#[derive(Properties, PartialEq)]
pub(crate) struct FilePickProps {
    pub(crate) label: AttrValue,
    pub(crate) testid: AttrValue,
    #[prop_or_default]
    pub(crate) is_many: bool,
    /// Name and bytes, once for each file.
    pub(crate) on_file: Callback<(String, Vec<u8>)>,
}

fn read(files: &web_sys::FileList, on_file: &Callback<(String, Vec<u8>)>) {
    for file in (0..files.length()).filter_map(|index| files.get(index)) {
        let on_file = on_file.clone();
        spawn_local(async move {
            // A folder cannot be read, and is none of the files that were asked for.
            if let Ok(buffer) = JsFuture::from(file.array_buffer()).await {
                on_file.emit((file.name(), js_sys::Uint8Array::new(&buffer).to_vec()));
            }
        });
    }
}

/// The button and the place.
#[component]
pub(crate) fn FilePick(props: &FilePickProps) -> Html {
    let picker = use_node_ref();
    let is_dragging = use_state_eq(|| false);
    let pick = {
        let picker = picker.clone();
        Callback::from(move |_: MouseEvent| {
            if let Some(input) = picker.cast::<web_sys::HtmlElement>() {
                input.click();
            }
        })
    };
    let onchange = {
        let on_file = props.on_file.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|t| t.dyn_into::<web_sys::HtmlInputElement>().ok());
            if let Some(input) = input {
                if let Some(files) = input.files() {
                    read(&files, &on_file);
                }
                input.set_value("");
            }
        })
    };
    let ondragover = {
        let is_dragging = is_dragging.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(true);
        })
    };
    let ondragleave = {
        let is_dragging = is_dragging.clone();
        Callback::from(move |_: DragEvent| is_dragging.set(false))
    };
    let ondrop = {
        let (is_dragging, on_file) = (is_dragging.clone(), props.on_file.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            is_dragging.set(false);
            if let Some(files) = event.data_transfer().and_then(|data| data.files()) {
                read(&files, &on_file);
            }
        })
    };
    html! {
        <div class={classes!("pick", is_dragging.then_some("is-dragging"))} {ondragover} {ondragleave} {ondrop}>
            <button type="button" class="button" data-testid={format!("{}-button", props.testid)} onclick={pick}>{ icon(Glyph::File) }{ props.label.clone() }</button>
            <input ref={picker} class="visually-hidden" type="file" multiple={props.is_many} tabindex="-1" aria-label={props.label.clone()} data-testid={props.testid.clone()} {onchange} />
        </div>
    }
}

/// A file that should be text.
pub(crate) fn read_text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}
