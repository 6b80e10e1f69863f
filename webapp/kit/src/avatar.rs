//! A small folded sheet with the first letter of a name.

use mail_view::Person;
use yew::prelude::*;

use crate::format;

/// Properties of [`Avatar`].
#[derive(Properties, PartialEq)]
pub struct AvatarProps {
    /// Whose.
    pub person: Person,
}

/// It tells people apart at a glance and says nothing: the name stands beside it.
#[component]
pub fn Avatar(props: &AvatarProps) -> Html {
    html! {
        <span class={classes!("avatar", format::tint(&props.person.address))} aria-hidden="true">
            { format::initial(&props.person) }
        </span>
    }
}
