//! The verdict line: how a message was protected and who signed it. It stands outside anything
//! mail can paint, beside the picture the person chose. Each state has a word, a shape and one
//! sentence on demand.

use mail_view::{Protection, SignatureState, Trust, Verdict};
use yew::prelude::*;

use crate::format;
use crate::icon::{Glyph, icon};
use crate::{lookalike, t};

/// A stable word for tests: sealed, signed, open.
pub fn protection_word(protection: Protection) -> &'static str {
    match protection {
        Protection::Sealed => "sealed",
        Protection::SignedOnly => "signed",
        Protection::Open => "open",
    }
}

/// A stable word for tests: good, other, unknown, bad, unsigned.
pub fn signature_word(signature: &SignatureState) -> &'static str {
    match signature {
        SignatureState::Good { .. } => "good",
        SignatureState::OtherSigner { .. } => "other",
        SignatureState::UnknownSigner { .. } => "unknown",
        SignatureState::Bad { .. } => "bad",
        SignatureState::Unsigned => "unsigned",
    }
}

fn trust_word(signature: &SignatureState) -> Option<&'static str> {
    match signature {
        SignatureState::Good { trust, .. } => Some(trust.word()),
        _ => None,
    }
}

/// How a state is coloured, beside its word and its shape.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tone {
    Good,
    Plain,
    Careful,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "is-good",
            Self::Plain => "is-plain",
            Self::Careful => "is-careful",
            Self::Bad => "is-bad",
        }
    }
}

struct Part {
    glyph: Glyph,
    tone: Tone,
    word: String,
    sentence: String,
}

fn part(glyph: Glyph, tone: Tone, word: String, sentence: String) -> Part {
    Part {
        glyph,
        tone,
        word,
        sentence,
    }
}

fn protection(verdict: &Verdict) -> Part {
    match verdict.protection {
        Protection::Sealed => part(
            Glyph::Sealed,
            Tone::Good,
            t!("verdict-sealed"),
            t!("verdict-sealed-why"),
        ),
        Protection::SignedOnly => part(
            Glyph::SignedOnly,
            Tone::Plain,
            t!("verdict-signed-only"),
            t!("verdict-signed-only-why"),
        ),
        Protection::Open => part(
            Glyph::Open,
            Tone::Careful,
            t!("verdict-open"),
            t!("verdict-open-why"),
        ),
    }
}

fn signature(verdict: &Verdict) -> Vec<Part> {
    match &verdict.signature {
        SignatureState::Good { signer, trust, .. } => {
            let name = format::person(signer);
            if *trust == Trust::Own {
                let (word, why) = (t!("verdict-signed-by-you"), t!("verdict-own-why"));
                return vec![part(Glyph::Check, Tone::Good, word, why)];
            }
            let (glyph, tone, word, sentence) = match trust {
                Trust::Verified => (
                    Glyph::CheckTwice,
                    Tone::Good,
                    t!("trust-verified"),
                    t!("trust-verified-why", name = name.clone()),
                ),
                Trust::New => (
                    Glyph::Fresh,
                    Tone::Plain,
                    t!("trust-new"),
                    t!("trust-new-why", name = name.clone()),
                ),
                Trust::Changed => (
                    Glyph::Warn,
                    Tone::Careful,
                    t!("trust-changed"),
                    t!("trust-changed-why", name = name.clone()),
                ),
                Trust::Known | Trust::Own => (
                    Glyph::Check,
                    Tone::Good,
                    t!("trust-known"),
                    t!("trust-known-why", name = name.clone()),
                ),
            };
            vec![
                part(
                    Glyph::SignedOnly,
                    tone,
                    t!("verdict-signed-by", name = name),
                    t!("verdict-signed-why"),
                ),
                part(glyph, tone, word, sentence),
            ]
        }
        SignatureState::OtherSigner { signer, .. } => vec![part(
            Glyph::Warn,
            Tone::Careful,
            t!("verdict-other", name = format::person(signer)),
            t!("verdict-other-why"),
        )],
        SignatureState::UnknownSigner { .. } => vec![part(
            Glyph::Question,
            Tone::Careful,
            t!("verdict-unknown"),
            t!("verdict-unknown-why"),
        )],
        SignatureState::Bad { reason } => vec![part(
            Glyph::Stop,
            Tone::Bad,
            t!("verdict-bad"),
            t!("verdict-bad-why", reason = format::clean(reason)),
        )],
        SignatureState::Unsigned => vec![part(
            Glyph::Unsigned,
            if verdict.protection == Protection::Open {
                Tone::Plain
            } else {
                Tone::Careful
            },
            t!("verdict-unsigned"),
            t!("verdict-unsigned-why"),
        )],
    }
}

