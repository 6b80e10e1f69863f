//! Accounts: credentials, certificates and what they use.

use wire::{
    Base64Bytes,
    auth::{Credentials, KdfParameters, SrpGroup},
    directory::OwnEntry,
};

use super::{DataType, Result, Store, Write};
use crate::ids;

/// The mailboxes every account begins with: name, role, place.
const FIRST_MAILBOXES: [(&str, &str); 6] = [
    ("Inbox", "inbox"),
    ("Drafts", "drafts"),
    ("Sent", "sent"),
    ("Archive", "archive"),
    ("Junk", "junk"),
    ("Trash", "trash"),
];

/// What a login needs.
pub(crate) struct LoginRow {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) credentials: Credentials,
    pub(crate) revision: u64,
}

/// A certificate and the address it is for.
pub(crate) struct CertificateRow {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) certificate: Vec<u8>,
}

/// How a certificate is found from outside.
pub(crate) struct CertificateEntry<'a> {
    pub(crate) certificate: &'a [u8],
    pub(crate) fingerprint: &'a str,
    pub(crate) published: bool,
}

/// Bytes an account has stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) mail: u64,
    pub(crate) objects: u64,
}

/// The account's only identity.
pub(crate) struct IdentityRow {
    pub(crate) name: String,
    pub(crate) modseq: i64,
}

type LoginColumns = (
    i64,
    String,
    Vec<u8>,
    i64,
    i64,
    i64,
    i64,
    Vec<u8>,
    Vec<u8>,
    i64,
);

impl Store {
    /// What a login needs, by address.
    pub(crate) async fn login_row(&self, address: &str) -> Result<Option<LoginRow>> {
        let row: Option<LoginColumns> = sqlx::query_as(
            "SELECT id, address, salt, kdf_memory_kib, kdf_passes, kdf_lanes, srp_group, verifier,
                    wrapped_vault_key, credentials_revision
             FROM accounts WHERE address = ?",
        )
        .bind(address)
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|row| LoginRow {
            account: row.0,
            address: row.1,
            credentials: Credentials {
                salt: Base64Bytes(row.2),
                kdf: KdfParameters {
                    memory_kib: small(row.3),
                    passes: small(row.4),
                    lanes: small(row.5),
                },
                group: group_from_number(row.6),
                verifier: Base64Bytes(row.7),
                wrapped_vault_key: Base64Bytes(row.8),
            },
            revision: row.9.cast_unsigned(),
        }))
    }

    /// The id of an address.
    pub(crate) async fn account_id(&self, address: &str) -> Result<Option<i64>> {
        let id = sqlx::query_scalar("SELECT id FROM accounts WHERE address = ?")
            .bind(address)
            .fetch_optional(&self.read)
            .await?;
        Ok(id)
    }

    /// The certificate of an address.
    pub(crate) async fn certificate_of(&self, address: &str) -> Result<Option<CertificateRow>> {
        let row: Option<(i64, String, Vec<u8>)> =
            sqlx::query_as("SELECT id, address, certificate FROM accounts WHERE address = ?")
                .bind(address)
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(certificate_row))
    }

    /// What the directory has of an account.
    pub(crate) async fn own_entry(&self, account: i64) -> Result<Option<OwnEntry>> {
        let row: Option<(String, bool)> =
            sqlx::query_as("SELECT fingerprint, published FROM accounts WHERE id = ?")
                .bind(account)
                .fetch_optional(&self.read)
                .await?;
        Ok(row.map(|(fingerprint, published)| OwnEntry {
            fingerprint,
            published,
        }))
    }

    /// Published certificates, by the hash of the local part that WKD uses.
    pub(crate) async fn published_by_wkd_hash(&self, hash: &str) -> Result<Vec<CertificateRow>> {
        let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, address, certificate FROM accounts WHERE wkd_hash = ? AND published = 1",
        )
        .bind(hash)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(certificate_row).collect())
    }

    /// Published certificates, by the fingerprint of the primary key.
    pub(crate) async fn published_by_fingerprint(&self, hex: &str) -> Result<Vec<CertificateRow>> {
        let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, address, certificate FROM accounts
             WHERE fingerprint = ? AND published = 1 LIMIT 10",
        )
        .bind(hex)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(certificate_row).collect())
    }

    /// The published certificate of an address.
    pub(crate) async fn published_by_address(&self, address: &str) -> Result<Vec<CertificateRow>> {
        let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, address, certificate FROM accounts WHERE address = ? AND published = 1",
        )
        .bind(address)
        .fetch_all(&self.read)
        .await?;
        Ok(rows.into_iter().map(certificate_row).collect())
    }

    /// The identity of an account.
    pub(crate) async fn identity(&self, account: i64) -> Result<IdentityRow> {
        let (name, modseq) =
            sqlx::query_as("SELECT identity_name, identity_modseq FROM accounts WHERE id = ?")
                .bind(account)
                .fetch_one(&self.read)
                .await?;
        Ok(IdentityRow { name, modseq })
    }
}

