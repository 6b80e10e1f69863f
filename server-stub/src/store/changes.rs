//! What changed since a state (RFC 8620, section 5.2).
//!
//! A state is the modseq of the newest change of a type. When an answer does not hold all
//! changes, the intermediate state also names where the client began (`position.base`), so that
//! a record made in between is told as created even if it was changed again later.

use std::{fmt, str::FromStr};

use sqlx::Row;

use super::{DataType, Result, Store, Write};

/// Tombstones kept for each type of an account.
const MAX_TOMBSTONES: i64 = 20_000;

/// A state string, read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) position: i64,
    base: i64,
}

impl State {
    pub(crate) fn at(modseq: i64) -> Self {
        Self {
            position: modseq,
            base: modseq,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.position == self.base {
            write!(f, "{}", self.position)
        } else {
            write!(f, "{}.{}", self.position, self.base)
        }
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> std::result::Result<Self, ()> {
        let number = |text: &str| match text.parse::<i64>() {
            Ok(number) if number >= 0 && text.bytes().all(|b| b.is_ascii_digit()) => Ok(number),
            _ => Err(()),
        };
        match text.split_once('.') {
            None => Ok(Self::at(number(text)?)),
            Some((position, base)) => {
                let state = Self {
                    position: number(position)?,
                    base: number(base)?,
                };
                if state.base < state.position {
                    Ok(state)
                } else {
                    Err(())
                }
            }
        }
    }
}

/// The answer to `/changes`; ids in their text form without a kind's letter.
#[derive(Debug)]
pub(crate) struct Changes {
    pub(crate) new_state: State,
    pub(crate) has_more: bool,
    pub(crate) created: Vec<Record>,
    pub(crate) updated: Vec<Record>,
    pub(crate) destroyed: Vec<String>,
    /// For mailboxes: true when nothing but counts changed in all that were updated.
    pub(crate) only_counts: bool,
}

/// A record that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Number(i64),
    Name(String),
}

struct Event {
    modseq: i64,
    kind: EventKind,
}

enum EventKind {
    Created(Record),
    Updated(Record, bool),
    Destroyed(String),
}

/// The statement that lists changed records: record, created_modseq, modseq, and whether
/// more than counts changed since the bound state.
fn changed_sql(kind: DataType) -> Option<&'static str> {
    Some(match kind {
        DataType::Email => {
            "SELECT id AS record, created_modseq, modseq, 1 AS more FROM emails
             WHERE account_id = ?1 AND modseq > ?2 ORDER BY modseq LIMIT ?3"
        }
        DataType::Thread => {
            "SELECT id AS record, created_modseq, modseq, 1 AS more FROM threads
             WHERE account_id = ?1 AND modseq > ?2 ORDER BY modseq LIMIT ?3"
        }
        DataType::Mailbox => {
            "SELECT id AS record, created_modseq, modseq, properties_modseq > ?2 AS more
             FROM mailboxes WHERE account_id = ?1 AND modseq > ?2 ORDER BY modseq LIMIT ?3"
        }
        DataType::SealedObject => {
            "SELECT name AS record, created_modseq, modseq, 1 AS more FROM sealed_objects
             WHERE account_id = ?1 AND modseq > ?2 ORDER BY modseq LIMIT ?3"
        }
        DataType::Identity | DataType::EmailDelivery => return None,
    })
}

impl Store {
    /// The state of a type: the modseq of its newest change.
    pub(crate) async fn state(&self, account: i64, kind: DataType) -> Result<i64> {
        let modseq =
            sqlx::query_scalar("SELECT modseq FROM states WHERE account_id = ? AND kind = ?")
                .bind(account)
                .bind(kind.number())
                .fetch_optional(&self.read)
                .await?;
        Ok(modseq.unwrap_or(0))
    }

    /// The states of all types.
    pub(crate) async fn states(&self, account: i64) -> Result<Vec<(DataType, i64)>> {
        let rows: Vec<(i64, i64)> =
            sqlx::query_as("SELECT kind, modseq FROM states WHERE account_id = ?")
                .bind(account)
                .fetch_all(&self.read)
                .await?;
        Ok(DataType::ALL
            .into_iter()
            .map(|kind| {
                let row = rows.iter().find(|(number, _)| *number == kind.number());
                (kind, row.map_or(0, |(_, modseq)| *modseq))
            })
            .collect())
    }

