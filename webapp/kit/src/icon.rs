//! Icons: our own straight-line drawings on a 24-unit grid, after folded paper.

use yew::prelude::*;

/// The drawings.
#[allow(missing_docs, reason = "each is named after what it stands for")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Mark,
    Inbox,
    Sent,
    Drafts,
    Archive,
    Trash,
    Junk,
    Folder,
    Compose,
    Settings,
    Back,
    Menu,
    Refresh,
    Star,
    Clip,
    Close,
    Check,
    CheckTwice,
    Warn,
    Stop,
    Question,
    Fresh,
    Save,
    File,
    Reply,
    ReplyAll,
    Forward,
    Pictures,
    Unread,
    Copy,
    Outbox,
    Offline,
    Eye,
    Sealed,
    SignedOnly,
    Open,
    Unsigned,
    More,
    Key,
    People,
    Globe,
    Print,
    Plus,
    Bold,
    Italic,
    Underline,
    Bullets,
    Numbers,
    Quotation,
    Chain,
    Window,
    Swap,
    Locked,
}

impl Glyph {
    fn path(self) -> &'static str {
        match self {
            Self::Mark | Self::Sealed => {
                "M3 5h18v14H3zM3 5l5 4.500h6.600M3 19l5-4.500h3.400M16.200 7l-6.400 10"
            }
            Self::Inbox => "M3 13l3-8h12l3 8v6H3zM3 13h5l2 3h4l2-3h5",
            Self::Sent => "M3 11L21 4l-5 16-4-7zM12 13l9-9",
            Self::Drafts => "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h4",
            Self::Archive => "M3 4h18v5H3zM5 9v11h14V9M10 13h4",
            Self::Trash => "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
            Self::Junk => "M8 3h8l5 5v8l-5 5H8l-5-5V8zM6 6l12 12",
            Self::Folder => "M3 6h6l2 2h10v11H3z",
            Self::Compose => "M4 20l1-5L16 4l4 4L9 19zM13 7l4 4",
            Self::Settings => "M4 7h9M17 7h3M4 17h3M11 17h9M13 5v4h4V5zM7 15v4h4v-4z",
            Self::Back => "M11 5l-7 7 7 7M4 12h16",
            Self::Menu => "M4 6h16M4 12h16M4 18h16",
            Self::Refresh => "M19 12a7 7 0 1 1-2-5l2 2M19 4v5h-5",
            Self::Star => {
                "M12 3l2.7 5.8 6.3.8-4.6 4.4 1.2 6.3L12 17.2l-5.6 3.1 1.2-6.3L3 9.6l6.3-.8z"
            }
            Self::Clip => "M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Check => "M4 12l5 6L20 6",
            Self::CheckTwice => "M2 12l5 6L17 6M12 17l1 1L22 7",
            Self::Warn => "M12 3l10 18H2zM12 10v5M12 18v.5",
            Self::Stop => "M8 3h8l5 5v8l-5 5H8l-5-5V8zM9 9l6 6M15 9l-6 6",
            Self::Question => {
                "M12 3l9 9-9 9-9-9zM10 10.500a2 2 0 1 1 2.800 1.800c-.6.3-.8.7-.8 1.200M12 16v.3"
            }
            Self::Fresh => "M12 3l9 9-9 9-9-9zM12 9v6M9 12h6",
            Self::Save => "M12 4v11M7 11l5 5 5-5M4 20h16",
            Self::File => "M6 3h8l4 4v14H6zM14 3v4h4",
            Self::Reply => "M9 6l-5 5 5 5M4 11h10a6 6 0 0 1 6 6v1",
            Self::ReplyAll => "M7 6l-5 5 5 5M12 6l-5 5 5 5M7 11h8a6 6 0 0 1 6 6v1",
            Self::Forward => "M15 6l5 5-5 5M20 11H10a6 6 0 0 0-6 6v1",
            Self::Pictures => "M3 5h18v14H3zM3 16l5-5 4 4 3-3 6 5M15 8.500h1.500",
            Self::Unread => "M3 8l9-5 9 5v11H3zM3 8l9 6 9-6",
            Self::Copy => "M8 8h12v12H8zM16 8V4H4v12h4",
            Self::Outbox => "M4 13v6h16v-6M12 15V4M7 9l5-5 5 5",
            Self::Offline => {
                "M4 4l16 16M7 18h9M5 12a5 5 0 0 0 2 6M10 7a5 5 0 0 1 7 5 3.500 3.500 0 0 1 3 4"
            }
            Self::Eye => {
                "M2 12l4-4 6-2 6 2 4 4-4 4-6 2-6-2zM12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5"
            }
            Self::SignedOnly => "M5 3h14v18H5zM8 8h8M8 12h8M8 17l2-2 2 2 4-3",
            Self::Open => "M5 3h14v18H5zM8 8h8M8 12h8M8 16h5",
            Self::Unsigned => "M4 17h16M7 13l2-5 2 5M8 11.500h2",
            Self::More => "M5 12h.5M12 12h.5M19 12h.5",
            Self::Key => "M8 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 12h10M18 12v4M21.500 12v3",
            Self::People => {
                "M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7M3 20v-2l3-3h6l3 3v2M16 6l2.500 2.500L16 11M17 15h1l3 3v2"
            }
            Self::Globe => {
                "M12 3l6.400 2.600L21 12l-2.600 6.400L12 21l-6.400-2.600L3 12l2.600-6.400zM3 12h18M12 3l-3.500 9L12 21l3.500-9z"
            }
            Self::Print => "M7 9V3h10v6M7 17H3V9h18v8h-4M7 14h10v7H7z",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Bold => "M7 4h6a4 4 0 0 1 0 8H7zM7 12h7a4 4 0 0 1 0 8H7z",
            Self::Italic => "M10 4h8M6 20h8M14.500 4l-5 16",
            Self::Underline => "M7 4v7a5 5 0 0 0 10 0V4M5 21h14",
            Self::Bullets => "M9 6h12M9 12h12M9 18h12M4 6h.5M4 12h.5M4 18h.5",
            Self::Numbers => "M10 6h11M10 12h11M10 18h11M3 5l2-1v5M3 14.500h3L3 19h3.500",
            Self::Quotation => "M4 5v14M9 8h12M9 12h12M9 16h8",
            Self::Chain => {
                "M10 14l4-4M8.500 11.500L5 15l4 4 3.500-3.500M11.500 8.500L15 5l4 4-3.500 3.500"
            }
            Self::Window => "M3 5h18v14H3zM3 9h18M14 13h4v3",
            Self::Swap => "M4 8h15l-4-4M20 16H5l4 4",
            Self::Locked => "M3 5h18v14H3zM3 5l9 8 9-8M16.500 3l-9 18",
        }
    }
}

