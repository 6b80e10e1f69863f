//! The sites on which Letterlock works.

use std::rc::Rc;

use ext_protocol::failure::Failure;
use ext_protocol::page::{Answer, Request, Site};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use yew::prelude::*;

use crate::components::{Busy, FailureNote, Field, Switch, value_of};
use crate::format;
use crate::i18n::t;
use crate::pages::background::{Background, Deed, another, run};
use crate::pages::popup::{SelfTestNote, pattern};
use ext_browser::permissions;
use ui_kit::icon::{Glyph, icon};

/// The origin of what a person types: `mail.example.org` or a whole address.
fn origin(typed: &str) -> Option<String> {
    let typed = typed.trim();
    let full = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = web_sys::Url::new(&full).ok()?;
    let host = url.hostname();
    let is_local = matches!(host.as_str(), "localhost" | "127.0.0.1");
    let is_web = url.protocol() == "https:" || (url.protocol() == "http:" && is_local);
    (is_web && (is_local || host.contains('.'))).then(|| url.origin())
}

/// The page.
#[component]
pub(super) fn Sites() -> Html {
    let sites = use_state_eq(|| Deed::<Rc<Vec<Site>>>::Idle);
    let turn = use_state_eq(|| 0_u32);
    let fault = use_state_eq(|| None::<String>);
    let failure = use_state_eq(|| None::<Failure>);
    let typed = use_node_ref();
    let background = use_context::<Background>();
    use_effect_with(*turn, {
        let (background, sites) = (background.clone(), sites.clone());
        move |_| {
            if let Some(background) = background {
                run(&sites, async move {
                    match background.ask(Request::Sites).await? {
                        Answer::Sites { sites } => Ok(Rc::new(sites)),
                        _ => Err(another()),
                    }
                });
            }
        }
    });
    let Some(background) = background else {
        return Html::default();
    };
    let load = {
        let turn = turn.clone();
        Callback::from(move |()| turn.set(turn.wrapping_add(1)))
    };
    let order = {
        let (background, failure, load) = (background.clone(), failure.setter(), load.clone());
        Callback::from(move |request: Request| {
            let (background, failure, load) = (background.clone(), failure.clone(), load.clone());
            spawn_local(async move {
                failure.set(background.order(request).await.err());
                load.emit(());
            });
        })
    };
    let onsubmit = {
        let (typed, fault, order) = (typed.clone(), fault.clone(), order.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(origin) = origin(&value_of(&typed)) else {
                fault.set(Some(t!("sites-fault")));
                return;
            };
            fault.set(None);
            // Within the click: the browser refuses the question later.
            let asked = permissions::request(&[pattern(&origin)]);
            let (order, typed, fault) = (order.clone(), typed.clone(), fault.clone());
            spawn_local(async move {
                let granted = match asked {
                    Ok(promise) => JsFuture::from(promise).await.is_ok_and(|g| g.is_truthy()),
                    Err(_) => false,
                };
                if !granted {
                    fault.set(Some(t!("sites-refused")));
                    return;
                }
                if let Some(input) = typed.cast::<web_sys::HtmlInputElement>() {
                    input.set_value("");
                }
                order.emit(Request::SwitchSite {
                    origin,
                    scan: true,
                    api: false,
                });
            });
        })
    };
    html! {
        <>
            <p class="lead">{ t!("sites-text") }</p>
            <form class="look-up" {onsubmit}>
                <Field id="site" label={t!("sites-add")} node={typed} placeholder="mail.example.org" fault={(*fault).clone().map(AttrValue::from)} />
                <button type="submit" class="button" data-testid="site-add">{ t!("sites-switch-on") }</button>
            </form>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            { match &*sites {
                Deed::Idle | Deed::Working => html! { <Busy text={t!("step-wait")} /> },
                Deed::Failed(failure) => html! { <FailureNote failure={failure.clone()} /> },
                Deed::Done(list) => html! {
                    <ul class="cards">
                        for site in list.iter() {
                            <SiteCard key={site.origin.clone()} site={site.clone()} order={order.clone()} />
                        }
                    </ul>
                },
            } }
        </>
    }
}

#[derive(Properties, PartialEq)]
struct SiteCardProps {
    site: Site,
    order: Callback<Request>,
}

#[component]
fn SiteCard(props: &SiteCardProps) -> Html {
    let site = &props.site;
    let switch = |change: fn(&Site, bool) -> (bool, bool)| {
        let (site, order) = (site.clone(), props.order.clone());
        Callback::from(move |is_on: bool| {
            let (scan, api) = change(&site, is_on);
            order.emit(Request::SwitchSite {
                origin: site.origin.clone(),
                scan,
                api,
            });
        })
    };
    let remove = {
        let origin = site.origin.clone();
        props
            .order
            .reform(move |_: MouseEvent| Request::RemoveSite {
                origin: origin.clone(),
            })
    };
    html! {
        <li class="sheet card site-card" data-testid="site-card" data-origin={site.origin.clone()}>
            <header class="key-head">
                { icon(Glyph::Globe) }
                <h2><bdi>{ format::clean(site.origin.trim_start_matches("https://")) }</bdi></h2>
                if site.built_in { <span class="tag is-plain">{ t!("site-built-in") }</span> }
            </header>
            <Switch label={t!("site-scan")} hint={t!("site-scan-hint")} testid="card-scan" is_on={site.scan} on_change={switch(|site, is| (is, site.api))} />
            <Switch label={t!("site-api")} hint={t!("site-api-hint")} testid="card-api" is_on={site.api} on_change={switch(|site, is| (site.scan, is))} />
            if let Some(test) = &site.self_test { <SelfTestNote test={test.clone()} /> }
            if !site.built_in {
                <div class="note-actions"><button type="button" class="button small quiet" data-testid="site-remove" onclick={remove}>{ t!("site-remove") }</button></div>
            }
        </li>
    }
}
