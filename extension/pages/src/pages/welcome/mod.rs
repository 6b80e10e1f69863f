//! First run: one question a screen, the next step always visible. Address and name, passphrase,
//! picture, done; then a sealed letter from oneself to open.

mod done;
mod existing;
mod server;
mod steps;

use ext_protocol::page::{KeyFile, Request};
use ext_protocol::view::{Mark, VaultState};
use yew::prelude::*;

use super::background::{Background, Deed, run, use_background};
use super::from_sheet::FromSheet;
use super::passphrase::Choice;
use super::shell::{EntryFrame, Starting, use_title};
use crate::i18n::t;
use crate::mark;
use done::Done;
use existing::FromFile;
use server::FromServer;
use steps::{AddressStep, PassphraseStep, PictureStep};

/// What was answered so far. No passphrase is in here: it stays in its field until it is sent.
#[derive(Clone, PartialEq)]
struct Answers {
    address: String,
    name: String,
    mark: Mark,
    /// Keys brought along instead of new ones.
    origin: Origin,
}

/// Where the keys come from.
#[derive(Clone, Default, PartialEq)]
enum Origin {
    /// They are made.
    #[default]
    New,
    /// From a file, as GnuPG and others export them.
    File(KeyFile),
    /// From a recovery sheet.
    Sheet {
        /// Words or digits.
        code: String,
        /// Armored.
        backup: String,
    },
    /// From an account on the server at this address.
    Server(String),
}

/// The screens.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    Address,
    FromFile,
    FromSheet,
    FromServer,
    Passphrase,
    Picture,
}

impl Step {
    fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::FromFile => "file",
            Self::FromSheet => "sheet",
            Self::FromServer => "server",
            Self::Passphrase => "passphrase",
            Self::Picture => "picture",
        }
    }
}

/// True for what could be an address: enough to catch a slip, the background decides.
fn is_address(text: &str) -> bool {
    text.trim().split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !text.trim().contains(char::is_whitespace)
    })
}

/// The page.
#[component]
pub(super) fn Welcome() -> Html {
    let background = use_background();
    use_title(t!("welcome-title"));
    let was_new = use_state_eq(|| None::<bool>);
    let vault = background.vault();
    use_effect_with(vault, {
        let was_new = was_new.clone();
        move |vault| {
            if let (None, Some(vault)) = (*was_new, *vault) {
                was_new.set(Some(vault == VaultState::NotSetUp));
            }
        }
    });
    let content = match background.status.as_deref() {
        None => html! { <Starting /> },
        Some(Err(failure)) => html! { <Starting failure={failure.clone()} /> },
        Some(Ok(status)) if status.vault == VaultState::NotSetUp => html! { <Questions /> },
        Some(Ok(status)) if status.vault == VaultState::Unlocked => {
            html! { <Done is_new={*was_new == Some(true)} /> }
        }
        Some(Ok(_)) => html! {
            <EntryFrame testid="welcome" step="locked">
                <h1>{ t!("unlock-heading") }</h1>
                <p>{ t!("welcome-locked") }</p>
                <super::unlock::UnlockForm />
            </EntryFrame>
        },
    };
    html! { <ContextProvider<Background> context={background}>{ content }</ContextProvider<Background>> }
}

