//! The frames that stand in pages: what each is for, and how it proves to be it.
//!
//! A content script asks for a frame and gets its address with a token in the fragment. The token
//! works once, from the tab it was made for; the answer to it is a session, with which the same
//! frame comes back after the background was stopped. Both are 128 random bits. The registry is
//! kept in the browser's memory (`storage.session`), ciphertext and all, so that a stopped
//! background costs nobody their frame.
//!
//! The attacker is a page that learns a frame's id (which opens nothing), moves the frame, loads
//! its address again, or opens the address in a tab of its own.

use std::rc::Rc;

use ext_protocol::{
    api::EditorOptions,
    content::{EditorOpening, Recipients, Source},
    view::Person,
};
use mail_client::sites::SiteKeyring;
use serde::{Deserialize, Serialize};

use crate::sender::Spot;

/// The most frames that are kept, over all tabs.
const FRAMES_LIMIT: usize = 300;

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
        })
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

    /// Makes a frame; `random` gives 16 unguessable bytes as text each time. Answers it and the
    /// ids of those that had to make room.
    pub fn make(&mut self, new: New, mut random: impl FnMut() -> String) -> (Made, Vec<String>) {
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
        };
        self.next += 1;
        self.frames.push(frame.clone());
        let mut gone = Vec::new();
        while self.frames.len() > FRAMES_LIMIT {
            gone.push(self.frames.remove(0).id);
        }
        (Made { frame, token }, gone)
    }

    /// The frame that says hello with a token or a session, from where the browser says it is.
    /// Answers it and its session.
    pub fn greet(&mut self, said: &str, tab: i32, alone: bool) -> Option<(Frame, String)> {
        let frame = self.frames.iter_mut().find(|frame| {
            let known = same(frame.session.as_bytes(), said.as_bytes())
                || frame
                    .token
                    .as_ref()
                    .is_some_and(|token| same(token.as_bytes(), said.as_bytes()));
            known
                && match &frame.place {
                    Place::Page(spot) => spot.tab == tab && !alone,
                    Place::Window { .. } => alone,
                }
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

    #[test]
    fn a_token_works_once_and_the_session_goes_on() {
        let mut registry = Registry::default();
        let (made, _) = registry.make(backup(Place::Page(spot(1))), counter());
        let (frame, session) = registry.greet(&made.token, 1, false).unwrap();
        assert_eq!(frame.id, made.frame.id);
        assert!(registry.greet(&made.token, 1, false).is_none(), "spent");
        assert!(registry.greet(&session, 1, false).is_some());
        assert!(
            registry.greet(&session, 1, false).is_some(),
            "again and again"
        );
    }

    #[test]
    fn neither_works_from_another_tab_or_standing_alone() {
        let mut registry = Registry::default();
        let (made, _) = registry.make(backup(Place::Page(spot(1))), counter());
        assert!(registry.greet(&made.token, 2, false).is_none());
        assert!(registry.greet(&made.token, 1, true).is_none());
        let (_, session) = registry.greet(&made.token, 1, false).unwrap();
        assert!(registry.greet(&session, 2, false).is_none());
        assert!(registry.greet(&session, 1, true).is_none());
    }

    #[test]
    fn a_window_of_ours_is_never_a_frame_in_a_page() {
        let mut registry = Registry::default();
        let (made, _) = registry.make(backup(Place::Window { window: None }), counter());
        assert!(registry.greet(&made.token, 1, false).is_none());
        assert!(registry.greet(&made.token, 1, true).is_some());
    }

    #[test]
    fn the_id_and_guesses_open_nothing() {
        let mut registry = Registry::default();
        let (made, _) = registry.make(backup(Place::Page(spot(1))), counter());
        for said in [made.frame.id.as_str(), "", "random-", "random-11"] {
            assert!(registry.greet(said, 1, false).is_none(), "{said}");
        }
    }

    #[test]
    fn another_document_cannot_touch_a_frame() {
        let mut registry = Registry::default();
        let (made, _) = registry.make(backup(Place::Page(spot(1))), counter());
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
        let (first, _) = registry.make(backup(Place::Page(spot(1))), &mut random);
        let (_, session) = registry.greet(&first.token, 1, false).unwrap();
        let (second, _) = registry.make(backup(Place::Page(spot(2))), &mut random);
        let kept: Vec<String> = registry.all().map(Frame::to_json).collect();
        let mut woken = Registry::default();
        woken.load(kept.iter().map(String::as_str));
        assert!(woken.greet(&first.token, 1, false).is_none(), "still spent");
        assert!(woken.greet(&session, 1, false).is_some());
        assert!(woken.greet(&second.token, 2, false).is_some());
    }

    #[test]
    fn the_oldest_make_room() {
        let mut registry = Registry::default();
        let mut random = counter();
        let (first, _) = registry.make(backup(Place::Page(spot(1))), &mut random);
        let mut gone = Vec::new();
        for _ in 0..FRAMES_LIMIT {
            gone.extend(registry.make(backup(Place::Page(spot(1))), &mut random).1);
        }
        assert_eq!(gone, [first.frame.id]);
        assert_eq!(registry.all().count(), FRAMES_LIMIT);
    }
}
