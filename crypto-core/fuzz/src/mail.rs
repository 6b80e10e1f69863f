//! Mail as it comes from the network.

use crypto_core::mime::{
    Limits, Structure, inspect, is_sealed, read, read_header, safe_file_name, unwrap_sealed,
};

/// A mail, read in every way it may come to be read.
pub(crate) fn mime(data: &[u8]) {
    let structure = inspect(data);
    if let Ok(Structure::PgpMimeSigned { signed, .. }) = &structure {
        // With line ends made canonical: a stretch of the mail, nothing put together.
        let plain = |bytes: &[u8]| -> Vec<u8> {
            bytes
                .iter()
                .copied()
                .filter(|byte| *byte != b'\r')
                .collect()
        };
        let (whole, part) = (plain(data), plain(signed));
        assert!(
            part.is_empty() || whole.windows(part.len()).any(|window| window == part),
            "what is to be verified does not stand in the mail"
        );
    }
    // What it is does not depend on having looked before.
    assert_eq!(structure, inspect(data));
    let limits = Limits::DEFAULT;
    for outer in [
        None,
        Some(&b"From: eve@example.org\r\nSubject: x\r\n\r\n"[..]),
        Some(data),
    ] {
        if let Ok(mail) = read(data, outer, &limits) {
            // Only what was inside encryption or signature can be protected.
            assert!(outer.is_some() || !mail.headers_protected);
            for file in &mail.attachments {
                assert_eq!(
                    safe_file_name(&file.name),
                    file.name,
                    "a name that is not safe"
                );
            }
            for person in mail.from.iter().chain(&mail.to) {
                assert!(!person.address.contains(['\r', '\n', '\0']));
            }
        }
    }
    let _ = read_header(data, &limits);
    if is_sealed(data) {
        let _ = unwrap_sealed(data);
    }
    let _ = unwrap_sealed(data).map(|inner| assert!(inner.len() < data.len()));
}
