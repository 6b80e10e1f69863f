//! The frames that stand in pages: what each is for, and how it proves to be it.
//!
//! A content script asks for a frame and gets its address with a token in the fragment. The token
//! works once, soon, from the tab it was made for and inside a page of the origin it was made for;
//! the answer to it is a session, with which the same frame comes back after the background was
//! stopped. Both are 128 random bits. The registry is
//! kept in the browser's memory (`storage.session`), ciphertext and all, so that a stopped
//! background costs nobody their frame.
//!
//! The attacker is a page that learns a frame's id (which opens nothing), moves the frame, loads
//! its address again, opens the address in a tab of its own or takes it along to another site; or
//! one that has frames made without end, to wear the background out.

use std::rc::Rc;

use ext_protocol::{
    api::EditorOptions,
    content::{EditorOpening, Recipients, Source},
    view::Person,
};
use mail_client::sites::SiteKeyring;
use serde::{Deserialize, Serialize};

use crate::sender::Spot;

/// The most frames of one site in one tab, of one site, and of all.
const IN_TAB: usize = 120;
const OF_SITE: usize = 200;
const OF_ALL: usize = 300;
/// The most that the messages and texts of one site's frames may weigh, in bytes.
const SITE_BYTES: usize = 96 * 1024 * 1024;
/// The most that all frames may weigh.
const ALL_BYTES: usize = 192 * 1024 * 1024;
/// How long a token waits for its frame to load, milliseconds.
const TOKEN_MILLIS: u64 = 120_000;

/// Where a frame stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Place {
    /// In a page, put there by the content script of this document.
    Page(Spot),
    /// In a small window of ours.
    Window {
        /// The window, once the browser has told.
        window: Option<i32>,
    },
}

/// What a frame is for.
#[derive(Clone, Serialize, Deserialize)]
pub enum Kind {
    /// Shows a message.
    Reader {
        /// What was found.
        source: Source,
        /// Who sent it, as the page says.
        sender: Person,
        /// The page's own id of it; may be empty.
        message_id: String,
        /// The page waits to hear how it went.
        by_api: bool,
    },
    /// Writes one into the page's compose window.
    Editor(EditorOpening),
    /// Writes one that the page seals when it likes.
    ApiEditor(EditorOptions),
    /// Makes a key pair for a site.
    Generator {
        /// For whom.
        people: Vec<Person>,
    },
    /// Asks whether a page may bring a key into the person's own contacts.
    ConfirmImport {
        /// The certificate, armored.
        armored: String,
        /// Its user ids.
        user_ids: Vec<String>,
        /// Its fingerprint.
        fingerprint: String,
        /// What it would replace.
        replaces: Option<String>,
        /// Which site asks.
        origin: String,
    },
    /// Leads to the recovery sheet.
    Backup,
    /// Leads back from it.
    Restore,
}

impl Kind {
    /// About how much memory it holds, in bytes.
    fn weight(&self) -> usize {
        match self {
            Self::Reader { source, .. } => match source {
                Source::Inline { armored } => armored.len(),
                Source::Attachments { .. } => 0,
            },
            Self::Editor(opening) => opening.typed.len(),
            Self::ApiEditor(options) => [
                &options.armored_draft,
                &options.predefined_text,
                &options.quoted_mail,
                &options.quoted_mail_header,
            ]
            .into_iter()
            .flatten()
            .map(String::len)
            .sum(),
            Self::ConfirmImport { armored, .. } => armored.len(),
            Self::Generator { .. } | Self::Backup | Self::Restore => 0,
        }
    }
}

/// A frame.
#[derive(Clone)]
pub struct Frame {
    /// Its name towards the page; opens nothing.
    pub id: String,
    /// Where it stands.
    pub place: Place,
    /// With whose keys: a site's, or (`None`) the person's.
    pub ring: Option<SiteKeyring>,
    /// What it is for.
    pub kind: Rc<Kind>,
    /// The recipients in the page, as last heard.
    pub recipients: Recipients,
    /// Works once.
    token: Option<String>,
    /// For coming back.
    session: String,
    /// The older ones make room.
    order: u64,
    /// When it was made, milliseconds since 1970.
    made: u64,
}

#[derive(Serialize)]
struct StoredRef<'a> {
    id: &'a str,
    place: &'a Place,
    ring: &'a Option<SiteKeyring>,
    kind: &'a Kind,
    recipients: &'a Recipients,
    token: &'a Option<String>,
    session: &'a str,
    order: u64,
    made: u64,
}

