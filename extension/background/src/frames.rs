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
        /// The same for all pieces of one message; may be empty.
        message: String,
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

    /// Notes that a frame is for something slightly else.
    pub fn set_kind(&mut self, id: &str, kind: Rc<Kind>) {
        if let Some(frame) = self.get_mut(id) {
            frame.kind = kind;
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
mod tests;
