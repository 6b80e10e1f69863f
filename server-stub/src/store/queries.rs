//! `Email/query` as SQL with bound values (RFC 8621, section 4.4).

use std::collections::BTreeSet;

use sqlx::{QueryBuilder, Sqlite};

use super::{DataType, Result, Store, changes::State};

/// A filter the server can answer without reading messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    None(Vec<Filter>),
    InMailbox(i64),
    InMailboxOtherThan(Vec<i64>),
    Before(i64),
    After(i64),
    MinSize(i64),
    MaxSize(i64),
    HasKeyword(String),
    AllInThreadHave(String),
    SomeInThreadHave(String),
    NoneInThreadHave(String),
    /// Names something that does not exist.
    Nothing,
}

impl Filter {
    /// True when another email of the thread can decide whether an email matches.
    pub(crate) fn looks_at_threads(&self) -> bool {
        match self {
            Self::All(inner) | Self::Any(inner) | Self::None(inner) => {
                inner.iter().any(Self::looks_at_threads)
            }
            Self::AllInThreadHave(_) | Self::SomeInThreadHave(_) | Self::NoneInThreadHave(_) => {
                true
            }
            _ => false,
        }
    }

    fn push(&self, sql: &mut QueryBuilder<Sqlite>) {
        match self {
            Self::All(inner) => push_joined(sql, inner, " AND ", "1"),
            Self::Any(inner) => push_joined(sql, inner, " OR ", "0"),
            Self::None(inner) => {
                sql.push("NOT ");
                push_joined(sql, inner, " OR ", "0");
            }
            Self::InMailbox(mailbox) => {
                sql.push("emails.id IN (SELECT email_id FROM email_mailboxes WHERE mailbox_id = ");
                sql.push_bind(*mailbox).push(")");
            }
            Self::InMailboxOtherThan(mailboxes) => {
                sql.push(
                    "EXISTS (SELECT 1 FROM email_mailboxes
                     WHERE email_id = emails.id AND mailbox_id NOT IN (",
                );
                let mut list = sql.separated(", ");
                for mailbox in mailboxes {
                    list.push_bind(*mailbox);
                }
                sql.push("))");
            }
            Self::Before(time) => {
                sql.push("emails.received_at < ").push_bind(*time);
            }
            Self::After(time) => {
                sql.push("emails.received_at >= ").push_bind(*time);
            }
            Self::MinSize(size) => {
                sql.push("emails.size >= ").push_bind(*size);
            }
            Self::MaxSize(size) => {
                sql.push("emails.size < ").push_bind(*size);
            }
            Self::HasKeyword(keyword) => push_has_keyword(sql, keyword),
            Self::AllInThreadHave(keyword) => push_thread(sql, "NOT EXISTS", "NOT EXISTS", keyword),
            Self::SomeInThreadHave(keyword) => push_thread(sql, "EXISTS", "EXISTS", keyword),
            Self::NoneInThreadHave(keyword) => push_thread(sql, "NOT EXISTS", "EXISTS", keyword),
            Self::Nothing => {
                sql.push("0");
            }
        }
    }
}

fn push_joined(sql: &mut QueryBuilder<Sqlite>, inner: &[Filter], joint: &str, empty: &str) {
    sql.push("(");
    if inner.is_empty() {
        sql.push(empty);
    }
    for (place, filter) in inner.iter().enumerate() {
        if place > 0 {
            sql.push(joint);
        }
        filter.push(sql);
    }
    sql.push(")");
}

fn push_has_keyword(sql: &mut QueryBuilder<Sqlite>, keyword: &str) {
    sql.push("EXISTS (SELECT 1 FROM email_keywords WHERE email_id = emails.id AND keyword = ");
    sql.push_bind(keyword.to_owned()).push(")");
}

/// `outer` an email of the thread for which `inner` a row with this keyword.
fn push_thread(sql: &mut QueryBuilder<Sqlite>, outer: &str, inner: &str, keyword: &str) {
    sql.push(outer);
    sql.push(" (SELECT 1 FROM emails AS sibling WHERE sibling.thread_id = emails.thread_id AND ");
    sql.push(inner);
    sql.push(" (SELECT 1 FROM email_keywords WHERE email_id = sibling.id AND keyword = ");
    sql.push_bind(keyword.to_owned()).push("))");
}

/// What a query sorts by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    ReceivedAt,
    Size,
    HasKeyword(String),
    AllInThreadHave(String),
    SomeInThreadHave(String),
}

/// One comparator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sort {
    pub(crate) key: SortKey,
    pub(crate) ascending: bool,
}

