//! Keys that a page brings.

use std::rc::Rc;

use ext_protocol::{
    api::{ErrorCode, ImportOutcome, Return},
    content::Recipients,
};
use mail_client::{
    keys::{ImportOutcome as Imported, KeyPreview},
    people::KeySource,
    sites::Ring,
};

use super::{CLICK_MILLIS, Result, error};
use crate::{
    background::{Background, Decision},
    frames::{Kind, New, Place},
    host::Host,
    sender::{FRAME_FILE, Spot},
};

impl<H: Host> Background<H> {
    pub(super) async fn import(
        self: &Rc<Self>,
        spot: &Spot,
        name: &str,
        armored: &str,
    ) -> Result<Return> {
        if !armored.contains("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
            return error(ErrorCode::WrongArmoredType, "Not a public key.");
        }
        let (client, ring) = self.keys_of(spot, name).await?;
        let bytes = armored.as_bytes();
        let previews = match client.preview_key_file(&ring, bytes) {
            Ok(previews) if !previews.is_empty() => previews,
            _ => return error(ErrorCode::ImportError, "The key cannot be read."),
        };
        if previews.iter().any(|key| key.private) {
            return error(ErrorCode::WrongArmoredType, "Not a public key.");
        }
        // The person is shown one key, so one is what is taken in.
        if previews.len() > 1 {
            return error(ErrorCode::ImportError, "More than one key.");
        }
        // Keys that are known may grow; a new one in the person's own keyring, and one that
        // would take another's place anywhere, needs a click in a window of ours.
        let asks = previews
            .iter()
            .find(|key| key.replaces.is_some() || (ring == Ring::Main && !key.known));
        if let Some(preview) = asks {
            let decision = self.ask_import(spot, armored, preview).await?;
            if decision != Decision::Confirmed {
                return Ok(Return::Imported {
                    outcome: ImportOutcome::Rejected,
                });
            }
        }
        let imported = client
            .import_certificates(&ring, bytes, KeySource::Imported)
            .await;
        let Ok(imported) = imported else {
            return error(ErrorCode::ImportError, "The key cannot be kept.");
        };
        let mut outcome = ImportOutcome::Updated;
        for one in &imported {
            match one.outcome {
                Imported::New => outcome = ImportOutcome::Imported,
                Imported::Revoked => outcome = ImportOutcome::Invalidated,
                Imported::Offered => {
                    // The person has just said so, and saw this fingerprint.
                    let confirmed = asks.is_some_and(|key| key.fingerprint == one.fingerprint);
                    if !confirmed {
                        outcome = ImportOutcome::Rejected;
                        continue;
                    }
                    for address in &one.addresses {
                        let accepted = client.accept_key_in(&ring, address, &one.fingerprint).await;
                        if accepted.is_err() {
                            return error(ErrorCode::ImportError, "The key cannot be kept.");
                        }
                    }
                    outcome = ImportOutcome::Imported;
                }
                Imported::Updated | Imported::Unchanged => {}
            }
        }
        Ok(Return::Imported { outcome })
    }

    /// Asks in a window of ours. One at a time for a site.
    async fn ask_import(
        self: &Rc<Self>,
        spot: &Spot,
        armored: &str,
        preview: &KeyPreview,
    ) -> Result<Decision> {
        let asked = self.frames.borrow().all().any(|frame| {
            matches!(&*frame.kind, Kind::ConfirmImport { origin, .. } if *origin == spot.origin)
        });
        if asked {
            return error(ErrorCode::ImportError, "The person is being asked already.");
        }
        let new = New {
            place: Place::Window { window: None },
            ring: None,
            kind: Kind::ConfirmImport {
                armored: armored.to_owned(),
                user_ids: preview.user_ids.clone(),
                fingerprint: preview.fingerprint.clone(),
                replaces: preview.replaces.clone(),
                origin: spot.origin.clone(),
            },
            recipients: Recipients::default(),
        };
        let now = self.host.now();
        let (made, _) = self
            .frames
            .borrow_mut()
            .make(new, now, |_| true, || self.host.random());
        let Some(made) = made else {
            return error(ErrorCode::ImportError, "The person cannot be asked now.");
        };
        let id = made.frame.id;
        let address = format!("{}#{}", self.host.address(FRAME_FILE, true), made.token);
        let window = self.host.open_window(&address, 480, 420).await;
        self.frames.borrow_mut().set_window(&id, window);
        let decision = self.click(&id, CLICK_MILLIS).await;
        if let Ok(frame) = self.frame(&id) {
            self.close_frame(&frame);
        }
        Ok(decision)
    }
}