#[component]
fn Questions() -> Html {
    let asks_sheet = ui_kit::dom::window()
        .and_then(|w| w.location().hash().ok())
        .is_some_and(|hash| hash == "#/restore");
    let step = use_state_eq(|| {
        if asks_sheet {
            Step::FromSheet
        } else {
            Step::Address
        }
    });
    let answers = use_state_eq(|| Answers {
        address: String::new(),
        name: String::new(),
        mark: mark::any(),
        origin: Origin::New,
    });
    let choice = use_state_eq(Choice::draw);
    let (passphrase, entered) = (use_node_ref(), use_node_ref());
    let deed = use_state_eq(|| Deed::<()>::Idle);
    let background = use_context::<Background>();
    use_effect_with(matches!(*deed, Deed::Done(())), {
        let background = background.clone();
        move |is_done| {
            if let (true, Some(background)) = (*is_done, background) {
                background.refresh();
            }
        }
    });
    let go = |to: Step| {
        let step = step.setter();
        Callback::from(move |()| step.set(to))
    };
    let on_address = {
        let (answers, step) = (answers.clone(), step.setter());
        Callback::from(move |(address, name): (String, String)| {
            answers.set(Answers {
                address,
                name,
                origin: Origin::New,
                ..(*answers).clone()
            });
            step.set(Step::Passphrase);
        })
    };
    let on_origin = {
        let (answers, step) = (answers.clone(), step.setter());
        Callback::from(move |(origin, address, name): (Origin, String, String)| {
            // The account has its passphrase already.
            let next = match origin {
                Origin::Server(_) => Step::Picture,
                _ => Step::Passphrase,
            };
            answers.set(Answers {
                address,
                name,
                origin,
                ..(*answers).clone()
            });
            step.set(next);
        })
    };
    let on_mark = {
        let answers = answers.clone();
        Callback::from(move |mark: Mark| {
            answers.set(Answers {
                mark,
                ..(*answers).clone()
            });
        })
    };
    let create = {
        let (answers, choice, passphrase) = (answers.clone(), choice.clone(), passphrase.clone());
        let (deed, background, step) = (deed.clone(), background.clone(), step.setter());
        let entered = entered.clone();
        Callback::from(move |()| {
            let Some(background) = background.clone() else {
                return;
            };
            if deed.is_working() {
                return;
            }
            if let Origin::Server(server) = &answers.origin {
                let request = Request::SetUpFromServer {
                    server: server.clone(),
                    address: answers.address.clone(),
                    passphrase: crate::components::value_of(&entered),
                    mark: answers.mark,
                };
                let background = background.clone();
                run(&deed, async move { background.order(request).await });
                return;
            }
            let known = vec![answers.address.clone(), answers.name.clone()];
            let typed = crate::components::value_of(&passphrase);
            let Ok(passphrase) = super::passphrase::check(&choice, &typed, &known) else {
                step.set(Step::Passphrase);
                return;
            };
            let Answers {
                address,
                name,
                mark,
                origin,
            } = (*answers).clone();
            let request = match origin {
                Origin::New => Request::SetUp {
                    name,
                    address,
                    passphrase,
                    mark,
                    import: None,
                },
                Origin::File(file) => Request::SetUp {
                    name,
                    address,
                    passphrase,
                    mark,
                    import: Some(file),
                },
                Origin::Sheet { code, backup } => Request::SetUpFromRecovery {
                    code,
                    backup,
                    passphrase,
                    mark,
                },
                Origin::Server(_) => return,
            };
            run(&deed, async move { background.order(request).await });
        })
    };
    let on_sheet = on_origin.reform(|(code, backup): (String, String)| {
        (Origin::Sheet { code, backup }, String::new(), String::new())
    });
    let before = match answers.origin {
        Origin::New => Step::Address,
        Origin::File(_) => Step::FromFile,
        Origin::Sheet { .. } => Step::FromSheet,
        Origin::Server(_) => Step::FromServer,
    };
    let is_server = matches!(answers.origin, Origin::Server(_));
    let known = vec![answers.address.clone(), answers.name.clone()];
    // The passphrase's field stays in the document while the picture is chosen.
    let is_late = matches!(*step, Step::Passphrase | Step::Picture) && !is_server;
    let is_entering = *step == Step::FromServer || (*step == Step::Picture && is_server);
    html! {
        <EntryFrame testid="welcome" step={step.word()}>
            if *step == Step::Address {
                <AddressStep address={answers.address.clone()} name={answers.name.clone()} on_next={on_address} on_file={go(Step::FromFile)} on_sheet={go(Step::FromSheet)} on_server={go(Step::FromServer)} />
            }
            if *step == Step::FromFile {
                <FromFile on_next={on_origin.clone()} on_back={go(Step::Address)} />
            }
            if *step == Step::FromSheet {
                <FromSheet heading={html! { <h1>{ t!("from-sheet-heading") }</h1> }} action={t!("next")} {on_sheet} on_back={go(Step::Address)} />
            }
            if is_entering {
                <div hidden={*step != Step::FromServer}>
                    <FromServer node={entered} on_next={on_origin} on_back={go(Step::Address)} />
                </div>
            }
            if is_late {
                <div hidden={*step != Step::Passphrase}>
                    <PassphraseStep choice={(*choice).clone()} on_choice={Callback::from(move |new| choice.set(new))} node={passphrase} {known}
                        on_back={go(before)} on_next={go(Step::Picture)} />
                </div>
            }
            if *step == Step::Picture {
                <PictureStep mark={answers.mark} {on_mark} deed={(*deed).clone()} {is_server} on_back={go(if is_server { Step::FromServer } else { Step::Passphrase })} on_create={create} />
            }
        </EntryFrame>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_in_an_address_are_told() {
        assert!(is_address("alice@example.org"));
        assert!(is_address(" alice@example.org "));
        assert!(!is_address("alice"));
        assert!(!is_address("alice@example"));
        assert!(!is_address("@example.org"));
        assert!(!is_address("alice smith@example.org"));
    }
}