#[derive(Deserialize)]
struct Stored {
    id: String,
    place: Place,
    ring: Option<SiteKeyring>,
    kind: Kind,
    recipients: Recipients,
    token: Option<String>,
    session: String,
    order: u64,
    made: u64,
}

impl Frame {
    /// For `storage.session`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let stored = StoredRef {
            id: &self.id,
            place: &self.place,
            ring: &self.ring,
            kind: &self.kind,
            recipients: &self.recipients,
            token: &self.token,
            session: &self.session,
            order: self.order,
            made: self.made,
        };
        // Cannot fail: no map in it has a key that is no text.
        serde_json::to_string(&stored).unwrap_or_default()
    }

    fn from_json(json: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(json).ok()?;
        Some(Self {
            id: stored.id,
            place: stored.place,
            ring: stored.ring,
            kind: Rc::new(stored.kind),
            recipients: stored.recipients,
            token: stored.token,
            session: stored.session,
            order: stored.order,
            made: stored.made,
        })
    }

    /// About how much memory it holds, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.kind.weight()
    }

    fn is_of(&self, origin: &str) -> bool {
        self.spot().is_some_and(|spot| spot.origin == origin)
    }

    /// The document whose content script placed it.
    #[must_use]
    pub fn spot(&self) -> Option<&Spot> {
        match &self.place {
            Place::Page(spot) => Some(spot),
            Place::Window { .. } => None,
        }
    }
}

/// A new frame with what proves it.
pub struct Made {
    /// The frame.
    pub frame: Frame,
    /// For the fragment of its address.
    pub token: String,
}

/// All frames.
#[derive(Default)]
pub struct Registry {
    /// The older first. A list, because there are few.
    frames: Vec<Frame>,
    next: u64,
}

/// From where a frame says hello. The browser tells all of it to us or to the frame's own
/// program; the page around has no say.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// The tab.
    pub tab: i32,
    /// It is a window of ours.
    pub alone: bool,
    /// Origin of the document it stands in, where the browser tells.
    pub parent: Option<&'a str>,
    /// Origin of the tab's top document, where the browser tells.
    pub top: Option<&'a str>,
}

impl Standing<'_> {
    fn fits(&self, place: &Place) -> bool {
        match place {
            Place::Page(spot) => {
                let is = |origin: Option<&str>| origin.is_none_or(|origin| origin == spot.origin);
                spot.tab == self.tab
                    && !self.alone
                    && is(self.parent)
                    && (spot.sub != 0 || is(self.top))
            }
            Place::Window { .. } => self.alone,
        }
    }
}

/// What a new frame needs.
pub struct New {
    /// Where it stands.
    pub place: Place,
    /// With whose keys.
    pub ring: Option<SiteKeyring>,
    /// What it is for.
    pub kind: Kind,
    /// The recipients, for an editor.
    pub recipients: Recipients,
}