    /// What changed since a state, at most `max` records; `None` when that cannot be told.
    pub(crate) async fn changes(
        &self,
        account: i64,
        kind: DataType,
        since: State,
        max: usize,
    ) -> Result<Option<Changes>> {
        let Some(sql) = changed_sql(kind) else {
            return Ok(None);
        };
        let mut tx = self.read.begin().await?;
        let row: Option<(i64, i64)> =
            sqlx::query_as("SELECT modseq, floor FROM states WHERE account_id = ? AND kind = ?")
                .bind(account)
                .bind(kind.number())
                .fetch_optional(&mut *tx)
                .await?;
        let (current, floor) = row.unwrap_or((0, 0));
        if since.position > current || since.position < floor {
            return Ok(None);
        }
        // One more than asked for tells whether there is more.
        let limit = i64::try_from(max).unwrap_or(i64::MAX).saturating_add(1);
        let changed = sqlx::query(sql)
            .bind(account)
            .bind(since.position)
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
        // A record that came and went since then need not be told; but one that an earlier page
        // may have told as created must be.
        let gone: Vec<(String, i64)> = sqlx::query_as(
            "SELECT record, modseq FROM tombstones
             WHERE account_id = ? AND kind = ? AND modseq > ? AND created_modseq <= ?
             ORDER BY modseq LIMIT ?",
        )
        .bind(account)
        .bind(kind.number())
        .bind(since.position)
        .bind(since.position)
        .bind(limit)
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;

        let mut events = Vec::with_capacity(changed.len() + gone.len());
        for row in changed {
            let record = if kind == DataType::SealedObject {
                Record::Name(row.try_get("record")?)
            } else {
                Record::Number(row.try_get("record")?)
            };
            let created: i64 = row.try_get("created_modseq")?;
            let kind = if created > since.base {
                EventKind::Created(record)
            } else {
                EventKind::Updated(record, row.try_get::<i64, _>("more")? != 0)
            };
            events.push(Event {
                modseq: row.try_get("modseq")?,
                kind,
            });
        }
        for (record, modseq) in gone {
            events.push(Event {
                modseq,
                kind: EventKind::Destroyed(record),
            });
        }
        events.sort_by_key(|event| event.modseq);
        Ok(Some(page(events, since, current, max)))
    }
}

fn page(mut events: Vec<Event>, since: State, current: i64, max: usize) -> Changes {
    let has_more = events.len() > max;
    events.truncate(max);
    let position = events.last().map_or(since.position, |event| event.modseq);
    let mut changes = Changes {
        new_state: if has_more {
            State {
                position,
                base: since.base,
            }
        } else {
            State::at(current)
        },
        has_more,
        created: Vec::new(),
        updated: Vec::new(),
        destroyed: Vec::new(),
        only_counts: true,
    };
    for event in events {
        match event.kind {
            EventKind::Created(record) => changes.created.push(record),
            EventKind::Updated(record, more) => {
                changes.only_counts &= !more;
                changes.updated.push(record);
            }
            EventKind::Destroyed(record) => changes.destroyed.push(record),
        }
    }
    changes
}

impl Write {
    /// Remembers that a record is gone.
    pub(super) async fn bury(
        &mut self,
        account: i64,
        kind: DataType,
        record: &str,
        created_modseq: i64,
        thread: Option<i64>,
    ) -> Result<()> {
        let modseq = self.next_modseq(account, kind).await?;
        sqlx::query(
            "INSERT INTO tombstones (account_id, kind, modseq, record, created_modseq, thread_id)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(account)
        .bind(kind.number())
        .bind(modseq)
        .bind(record)
        .bind(created_modseq)
        .bind(thread)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Forgets the oldest tombstones of a type when there are too many; older states than those
    /// can then not be told from any more.
    pub(crate) async fn trim_tombstones(&mut self, account: i64, kind: DataType) -> Result<()> {
        let oldest_kept: Option<i64> = sqlx::query_scalar(
            "SELECT modseq FROM tombstones WHERE account_id = ? AND kind = ?
             ORDER BY modseq DESC LIMIT 1 OFFSET ?",
        )
        .bind(account)
        .bind(kind.number())
        .bind(MAX_TOMBSTONES)
        .fetch_optional(&mut *self.tx)
        .await?;
        let Some(floor) = oldest_kept else {
            return Ok(());
        };
        sqlx::query("DELETE FROM tombstones WHERE account_id = ? AND kind = ? AND modseq <= ?")
            .bind(account)
            .bind(kind.number())
            .bind(floor)
            .execute(&mut *self.tx)
            .await?;
        sqlx::query("UPDATE states SET floor = ? WHERE account_id = ? AND kind = ?")
            .bind(floor)
            .bind(account)
            .bind(kind.number())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_back_and_nothing_else_is() {
        for text in ["0", "17", "17.3"] {
            assert_eq!(text.parse::<State>().unwrap().to_string(), text);
        }
        for wrong in [
            "",
            "-1",
            "+1",
            "1.",
            "3.3",
            "3.17",
            "x",
            "99999999999999999999",
        ] {
            assert!(wrong.parse::<State>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_record_changed_between_two_pages_is_still_told_as_created() {
        let event = |modseq, kind| Event { modseq, kind };
        let events = vec![
            event(4, EventKind::Updated(Record::Number(1), true)),
            event(6, EventKind::Created(Record::Number(2))),
        ];
        let changes = page(events, State::at(3), 6, 1);
        assert!(changes.has_more);
        assert_eq!(changes.new_state.to_string(), "4.3");
        assert_eq!(changes.updated, [Record::Number(1)]);
    }
}
