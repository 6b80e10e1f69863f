//! What stands around every page of an open account: mailboxes, state of the line, lock.

use super::begin;
use crate::protocol::ProgressStep;
use crate::ui::actor::Actor;
use crate::ui::components::{Glyph, IconButton, Notices, ProgressBar, icon};
use crate::ui::dom;
use crate::ui::i18n::t;
use crate::ui::route::{self, Route};
use crate::ui::state::{Draft, Store};
use mail_client::view::{MailboxRole, MailboxView};
use ui_kit::format;
use yew::prelude::*;

/// A mailbox's name in the reader's language.
pub(super) fn mailbox_name(mailbox: &MailboxView) -> String {
    match mailbox.role {
        MailboxRole::Inbox => t!("mailbox-inbox"),
        MailboxRole::Sent => t!("mailbox-sent"),
        MailboxRole::Drafts => t!("mailbox-drafts"),
        MailboxRole::Archive => t!("mailbox-archive"),
        MailboxRole::Trash => t!("mailbox-trash"),
        MailboxRole::Junk => t!("mailbox-junk"),
        MailboxRole::Other => format::clean(&mailbox.name),
    }
}

fn glyph(role: MailboxRole) -> Glyph {
    match role {
        MailboxRole::Inbox => Glyph::Inbox,
        MailboxRole::Sent => Glyph::Sent,
        MailboxRole::Drafts => Glyph::Drafts,
        MailboxRole::Archive => Glyph::Archive,
        MailboxRole::Trash => Glyph::Trash,
        MailboxRole::Junk => Glyph::Junk,
        MailboxRole::Other => Glyph::Folder,
    }
}

/// Where a mailbox stands in the navigation.
fn place(role: MailboxRole) -> u8 {
    match role {
        MailboxRole::Inbox => 0,
        MailboxRole::Drafts => 1,
        MailboxRole::Sent => 2,
        MailboxRole::Archive => 3,
        MailboxRole::Junk => 4,
        MailboxRole::Trash => 5,
        MailboxRole::Other => 6,
    }
}

/// Begins a letter. One that was begun already is gone on with, never thrown away.
pub(super) fn write(store: &Store, actor: &Actor) {
    if store.draft.is_some() {
        route::go(&Route::Compose);
    } else {
        begin(
            store,
            actor,
            Draft::new(&store.me().cloned().unwrap_or_default()),
        );
    }
}

/// Properties of [`Shell`].
#[derive(Properties, PartialEq)]
pub(crate) struct ShellProps {
    /// The slug of the mailbox on the screen.
    pub(crate) current: Option<String>,
    pub(crate) title: AttrValue,
    /// Which pane is seen where there is room for one.
    pub(crate) pane: AttrValue,
    pub(crate) testid: AttrValue,
    #[prop_or_default]
    pub(crate) kind: Option<AttrValue>,
    #[prop_or_default]
    pub(crate) phase: Option<AttrValue>,
    /// The page has a seal-red button of its own, so this one is quiet.
    #[prop_or_default]
    pub(crate) is_compose_quiet: bool,
    pub(crate) children: Html,
}

/// Navigation, notices and the page.
#[component]
pub(crate) fn Shell(props: &ShellProps) -> Html {
    let is_menu_open = use_state_eq(|| false);
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let write = Callback::from({
        let store = store.clone();
        move |_: MouseEvent| write(&store, &actor)
    });
    let is_syncing = store
        .progress
        .is_some_and(|p| p.step == ProgressStep::Synchronising);
    let skip = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        dom::focus_id("main");
    });
    let toggle = {
        let is_menu_open = is_menu_open.clone();
        Callback::from(move |_: MouseEvent| is_menu_open.set(!*is_menu_open))
    };
    let close = {
        let is_menu_open = is_menu_open.clone();
        Callback::from(move |()| is_menu_open.set(false))
    };
    let onkeydown = {
        let close = close.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                close.emit(());
            }
        })
    };
    html! {
        <div class={classes!("shell", (*is_menu_open).then_some("has-menu"))} data-testid={props.testid.clone()}
            data-mailbox={props.current.clone()} data-pane={props.pane.clone()} data-kind={props.kind.clone()} data-phase={props.phase.clone()}>
            <button type="button" class="skip-link" onclick={skip}>{ t!("skip-link") }</button>
            <header class="topbar">
                <IconButton glyph={Glyph::Menu} label={t!("menu")} testid="nav-toggle" onclick={toggle} expanded={*is_menu_open} />
                <span class="topbar-title">{ props.title.clone() }</span>
                if !props.is_compose_quiet {
                    <IconButton class="topbar-compose" glyph={Glyph::Compose} label={t!("compose")} testid="topbar-compose" onclick={write} />
                }
            </header>
            if *is_menu_open {
                <div class="scrim" onclick={close.reform(|_: MouseEvent| ())}></div>
            }
            <div class="side" {onkeydown}>
                <Navigation current={props.current.clone()} on_chosen={close} is_compose_quiet={props.is_compose_quiet} />
            </div>
            <div class="content">
                <Notices />
                if is_syncing {
                    <ProgressBar />
                }
                <main id="main" class="panes" tabindex="-1">{ props.children.clone() }</main>
            </div>
        </div>
    }
}

