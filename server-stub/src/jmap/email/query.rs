//! `Email/query` and `Email/queryChanges` (RFC 8621, sections 4.4 and 4.5).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::filter::{self, Comparator, FilterValue, looks_at_threads, with_total};
use crate::{
    ids::{self, Kind},
    jmap::{
        context::{Context, Outcome, arguments, null_is_default, one},
        error::MethodError,
    },
    store::{DataType, changes::State, queries::EmailQuery},
};

/// The most ids in one answer.
const MAX_PAGE: usize = 10_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Query {
    account_id: String,
    #[serde(default)]
    filter: FilterValue,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    #[serde(default, deserialize_with = "null_is_default")]
    position: i64,
    #[serde(default)]
    anchor: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    anchor_offset: i64,
    #[serde(default)]
    limit: Option<usize>,
    #[serde(default, deserialize_with = "null_is_default")]
    calculate_total: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    collapse_threads: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct QueryChanges {
    account_id: String,
    #[serde(default)]
    filter: FilterValue,
    #[serde(default)]
    sort: Option<Vec<Comparator>>,
    since_query_state: String,
    #[serde(default)]
    max_changes: Option<usize>,
    #[serde(default)]
    up_to_id: Option<String>,
    #[serde(default, deserialize_with = "null_is_default")]
    calculate_total: bool,
    #[serde(default, deserialize_with = "null_is_default")]
    collapse_threads: bool,
}

/// `Email/query`.
pub(crate) async fn query(context: &Context<'_>, value: Value) -> Outcome {
    let query: Query = arguments(value)?;
    context.check_account(&query.account_id)?;
    let wanted = EmailQuery {
        filter: filter::filter(context, query.filter.as_ref())?,
        sort: filter::sort(query.sort)?,
    };
    let store = &context.state.store;
    let account = context.account();
    let state = context.state_of(DataType::Email).await?;
    let limit = query.limit.unwrap_or(MAX_PAGE).min(MAX_PAGE);
    let simple = query.anchor.is_none() && query.position >= 0 && !query.collapse_threads;
    let (position, page, total) = if simple {
        let rows = i64::try_from(limit).unwrap_or(i64::MAX);
        let page = store
            .query_emails_page(account, &wanted, query.position, rows)
            .await?;
        let total = if query.calculate_total {
            usize::try_from(store.count_emails(account, &wanted).await?).unwrap_or(0)
        } else {
            0
        };
        (query.position, page, total)
    } else {
        let all = results(context, &wanted, query.collapse_threads).await?;
        let position = first(
            &all,
            query.anchor.as_deref(),
            query.anchor_offset,
            query.position,
        )?;
        let skip = usize::try_from(position).unwrap_or(usize::MAX);
        let total = all.len();
        (
            position,
            all.into_iter().skip(skip).take(limit).collect(),
            total,
        )
    };
    let ids: Vec<String> = page
        .into_iter()
        .map(|id| ids::show(Kind::Email, id))
        .collect();
    let mut answer = Map::new();
    answer.insert("accountId".into(), query.account_id.into());
    answer.insert("queryState".into(), state.into());
    answer.insert("canCalculateChanges".into(), true.into());
    answer.insert("position".into(), position.into());
    answer.insert("ids".into(), ids.into());
    if query.limit.is_none_or(|asked| asked > MAX_PAGE) {
        answer.insert("limit".into(), MAX_PAGE.into());
    }
    one(
        "Email/query",
        with_total(answer, query.calculate_total.then_some(total)),
    )
}

/// All results in order; of each thread only the first when threads are collapsed.
async fn results(
    context: &Context<'_>,
    query: &EmailQuery,
    collapse: bool,
) -> Result<Vec<i64>, MethodError> {
    let rows = context
        .state
        .store
        .query_emails(context.account(), query)
        .await?;
    let mut threads = BTreeSet::new();
    Ok(rows
        .into_iter()
        .filter(|(_, thread)| !collapse || threads.insert(*thread))
        .map(|(id, _)| id)
        .collect())
}

/// Where a page begins.
fn first(
    all: &[i64],
    anchor: Option<&str>,
    offset: i64,
    position: i64,
) -> Result<i64, MethodError> {
    let length = i64::try_from(all.len()).unwrap_or(i64::MAX);
    match anchor {
        Some(anchor) => {
            let anchor = ids::parse(Kind::Email, anchor);
            let place = all.iter().position(|id| Some(*id) == anchor);
            let place = place.ok_or(MethodError::new("anchorNotFound"))?;
            Ok(i64::try_from(place)
                .unwrap_or(i64::MAX)
                .saturating_add(offset)
                .max(0))
        }
        None if position < 0 => Ok(position.saturating_add(length).max(0)),
        None => Ok(position),
    }
}

/// `Email/queryChanges`.
pub(crate) async fn query_changes(context: &Context<'_>, value: Value) -> Outcome {
    let query: QueryChanges = arguments(value)?;
    context.check_account(&query.account_id)?;
    let wanted = EmailQuery {
        filter: filter::filter(context, query.filter.as_ref())?,
        sort: filter::sort(query.sort)?,
    };
    let since: State = query
        .since_query_state
        .parse()
        .map_err(|()| MethodError::cannot_calculate_changes())?;
    let store = &context.state.store;
    let (touched, current) = store
        .touched_emails(context.account(), since)
        .await?
        .ok_or(MethodError::cannot_calculate_changes())?;
    let mut changed = touched.emails;
    let mut removed = touched.gone;
    if looks_at_threads(&wanted.filter, &wanted.sort, query.collapse_threads) {
        let threads: Vec<i64> = touched.threads.into_iter().collect();
        let emails = store.thread_emails(context.account(), &threads).await?;
        changed.extend(emails.into_values().flatten());
    }
    let all = results(context, &wanted, query.collapse_threads).await?;
    // Whatever changed may have been in the old results, at any place; what is still there
    // comes back with its new place (RFC 8620, section 5.6).
    removed.extend(changed.iter().map(|id| ids::show(Kind::Email, *id)));
    let added: Vec<Value> = all
        .iter()
        .enumerate()
        .filter(|(_, id)| changed.contains(id))
        .map(|(index, id)| json!({ "id": ids::show(Kind::Email, *id), "index": index }))
        .collect();
    if query
        .max_changes
        .is_some_and(|max| removed.len() + added.len() > max)
    {
        return Err(MethodError::new("tooManyChanges"));
    }
    // Keywords and mailboxes can change, so changes beyond upToId may not be left out.
    let _ = query.up_to_id;
    let mut answer = Map::new();
    answer.insert("accountId".into(), query.account_id.into());
    answer.insert("oldQueryState".into(), query.since_query_state.into());
    answer.insert(
        "newQueryState".into(),
        State::at(current).to_string().into(),
    );
    answer.insert(
        "removed".into(),
        removed.into_iter().collect::<Vec<_>>().into(),
    );
    answer.insert("added".into(), added.into());
    one(
        "Email/queryChanges",
        with_total(answer, query.calculate_total.then_some(all.len())),
    )
}