impl Write {
    /// Makes an account with its first mailboxes and returns its id.
    ///
    /// # Errors
    ///
    /// [`super::StoreError::Duplicate`] when the address is taken.
    pub(crate) async fn insert_account(
        &mut self,
        address: &str,
        credentials: &Credentials,
        certificate: &CertificateEntry<'_>,
        wkd_hash: &str,
        now: u64,
    ) -> Result<i64> {
        let account = ids::make();
        sqlx::query(
            "INSERT INTO accounts (id, address, created_at, salt, kdf_memory_kib, kdf_passes,
                kdf_lanes, srp_group, verifier, wrapped_vault_key, credentials_revision,
                certificate, fingerprint, wkd_hash, published, identity_modseq, modseq)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, 0, 0)",
        )
        .bind(account)
        .bind(address)
        .bind(now.cast_signed())
        .bind(&credentials.salt.0)
        .bind(i64::from(credentials.kdf.memory_kib))
        .bind(i64::from(credentials.kdf.passes))
        .bind(i64::from(credentials.kdf.lanes))
        .bind(group_number(credentials.group))
        .bind(&credentials.verifier.0)
        .bind(&credentials.wrapped_vault_key.0)
        .bind(certificate.certificate)
        .bind(certificate.fingerprint)
        .bind(wkd_hash)
        .bind(certificate.published)
        .execute(&mut *self.tx)
        .await?;
        let modseq = self.next_modseq(account, DataType::Identity).await?;
        sqlx::query("UPDATE accounts SET identity_modseq = ? WHERE id = ?")
            .bind(modseq)
            .bind(account)
            .execute(&mut *self.tx)
            .await?;
        for (place, (name, role)) in FIRST_MAILBOXES.into_iter().enumerate() {
            self.insert_mailbox(
                account,
                &super::mailboxes::NewMailbox {
                    name: name.to_owned(),
                    parent: None,
                    role: Some(role.to_owned()),
                    sort_order: i64::try_from(place + 1).unwrap_or(0) * 10,
                    subscribed: true,
                },
            )
            .await?;
        }
        Ok(account)
    }

    /// How many times the credentials were written; `None` when the account is gone.
    pub(crate) async fn credentials_revision(&mut self, account: i64) -> Result<Option<u64>> {
        let revision: Option<i64> =
            sqlx::query_scalar("SELECT credentials_revision FROM accounts WHERE id = ?")
                .bind(account)
                .fetch_optional(&mut *self.tx)
                .await?;
        Ok(revision.map(i64::cast_unsigned))
    }

    /// Replaces verifier, salt and wrapped vault key if nobody else did since `expected`.
    pub(crate) async fn replace_credentials(
        &mut self,
        account: i64,
        expected: u64,
        credentials: &Credentials,
    ) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE accounts SET salt = ?, kdf_memory_kib = ?, kdf_passes = ?, kdf_lanes = ?,
                srp_group = ?, verifier = ?, wrapped_vault_key = ?,
                credentials_revision = credentials_revision + 1
             WHERE id = ? AND credentials_revision = ?",
        )
        .bind(&credentials.salt.0)
        .bind(i64::from(credentials.kdf.memory_kib))
        .bind(i64::from(credentials.kdf.passes))
        .bind(i64::from(credentials.kdf.lanes))
        .bind(group_number(credentials.group))
        .bind(&credentials.verifier.0)
        .bind(&credentials.wrapped_vault_key.0)
        .bind(account)
        .bind(expected.cast_signed())
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Replaces an account's certificate; without `published`, whoever found it finds the new one.
    pub(crate) async fn replace_certificate(
        &mut self,
        account: i64,
        certificate: &[u8],
        fingerprint: &str,
        published: Option<bool>,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE accounts SET certificate = ?, fingerprint = ?,
                published = COALESCE(?, published) WHERE id = ?",
        )
        .bind(certificate)
        .bind(fingerprint)
        .bind(published)
        .bind(account)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Sets the name of the account's identity.
    pub(crate) async fn set_identity_name(&mut self, account: i64, name: &str) -> Result<()> {
        let modseq = self.next_modseq(account, DataType::Identity).await?;
        sqlx::query("UPDATE accounts SET identity_name = ?, identity_modseq = ? WHERE id = ?")
            .bind(name)
            .bind(modseq)
            .bind(account)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// What an account uses, as this write sees it.
    pub(crate) async fn usage(&mut self, account: i64) -> Result<Usage> {
        let (mail, objects): (i64, i64) =
            sqlx::query_as("SELECT mail_bytes, object_bytes FROM accounts WHERE id = ?")
                .bind(account)
                .fetch_one(&mut *self.tx)
                .await?;
        Ok(Usage {
            mail: mail.cast_unsigned(),
            objects: objects.cast_unsigned(),
        })
    }

    /// Counts stored bytes up or down.
    pub(crate) async fn add_usage(&mut self, account: i64, mail: i64, objects: i64) -> Result<()> {
        sqlx::query(
            "UPDATE accounts SET mail_bytes = max(mail_bytes + ?, 0),
                object_bytes = max(object_bytes + ?, 0) WHERE id = ?",
        )
        .bind(mail)
        .bind(objects)
        .bind(account)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }
}

fn certificate_row((account, address, certificate): (i64, String, Vec<u8>)) -> CertificateRow {
    CertificateRow {
        account,
        address,
        certificate,
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn group_number(group: SrpGroup) -> i64 {
    match group {
        SrpGroup::Rfc5054Bits3072 => 3072,
        SrpGroup::Rfc5054Bits4096 => 4096,
    }
}

fn group_from_number(number: i64) -> SrpGroup {
    if number == 4096 {
        SrpGroup::Rfc5054Bits4096
    } else {
        SrpGroup::Rfc5054Bits3072
    }
}