/// The whole line in words, for lists and screen readers.
pub fn words(verdict: &Verdict) -> String {
    let mut words = vec![protection(verdict).word];
    words.extend(signature(verdict).into_iter().map(|part| part.word));
    words.join(", ")
}

fn facts(verdict: &Verdict) -> Vec<(String, String)> {
    match &verdict.signature {
        SignatureState::Good {
            signer,
            fingerprint,
            at,
            ..
        } => vec![
            (t!("address"), lookalike::shown(&signer.address)),
            (t!("verdict-signed-at"), format::full_date(*at)),
            (t!("fingerprint"), format::fingerprint(fingerprint)),
        ],
        SignatureState::OtherSigner {
            fingerprint,
            signer,
        } => vec![
            (t!("address"), lookalike::shown(&signer.address)),
            (t!("fingerprint"), format::fingerprint(fingerprint)),
        ],
        SignatureState::UnknownSigner { issuer } if !issuer.is_empty() => {
            vec![(t!("fingerprint"), format::fingerprint(issuer))]
        }
        _ => Vec::new(),
    }
}

/// Properties of [`VerdictLine`].
#[derive(Properties, PartialEq)]
pub struct VerdictLineProps {
    /// What is known.
    pub verdict: Verdict,
    /// The person's own picture, where an imitation has to be told from it.
    #[prop_or_default]
    pub mark: Html,
}

/// The line, with its sentences folded away beneath it.
#[component]
pub fn VerdictLine(props: &VerdictLineProps) -> Html {
    let is_open = use_state_eq(|| false);
    use_effect_with(props.verdict.clone(), {
        let setter = is_open.setter();
        move |_| setter.set(false)
    });
    let verdict = &props.verdict;
    let first = protection(verdict);
    let rest = signature(verdict);
    let tone = rest
        .iter()
        .map(|part| part.tone)
        .find(|tone| matches!(tone, Tone::Bad | Tone::Careful))
        .unwrap_or(first.tone);
    let toggle = {
        let is_open = is_open.clone();
        Callback::from(move |_: MouseEvent| is_open.set(!*is_open))
    };
    let headers = if verdict.protection == Protection::Open {
        None
    } else if verdict.headers_protected {
        Some(t!("verdict-headers"))
    } else {
        Some(t!("verdict-headers-open"))
    };
    html! {
        <section class={classes!("verdict", tone.class())} data-testid="verdict" aria-label={t!("verdict")}
            data-protection={protection_word(verdict.protection)} data-signature={signature_word(&verdict.signature)}
            data-trust={trust_word(&verdict.signature)}>
            <div class="verdict-bar">
                { props.mark.clone() }
                <button type="button" class="verdict-line" data-testid="verdict-toggle" aria-expanded={is_open.to_string()}
                    aria-controls="verdict-details" onclick={toggle}>
                    for part in std::iter::once(&first).chain(&rest) {
                        <span class={classes!("verdict-part", part.tone.class())}>{ icon(part.glyph) }<span>{ part.word.clone() }</span></span>
                    }
                    <span class="verdict-more">{ if *is_open { t!("less") } else { t!("why") } }</span>
                </button>
            </div>
            if *is_open {
                <div class="verdict-details" id="verdict-details" data-testid="verdict-details">
                    <ul>
                        for part in std::iter::once(&first).chain(&rest) {
                            <li class={part.tone.class()}>{ icon(part.glyph) }<p><strong>{ part.word.clone() }</strong>{ " " }{ part.sentence.clone() }</p></li>
                        }
                        if let Some(headers) = headers {
                            <li class="is-plain">{ icon(Glyph::Drafts) }<p>{ headers }</p></li>
                        }
                    </ul>
                    <dl class="facts">
                        for (name, value) in facts(verdict) {
                            <><dt>{ name }</dt><dd class="mono">{ value }</dd></>
                        }
                    </dl>
                </div>
            }
        </section>
    }
}
