//! Choosing files: a button, and a place to drop them.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use ui_kit::files::{self, Picker, open_picker};
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

fn read(files: Vec<web_sys::File>, on_file: &Callback<(String, Vec<u8>)>) {
    for file in files {
        let on_file = on_file.clone();
        spawn_local(async move {
            // A folder cannot be read, and is none of the files that were asked for.
            if let Some(data) = files::read(&file).await {
                on_file.emit((file.name(), data));
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
        Callback::from(move |_: MouseEvent| open_picker(&picker))
    };
    let on_files = {
        let on_file = props.on_file.clone();
        Callback::from(move |files| read(files, &on_file))
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
                read(files::all(&files), &on_file);
            }
        })
    };
    html! {
        <div class={classes!("pick", is_dragging.then_some("is-dragging"))} {ondragover} {ondragleave} {ondrop}>
            <button type="button" class="button" data-testid={format!("{}-button", props.testid)} onclick={pick}>{ icon(Glyph::File) }{ props.label.clone() }</button>
            <Picker node={picker} label={props.label.clone()} testid={props.testid.clone()} is_many={props.is_many} {on_files} />
        </div>
    }
}

/// A file that should be text.
pub(crate) fn read_text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}
