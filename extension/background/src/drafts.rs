//! Drafts of editors in compose windows: kept sealed, by the page's name for the letter.

mod list;

use std::{collections::BTreeSet, rc::Rc};

use ext_protocol::{
    failure::{Failure, FailureKind},
    frame::{Answer, Draft},
    view::VaultState,
};
use mail_client::{Client, ports::Platform};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    background::Background,
    failure::failure,
    frames::{Frame, Kind},
    host::Host,
    parts,
};

/// The largest file kept with a draft.
const DRAFT_FILE_LIMIT: usize = parts::FILE_LIMIT;

/// A draft as it is kept.
#[derive(Serialize, Deserialize)]
pub(crate) struct KeptDraft {
    /// The editor that kept it.
    pub(crate) frame: String,
    /// Origin of the page, and the address it was to go out from.
    #[serde(default)]
    pub(crate) site: String,
    #[serde(default)]
    pub(crate) from: String,
    pub(crate) draft: Draft,
}

impl<H: Host> Background<H> {
    /// The key of a frame as it is called now; it may have been renamed since it was asked for.
    fn key_now(&self, frame: &Frame) -> Option<String> {
        let now = self.frame(&frame.id);
        Self::draft_key(now.as_ref().unwrap_or(frame))
    }

    pub(crate) fn draft_key(frame: &Frame) -> Option<String> {
        match &*frame.kind {
            Kind::Editor(opening) if !opening.draft_key.is_empty() => {
                // A site's drafts are its own, and one account's are not another's.
                let origin = frame.spot().map(|spot| spot.origin.as_str())?;
                let account = opening.from.to_lowercase();
                Some(format!("{origin} {account} {}", opening.draft_key))
            }
            Kind::Editor(_) => Some(format!("frame {}", frame.id)),
            _ => None,
        }
    }

    pub(crate) async fn kept_draft(
        self: &Rc<Self>,
        frame: &Frame,
    ) -> Result<Option<KeptDraft>, Failure> {
        let Some(key) = Self::draft_key(frame) else {
            return Ok(None);
        };
        let client = self.unlocked().await?;
        let Some(bytes) = client.draft(&key).await.map_err(failure)? else {
            return Ok(None);
        };
        let Ok(mut kept) = serde_json::from_slice::<KeptDraft>(&bytes) else {
            return Ok(None);
        };
        let mut there = Vec::new();
        for file in kept.draft.files {
            // One that was too large to be kept is gone, and the list says so.
            if self.find_again(&client, frame, file.file).await? {
                there.push(file);
            }
        }
        kept.draft.files = there;
        Ok(Some(kept))
    }

    /// The page names the letter otherwise, for instance because it has saved a draft of its own
    /// now: what is kept moves there. A letter that is kept under that name already stays, and so
    /// does ours then.
    pub(crate) async fn rename_draft(
        self: &Rc<Self>,
        frame: &Frame,
        draft_key: &str,
    ) -> Result<(), Failure> {
        let Kind::Editor(opening) = &*frame.kind else {
            return Ok(());
        };
        // While locked nothing can be moved; the page says it again with its next connection.
        if draft_key.is_empty()
            || draft_key == opening.draft_key
            || self.vault_state() != VaultState::Unlocked
        {
            return Ok(());
        }
        let mut named = opening.clone();
        draft_key.clone_into(&mut named.draft_key);
        let mut renamed = frame.clone();
        renamed.kind = Rc::new(Kind::Editor(named));
        let (Some(old), Some(new)) = (Self::draft_key(frame), Self::draft_key(&renamed)) else {
            return Ok(());
        };
        let client = self.unlocked().await?;
        if client.draft(&new).await.map_err(failure)?.is_some() {
            return Ok(());
        }
        if let Some(bytes) = client.draft(&old).await.map_err(failure)? {
            let kept = serde_json::from_slice::<KeptDraft>(&bytes).ok();
            let files = kept.iter().flat_map(|kept| &kept.draft.files);
            let files: Vec<u32> = files.map(|file| file.file).collect();
            for file in &files {
                let data = client
                    .draft(&format!("{old}#{file}"))
                    .await
                    .map_err(failure)?;
                if let Some(data) = data {
                    let name = format!("{new}#{file}");
                    client.save_draft(&name, &data).await.map_err(failure)?;
                }
            }
            client.save_draft(&new, &bytes).await.map_err(failure)?;
            // Only now, when all of it is there.
            client.delete_draft(&old).await.map_err(failure)?;
            for file in files {
                let name = format!("{old}#{file}");
                client.delete_draft(&name).await.map_err(failure)?;
            }
        }
        // Files that were written for a draft that was not are written once more, there.
        self.written.borrow_mut().retain(|(id, _)| *id != frame.id);
        self.frames.borrow_mut().set_kind(&frame.id, renamed.kind);
        if let Ok(changed) = self.frame(&frame.id) {
            self.keep_frame(&changed);
        }
        Ok(())
    }

