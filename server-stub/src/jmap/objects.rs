//! Sealed objects with revisions and compare-and-swap, as `wire::objects` describes them.

use serde_json::{Map, Value, json};
use wire::{
    Base64Bytes,
    objects::{MAX_OBJECT_SIZE, ObjectSet, ObjectSetError, ObjectSetResponse, REVISION_MISMATCH},
};

use super::{
    context::{Context, Get, Outcome, arguments, check_properties, one, pick},
    error::MethodError,
};
use crate::store::{
    DataType, Write,
    changes::State,
    objects::{ObjectHead, ObjectRow, is_name},
};

/// The most ciphertext in one answer, in bytes; a client that asks for more asks in parts.
const MAX_ANSWER: usize = 24 * 1024 * 1024;

/// `SealedObject/get`.
pub(crate) async fn get(context: &Context<'_>, value: Value) -> Outcome {
    let Get {
        account_id,
        ids,
        properties,
    } = arguments(value)?;
    context.check_account(&account_id)?;
    check_properties(properties.as_deref(), &["id", "revision", "data"])?;
    let state = context.state_of(DataType::SealedObject).await?;
    let account = context.account();
    let mut ids = match ids {
        Some(ids) => ids,
        None => {
            let limit = context.state.config.limits.objects_in_get as i64 + 1;
            context.state.store.object_names(account, limit).await?
        }
    };
    context.check_get(ids.len())?;
    ids.sort();
    ids.dedup();
    let rows = context
        .state
        .store
        .objects(account, &ids, MAX_ANSWER)
        .await?
        .ok_or(MethodError::too_large())?;
    let not_found: Vec<&String> = ids
        .iter()
        .filter(|id| !rows.iter().any(|row| row.name == **id))
        .collect();
    let not_found = json!(not_found);
    let list: Vec<Value> = rows
        .into_iter()
        .map(|row| {
            let mut object = Map::new();
            object.insert("id".into(), row.name.into());
            object.insert("revision".into(), row.revision.into());
            object.insert("data".into(), json!(Base64Bytes(row.data)));
            pick(object, properties.as_deref())
        })
        .collect();
    one(
        "SealedObject/get",
        json!({ "accountId": account_id, "state": state, "list": list, "notFound": not_found }),
    )
}

fn refused(kind: &str) -> ObjectSetError {
    ObjectSetError {
        kind: kind.to_owned(),
        current_revision: None,
    }
}

/// Compares; an object that is not there has revision 0.
fn compare(head: Option<ObjectHead>, replaces: u64) -> Result<(), ObjectSetError> {
    let current = head.map_or(0, |head| head.revision);
    if current == replaces {
        Ok(())
    } else {
        Err(ObjectSetError {
            kind: REVISION_MISMATCH.to_owned(),
            current_revision: Some(current),
        })
    }
}

/// `SealedObject/set`.
pub(crate) async fn set(context: &Context<'_>, value: Value) -> Outcome {
    let set: ObjectSet = arguments(value)?;
    context.check_account(&set.account_id)?;
    context.check_set(set.update.len() + set.destroy.len())?;
    let account = context.account();
    let quota = context.state.config.limits.object_quota;
    let mut write = context.state.store.begin().await?;
    let mut answer = ObjectSetResponse {
        account_id: set.account_id,
        old_state: State::at(write.state(account, DataType::SealedObject).await?).to_string(),
        ..ObjectSetResponse::default()
    };
    for (name, update) in set.update {
        let row = ObjectRow {
            name: name.clone(),
            revision: update.replaces.saturating_add(1),
            data: update.data.0,
        };
        match put(&mut write, account, &row, update.replaces, quota).await? {
            Ok(()) => {
                answer.updated.insert(name, row.revision);
            }
            Err(error) => {
                answer.not_updated.insert(name, error);
            }
        }
    }
    for (name, revision) in set.destroy {
        match write.object_head(account, &name).await? {
            None => {
                answer.not_destroyed.insert(name, refused("notFound"));
            }
            Some(head) => match compare(Some(head), revision) {
                Ok(()) => {
                    write.delete_object(account, &name, head).await?;
                    answer.destroyed.push(name);
                }
                Err(error) => {
                    answer.not_destroyed.insert(name, error);
                }
            },
        }
    }
    write
        .trim_tombstones(account, DataType::SealedObject)
        .await?;
    answer.new_state = State::at(write.state(account, DataType::SealedObject).await?).to_string();
    context.state.commit(write).await?;
    let answer = serde_json::to_value(answer).map_err(|_| MethodError::internal())?;
    one("SealedObject/set", answer)
}

async fn put(
    write: &mut Write,
    account: i64,
    row: &ObjectRow,
    replaces: u64,
    quota: u64,
) -> Result<Result<(), ObjectSetError>, MethodError> {
    if !is_name(&row.name) || row.data.is_empty() || replaces >= u64::from(u32::MAX) {
        return Ok(Err(refused("invalidArguments")));
    }
    if row.data.len() > MAX_OBJECT_SIZE {
        return Ok(Err(refused("tooLarge")));
    }
    let head = write.object_head(account, &row.name).await?;
    if let Err(error) = compare(head, replaces) {
        return Ok(Err(error));
    }
    let used = write.usage(account).await?.objects;
    let grown = (row.data.len() as u64).saturating_sub(head.map_or(0, |head| head.size));
    if grown > 0 && used.saturating_add(grown) > quota {
        return Ok(Err(refused("overQuota")));
    }
    write.put_object(account, row, head).await?;
    Ok(Ok(()))
}
