//! How writes find the records that they name, and those that were removed.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::lookup::{Located, by_id, by_key, check, is_removed};
use super::ownership::Ownership;
use super::rights::Rights;
use super::visibility::was_public;
use crate::log::{Appears, Resource};
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;

/// The id of the record with the id or slug `key`, for a reference by a caller with these rights. A record that the caller
/// may not see is not found, after the same statements as for one that does not exist.
///
/// # Errors
/// If the database cannot be read.
pub fn for_reference(
    connection: &mut DbConnection,
    ownership: &Ownership,
    key: &Key,
    rights: &Rights,
    now: NaiveDateTime,
) -> QueryResult<Option<RecordId>> {
    let located = by_key(connection, ownership.resource, key, now)?;
    // nothing names such a record when it is removed, and nothing new does afterwards
    let located = located.filter(|located| {
        !ownership.resource.is_kept_in_use() || located.state != PublicationState::Gone
    });
    let is_public = |located: &Located| {
        // what was erased is found only by those who have its id, as records that refer to it do
        let is_kept = located.state != PublicationState::Erased || key.id().is_some();
        (ownership.resource.appears() == Appears::AtOnce && is_kept)
            || check(ownership.resource, located, now).is_ok()
    };
    match located {
        Some(located) if rights.is_admin() || is_public(&located) => Ok(Some(located.id)),
        hidden => {
            let id = hidden
                .as_ref()
                .map_or_else(RecordId::generate, |located| located.id);
            let is_seen = ownership.may_see(connection, rights, id, now)?;
            Ok(hidden.filter(|_| is_seen).map(|located| located.id))
        }
    }
}

/// The id of a removed record, for a caller with these rights who may see it.
///
/// # Errors
/// If the database cannot be read.
pub fn removed(
    connection: &mut DbConnection,
    ownership: &Ownership,
    key: &Key,
    rights: &Rights,
    now: NaiveDateTime,
) -> QueryResult<Option<RecordId>> {
    let located = by_key(connection, ownership.resource, key, now)?;
    let gone = located.filter(|located| located.state == PublicationState::Gone);
    let Some(id) = gone.map(|located| located.id) else {
        return Ok(None);
    };
    let is_seen = rights.is_admin() || ownership.may_see(connection, rights, id, now)?;
    Ok(is_seen.then_some(id))
}

/// Whether the record with this id is removed or erased.
///
/// # Errors
/// If the database cannot be read.
pub fn is_gone(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
) -> QueryResult<bool> {
    Ok(by_id(connection, resource, id)?.is_none_or(|located| is_removed(&located)))
}

/// Whether the public knows that the record with this id was removed.
///
/// # Errors
/// If the database cannot be read.
pub fn was_removed_in_public(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let located = by_id(connection, resource, id)?;
    Ok(located.as_ref().is_some_and(is_removed) && was_public(connection, id, now)?)
}