/// A drawing; it says nothing to screen readers, the words beside it do.
pub fn icon(glyph: Glyph) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor"
            stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round" aria-hidden="true" focusable="false">
            <path d={glyph.path()} />
        </svg>
    }
}

/// Properties of [`IconButton`].
#[derive(Properties, PartialEq)]
pub struct IconButtonProps {
    /// The drawing.
    pub glyph: Glyph,
    /// The name for everybody: read aloud and shown on hover.
    pub label: AttrValue,
    /// `data-testid`.
    pub testid: AttrValue,
    /// What it does.
    pub onclick: Callback<MouseEvent>,
    /// The key that does the same.
    #[prop_or_default]
    pub shortcut: Option<AttrValue>,
    /// For buttons that stay down.
    #[prop_or_default]
    pub pressed: Option<bool>,
    /// For buttons that unfold something.
    #[prop_or_default]
    pub expanded: Option<bool>,
    /// Further classes.
    #[prop_or_default]
    pub class: Classes,
}

/// A button that is a drawing.
#[component]
pub fn IconButton(props: &IconButtonProps) -> Html {
    let title = props.shortcut.as_ref().map_or_else(
        || props.label.clone(),
        |key| format!("{} ({key})", props.label).into(),
    );
    html! {
        <button type="button" class={classes!("icon-button", props.class.clone())} aria-label={props.label.clone()}
            title={title} data-testid={props.testid.clone()} onclick={props.onclick.clone()}
            aria-keyshortcuts={props.shortcut.clone()}
            aria-pressed={props.pressed.map(|p| p.to_string())}
            aria-expanded={props.expanded.map(|e| e.to_string())}
            data-flagged={props.pressed.map(|p| p.to_string())}>
            { icon(props.glyph) }
        </button>
    }
}
