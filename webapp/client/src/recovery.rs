//! The recovery sheet: a random code on paper, and all private keys sealed under it.
//!
//! The code has 128 random bits as 26 characters of Bech32's alphabet, which leaves out letters
//! that look alike, and 6 characters of its checksum (BIP 350), which finds any four wrong ones:
//! eight numbered groups of four. The backup is an ordinary OpenPGP message under that password,
//! so that any OpenPGP program opens it: `gpg --decrypt sheet.asc | gpg --import`, with the code
//! typed as it is printed, groups joined by `-`.

use bech32::{Bech32m, Hrp};
use crypto_core::{
    keyring::Keyring,
    openpgp::{DecryptError, Limits, SecretCertificate},
    secret::Passphrase,
};
use rand::RngCore;
use zeroize::Zeroizing;

use crate::{
    client::Client,
    error::ClientError,
    keyfile::KeyFile,
    keys::Imported,
    people::KeySource,
    ports::{Entropy, Platform},
    reading::decrypt_error,
    sites::Ring,
};

/// What Bech32 calls the human-readable part. It is not printed, but the checksum covers it, so
/// that no other Bech32 text passes for a code.
const KIND: Hrp = Hrp::parse_unchecked("letterlock");
/// Random bytes in a code.
const CODE_BYTES: usize = 16;
/// Characters of a group.
const GROUP: usize = 4;

/// A recovery sheet. `Debug` is not derived: together its parts open everything.
pub struct RecoverySheet {
    /// Eight groups of four characters, to be numbered.
    pub code: Vec<String>,
    /// The sealed keys in ASCII armor.
    pub backup: String,
    /// Of the key in use, upper-case hexadecimal.
    pub fingerprint: String,
}

/// A code as it is used: lower case, groups joined by `-`. `None` when it was mistyped, which the
/// checksum tells.
#[must_use]
pub fn parse_recovery_code(typed: &str) -> Option<Passphrase> {
    let joined: Zeroizing<String> = Zeroizing::new(
        typed
            .chars()
            // Numbers of groups may have been typed along: `1.` or `1:`.
            .collect::<String>()
            .split(|c: char| c.is_whitespace() || c == '-')
            .filter(|word| !word.ends_with(['.', ':', ')']))
            .flat_map(str::chars)
            .flat_map(char::to_lowercase)
            .collect(),
    );
    let whole = Zeroizing::new(format!("{KIND}1{}", joined.as_str()));
    let checked = bech32::primitives::decode::CheckedHrpstring::new::<Bech32m>(&whole).ok()?;
    let bytes = checked.byte_iter().count();
    (bytes == CODE_BYTES).then(|| Passphrase::new(grouped(&joined).join("-")))
}

/// A new code, without separators.
fn make_code(rng: &mut impl RngCore) -> Result<Zeroizing<String>, ClientError> {
    let mut bytes = Zeroizing::new([0; CODE_BYTES]);
    rng.fill_bytes(bytes.as_mut_slice());
    let whole = bech32::encode::<Bech32m>(KIND, bytes.as_slice())
        .map(Zeroizing::new)
        .map_err(|e| ClientError::Internal(e.to_string()))?;
    let code = whole.get(KIND.len() + 1..).unwrap_or_default();
    Ok(Zeroizing::new(code.to_owned()))
}

fn grouped(code: &str) -> Vec<String> {
    let characters: Vec<char> = code.chars().collect();
    characters.chunks(GROUP).map(String::from_iter).collect()
}

