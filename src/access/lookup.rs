//! Resolves the id or slug in a URL or a parameter to a record.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text, Timestamp};
use std::collections::HashMap;

use super::clients;
use super::ownership::Ownership;
use super::rights::Rights;
use super::visibility::{self, was_public};
use crate::http::cursor::PreviewPass;
use crate::http::error::ApiError;
use crate::http::problem::Mistake;
use crate::log::{Appears, Resource};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;

#[derive(QueryableByName)]
pub(super) struct Located {
    #[diesel(sql_type = Text)]
    pub(super) id: RecordId,
    #[diesel(sql_type = Text)]
    slug: Slug,
    #[diesel(sql_type = Text)]
    pub(super) state: PublicationState,
    #[diesel(sql_type = Nullable<Timestamp>)]
    visible_from: Option<NaiveDateTime>,
}

impl Located {
    fn is_visible(&self, now: NaiveDateTime) -> bool {
        self.visible_from.is_none_or(|from| from <= now)
    }
}

/// The id of the record with the id or slug `key`, if the public may see it at `now`. A former slug of a record gives
/// [`ApiError::moved`].
pub fn find(
    connection: &mut DbConnection,
    resource: Resource,
    key: &Key,
    now: NaiveDateTime,
) -> Result<RecordId, ApiError> {
    if key.contains('\0') {
        return Err(ApiError::not_found()); // no key contains NUL, and PostgreSQL rejects it
    }
    let Some(located) = by_key(connection, resource, key, now)? else {
        let mut sql = select_located(resource);
        sql.push("r.id = (SELECT f.resource_id FROM former_slugs f WHERE f.resource = ")
            .bind(resource.name());
        sql.push(" AND f.slug = ").bind(key).push(")");
        let located = first(connection, sql)?.ok_or_else(ApiError::not_found)?;
        if is_removed(&located) && !was_public(connection, located.id, now)? {
            return Err(ApiError::not_found());
        }
        check(resource, &located, now)?;
        return Err(ApiError::moved(key, &located.slug));
    };
    if is_removed(&located) && !was_public(connection, located.id, now)? {
        return Err(ApiError::not_found());
    }
    match check(resource, &located, now) {
        Err(error) if located.state == PublicationState::Gone => {
            Err(merged_into(connection, resource, key, located.id, now)?.unwrap_or(error))
        }
        checked => checked.map(|()| located.id),
    }
}

pub(super) fn is_removed(located: &Located) -> bool {
    matches!(
        located.state,
        PublicationState::Gone | PublicationState::Erased
    )
}

/// The redirect from a record that is gone to the one that replaces it, if the public may see that one.
fn merged_into(
    connection: &mut DbConnection,
    resource: Resource,
    key: &Key,
    id: RecordId,
    now: NaiveDateTime,
) -> QueryResult<Option<ApiError>> {
    let mut sql = select_located(resource);
    sql.push("r.id = (SELECT m.survivor_id FROM mergers m WHERE m.resource_id = ")
        .bind(id)
        .push(")");
    let hidden = [PublicationState::Draft, PublicationState::Erased];
    let is_shown = |located: &Located| located.is_visible(now) && !hidden.contains(&located.state);
    let target = first(connection, sql)?.filter(is_shown);
    Ok(target.map(|located| ApiError::moved(key, &located.slug)))
}

/// The ids of the records that a filter parameter refers to. A value that matches no record is an error: filtering by a
/// mistyped slug must not look like an empty list. A former slug is redirected to the same address with the new one.
pub fn filter(
    connection: &mut DbConnection,
    resource: Resource,
    parameter: &str,
    keys: &[Key],
    now: NaiveDateTime,
) -> Result<Vec<RecordId>, ApiError> {
    let mut ids = Vec::with_capacity(keys.len());
    let (mut mistakes, mut moved) = (Vec::new(), None);
    for key in keys {
        match find(connection, resource, key, now) {
            Ok(id) => ids.push(id),
            Err(error) if error.code.status() == 500 => return Err(error),
            Err(error) if error.moved.is_some() => moved = Some(error.in_parameter(parameter)),
            Err(_) => {
                let shown: String = key.chars().take(200).collect();
                let detail = format!("There is no {resource} with the id or slug '{shown}'.");
                mistakes.push(Mistake::parameter(
                    MistakeCode::UnknownReference,
                    parameter,
                    detail,
                ));
            }
        }
    }
    match (mistakes.is_empty(), moved) {
        (true, Some(moved)) => Err(moved),
        (true, None) => Ok(ids),
        (false, _) => Err(ApiError::query(mistakes)),
    }
}

/// The id of the record with the id or slug `key`, for a write by a caller with these rights, who finds a record that
/// is not public only if it may see it. A former slug is not found: writes follow no redirects.
pub fn for_writing(
    connection: &mut DbConnection,
    ownership: &Ownership,
    key: &Key,
    rights: &Rights,
    now: NaiveDateTime,
) -> Result<RecordId, ApiError> {
    match for_reading(connection, ownership, key, rights, now) {
        Err(ApiError { moved: Some(_), .. }) => Err(ApiError::not_found()),
        found => found,
    }
}