    /// Whether a file of an editor is at hand; takes it from the kept draft if need be.
    pub(crate) async fn find_again(
        &self,
        client: &Client<H::Platform>,
        frame: &Frame,
        file: u32,
    ) -> Result<bool, Failure> {
        let here = self
            .files
            .borrow()
            .get(&frame.id)
            .is_some_and(|files| files.get(file).is_some());
        if here {
            return Ok(true);
        }
        let Some(key) = Self::draft_key(frame) else {
            return Ok(false);
        };
        let kept = client
            .draft(&format!("{key}#{file}"))
            .await
            .map_err(failure)?;
        let Some(data) = kept else { return Ok(false) };
        let mut files = self.files.borrow_mut();
        files.entry(frame.id.clone()).or_default().put(file, data);
        Ok(true)
    }

    /// Keeps a draft, sealed. Its files are written once.
    pub(crate) async fn save_draft(
        self: &Rc<Self>,
        frame: &Frame,
        draft: Draft,
    ) -> Result<Answer, Failure> {
        let Some(key) = Self::draft_key(frame) else {
            // The page keeps drafts of the client API, sealed by `createDraft`.
            return Ok(Answer::Done);
        };
        let client = self.unlocked().await?;
        let wanted: Vec<u32> = draft.files.iter().map(|file| file.file).collect();
        for file in &wanted {
            let written = !self.written.borrow_mut().insert((frame.id.clone(), *file));
            if written {
                continue;
            }
            let data = {
                let all = self.files.borrow();
                let data = all.get(&frame.id).and_then(|files| files.get(*file));
                data.filter(|data| data.len() <= DRAFT_FILE_LIMIT)
                    .map(|data| Zeroizing::new(data.to_vec()))
            };
            if let Some(data) = data {
                client
                    .save_draft(&format!("{key}#{file}"), &data)
                    .await
                    .map_err(failure)?;
            }
        }
        let from = match &*frame.kind {
            Kind::Editor(opening) => opening.from.clone(),
            _ => String::new(),
        };
        let kept = KeptDraft {
            frame: frame.id.clone(),
            site: frame.spot().map(|at| at.origin.clone()).unwrap_or_default(),
            from,
            draft,
        };
        let json = serde_json::to_vec(&kept).map(Zeroizing::new);
        let json = json.map_err(|_| Failure::new(FailureKind::Internal))?;
        let key = self.key_now(frame).unwrap_or(key);
        client.save_draft(&key, &json).await.map_err(failure)?;
        Ok(Answer::Done)
    }

    /// Throws a draft away.
    pub(crate) async fn discard_draft(self: &Rc<Self>, frame: &Frame) -> Result<(), Failure> {
        let Some(key) = self.key_now(frame) else {
            return Ok(());
        };
        let client = self.unlocked().await?;
        let written = {
            let mut written = self.written.borrow_mut();
            let mine = written.extract_if(|(id, _)| *id == frame.id);
            mine.map(|(_, file)| file).collect()
        };
        discard(&client, &key, written).await
    }
}

/// Removes a draft, its files and further files of it.
async fn discard<P: Platform>(
    client: &Client<P>,
    key: &str,
    mut files: BTreeSet<u32>,
) -> Result<(), Failure> {
    // What a former life of ours wrote is named by the draft only.
    let kept = client.draft(key).await.map_err(failure)?;
    let kept = kept.and_then(|bytes| serde_json::from_slice::<KeptDraft>(&bytes).ok());
    files.extend(
        kept.iter()
            .flat_map(|kept| kept.draft.files.iter().map(|file| file.file)),
    );
    client.delete_draft(key).await.map_err(failure)?;
    for file in files {
        client
            .delete_draft(&format!("{key}#{file}"))
            .await
            .map_err(failure)?;
    }
    Ok(())
}
