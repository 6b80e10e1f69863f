//! The same mutilated messages for us and for others: we never accept what they refuse without a
//! reason that is written down here, and where both accept, both read the same.
//!
//! rPGP takes part in every run, in this process. rsop takes part where `LETTERLOCK_RSOP` names
//! its binary, as `cargo xtask interop` does.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test reports a failed expectation by panicking"
)]

mod bases;
mod mutations;
mod peers;

use std::collections::BTreeMap;

use bases::{Base, Kind};
use mutations::Mutation;
use peers::{Peer, Seen};

/// Why we may accept what the peer refuses, or call a signature good that it does not.
///
/// Each is a place that nothing protects, whose meaning does not depend on it.
fn reason(base: &Base, mutation: &Mutation, seen: &Seen) -> Option<&'static str> {
    let honest = seen.text == base.text;
    let place = mutation.place;
    if !honest {
        // There is no reason to show something else.
        return None;
    }
    if base.front.contains(&place) {
        return Some(
            "in front of the container: key IDs of other recipients, counts of bits and unknown \
             packets there are covered by nothing, and the session key proves itself",
        );
    }
    if base.headers.iter().any(|header| header.contains(&place)) {
        return Some(
            "the header of a packet may be written in several ways (RFC 9580, section 4.2)",
        );
    }
    if base.unsigned.iter().any(|area| area.contains(&place)) {
        return Some("unhashed subpackets are hints (RFC 9580, section 5.2.3)");
    }
    if base.hints.iter().any(|area| area.contains(&place)) {
        return Some(
            "the Hash header is a hint that the signature overrules, and armor has checksums, white \
             space and line ends that are not looked at (RFC 9580, sections 6.1 and 7.1)",
        );
    }
    if base.literal.contains(&place) {
        return Some(
            "kind, name and date of a literal packet are not signed (RFC 9580, section 5.9)",
        );
    }
    None
}

/// Runs all mutations of all bases against one peer.
fn compare(peer: &dyn Peer, each: usize) {
    let mut tally: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unexplained = Vec::new();
    for base in bases::all() {
        // Both must agree on what is not mutilated, else nothing is compared below.
        let honest = (
            peers::ours(&base, &base.bytes),
            peer.look(&base, &base.bytes),
        );
        let (Some(ours), Some(theirs)) = honest else {
            panic!("{}: {} cannot read {:?}", peer.name(), base.name, honest);
        };
        assert_eq!(ours, theirs, "{}: {}", peer.name(), base.name);
        assert!(ours.good || base.kind == Kind::Sealed, "{}", base.name);
        for mutation in mutations::of(&base, each) {
            let ours = peers::ours(&base, &mutation.bytes);
            let theirs = peer.look(&base, &mutation.bytes);
            let what = match (&ours, &theirs) {
                (None, None) => "both refuse",
                (None, Some(_)) => "only the peer reads it",
                (Some(ours), Some(theirs)) => {
                    assert_eq!(
                        ours.text,
                        theirs.text,
                        "{}: {} reads another text: {mutation:?}",
                        base.name,
                        peer.name()
                    );
                    match (ours.good, theirs.good) {
                        (true, false) => match reason(&base, &mutation, ours) {
                            Some(why) => why,
                            None => {
                                unexplained.push(format!("{} good: {mutation:?}", base.name));
                                "unexplained"
                            }
                        },
                        (false, true) => "only the peer calls the signature good",
                        _ => "both read the same",
                    }
                }
                (Some(seen), None) => match reason(&base, &mutation, seen) {
                    Some(why) => why,
                    None => {
                        unexplained.push(format!("{} read: {mutation:?}", base.name));
                        "unexplained"
                    }
                },
            };
            // Nobody may show a changed text as signed, whoever agrees.
            if let Some(seen) = &ours {
                assert!(
                    !seen.good || seen.text == base.text,
                    "{}: {mutation:?}",
                    base.name
                );
            }
            *tally.entry(what).or_default() += 1;
        }
    }
    for (what, count) in &tally {
        println!("{count:6} {what}");
    }
    assert!(
        unexplained.is_empty(),
        "{} refuses what we accept:\n{}",
        peer.name(),
        unexplained.join("\n")
    );
    assert!(tally["both refuse"] > each, "the mutations do no harm");
}

#[test]
fn rpgp_in_this_process() {
    compare(&peers::Rpgp, 150);
}

#[test]
fn rsop_if_it_is_there() {
    match std::env::var_os("LETTERLOCK_RSOP") {
        Some(program) => compare(&peers::Rsop::new(program), 40),
        None => println!("skipped: LETTERLOCK_RSOP is not set; `cargo xtask interop` sets it"),
    }
}
