//! What kinds of object there are.

/// The kind of an object. Closed; the codes are part of the format and never change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[repr(u8)]
pub enum Namespace {
    /// Private keys, one an object.
    Keyring = 1,
    /// People: name, address, certificate, what was verified.
    Contact = 2,
    /// The account's settings.
    Settings = 3,
    /// What a list of messages shows of each.
    Summary = 4,
    /// Opened messages kept on the device.
    Message = 5,
    /// Messages waiting to be sent.
    Outbox = 6,
    /// Where synchronisation stands.
    State = 7,
    /// Letters being written in somebody else's page.
    Draft = 8,
    /// Keyrings of sites.
    Site = 9,
    /// Keys seen in mail and not used yet.
    Seen = 10,
}

impl Namespace {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Keyring,
        Self::Contact,
        Self::Settings,
        Self::Summary,
        Self::Message,
        Self::Outbox,
        Self::State,
        Self::Draft,
        Self::Site,
        Self::Seen,
    ];

    /// The byte that stands for it in the format.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }
}
