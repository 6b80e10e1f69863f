//! Keys that came with mail and were not used yet.

use crypto_core::{
    ids::ObjectId,
    openpgp::Certificate,
    vault::{Batch, Namespace, ObjectStore},
};
use serde::{Deserialize, Serialize};

use crate::{
    client::Client, error::ClientError, local, people::KeySource, ports::Platform,
    session::Session, sites::Ring,
};

/// A key that came with mail, in [`Namespace::Seen`], until it is used for the first time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SeenKey {
    #[serde(with = "serde_bytes")]
    pub(crate) certificate: Vec<u8>,
    pub(crate) source: KeySource,
    /// The date of the message that brought it, Unix seconds.
    pub(crate) at: u64,
}

impl<P: Platform> Client<P> {
    /// A key that came with mail, if it is still fit to be shown.
    pub(crate) async fn seen_key(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
    ) -> Result<Option<(SeenKey, Certificate)>, ClientError> {
        let id = seen_id(ring, address);
        let seen: Option<SeenKey> =
            local::get(&self.platform, session, Namespace::Seen, &id).await?;
        Ok(seen.and_then(|seen| {
            let certificate = Certificate::parse(&seen.certificate).ok()?;
            certificate
                .has_address(address)
                .then_some((seen, certificate))
        }))
    }

    pub(crate) async fn save_seen(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
        seen: &SeenKey,
    ) -> Result<(), ClientError> {
        let mut batch = Batch::default();
        local::put_cached(
            &self.platform,
            session,
            &mut batch,
            Namespace::Seen,
            &seen_id(ring, address),
            seen,
        )?;
        local::commit_cache(&self.platform, batch).await.map(drop)
    }

    pub(crate) async fn forget_seen(
        &self,
        session: &Session,
        ring: &Ring,
        address: &str,
    ) -> Result<(), ClientError> {
        let id = ObjectId(seen_id(ring, address));
        let mut batch = Batch::default();
        batch
            .delete
            .push(session.vault.record_name(Namespace::Seen, &id));
        Ok(self.platform.store().commit(batch).await?)
    }
}

fn seen_id(ring: &Ring, address: &str) -> String {
    match ring {
        Ring::Main => address.to_owned(),
        Ring::Site(site) => format!("{}\n{address}", site.id()),
    }
}
