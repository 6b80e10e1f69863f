//! What is done to a message: always the same, so that a finding can be found again.

use rand_chacha::rand_core::RngCore;

use super::bases::{Base, Kind, rng};

/// A mutilated message.
pub(crate) struct Mutation {
    /// What was done.
    pub(crate) what: &'static str,
    /// Where it begins.
    pub(crate) place: usize,
    pub(crate) bytes: Vec<u8>,
}

impl std::fmt::Debug for Mutation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at {} of {}", self.what, self.place, self.bytes.len())
    }
}

/// So many mutations of each sort.
pub(crate) fn of(base: &Base, count: usize) -> Vec<Mutation> {
    let mut rng = rng(base.bytes.len() as u64);
    let honest = &base.bytes;
    let mut all = Vec::new();
    for round in 0..count {
        let place = rng.next_u32() as usize % honest.len();
        let other = rng.next_u32() as usize % honest.len();
        let value = rng.next_u32().to_be_bytes();
        let mut put = |what: &'static str, place: usize, bytes: Vec<u8>| {
            if bytes != *honest {
                all.push(Mutation { what, place, bytes });
            }
        };
        let (before, behind) = honest.split_at(place);
        let mut flipped = honest.clone();
        flipped[place] ^= 1 << (value[0] % 8);
        put("a flipped bit", place, flipped);
        if round % 3 == 0 {
            let mut set = honest.clone();
            set[place] = value[1];
            put("another byte", place, set);
            put("a missing byte", place, [before, &behind[1..]].concat());
            put("a byte more", place, [before, &value[..1], behind].concat());
            put("a cut", place, before.to_vec());
            put("a cut at the front", 0, behind.to_vec());
        }
        if round % 10 == 0 {
            let (low, high) = (place.min(other), place.max(other));
            let piece = &honest[low..high];
            put(
                "a piece twice",
                low,
                [&honest[..high], &honest[low..]].concat(),
            );
            put(
                "a piece less",
                low,
                [&honest[..low], &honest[high..]].concat(),
            );
            let mut turned = honest.clone();
            turned[low..high].reverse();
            put("a piece turned around", low, turned);
            put("a piece at the end", honest.len(), [honest, piece].concat());
        }
    }
    for (index, header) in base.headers.iter().enumerate() {
        let packet = |index: usize| {
            let start = base.headers[index].start;
            let end = base
                .headers
                .get(index + 1)
                .map_or(honest.len(), |next| next.start);
            honest[start..end].to_vec()
        };
        let start = header.start;
        let one = packet(index);
        let mut put = |what: &'static str, bytes: Vec<u8>| {
            all.push(Mutation {
                what,
                place: start,
                bytes,
            });
        };
        let (before, behind) = honest.split_at(start);
        put("a packet twice", [before, &one, behind].concat());
        put("a packet less", [before, &behind[one.len()..]].concat());
        put("a marker", [before, b"\xca\x03PGP", behind].concat());
        put(
            "a literal packet",
            [before, b"\xcb\x0ab\0\0\0\0\0evil", behind].concat(),
        );
        put("a User ID", [before, b"\xcd\x04evil", behind].concat());
        put(
            "an unknown critical packet",
            [before, b"\xe7\x01x", behind].concat(),
        );
        put("an unknown packet", [before, b"\xfc\x01x", behind].concat());
    }
    if base.kind == Kind::Cleartext {
        let text = String::from_utf8(honest.clone()).unwrap();
        for (what, from, to) in [
            ("CRLF", "\n", "\r\n"),
            ("another text", "you 5", "you 500"),
            ("white space", "5.\n", "5. \t\n"),
            ("no-break space", "5.\n", "5.\u{a0}\n"),
            ("a header", "\n\n", "\nComment: evil\n\n"),
            ("a needless escape", "\nI owe", "\n- I owe"),
            ("an escape", "\nI owe", "\n-I owe"),
            ("a line", "\nAnn", "\nevil\nAnn"),
            ("a line in front", "\n\n", "\n\n\n"),
            ("form feed", "you 5", "you\u{c}5"),
            (
                "text before",
                "-----BEGIN PGP SIGNED",
                "evil\n-----BEGIN PGP SIGNED",
            ),
            ("hash name", "SHA256", "SHA512"),
        ] {
            all.push(Mutation {
                what,
                place: text.find(from).unwrap(),
                bytes: text.replacen(from, to, 1).into_bytes(),
            });
        }
    }
    all
}
