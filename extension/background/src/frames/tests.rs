//! Tokens, places and bounds of frames.

use super::*;

fn spot(tab: i32) -> Spot {
    Spot {
        tab,
        sub: 0,
        origin: "https://mail.example".into(),
    }
}

fn counter() -> impl FnMut() -> String {
    let mut next = 0;
    move || {
        next += 1;
        format!("random-{next}")
    }
}

fn backup(place: Place) -> New {
    New {
        place,
        ring: None,
        kind: Kind::Backup,
        recipients: Recipients::default(),
    }
}

fn from(tab: i32, alone: bool) -> Standing<'static> {
    Standing {
        tab,
        alone,
        parent: None,
        top: None,
    }
}

fn make(registry: &mut Registry, place: Place, random: impl FnMut() -> String) -> Made {
    registry
        .make(backup(place), 0, |_| false, random)
        .0
        .unwrap()
}

#[test]
fn a_token_works_once_and_the_session_goes_on() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    let (frame, session) = registry.greet(&made.token, &from(1, false), 0).unwrap();
    assert_eq!(frame.id, made.frame.id);
    assert!(
        registry.greet(&made.token, &from(1, false), 0).is_none(),
        "spent"
    );
    assert!(registry.greet(&session, &from(1, false), 0).is_some());
    assert!(
        registry.greet(&session, &from(1, false), 0).is_some(),
        "again and again"
    );
}

#[test]
fn neither_works_from_another_tab_or_standing_alone() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    assert!(registry.greet(&made.token, &from(2, false), 0).is_none());
    assert!(registry.greet(&made.token, &from(1, true), 0).is_none());
    let (_, session) = registry.greet(&made.token, &from(1, false), 0).unwrap();
    assert!(registry.greet(&session, &from(2, false), 0).is_none());
    assert!(registry.greet(&session, &from(1, true), 0).is_none());
}

#[test]
fn a_window_of_ours_is_never_a_frame_in_a_page() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Window { window: None }, counter());
    assert!(registry.greet(&made.token, &from(1, false), 0).is_none());
    assert!(registry.greet(&made.token, &from(1, true), 0).is_some());
}

#[test]
fn the_id_and_guesses_open_nothing() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    for said in [made.frame.id.as_str(), "", "random-", "random-11"] {
        assert!(registry.greet(said, &from(1, false), 0).is_none(), "{said}");
    }
}

#[test]
fn another_document_cannot_touch_a_frame() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    let id = &made.frame.id;
    assert!(registry.placed_by(id, &spot(1)).is_some());
    assert!(registry.placed_by(id, &spot(2)).is_none());
    let inner = Spot { sub: 3, ..spot(1) };
    assert!(registry.placed_by(id, &inner).is_none());
    let other_site = Spot {
        origin: "https://evil.example".into(),
        ..spot(1)
    };
    assert!(registry.placed_by(id, &other_site).is_none());
}

#[test]
fn a_stopped_background_finds_everything_again() {
    let mut registry = Registry::default();
    let mut random = counter();
    let first = make(&mut registry, Place::Page(spot(1)), &mut random);
    let (_, session) = registry.greet(&first.token, &from(1, false), 0).unwrap();
    let second = make(&mut registry, Place::Page(spot(2)), &mut random);
    let kept: Vec<String> = registry.all().map(Frame::to_json).collect();
    let mut woken = Registry::default();
    woken.load(kept.iter().map(String::as_str));
    assert!(
        woken.greet(&first.token, &from(1, false), 0).is_none(),
        "still spent"
    );
    assert!(woken.greet(&session, &from(1, false), 0).is_some());
    assert!(woken.greet(&second.token, &from(2, false), 0).is_some());
}

#[test]
fn a_token_waits_for_its_frame_and_not_for_ever() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    let late = registry.greet(&made.token, &from(1, false), TOKEN_MILLIS);
    assert!(late.is_none());
    let soon = registry.greet(&made.token, &from(1, false), TOKEN_MILLIS - 1);
    assert!(soon.is_some());
    let (_, session) = soon.unwrap();
    let later = registry.greet(&session, &from(1, false), TOKEN_MILLIS * 100);
    assert!(later.is_some());
}

