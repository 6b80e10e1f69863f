//! The picture a person chose, shown beside every verdict so that an imitation can be told.
//!
//! Our own straight-line drawings on a 24-unit grid, on one of eight colours.

use crate::i18n::t;
use ext_protocol::view::{MARK_COLOURS, MARK_PICTURES, Mark};
use yew::prelude::*;

const PICTURES: [&str; MARK_PICTURES as usize] = [
    "M3 14h18l-4 6H7zM12 3v11M12 4l6 8h-6",
    "M2 9l7 2 5-7 1 8 7-3-6 9-5-1-3 4z",
    "M2 18h20M5 18l7-13 7 13M12 5v13",
    "M12 3l2.700 5.800 6.300.800-4.600 4.400 1.200 6.300L12 17.200l-5.600 3.100 1.200-6.300L3 9.600l6.300-.800z",
    "M3 12l6-5h6l6-4v18l-6-4H9zM8 11h.500",
    "M4 11l8-7 8 7v9H4zM10 20v-6h4v6",
    "M8 8l4 4-4 4-4-4zM12 12h9M17 12v4M20.500 12v3",
    "M5 19V11l6-6h9v9l-6 5zM5 19l9-9",
    "M12 2l7 8-7 8-7-8zM12 2v16M5 10h14M12 18l-2 2 3 2",
    "M2 20L9 6l4 7 3-4 6 11zM6.500 11l2.500 2 2-2.500",
    "M5 7h12v8l-3 4H8l-3-4zM17 9h4v5h-4M8 3v2M13 3v2",
    "M6 16V9l3-4h6l3 4v7l2 2H4zM10 21h4",
    "M14 3l-6 3-3 6 3 6 6 3 6-3-6-1-3-5 3-5z",
    "M12 8l3 1 1 3-1 3-3 1-3-1-1-3 1-3zM12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M5 19l2-2M17 7l2-2",
    "M12 2l6 8h-3l5 7H4l5-7H6zM12 17v5",
    "M12 7v14M8 11h8M4 14l2 5 6 2 6-2 2-5M12 3l2 2-2 2-2-2z",
    "M4 20L16 8M8 16v-6l6-6h6v6l-6 6z",
    "M9 3h6M8 6h8l2 6-2 6H8l-2-6zM10 21h4M12 6v12",
    "M2 8l4-3 4 3 4-3 4 3 4-3M2 14l4-3 4 3 4-3 4 3 4-3M2 20l4-3 4 3 4-3 4 3 4-3",
    "M3 4l5 4h8l5-4-2 10-7 7-7-7zM9 13h.500M14.500 13h.500",
    "M12 20l-9-9 1-5 4-2 4 4 4-4 4 2 1 5z",
    "M6 4h12l4 6-10 11L2 10zM2 10h20M9 10l3 11 3-11",
    "M3 11L21 4l-5 16-4-7zM12 13l9-9",
    "M3 12l3-6 6-3 6 3 3 6zM9 12l-1 8h8l-1-8",
];

/// What a picture shows, for those who cannot see it.
fn word(picture: u8) -> String {
    match picture {
        0 => t!("mark-boat"),
        1 => t!("mark-crane"),
        2 => t!("mark-hat"),
        3 => t!("mark-star"),
        4 => t!("mark-fish"),
        5 => t!("mark-house"),
        6 => t!("mark-key"),
        7 => t!("mark-leaf"),
        8 => t!("mark-kite"),
        9 => t!("mark-mountain"),
        10 => t!("mark-cup"),
        11 => t!("mark-bell"),
        12 => t!("mark-moon"),
        13 => t!("mark-sun"),
        14 => t!("mark-tree"),
        15 => t!("mark-anchor"),
        16 => t!("mark-feather"),
        17 => t!("mark-lantern"),
        18 => t!("mark-waves"),
        19 => t!("mark-fox"),
        20 => t!("mark-heart"),
        21 => t!("mark-gem"),
        22 => t!("mark-dart"),
        _ => t!("mark-mushroom"),
    }
}

fn colour_word(colour: u8) -> String {
    match colour {
        0 => t!("colour-brick"),
        1 => t!("colour-amber"),
        2 => t!("colour-moss"),
        3 => t!("colour-teal"),
        4 => t!("colour-sky"),
        5 => t!("colour-indigo"),
        6 => t!("colour-plum"),
        _ => t!("colour-slate"),
    }
}

/// The picture in words.
pub(crate) fn says(mark: Mark) -> String {
    t!(
        "mark-says",
        picture = word(mark.picture),
        colour = colour_word(mark.colour)
    )
}

/// One that nobody chose, to begin with.
pub(crate) fn any() -> Mark {
    let pick = |count: u8| (js_sys::Math::random() * f64::from(count)) as u8 % count;
    Mark {
        picture: pick(MARK_PICTURES),
        colour: pick(MARK_COLOURS),
    }
}

/// Draws it.
pub(crate) fn picture(mark: Mark) -> Html {
    let path = PICTURES
        .get(usize::from(mark.picture))
        .copied()
        .unwrap_or_default();
    let class = format!("mark mark-c{}", mark.colour % MARK_COLOURS);
    html! {
        <span {class} role="img" aria-label={says(mark)} title={says(mark)} data-testid="mark"
            data-picture={mark.picture.to_string()} data-colour={mark.colour.to_string()}>
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true" focusable="false">
                <path d={path} />
            </svg>
        </span>
    }
}

/// Properties of [`MarkChoice`].
#[derive(Properties, PartialEq)]
pub(crate) struct MarkChoiceProps {
    pub(crate) mark: Mark,
    pub(crate) on_choose: Callback<Mark>,
}

/// All pictures and all colours, as two groups of radio buttons.
#[component]
pub(crate) fn MarkChoice(props: &MarkChoiceProps) -> Html {
    let mark = props.mark;
    let choose = |mark: Mark| {
        let on_choose = props.on_choose.clone();
        Callback::from(move |_: Event| on_choose.emit(mark))
    };
    html! {
        <div class="mark-choice">
            <fieldset class="mark-pictures">
                <legend class="visually-hidden">{ t!("mark-pictures") }</legend>
                for picture in 0..MARK_PICTURES {
                    <label class={classes!("mark-option", (picture == mark.picture).then_some("is-chosen"))}>
                        <input type="radio" name="picture" checked={picture == mark.picture} aria-label={word(picture)} data-testid={format!("picture-{picture}")}
                            onchange={choose(Mark { picture, ..mark })} />
                        { self::picture(Mark { picture, ..mark }) }
                    </label>
                }
            </fieldset>
            <fieldset class="mark-colours">
                <legend class="visually-hidden">{ t!("mark-colours") }</legend>
                for colour in 0..MARK_COLOURS {
                    <label class={classes!("mark-option", (colour == mark.colour).then_some("is-chosen"))}>
                        <input type="radio" name="colour" checked={colour == mark.colour} aria-label={colour_word(colour)} data-testid={format!("colour-{colour}")}
                            onchange={choose(Mark { colour, ..mark })} />
                        <span class={format!("mark mark-c{colour}")} title={colour_word(colour)}></span>
                    </label>
                }
            </fieldset>
        </div>
    }
}