impl Registry {
    /// Takes up what was kept.
    pub fn load<'a>(&mut self, kept: impl Iterator<Item = &'a str>) {
        for frame in kept.filter_map(Frame::from_json) {
            self.next = self.next.max(frame.order + 1);
            let at = self
                .frames
                .partition_point(|other| other.order < frame.order);
            self.frames.insert(at, frame);
        }
    }

    /// Makes a frame; `random` gives 16 unguessable bytes as text each time. Answers it, and the
    /// frames that had to make room: the oldest of those that are not connected, of the same site
    /// first. `None` when there is no room, because too many stand and are in use.
    pub fn make(
        &mut self,
        new: New,
        now: u64,
        is_connected: impl Fn(&str) -> bool,
        mut random: impl FnMut() -> String,
    ) -> (Option<Made>, Vec<Frame>) {
        let mut gone = Vec::new();
        if let Place::Page(spot) = &new.place {
            let weight = new.kind.weight();
            while let Some(set) = self.full(spot, weight) {
                let victim = |frame: &Frame| {
                    let in_set = match set {
                        Set::Tab => {
                            frame.is_of(&spot.origin)
                                && frame.spot().is_some_and(|at| at.tab == spot.tab)
                        }
                        Set::Site => frame.is_of(&spot.origin),
                        Set::All => frame.spot().is_some(),
                    };
                    in_set && !is_connected(&frame.id)
                };
                let own = |frame: &Frame| frame.is_of(&spot.origin) && victim(frame);
                let at = self.frames.iter().position(own);
                let at = at.or_else(|| self.frames.iter().position(victim));
                let Some(at) = at else { return (None, gone) };
                gone.push(self.frames.remove(at));
            }
        }
        let token = random();
        let frame = Frame {
            id: random(),
            place: new.place,
            ring: new.ring,
            kind: Rc::new(new.kind),
            recipients: new.recipients,
            token: Some(token.clone()),
            session: random(),
            order: self.next,
            made: now,
        };
        self.next += 1;
        self.frames.push(frame.clone());
        (Some(Made { frame, token }), gone)
    }

    /// The bound that one more frame at this place would break.
    fn full(&self, spot: &Spot, weight: usize) -> Option<Set> {
        let (mut in_tab, mut of_site, mut of_all) = (0, 0, 0);
        let (mut site_bytes, mut all_bytes) = (weight, weight);
        for frame in &self.frames {
            let Some(at) = frame.spot() else { continue };
            let weight = frame.weight();
            of_all += 1;
            all_bytes += weight;
            if at.origin == spot.origin {
                of_site += 1;
                site_bytes += weight;
                in_tab += usize::from(at.tab == spot.tab);
            }
        }
        if in_tab >= IN_TAB {
            Some(Set::Tab)
        } else if of_site >= OF_SITE || site_bytes > SITE_BYTES {
            Some(Set::Site)
        } else if of_all >= OF_ALL || all_bytes > ALL_BYTES {
            Some(Set::All)
        } else {
            None
        }
    }

    /// What the frames of a frame's site weigh together.
    #[must_use]
    pub fn weight_around(&self, frame: &Frame) -> usize {
        let Some(spot) = frame.spot() else { return 0 };
        let of_site = self.frames.iter().filter(|one| one.is_of(&spot.origin));
        of_site.map(Frame::weight).sum()
    }

    /// The frame that says hello with a token or a session, from where it stands. Answers it and
    /// its session.
    pub fn greet(&mut self, said: &str, from: &Standing<'_>, now: u64) -> Option<(Frame, String)> {
        let frame = self.frames.iter_mut().find(|frame| {
            let is_fresh = now.saturating_sub(frame.made) < TOKEN_MILLIS;
            let known = same(frame.session.as_bytes(), said.as_bytes())
                || frame
                    .token
                    .as_ref()
                    .is_some_and(|token| is_fresh && same(token.as_bytes(), said.as_bytes()));
            known && from.fits(&frame.place)
        })?;
        // Whichever it was: the token has done its work.
        frame.token = None;
        Some((frame.clone(), frame.session.clone()))
    }

    /// A frame by its id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.id == id)
    }

    /// A frame that this document's content script placed.
    #[must_use]
    pub fn placed_by(&self, id: &str, spot: &Spot) -> Option<&Frame> {
        self.get(id).filter(|frame| frame.spot() == Some(spot))
    }

    /// Notes the recipients in the page.
    pub fn set_recipients(&mut self, id: &str, recipients: Recipients) {
        if let Some(frame) = self.get_mut(id) {
            frame.recipients = recipients;
        }
    }

    /// Notes the window a frame stands in.
    pub fn set_window(&mut self, id: &str, window: Option<i32>) {
        if let Some(frame) = self.get_mut(id)
            && matches!(frame.place, Place::Window { .. })
        {
            frame.place = Place::Window { window };
        }
    }

    /// Forgets a frame.
    pub fn remove(&mut self, id: &str) -> Option<Frame> {
        let at = self.frames.iter().position(|frame| frame.id == id)?;
        Some(self.frames.remove(at))
    }

    fn get_mut(&mut self, id: &str) -> Option<&mut Frame> {
        self.frames.iter_mut().find(|frame| frame.id == id)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Frame> {
        self.frames.iter()
    }

    /// The frames of a site, such as one that was switched off.
    #[must_use]
    pub fn of_origin(&self, origin: &str) -> Vec<String> {
        self.all()
            .filter(|frame| frame.spot().is_some_and(|spot| spot.origin == origin))
            .map(|frame| frame.id.clone())
            .collect()
    }
}

/// Frames that have a bound together.
#[derive(Clone, Copy)]
enum Set {
    Tab,
    Site,
    All,
}

/// Compares without telling by time where two texts differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
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
}
