//! Parsing with bounds. The attacker writes mail: a parser that calls itself for every nested
//! message can be made to use up its stack, and fields can be written that take a time with the
//! square of their length.

use mail_parser::{Message, MessageParser};

/// The longest header that is looked at, in bytes.
const MAX_HEADER: usize = 128 * 1024;
/// The longest message that others wrote and that is parsed as a whole, in bytes: messages
/// nested as deep as fits into it still fit the stack.
pub(crate) const MAX_FOREIGN: usize = 32 * 1024;
/// The stack they are parsed on, in bytes. With base64 around them the parser calls itself for
/// each nested message, and copies the rest each time: more than a thread of the pool has room for
/// fit into [`MAX_FOREIGN`].
const FOREIGN_STACK: usize = 64 * 1024 * 1024;

/// The addresses, dates and ids of a message; its body and all that describes it are not looked
/// at. `None` when it has no header, or one that is too long.
pub(crate) fn header(message: &[u8]) -> Option<Message<'_>> {
    let end = header_end(message)?;
    let block = message
        .get(..end)
        .filter(|block| block.len() <= MAX_HEADER)?;
    MessageParser::new()
        .default_header_raw()
        .with_address_headers()
        .with_message_ids()
        .with_date_headers()
        .parse_headers(block)
}

/// Where the header ends: after its first empty line, or with the message.
fn header_end(message: &[u8]) -> Option<usize> {
    let mut line_is_empty = true;
    for (place, byte) in message.iter().enumerate().take(MAX_HEADER + 1) {
        match byte {
            b'\n' if line_is_empty => return Some(place + 1),
            b'\n' => line_is_empty = true,
            b'\r' => {}
            _ => line_is_empty = false,
        }
    }
    (message.len() <= MAX_HEADER).then_some(message.len())
}

/// A whole message. Only what this server sealed itself may be large.
pub(crate) fn whole(message: &[u8], is_sealed: bool) -> Option<Message<'_>> {
    if is_sealed {
        return MessageParser::new().parse(message);
    }
    if message.len() > MAX_FOREIGN {
        return None;
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(FOREIGN_STACK)
            .spawn_scoped(scope, || MessageParser::new().parse(message))
            .ok()?
            .join()
            .ok()?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_with_its_first_empty_line() {
        assert_eq!(header_end(b"A: b\r\n\r\nbody"), Some(8));
        assert_eq!(header_end(b"A: b\n\nbody"), Some(6));
        assert_eq!(header_end(b"A: b"), Some(4));
        assert_eq!(header_end(&vec![b'a'; MAX_HEADER + 1]), None);
    }

    #[test]
    fn what_describes_the_body_is_not_parsed() {
        let parsed = header(b"From: a@x.org\r\nContent-Type: text/plain; a=b\r\n\r\nx").unwrap();
        assert!(parsed.from().is_some());
        let kind = parsed.header(mail_parser::HeaderName::ContentType);
        assert!(kind.is_none_or(|value| value.as_content_type().is_none()));
    }

    #[test]
    fn a_long_message_of_others_is_not_parsed() {
        let nested = "Content-Type: message/rfc822\r\n\r\n".repeat(50_000);
        assert!(whole(nested.as_bytes(), false).is_none());
        let some = "Content-Type: message/rfc822\r\n\r\n".repeat(1_000);
        assert!(whole(some.as_bytes(), false).is_some());
    }

    /// On a thread with the usual stack, as the pool's are.
    #[test]
    fn messages_nested_below_base64_do_not_use_up_the_stack() {
        let nested = "Content-Type:message/rfc822\n\n".repeat(800);
        let outer = format!(
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{}",
            data_encoding::BASE64_MIME.encode(nested.as_bytes())
        );
        assert!(outer.len() <= MAX_FOREIGN);
        let parsed = std::thread::spawn(move || whole(outer.as_bytes(), false).is_some());
        assert!(parsed.join().unwrap());
    }
}
