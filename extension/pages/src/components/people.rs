//! A small folded sheet with the first letter of a name.

use crate::format;
use ext_protocol::view::Person;
use yew::prelude::*;

/// Properties of [`Avatar`].
#[derive(Properties, PartialEq)]
pub(crate) struct AvatarProps {
    pub(crate) person: Person,
}

/// It tells people apart at a glance and says nothing: the name stands beside it.
#[component]
pub(crate) fn Avatar(props: &AvatarProps) -> Html {
    html! {
        <span class={classes!("avatar", format::tint(&props.person.address))} aria-hidden="true">
            { format::initial(&props.person) }
        </span>
    }
}
