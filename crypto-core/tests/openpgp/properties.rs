//! For any text: it comes back, and with any one bit changed it does not.

use crypto_core::openpgp::{Profile, SignatureVerdict};
use proptest::{collection::vec, prelude::*};

use super::{
    common::{is_good, key, open, seal},
    forge::refuse_or_open_unchanged,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_comes_back(text in vec(any::<u8>(), 0..5000), modern: bool) {
        let profile = if modern { Profile::Modern } else { Profile::Compatible };
        let me = key(profile, "Ann");
        let certificate = me.certificate();
        let message = seal(&text, &[&certificate], Some(&me));
        let opened = open(&message, &[&me], &[&certificate]).unwrap();
        prop_assert_eq!(opened.plaintext.as_slice(), &text[..]);
        prop_assert!(is_good(&opened.signature, &me));
    }

    #[test]
    fn no_changed_bit_goes_unnoticed(
        text in vec(any::<u8>(), 0..2000),
        modern: bool,
        place: prop::sample::Index,
        bit in 0u8..8,
    ) {
        let profile = if modern { Profile::Modern } else { Profile::Compatible };
        let me = key(profile, "Ann");
        let certificate = me.certificate();
        let message = seal(&text, &[&certificate], Some(&me));
        let mut changed = message.clone();
        let place = place.index(message.len());
        changed[place] ^= 1 << bit;
        refuse_or_open_unchanged(&changed, place, &message, &me, &text);
    }

    #[test]
    fn no_input_is_too_strange(bytes in vec(any::<u8>(), 0..500), packet: bool) {
        let mut bytes = bytes;
        if packet && let Some(first) = bytes.first_mut() {
            *first |= 0xc0;
        }
        let me = key(Profile::Modern, "Ann");
        prop_assert!(open(&bytes, &[&me], &[]).is_err());
        let _ = crypto_core::openpgp::Certificate::parse_many(&bytes);
        let _ = crypto_core::openpgp::SecretCertificate::parse(&bytes);
    }

    #[test]
    fn a_signature_by_nobody_known_is_never_good(text in vec(any::<u8>(), 0..100)) {
        let (ann, eve) = (key(Profile::Modern, "Ann"), key(Profile::Modern, "Eve"));
        let message = seal(&text, &[&ann.certificate()], Some(&eve));
        let opened = open(&message, &[&ann], &[&ann.certificate()]).unwrap();
        let unknown = matches!(opened.signature, SignatureVerdict::UnknownSigner { .. });
        prop_assert!(unknown);
    }
}
