//! The account on a server: made out of the local vault, entered, kept in step, and left.
//!
//! The attacker is the server, or whoever answers in its name. The mail client demands its proof
//! before anything counts; here it is decided where requests go at all. A link is made with a
//! client of its own over the same store, and takes the place of the present one only when it
//! stands: with a failure everything is as it was.

use std::rc::Rc;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use ext_protocol::{
    failure::{Failure, FailureKind},
    page::{Answer, DirectoryEntry, ServerAccount},
    view::{Mark, VaultState},
};
use mail_client::{
    Client, ClientError,
    link::{LogIn, NewServerAccount},
    local_account::{AccountKind, StretchedPassphrase},
};
use url::{Host as UrlHost, Url};

use crate::{
    background::Background,
    failure::{failed, failure},
    host::Host,
    sender::Peer,
    settings::SETTINGS_KEY,
};

/// How long what the server said last is good enough, in milliseconds.
const FRESH_MILLIS: u64 = 5 * 60_000;

/// When the server was last asked, and when it last answered; milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Times {
    asked: u64,
    answered: u64,
}

impl<H: Host> Background<H> {
    /// What answers at an address.
    pub(crate) async fn server_info(&self, typed: &str) -> Result<Answer, Failure> {
        let server = server_origin(typed)?;
        let platform = self.host.platform(&server).await.map_err(failure)?;
        let info = Client::new(platform)
            .server_info()
            .await
            .map_err(|error| match error {
                // Something answers, and it is none of ours.
                ClientError::Protocol(_) | ClientError::NotFound | ClientError::SessionEnded => {
                    Failure::new(FailureKind::NoServerThere)
                }
                other => failure(other),
            })?;
        Ok(Answer::ServerInfo {
            server,
            domains: info.domains,
            registration_open: info.registration_open,
        })
    }

    /// The account, with what the server says of it.
    pub(crate) async fn account(&self, client: &Client<H::Platform>) -> Result<Answer, Failure> {
        let kind = client.account_kind().await.map_err(failure)?;
        let AccountKind::OnServer { address } = kind else {
            return Ok(Answer::Account { account: None });
        };
        let published = client.published().await;
        let answered = self.synchronised.get().answered;
        Ok(Answer::Account {
            account: Some(ServerAccount {
                server: self.kept.borrow().server.clone(),
                address,
                synchronised_at: (answered > 0).then_some(answered / 1000),
                problem: published.as_ref().err().cloned().map(|e| failure(e).kind),
                directory: published.ok().map(|found| DirectoryEntry {
                    fingerprint: found.fingerprint,
                    to_everybody: found.to_everybody,
                }),
            }),
        })
    }

    /// Makes an account there out of the vault.
    pub(crate) async fn make_account(
        self: &Rc<Self>,
        typed: &str,
        address: &str,
        passphrase: String,
        publish: bool,
    ) -> Result<Answer, Failure> {
        let server = server_origin(typed)?;
        let passphrase = Passphrase::new(passphrase);
        let linked = {
            // Nobody gets a client meanwhile: what was written with it would not be brought along.
            let mut opening = self.opening.lock().await;
            let client = self.over_the_store(&server).await?;
            let parameters = client.unlock_parameters().await.map_err(failure)?;
            let key = self
                .host
                .stretch(&passphrase, &parameters)
                .await
                .map_err(failure)?;
            let new = NewServerAccount {
                address: address.trim(),
                publish,
                profile: Profile::Compatible,
            };
            let present = StretchedPassphrase { parameters, key };
            let made = client
                .link_by_sign_up(new, present, &|step| self.tell_progress(step))
                .await;
            self.take_over(&mut opening, client, made)?
        };
        self.now_at(&linked, server).await
    }

