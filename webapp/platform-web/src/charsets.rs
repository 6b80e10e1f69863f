//! The browser's tables for charsets, instead of our own copy (WHATWG Encoding, section 7.2).

use web_sys::TextDecoder;

/// Lets the mail reader use the browser's tables. To be called once, before mail is read.
pub fn use_the_browsers() {
    crypto_core::mime::set_multi_byte_decoder(decode);
}

fn decode(label: &str, bytes: &[u8]) -> Option<String> {
    let decoder = TextDecoder::new_with_label(label).ok()?;
    decoder.decode_with_u8_array(bytes).ok()
}
