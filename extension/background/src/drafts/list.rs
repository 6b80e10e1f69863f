//! All letters that were begun and not sent, for the key manager: a page may never open its
//! compose window for one again, and what was written in it is not lost.

use std::{
    collections::{BTreeSet, HashSet},
    rc::Rc,
};

use ext_protocol::{
    failure::{Failure, FailureKind},
    page::{Answer, KeptLetter},
};
use mail_client::Client;

use super::{KeptDraft, discard};
use crate::{
    background::{Background, Connected},
    failure::failure,
    host::Host,
};

impl<H: Host> Background<H> {
    /// The drafts, the newest first.
    pub(crate) async fn kept_letters(
        &self,
        client: &Client<H::Platform>,
    ) -> Result<Answer, Failure> {
        let all = client.drafts().await.map_err(failure)?;
        let keys: HashSet<&str> = all.iter().map(|info| info.key.as_str()).collect();
        let mut drafts = Vec::new();
        for info in all.iter().filter(|info| !is_file(&info.key, &keys)) {
            let Some(kept) = kept(client, &info.key).await? else {
                continue;
            };
            let names = kept.draft.files.into_iter().map(|file| file.name);
            drafts.push(KeptLetter {
                key: info.key.clone(),
                site: kept.site,
                from: kept.from,
                subject: kept.draft.subject,
                text: kept.draft.text,
                files: names.collect(),
                saved_at: info.saved_at,
            });
        }
        Ok(Answer::Drafts { drafts })
    }

    /// Sends the files of one that were small enough to be kept.
    pub(crate) async fn draft_files(
        &self,
        port: &Connected,
        client: &Client<H::Platform>,
        key: &str,
    ) -> Result<Answer, Failure> {
        let kept = kept(client, key).await?;
        let kept = kept.ok_or_else(|| Failure::new(FailureKind::NotFound))?;
        let mut files = Vec::new();
        for file in kept.draft.files {
            let name = format!("{key}#{}", file.file);
            if let Some(data) = client.draft(&name).await.map_err(failure)? {
                files.push((file.name, data.to_vec()));
            }
        }
        Ok(Answer::Files {
            files: self.send_files(port, files.into_iter())?,
            verdicts: Vec::new(),
        })
    }

    /// Throws one away. An editor that has it open may keep it anew, files and all.
    pub(crate) async fn discard_kept(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
        key: &str,
    ) -> Result<(), Failure> {
        let open: Vec<String> = {
            let frames = self.frames.borrow();
            let open = frames
                .all()
                .filter(|frame| Self::draft_key(frame).as_deref() == Some(key));
            open.map(|frame| frame.id.clone()).collect()
        };
        self.written
            .borrow_mut()
            .retain(|(frame, _)| !open.contains(frame));
        discard(client, key, BTreeSet::new()).await
    }
}

async fn kept<P: mail_client::ports::Platform>(
    client: &Client<P>,
    key: &str,
) -> Result<Option<KeptDraft>, Failure> {
    let bytes = client.draft(key).await.map_err(failure)?;
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// A file has the key of its draft, with its number.
fn is_file(key: &str, keys: &HashSet<&str>) -> bool {
    key.rsplit_once('#')
        .is_some_and(|(draft, number)| keys.contains(draft) && number.parse::<u32>().is_ok())
}