/// A query over an account's emails.
#[derive(Clone, Debug)]
pub(crate) struct EmailQuery {
    pub(crate) filter: Filter,
    pub(crate) sort: Vec<Sort>,
}

impl EmailQuery {
    fn push_where(&self, sql: &mut QueryBuilder<Sqlite>, account: i64) {
        sql.push(" FROM emails WHERE emails.account_id = ")
            .push_bind(account)
            .push(" AND ");
        self.filter.push(sql);
    }

    fn push_order(&self, sql: &mut QueryBuilder<Sqlite>) {
        sql.push(" ORDER BY ");
        for sort in &self.sort {
            match &sort.key {
                SortKey::ReceivedAt => {
                    sql.push("emails.received_at");
                }
                SortKey::Size => {
                    sql.push("emails.size");
                }
                SortKey::HasKeyword(keyword) => push_has_keyword(sql, keyword),
                SortKey::AllInThreadHave(keyword) => {
                    push_thread(sql, "NOT EXISTS", "NOT EXISTS", keyword);
                }
                SortKey::SomeInThreadHave(keyword) => push_thread(sql, "EXISTS", "EXISTS", keyword),
            }
            sql.push(if sort.ascending { " ASC, " } else { " DESC, " });
        }
        // The last word makes every order total, so that pages fit together.
        sql.push("emails.id");
    }
}

/// What changed since a state, for `/queryChanges`.
#[derive(Debug)]
pub(crate) struct Touched {
    /// Emails that changed or are gone.
    pub(crate) emails: BTreeSet<i64>,
    /// Ids of emails that are gone.
    pub(crate) gone: BTreeSet<String>,
    /// The threads of all of them.
    pub(crate) threads: BTreeSet<i64>,
}

impl Store {
    /// All matching emails with their threads, in order.
    pub(crate) async fn query_emails(
        &self,
        account: i64,
        query: &EmailQuery,
    ) -> Result<Vec<(i64, i64)>> {
        let mut sql = QueryBuilder::new("SELECT emails.id, emails.thread_id");
        query.push_where(&mut sql, account);
        query.push_order(&mut sql);
        Ok(sql.build_query_as().fetch_all(&self.read).await?)
    }

    /// One page of the matching emails, in order.
    pub(crate) async fn query_emails_page(
        &self,
        account: i64,
        query: &EmailQuery,
        position: i64,
        limit: i64,
    ) -> Result<Vec<i64>> {
        let mut sql = QueryBuilder::new("SELECT emails.id");
        query.push_where(&mut sql, account);
        query.push_order(&mut sql);
        sql.push(" LIMIT ")
            .push_bind(limit)
            .push(" OFFSET ")
            .push_bind(position);
        Ok(sql.build_query_scalar().fetch_all(&self.read).await?)
    }

    /// How many emails match.
    pub(crate) async fn count_emails(&self, account: i64, query: &EmailQuery) -> Result<i64> {
        let mut sql = QueryBuilder::new("SELECT count(*)");
        query.push_where(&mut sql, account);
        Ok(sql.build_query_scalar().fetch_one(&self.read).await?)
    }

    /// The emails touched since a state and the current state; `None` when that cannot be told.
    pub(crate) async fn touched_emails(
        &self,
        account: i64,
        since: State,
    ) -> Result<Option<(Touched, i64)>> {
        let mut tx = self.read.begin().await?;
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT modseq, floor FROM states WHERE account_id = ? AND kind = ?")
                .bind(account)
                .bind(DataType::Email.number())
                .fetch_optional(&mut *tx)
                .await?;
        let (current, floor) = row.unwrap_or((0, 0));
        if since.position > current || since.position < floor {
            return Ok(None);
        }
        let changed: Vec<(i64, i64)> =
            sqlx::query_as("SELECT id, thread_id FROM emails WHERE account_id = ? AND modseq > ?")
                .bind(account)
                .bind(since.position)
                .fetch_all(&mut *tx)
                .await?;
        let gone: Vec<(String, Option<i64>)> = sqlx::query_as(
            "SELECT record, thread_id FROM tombstones
             WHERE account_id = ? AND kind = ? AND modseq > ?",
        )
        .bind(account)
        .bind(DataType::Email.number())
        .bind(since.position)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        let mut touched = Touched {
            emails: changed.iter().map(|(id, _)| *id).collect(),
            gone: BTreeSet::new(),
            threads: changed.iter().map(|(_, thread)| *thread).collect(),
        };
        for (record, thread) in gone {
            touched.gone.insert(record);
            touched.threads.extend(thread);
        }
        Ok(Some((touched, current)))
    }
}