/// [`for_writing`] for reads, which a former slug redirects.
pub fn for_reading(
    connection: &mut DbConnection,
    ownership: &Ownership,
    key: &Key,
    rights: &Rights,
    now: NaiveDateTime,
) -> Result<RecordId, ApiError> {
    let resource = ownership.resource;
    let error = match find(connection, resource, key, now) {
        Ok(id) => return Ok(id),
        Err(error) => error,
    };
    if error.moved.is_some() || error.code.status() != 404 || rights.is_empty() {
        return Err(error);
    }
    match by_key(connection, resource, key, now)? {
        Some(located) if ownership.may_see(connection, rights, located.id, now)? => {
            let refusal = visibility::refusal(resource, located.state);
            let refusal = refusal.filter(|_| is_removed(&located));
            refusal.map_or(Ok(located.id), Err)
        }
        _ => Err(ApiError::not_found()),
    }
}

/// [`for_reading`] for reads with a preview pass, which shows its record whatever its publication time, as long as the
/// client that made it may see the record.
pub fn for_preview(
    connection: &mut DbConnection,
    ownership: &Ownership,
    key: &Key,
    pass: &PreviewPass,
    now: NaiveDateTime,
) -> Result<RecordId, ApiError> {
    let resource = ownership.resource;
    if clients::find(connection, &pass.client)?.is_none() {
        let detail = "The client that made the preview link was revoked.";
        return Err(ApiError::parameter(
            MistakeCode::InvalidValue,
            "preview",
            detail,
        ));
    }
    let located = by_id(connection, resource, pass.id)?
        .filter(|located| **key == *located.slug || key.eq_ignore_ascii_case(&located.id))
        .ok_or_else(ApiError::not_found)?;
    let rights = clients::rights(connection, &pass.client)?;
    match located.state {
        PublicationState::Gone | PublicationState::Erased => {
            Err(visibility::refusal(resource, located.state).unwrap_or_else(ApiError::not_found))
        }
        _ if ownership.may_see(connection, &rights, located.id, now)? => Ok(located.id),
        _ => Err(ApiError::not_found()),
    }
}

/// The state in which the public finds each of these records at `now`, without those that it does not find.
pub fn public_states(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[RecordId],
    now: NaiveDateTime,
) -> QueryResult<HashMap<RecordId, PublicationState>> {
    let rows = by_ids(connection, resource, ids)?.into_iter();
    let public = rows.filter(|row| row.state != PublicationState::Draft && row.is_visible(now));
    Ok(public.map(|row| (row.id, row.state)).collect())
}

/// From when the public may see each of these records, without those that it may see neither now nor later.
pub fn public_from(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, NaiveDateTime>> {
    let rows = by_ids(connection, resource, ids)?.into_iter();
    let published = rows.filter(|row| row.state == PublicationState::Published);
    Ok(published
        .map(|row| (row.id, row.visible_from.unwrap_or_default()))
        .collect())
}

/// Whether the record with this id is public.
pub fn is_public(
    connection: &mut DbConnection,
    resource: Resource,
    id: RecordId,
    now: NaiveDateTime,
) -> QueryResult<bool> {
    let found = by_id(connection, resource, id)?;
    Ok(found.is_some_and(|located| check(resource, &located, now).is_ok()))
}

pub(super) fn by_id(
    c: &mut DbConnection,
    resource: Resource,
    id: RecordId,
) -> QueryResult<Option<Located>> {
    let mut sql = select_located(resource);
    sql.push("r.id = ").bind(id);
    first(c, sql)
}

fn by_ids(c: &mut DbConnection, resource: Resource, ids: &[RecordId]) -> QueryResult<Vec<Located>> {
    let mut sql = select_located(resource);
    sql.push("r.id IN ").list(ids.iter().copied());
    sql.load(c)
}

pub(super) fn by_key(
    c: &mut DbConnection,
    resource: Resource,
    key: &Key,
    now: NaiveDateTime,
) -> QueryResult<Option<Located>> {
    if let Some(id) = key.id() {
        return by_id(c, resource, id);
    }
    let mut sql = select_located(resource);
    sql.push("r.slug = ").bind(key);
    let mut found: Vec<Located> = sql.load(c)?;
    // in the past, those that are not public have the slugs of today, which others had then
    found.sort_by_key(|located| check(resource, located, now).is_ok());
    Ok(found.pop())
}

fn first(c: &mut DbConnection, sql: Sql) -> QueryResult<Option<Located>> {
    sql.get_result(c).optional()
}

fn select_located(resource: Resource) -> Sql {
    let mut sql = Sql::new("SELECT r.id, r.slug, ");
    match resource.appears() {
        Appears::AtOnce => sql.push("r.state, NULL AS visible_from FROM "),
        Appears::AtItsMoment => sql.push("r.state, r.visible_from FROM "),
        Appears::WithItsReport => sql
            .push(visibility::STATE_BELOW)
            .push(" AS state, p.visible_from FROM "),
    };
    sql.push(resource.table()).push(" r");
    if resource.is_below_report() {
        sql.push(" JOIN reports p ON p.id = r.report_id");
    }
    sql.push(" WHERE ");
    sql
}

pub(super) fn check(
    resource: Resource,
    located: &Located,
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    if !located.is_visible(now) {
        return Err(ApiError::not_found());
    }
    visibility::refusal(resource, located.state).map_or(Ok(()), Err)
}