    /// Enters an account that is there already.
    pub(crate) async fn enter_account(
        self: &Rc<Self>,
        typed: &str,
        address: &str,
        passphrase: String,
    ) -> Result<Answer, Failure> {
        let server = server_origin(typed)?;
        let linked = {
            let mut opening = self.opening.lock().await;
            let client = self.over_the_store(&server).await?;
            let kind = client.account_kind().await.map_err(failure)?;
            let (begun, key) = self.begin(&client, address, passphrase).await?;
            let progress = |step| self.tell_progress(step);
            let entered = match kind {
                AccountKind::OnServer { .. } => client.enter_again(begun, &key, &progress).await,
                _ => client.link_by_log_in(begun, &key, &progress).await,
            };
            self.take_over(&mut opening, client, entered)?
        };
        self.now_at(&linked, server).await
    }

    /// First run of somebody with an account.
    pub(crate) async fn set_up_from_server(
        self: &Rc<Self>,
        typed: &str,
        address: &str,
        passphrase: String,
        mark: Mark,
    ) -> Result<Answer, Failure> {
        if self.vault_state() != VaultState::NotSetUp {
            return Err(Failure::new(FailureKind::Exists));
        }
        let server = server_origin(typed)?;
        let entered = {
            let mut opening = self.opening.lock().await;
            let platform = self.host.platform(&server).await.map_err(failure)?;
            let client = Client::new(platform);
            let (begun, key) = self.begin(&client, address, passphrase).await?;
            let entered = client
                .enter_from_server(begun, &key, &|step| self.tell_progress(step))
                .await;
            self.take_over(&mut opening, client, entered)?
        };
        {
            let mut kept = self.kept.borrow_mut();
            kept.set_up = true;
            kept.mark = mark;
        }
        self.now_at(&entered, server).await
    }

    /// Goes on without a server.
    pub(crate) async fn leave_server(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
    ) -> Result<Answer, Failure> {
        client.unlink().await.map_err(failure)?;
        let local = {
            let mut opening = self.opening.lock().await;
            let local = self.over_the_store("").await?;
            self.take_over(&mut opening, local, Ok(()))?
        };
        self.now_at(&local, String::new()).await
    }

    /// Brings both up to date.
    pub(crate) async fn synchronise(&self, client: &Client<H::Platform>) -> Result<(), Failure> {
        let mut times = self.synchronised.get();
        times.asked = self.host.now();
        self.synchronised.set(times);
        client.sync_objects().await.map_err(failure)?;
        times.answered = self.host.now();
        self.synchronised.set(times);
        Ok(())
    }

    /// Brings both up to date, unless that was done lately; nobody waits for it.
    pub(crate) fn synchronise_soon(self: &Rc<Self>) {
        let late = self
            .host
            .now()
            .saturating_sub(self.synchronised.get().asked)
            >= FRESH_MILLIS;
        if !late || self.kept.borrow().server.is_empty() {
            return;
        }
        let this = Rc::clone(self);
        self.host.spawn(async move {
            if let Ok(client) = this.unlocked().await {
                // Without a network everything goes on; the account's page says what is wrong.
                let _offline = this.synchronise(&client).await;
            }
        });
    }

    /// Where the account's server is, when the record outside the vault was lost.
    pub(crate) async fn find_server(
        &self,
        client: &Client<H::Platform>,
    ) -> Result<Option<String>, Failure> {
        if !self.kept.borrow().server.is_empty() {
            return Ok(None);
        }
        let kind = client.account_kind().await.map_err(failure)?;
        if !matches!(kind, AccountKind::OnServer { .. }) {
            return Ok(None);
        }
        let server = self.sealed_settings(client).await?.server;
        Ok(Some(server).filter(|server| !server.is_empty()))
    }

    /// A second client over this device's store, with the vault open as it is now.
    async fn over_the_store(&self, server: &str) -> Result<Client<H::Platform>, Failure> {
        let key = self.session_key()?;
        let platform = self.host.platform(server).await.map_err(failure)?;
        let client = Client::new(platform);
        client.resume(&key).await.map_err(failure)?;
        Ok(client)
    }

