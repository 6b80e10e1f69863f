//! One's own certificate in the directory of the account's server: incoming mail is sealed to the
//! one that is there, and whoever may find it finds that one.

use crypto_core::openpgp::Certificate;
use wire::{
    directory::{OwnEntry, PublishRequest},
    routes,
};

use crate::{
    client::Client,
    error::ClientError,
    jmap,
    keys::own_slot,
    ports::{HttpRequest, Method, Platform},
    session::Session,
};

/// What the directory has of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Upper-case hexadecimal.
    pub fingerprint: String,
    /// Everybody finds it (WKD, HKP); accounts of the server find it either way.
    pub to_everybody: bool,
}

impl<P: Platform> Client<P> {
    /// What the directory has of the account.
    ///
    /// # Errors
    /// [`ClientError::NoServer`], [`ClientError::Offline`].
    pub async fn published(&self) -> Result<Published, ClientError> {
        let session = self.open_session()?;
        let request = HttpRequest {
            method: Method::Get,
            path: routes::DIRECTORY_OWN.to_owned(),
            token: None,
            content_type: None,
            body: Vec::new(),
        };
        let answer = jmap::authorized(&self.platform, &session, request).await?;
        let entry: OwnEntry = serde_json::from_slice(&answer.body)
            .map_err(|e| ClientError::Protocol(format!("own directory entry: {e}")))?;
        Ok(Published {
            fingerprint: entry.fingerprint,
            to_everybody: entry.published,
        })
    }

    /// Gives the directory the certificate of the key in use, and says who may find it.
    ///
    /// # Errors
    /// [`ClientError::NotFound`]; [`ClientError::BadInput`] for a key that is not the one in use:
    /// mail would be sealed to a key that other devices do not expect;
    /// [`ClientError::NoServer`], [`ClientError::Offline`].
    pub async fn publish_key(
        &self,
        fingerprint: &str,
        to_everybody: bool,
    ) -> Result<(), ClientError> {
        let session = self.open_session()?;
        let slot = own_slot(&session, fingerprint).ok_or(ClientError::NotFound)?;
        if session.own_slot.borrow().as_ref() != Some(&slot) {
            return Err(ClientError::BadInput(
                "Only the key in use can be published. Use this one first.".into(),
            ));
        }
        let certificate = session.own_certificate().ok_or(ClientError::NotFound)?;
        self.hand_in(&session, &certificate, Some(to_everybody))
            .await
    }

    /// Tells the directory of another key in use, or of a withdrawal, when there is a server. A
    /// server that does not answer now is told at the next synchronisation.
    pub(crate) async fn tell_directory(
        &self,
        session: &Session,
        certificate: &Certificate,
    ) -> Result<(), ClientError> {
        match self.hand_in(session, certificate, None).await {
            Err(
                ClientError::NoServer
                | ClientError::Offline
                | ClientError::TooManyRequests
                | ClientError::SessionEnded,
            ) => Ok(()),
            other => other,
        }
    }

    /// Brings the directory in line with the key in use, as after changes without a network.
    pub(crate) async fn check_directory(&self, session: &Session) -> Result<(), ClientError> {
        let Some(certificate) = session.own_certificate() else {
            return Ok(());
        };
        let published = self.published().await?;
        if published.fingerprint == certificate.fingerprint().as_hex() {
            return Ok(());
        }
        self.hand_in(session, &certificate, None).await
    }

    async fn hand_in(
        &self,
        session: &Session,
        certificate: &Certificate,
        publish: Option<bool>,
    ) -> Result<(), ClientError> {
        let request = PublishRequest {
            certificate: certificate.without_foreign().to_bytes().into(),
            publish,
        };
        let body =
            serde_json::to_vec(&request).map_err(|e| ClientError::Internal(e.to_string()))?;
        let request = HttpRequest {
            method: Method::Post,
            path: routes::DIRECTORY_PUBLISH.to_owned(),
            token: None,
            content_type: Some("application/json"),
            body,
        };
        jmap::authorized(&self.platform, session, request)
            .await
            .map(drop)
    }
}