#[derive(Properties, PartialEq)]
struct NavigationProps {
    current: Option<String>,
    on_chosen: Callback<()>,
    is_compose_quiet: bool,
}

#[component]
fn Navigation(props: &NavigationProps) -> Html {
    let (Some(store), Some(actor)) = (use_context::<Store>(), use_context::<Actor>()) else {
        return Html::default();
    };
    let me = store.me().cloned().unwrap_or_default();
    let mut mailboxes: Vec<_> = store.mailboxes.iter().collect();
    mailboxes.sort_by_key(|m| (place(m.role), m.name.clone()));
    let chosen = props.on_chosen.reform(|_: MouseEvent| ());
    let compose = {
        let (actor, store, on_chosen) = (actor.clone(), store.clone(), props.on_chosen.clone());
        Callback::from(move |_: MouseEvent| {
            on_chosen.emit(());
            write(&store, &actor);
        })
    };
    let lock = {
        let actor = actor.clone();
        Callback::from(move |_: MouseEvent| actor.lock())
    };
    let is_settings = props.current.as_deref() == Some("settings");
    // On the page of the letter itself the button is only a name.
    let is_begun = store.draft.as_ref().is_some_and(|d| d.is_worth_keeping());
    let has_draft = is_begun && props.current.is_some();
    html! {
        <nav class="nav" data-testid="nav" aria-label={t!("nav")}>
            <div class="brand">{ icon(Glyph::Mark) }<span>{ t!("app-name") }</span></div>
            <button type="button" class={classes!("button", "compose-button", (!props.is_compose_quiet).then_some("seal"))}
                data-testid="compose-button" title={format!("{} (c)", t!("compose"))} onclick={compose}>
                { icon(Glyph::Compose) }{ if has_draft { t!("compose-continue") } else { t!("compose") } }
            </button>
            <ul class="nav-list">
                for mailbox in mailboxes {
                    <li key={mailbox.id.clone()}>{ entry(mailbox, props.current.as_deref(), &chosen) }</li>
                }
            </ul>
            <div class="nav-foot">
                if store.outbox > 0 {
                    <p class="nav-state" data-testid="outbox" data-waiting={store.outbox.to_string()}>{ icon(Glyph::Outbox) }{ t!("outbox-waiting", n = store.outbox) }</p>
                }
                <p class="nav-state" data-testid="connection" data-state={if store.offline { "offline" } else { "online" }}>
                    if store.offline {
                        { icon(Glyph::Offline) }{ t!("connection-offline") }
                    }
                </p>
                <a class="nav-link" href={Route::Settings.href()} data-testid="nav-settings" aria-current={is_settings.then_some("page")} onclick={chosen}>
                    { icon(Glyph::Settings) }<span>{ t!("settings") }</span>
                </a>
                <div class="nav-me">
                    <p><span class="nav-name">{ format::person(&me) }</span><span class="nav-address">{ me.address.clone() }</span></p>
                    <button type="button" class="button small" data-testid="lock-button" title={t!("lock-hint")} onclick={lock}>{ t!("lock") }</button>
                </div>
            </div>
        </nav>
    }
}

fn entry(mailbox: &MailboxView, current: Option<&str>, chosen: &Callback<MouseEvent>) -> Html {
    let slug = route::slug(mailbox);
    let is_current = current == Some(slug.as_str());
    let route = Route::Mail {
        mailbox: slug.clone(),
        message: None,
    };
    html! {
        <a class="nav-link" href={route.href()} data-testid={format!("nav-{slug}")} data-unread={mailbox.unread.to_string()}
            aria-current={is_current.then_some("page")} onclick={chosen}>
            { icon(glyph(mailbox.role)) }
            <span class="nav-label">{ mailbox_name(mailbox) }</span>
            if mailbox.unread > 0 {
                <span class="nav-count"><span aria-hidden="true">{ format::number(mailbox.unread) }</span><span class="visually-hidden">{ t!("unread-count", n = mailbox.unread) }</span></span>
            }
        </a>
    }
}
