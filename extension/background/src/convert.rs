//! The client's plain data as the protocol's, where the two differ. The client knows no extension
//! and the extension's pages know no client; what both show alike is `mail_view`'s.

use ext_protocol::{page, view as out};
use mail_client::{
    keys::{KeyPreview, OwnKey, RevocationReason},
    people::{ContactView, Found, KeySource},
    view::{self, OutgoingAttachment},
};

pub(crate) fn source(source: KeySource) -> out::KeySource {
    match source {
        KeySource::Own => out::KeySource::Own,
        KeySource::Imported => out::KeySource::Imported,
        KeySource::Mail => out::KeySource::Mail,
        KeySource::Autocrypt => out::KeySource::Autocrypt,
        KeySource::Wkd => out::KeySource::Wkd,
        KeySource::Directory => out::KeySource::Directory,
    }
}

pub(crate) fn found(found: Found) -> out::RecipientState {
    use view::RecipientState as S;
    let from = source(found.source.unwrap_or_default());
    match found.state {
        S::Ready {
            fingerprint,
            trust,
            name,
        } => out::RecipientState::Ready {
            fingerprint,
            trust,
            name,
            source: from,
        },
        S::KeyChanged { old, new } => out::RecipientState::KeyChanged {
            old,
            new,
            source: from,
        },
        S::Unusable { reason } => out::RecipientState::Unusable { reason },
        S::NoKey => out::RecipientState::NoKey,
        S::NotAnAddress => out::RecipientState::NotAnAddress,
        S::Unknown => out::RecipientState::Unknown,
    }
}

pub(crate) fn own_key(key: OwnKey, is_on_server: bool) -> page::OwnKey {
    page::OwnKey {
        publishable: key.in_use && is_on_server,
        fingerprint: key.fingerprint,
        people: key.people,
        algorithms: key.algorithms,
        created_at: key.created_at,
        expires_at: key.expires_at,
        revoked: key.revoked,
        in_use: key.in_use,
        backed_up: key.backed_up,
    }
}

pub(crate) fn contact(contact: ContactView) -> page::ContactView {
    page::ContactView {
        person: contact.person,
        fingerprint: contact.fingerprint,
        trust: contact.trust,
        source: source(contact.source),
        first_seen: contact.first_seen,
        offered: contact.offered.map(|(fingerprint, _)| fingerprint),
        problem: contact.problem,
    }
}

pub(crate) fn preview(preview: KeyPreview) -> page::KeyPreview {
    page::KeyPreview {
        fingerprint: preview.fingerprint,
        user_ids: preview.user_ids,
        private: preview.private,
        locked: preview.locked,
        replaces: preview.replaces,
        problem: preview.problem,
    }
}

pub(crate) fn reason(reason: page::RevocationReason) -> RevocationReason {
    match reason {
        page::RevocationReason::Superseded => RevocationReason::Superseded,
        page::RevocationReason::Compromised => RevocationReason::Compromised,
        page::RevocationReason::Retired => RevocationReason::Retired,
    }
}

pub(crate) fn profile(profile: page::KeyProfile) -> crypto_core::openpgp::Profile {
    use crypto_core::openpgp::Profile as P;
    match profile {
        page::KeyProfile::Compatible => P::Compatible,
        page::KeyProfile::Modern => P::Modern,
        page::KeyProfile::PostQuantum => P::PostQuantum,
    }
}

/// A file to be sealed. Takes the bytes without copying them.
pub(crate) fn outgoing(
    name: &str,
    media_type: &str,
    mut data: zeroize::Zeroizing<Vec<u8>>,
) -> OutgoingAttachment {
    OutgoingAttachment {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        data: std::mem::take(&mut *data),
    }
}
