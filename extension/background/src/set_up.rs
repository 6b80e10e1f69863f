//! First run: the vault, with its first keys.

use std::rc::Rc;

use crypto_core::{openpgp::Profile, secret::Passphrase};
use ext_protocol::{
    failure::{Failure, FailureKind},
    page::{Answer, KeyFile},
    view::{Mark, VaultState},
};
use mail_client::local_account::{FirstKeys, NewLocalAccount};

use crate::{
    background::Background,
    failure::{failed, failure_of},
    host::Host,
    page_calls::{bytes, check_mark},
};

/// The passphrase of a vault has at least so many characters; how good it is, the page says.
const PASSPHRASE_CHARACTERS: usize = 8;

/// Who sets up.
pub(crate) struct NewPerson {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) passphrase: String,
    pub(crate) mark: Mark,
}

/// Where the first keys come from.
pub(crate) enum Keys {
    Make,
    Bring(KeyFile),
    Restore(Passphrase, String),
}

pub(crate) fn check_length(passphrase: &str) -> Result<(), Failure> {
    if passphrase.chars().count() < PASSPHRASE_CHARACTERS {
        return Err(failed(
            FailureKind::WrongKind,
            "the passphrase is too short",
        ));
    }
    Ok(())
}

impl<H: Host> Background<H> {
    /// Makes the vault.
    pub(crate) async fn set_up(
        self: &Rc<Self>,
        new: NewPerson,
        keys: Keys,
    ) -> Result<Answer, Failure> {
        check_length(&new.passphrase)?;
        check_mark(new.mark)?;
        if self.vault_state() != VaultState::NotSetUp {
            return Err(Failure::new(FailureKind::Exists));
        }
        let client = self.client().await?;
        let stretched = self.stretched(&client, new.passphrase).await?;
        let file;
        let passphrase;
        let first = match &keys {
            Keys::Make => FirstKeys::Make(Profile::Compatible),
            Keys::Bring(brought) => {
                file = bytes(&brought.file)?;
                passphrase = brought.passphrase.clone().map(Passphrase::new);
                FirstKeys::Bring {
                    file: &file,
                    passphrase: passphrase.as_ref(),
                }
            }
            Keys::Restore(code, backup) => FirstKeys::Restore {
                code,
                backup: backup.as_bytes(),
            },
        };
        let account = NewLocalAccount {
            address: new.address.trim(),
            name: new.name.trim(),
            keys: first,
        };
        client
            .create_local(account, stretched, &|step| self.tell_progress(step))
            .await
            .map_err(failure_of(match keys {
                Keys::Restore(..) => FailureKind::WrongRecoveryCode,
                Keys::Make | Keys::Bring(_) => FailureKind::WrongKeyPassphrase,
            }))?;
        {
            let mut kept = self.kept.borrow_mut();
            kept.set_up = true;
            kept.mark = new.mark;
        }
        self.write_kept().await;
        self.opened_now(&client).await?;
        Ok(Answer::Done)
    }
}
