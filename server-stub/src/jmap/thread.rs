//! Threads (RFC 8621, section 3).

use serde_json::{Map, Value, json};

use super::context::{Context, Get, Outcome, arguments, check_properties, one, pick};
use crate::{
    ids::{self, Kind},
    store::DataType,
};

/// `Thread/get`.
pub(crate) async fn get(context: &Context<'_>, value: Value) -> Outcome {
    let Get {
        account_id,
        ids,
        properties,
    } = arguments(value)?;
    context.check_account(&account_id)?;
    check_properties(properties.as_deref(), &["id", "emailIds"])?;
    let state = context.state_of(DataType::Thread).await?;
    let ids = match ids {
        Some(ids) => ids,
        None => {
            let limit = context.state.config.limits.objects_in_get as i64 + 1;
            let all = context
                .state
                .store
                .all_threads(context.account(), limit)
                .await?;
            all.into_iter()
                .map(|id| ids::show(Kind::Thread, id))
                .collect()
        }
    };
    context.check_get(ids.len())?;
    let numbers: Vec<i64> = ids
        .iter()
        .filter_map(|id| ids::parse(Kind::Thread, id))
        .collect();
    let found = context
        .state
        .store
        .thread_emails(context.account(), &numbers)
        .await?;
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    let mut seen = std::collections::BTreeSet::new();
    for id in ids {
        if !seen.insert(id.clone()) {
            continue;
        }
        match ids::parse(Kind::Thread, &id).and_then(|number| found.get(&number)) {
            Some(emails) => {
                let emails: Vec<String> = emails
                    .iter()
                    .map(|email| ids::show(Kind::Email, *email))
                    .collect();
                let mut thread = Map::new();
                thread.insert("id".into(), id.into());
                thread.insert("emailIds".into(), emails.into());
                list.push(pick(thread, properties.as_deref()));
            }
            None => not_found.push(id),
        }
    }
    one(
        "Thread/get",
        json!({ "accountId": account_id, "state": state, "list": list, "notFound": not_found }),
    )
}