impl<P: Platform> Client<P> {
    /// Makes a sheet with a new code. Older sheets stay good for the keys they hold.
    ///
    /// # Errors
    /// [`ClientError::Locked`]; [`ClientError::NotFound`] without any key.
    pub async fn make_recovery_sheet(&self) -> Result<RecoverySheet, ClientError> {
        let session = self.open_session()?;
        let keyring = session.keyring.borrow().clone();
        let in_use = session.own_slot.borrow().clone();
        let mut slots: Vec<_> = keyring.slots().cloned().collect();
        // The key in use first: it is what a restored account is made out to.
        slots.sort_by_key(|slot| Some(slot) != in_use.as_ref());
        let fingerprint = slots.first().ok_or(ClientError::NotFound)?;
        let fingerprint = fingerprint.fingerprint().as_hex().to_owned();
        let mut rng = self.platform.entropy().rng();
        let code = make_code(&mut rng)?;
        let groups = grouped(&code);
        let password = Passphrase::new(groups.join("-"));
        let engine = self.platform.engine();
        let backup = keyring
            .back_up(&slots, engine, &mut rng, &password, self.now())
            .await
            .map_err(|e| ClientError::Internal(e.to_string()))?;
        let mut settings = session.settings.borrow().clone();
        let printed = slots.iter().map(|s| s.fingerprint().as_hex().to_owned());
        settings.more.backed_up.extend(printed);
        self.save_settings(&session, settings).await?;
        self.try_push(&session).await?;
        Ok(RecoverySheet {
            code: groups,
            backup,
            fingerprint,
        })
    }

    /// Brings the keys of a sheet into the unlocked account.
    ///
    /// # Errors
    /// [`ClientError::WrongPassphrase`] for a wrong or mistyped code; [`ClientError::Damaged`].
    pub async fn restore_keys(
        &self,
        code: &Passphrase,
        backup: &[u8],
    ) -> Result<Vec<Imported>, ClientError> {
        let session = self.open_session()?;
        let file = self.open_backup(code, backup).await?;
        let done = self
            .take_file(&session, &Ring::Main, file, KeySource::Own)
            .await?;
        if session.own_slot.borrow().is_none()
            && let Some(first) = done.first()
        {
            self.use_key(&first.fingerprint).await?;
        }
        Ok(done)
    }

    /// The private keys of a sheet.
    pub(crate) async fn open_backup(
        &self,
        code: &Passphrase,
        backup: &[u8],
    ) -> Result<KeyFile, ClientError> {
        let password = parse_recovery_code(code.expose()).ok_or(ClientError::WrongPassphrase)?;
        let with = crypto_core::keyring::OpenWith {
            passwords: &[&password],
            verifiers: &[],
            limits: &Limits::default(),
            now: self.now(),
        };
        let opened = Keyring::new()
            .decrypt(self.platform.engine(), backup, &with)
            .await
            .map_err(|error| match error {
                DecryptError::NotForUs { .. } | DecryptError::NotEncrypted => {
                    ClientError::WrongKind("this is not a recovery backup")
                }
                other => decrypt_error(other, true),
            })?;
        let private = SecretCertificate::parse_many(&opened.plaintext)
            .map_err(|_| ClientError::WrongKind("this is not a recovery backup"))?;
        Ok(KeyFile {
            private,
            ..KeyFile::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::{grouped, make_code, parse_recovery_code};

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
        let code = make_code(&mut rng).unwrap();
        let groups = grouped(&code);
        assert_eq!(groups.len(), 8);
        assert!(groups.iter().all(|g| g.len() == 4));
        let printed = groups.join("-");
        for typed in [
            printed.clone(),
            printed.to_uppercase(),
            groups.join("  "),
            groups.concat(),
            groups
                .iter()
                .enumerate()
                .map(|(i, g)| format!("{}. {g}\n", i + 1))
                .collect(),
        ] {
            let read = parse_recovery_code(&typed).expect("a good code");
            assert_eq!(read.expose(), printed);
        }
    }

    #[test]
    fn a_mistyped_code_is_told() {
        let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(2);
        let code = make_code(&mut rng).unwrap();
        for at in 0..code.len() {
            let mut wrong: Vec<u8> = code.bytes().collect();
            wrong[at] = if wrong[at] == b'q' { b'p' } else { b'q' };
            let wrong = String::from_utf8(wrong).unwrap();
            assert!(parse_recovery_code(&wrong).is_none(), "{at}");
        }
        assert!(parse_recovery_code("").is_none());
        assert!(parse_recovery_code(&code[1..]).is_none());
    }
}
