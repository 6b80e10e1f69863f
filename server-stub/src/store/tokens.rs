//! Bearer tokens, kept only as hashes.

use super::{Result, Store, Write};

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Everything the account's owner may do.
    Full,
    /// Mail by JMAP, and nothing else.
    MailOnly,
}

impl Scope {
    fn number(self) -> i64 {
        match self {
            Self::Full => 1,
            Self::MailOnly => 2,
        }
    }

    fn from_number(number: i64) -> Self {
        // An unknown scope is read as the smallest.
        if number == 1 {
            Self::Full
        } else {
            Self::MailOnly
        }
    }
}

/// The owner of a token.
#[derive(Clone, Debug)]
pub(crate) struct TokenOwner {
    pub(crate) account: i64,
    pub(crate) address: String,
    pub(crate) scope: Scope,
    pub(crate) created_at: u64,
}

impl Store {
    /// Whose token this is, if it has not ended.
    pub(crate) async fn token_owner(&self, hash: &[u8], now: u64) -> Result<Option<TokenOwner>> {
        let row: Option<(i64, String, i64, i64)> = sqlx::query_as(
            "SELECT tokens.account_id, accounts.address, tokens.scope, tokens.created_at
             FROM tokens JOIN accounts ON accounts.id = tokens.account_id
             WHERE tokens.hash = ? AND tokens.expires_at > ?",
        )
        .bind(hash)
        .bind(now.cast_signed())
        .fetch_optional(&self.read)
        .await?;
        Ok(row.map(|(account, address, scope, created_at)| TokenOwner {
            account,
            address,
            scope: Scope::from_number(scope),
            created_at: created_at.cast_unsigned(),
        }))
    }
}

impl Write {
    /// Keeps a new token; forgets those that have ended.
    pub(crate) async fn insert_token(
        &mut self,
        account: i64,
        hash: &[u8],
        scope: Scope,
        now: u64,
        expires_at: u64,
    ) -> Result<()> {
        sqlx::query("DELETE FROM tokens WHERE expires_at <= ?")
            .bind(now.cast_signed())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query(
            "INSERT INTO tokens (hash, account_id, scope, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(hash)
        .bind(account)
        .bind(scope.number())
        .bind(now.cast_signed())
        .bind(expires_at.cast_signed())
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Ends one session.
    pub(crate) async fn delete_token(&mut self, hash: &[u8]) -> Result<()> {
        sqlx::query("DELETE FROM tokens WHERE hash = ?")
            .bind(hash)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends all sessions of an account but one.
    pub(crate) async fn delete_other_tokens(&mut self, account: i64, keep: &[u8]) -> Result<()> {
        sqlx::query("DELETE FROM tokens WHERE account_id = ? AND hash <> ?")
            .bind(account)
            .bind(keep)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