    async fn begin(
        &self,
        client: &Client<H::Platform>,
        address: &str,
        passphrase: String,
    ) -> Result<(LogIn, crypto_core::kdf::StretchedKey), Failure> {
        let passphrase = Passphrase::new(passphrase);
        let begun = client.begin_log_in(address).await.map_err(failure)?;
        let parameters = begun.parameters();
        let key = self.host.stretch(&passphrase, &parameters).await;
        Ok((begun, key.map_err(failure)?))
    }

    /// Puts a client into the place of the present one, when what it was made for went well.
    fn take_over(
        &self,
        opening: &mut Option<Rc<Client<H::Platform>>>,
        client: Client<H::Platform>,
        done: Result<(), ClientError>,
    ) -> Result<Rc<Client<H::Platform>>, Failure> {
        if let Err(error) = done {
            client.lock();
            return Err(failure(error));
        }
        let client = Rc::new(client);
        if let Some(old) = opening.replace(Rc::clone(&client)) {
            old.lock();
        }
        Ok(client)
    }

    /// Writes down where the account is, and tells everybody.
    async fn now_at(
        self: &Rc<Self>,
        client: &Client<H::Platform>,
        server: String,
    ) -> Result<Answer, Failure> {
        self.kept.borrow_mut().server.clone_from(&server);
        self.write_kept().await;
        let times = Times {
            // Linking has just brought everything over.
            asked: self.host.now(),
            answered: if server.is_empty() {
                0
            } else {
                self.host.now()
            },
        };
        self.synchronised.set(times);
        let mut sealed = self.sealed_settings(client).await?;
        sealed.server = server;
        let json = serde_json::to_vec(&sealed).map_err(|_| Failure::new(FailureKind::Internal))?;
        client
            .set_sealed_value(SETTINGS_KEY, &json)
            .await
            .map_err(failure)?;
        self.opened_now(client).await?;
        // The webmail begins anew, with the account as it is now.
        let webmails: Vec<_> = self
            .ports
            .borrow()
            .values()
            .filter(|port| port.peer == Peer::Webmail)
            .map(|port| port.id)
            .collect();
        for port in webmails {
            self.refuse(port);
        }
        Ok(Answer::Done)
    }
}

/// The origin in what a person typed: `mail.example.org` or a whole address. Without encryption
/// only on this very machine.
fn server_origin(typed: &str) -> Result<String, Failure> {
    let bad = || failed(FailureKind::NoServerThere, "no address of a server");
    let typed = typed.trim();
    let whole = if typed.contains("://") {
        typed.to_owned()
    } else {
        format!("https://{typed}")
    };
    let url = Url::parse(&whole).map_err(|_| bad())?;
    let here = match url.host() {
        Some(UrlHost::Domain(name)) => name == "localhost",
        Some(UrlHost::Ipv4(address)) => address.is_loopback(),
        Some(UrlHost::Ipv6(address)) => address.is_loopback(),
        None => return Err(bad()),
    };
    let good = url.scheme() == "https" || (url.scheme() == "http" && here);
    if !good || !url.username().is_empty() || url.password().is_some() {
        return Err(bad());
    }
    Ok(url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::server_origin;

    #[test]
    fn a_server_is_asked_over_tls_or_on_this_machine() {
        for (typed, origin) in [
            ("mail.example.org", "https://mail.example.org"),
            (
                " https://mail.example.org/path?x ",
                "https://mail.example.org",
            ),
            ("mail.example.org:8443", "https://mail.example.org:8443"),
            ("http://127.0.0.1:8480", "http://127.0.0.1:8480"),
            ("http://localhost:8480/", "http://localhost:8480"),
        ] {
            assert_eq!(server_origin(typed).unwrap(), origin);
        }
        for bad in [
            "",
            "http://mail.example.org",
            "http://127.0.0.1.example.org",
            "ftp://mail.example.org",
            "javascript:alert(1)",
            "https://user@mail.example.org",
            "https://user:pass@mail.example.org",
            "file:///etc",
        ] {
            assert!(server_origin(bad).is_err(), "{bad}");
        }
    }
}
