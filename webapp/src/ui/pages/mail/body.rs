//! The words of a message: plain text with its links and quotes, or HTML in its frame.

use super::frame::MessageFrame;
use crate::protocol::OpenedMessage;
use crate::ui::i18n::t;
use linkify::{LinkFinder, LinkKind};
use std::rc::Rc;
use yew::prelude::*;

/// Properties of [`Body`].
#[derive(Properties, PartialEq)]
pub(crate) struct BodyProps {
    pub(crate) message: Rc<OpenedMessage>,
}

/// HTML when the sender wrote some, else the text.
#[component]
pub(crate) fn Body(props: &BodyProps) -> Html {
    let view = &props.message.view;
    match (&view.html, &view.text) {
        (Some(html), _) => html! {
            <MessageFrame html={html.clone()} has_remote={props.message.has_remote_content} />
        },
        (None, Some(text)) if !text.trim().is_empty() => html! {
            <div class="letter-text" data-testid="message-text" dir="auto">{ for blocks(text).into_iter().map(block) }</div>
        },
        _ => html! { <p class="hint" data-testid="message-text">{ t!("no-text") }</p> },
    }
}

/// Neighbouring lines, quoted or not.
#[derive(Debug, PartialEq, Eq)]
struct Block {
    is_quote: bool,
    text: String,
}

fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for line in text.trim_end().lines() {
        let is_quote = line.starts_with('>');
        match blocks.last_mut() {
            Some(last) if last.is_quote == is_quote => {
                last.text.push('\n');
                last.text.push_str(line);
            }
            _ => blocks.push(Block {
                is_quote,
                text: line.to_owned(),
            }),
        }
    }
    blocks
}

fn block(block: Block) -> Html {
    let content = linked(&block.text);
    if block.is_quote {
        html! { <blockquote class="quote">{ content }</blockquote> }
    } else {
        html! { <div class="plain">{ content }</div> }
    }
}

/// Links of plain text show where they lead, so they are followed without a question.
fn linked(text: &str) -> Html {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    finder
        .spans(text)
        .map(|span| {
            let words = span.as_str().to_owned();
            let is_web = words.starts_with("https://") || words.starts_with("http://");
            match span.kind() {
                Some(LinkKind::Url) if is_web => html! {
                    <a href={words.clone()} target="_blank" rel="noopener noreferrer nofollow">{ words }</a>
                },
                _ => html! { { words } },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_kept_apart() {
        let found = blocks("Hello\n\n> old\n> older\nBye\n\n");
        let shape: Vec<_> = found
            .iter()
            .map(|b| (b.is_quote, b.text.as_str()))
            .collect();
        assert_eq!(
            shape,
            [(false, "Hello\n"), (true, "> old\n> older"), (false, "Bye")]
        );
    }
}