#[test]
fn a_page_of_another_origin_cannot_show_a_frame_in_the_same_tab() {
    let mut registry = Registry::default();
    let made = make(&mut registry, Place::Page(spot(1)), counter());
    let own = Some("https://mail.example");
    let other = Some("https://evil.example");
    for (parent, top) in [(other, None), (None, other), (other, own), (own, other)] {
        let standing = Standing {
            parent,
            top,
            ..from(1, false)
        };
        let greeted = registry.greet(&made.token, &standing, 0);
        assert!(greeted.is_none(), "{standing:?}");
    }
    let standing = Standing {
        parent: own,
        top: own,
        ..from(1, false)
    };
    assert!(registry.greet(&made.token, &standing, 0).is_some());
    // A page inside another one: only the document around the frame is the site's.
    let inner = Spot { sub: 3, ..spot(1) };
    let made = make(&mut registry, Place::Page(inner), counter());
    let standing = Standing {
        parent: own,
        top: other,
        ..from(1, false)
    };
    assert!(registry.greet(&made.token, &standing, 0).is_some());
}

fn at(origin: &str, tab: i32) -> Place {
    Place::Page(Spot {
        origin: origin.into(),
        ..spot(tab)
    })
}

#[test]
fn the_oldest_unconnected_of_the_same_site_make_room() {
    let mut registry = Registry::default();
    let mut random = counter();
    let other = make(&mut registry, at("https://other.example", 1), &mut random);
    let first = make(&mut registry, Place::Page(spot(1)), &mut random);
    let second = make(&mut registry, Place::Page(spot(1)), &mut random);
    for _ in 2..IN_TAB {
        make(&mut registry, Place::Page(spot(1)), &mut random);
    }
    let connected = first.frame.id.clone();
    let new = backup(Place::Page(spot(1)));
    let (made, gone) = registry.make(new, 0, |id| id == connected, &mut random);
    assert!(made.is_some());
    let gone: Vec<_> = gone.into_iter().map(|frame| frame.id).collect();
    assert_eq!(gone, [second.frame.id]);
    assert!(registry.get(&other.frame.id).is_some());
}

#[test]
fn a_site_whose_frames_are_all_in_use_gets_no_more_and_others_do() {
    let mut registry = Registry::default();
    let mut random = counter();
    let mut refused = 0;
    for tab in 0..5 {
        for _ in 0..IN_TAB {
            let new = backup(Place::Page(spot(tab)));
            let (made, gone) = registry.make(new, 0, |_| true, &mut random);
            assert!(gone.is_empty());
            refused += usize::from(made.is_none());
        }
    }
    assert_eq!(registry.all().count(), OF_SITE);
    assert_eq!(refused, 5 * IN_TAB - OF_SITE);
    let other = backup(at("https://other.example", 1));
    assert!(registry.make(other, 0, |_| true, &mut random).0.is_some());
    let window = backup(Place::Window { window: None });
    assert!(registry.make(window, 0, |_| true, &mut random).0.is_some());
}

#[test]
fn large_messages_are_bounded_by_what_they_weigh() {
    let mut registry = Registry::default();
    let mut random = counter();
    let heavy = || New {
        kind: Kind::Reader {
            source: Source::Inline {
                armored: "x".repeat(SITE_BYTES / 4 + 1),
            },
            sender: Person::default(),
            message_id: String::new(),
            message: String::new(),
            by_api: false,
        },
        ..backup(Place::Page(spot(1)))
    };
    for _ in 0..6 {
        registry.make(heavy(), 0, |_| false, &mut random);
    }
    assert_eq!(registry.all().count(), 3);
    assert!(registry.make(heavy(), 0, |_| true, &mut random).0.is_none());
}
