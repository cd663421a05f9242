//! The endpoints of the change log.

use actix_web::{HttpResponse, get, web};
use chrono::NaiveDateTime;
use std::collections::HashMap;

use super::Resource;
use super::feed::{self, EntryRow, Place};
use super::views::{Change, Collection, ListChanges, ListHistory};
use crate::auth::Public;
use crate::db::{DbConnection, Value};
use crate::http::answer::{self, List};
use crate::http::cursor::Cursor;
use crate::http::error::ApiError;
use crate::http::page::{self, Page, Paging};
use crate::http::problem;
use crate::http::query::{self, Query};
use crate::lookup;
use crate::writing::ownership;

/// Follow all changes
///
/// Everything that became public, changed, was withdrawn or removed, from the first entry on. `page.next` is always
/// there: keep it, and ask it again later for what came since. Nobody who follows it misses anything or sees an
/// entry twice, whatever is written meanwhile. What is not public is not here: a scheduled record comes when its
/// moment does. An older entry of a record that was taken back since is shown as its removal.
#[utoipa::path(tag = "Changes", params(ListChanges), responses((status = 200, description = "One page of entries", body = List<Change>)))]
#[get("/changes")]
pub async fn list_changes(
    public: Public,
    query: Query<ListChanges>,
) -> Result<HttpResponse, ApiError> {
    let paging = Paging {
        limit: query.params.limit,
        cursor: query.params.cursor.as_deref(),
    };
    let keyset = page::keyset(&query, paging, public.cursors())?;
    let place = match &keyset.from {
        Some((Value::Timestamp(moment), rest)) => read_place(*moment, rest)?,
        _ => Place {
            seq: 0,
            moment: NaiveDateTime::default(),
            tie: 0,
        },
    };
    let now = public.now;
    let ((changes, place, has_more), freshness) = public
        .read(move |c| {
            let (rows, place, has_more) = feed::after(c, &place, now, keyset.limit)?;
            Ok((views(c, rows, now)?, place, has_more))
        })
        .await?;
    let cursor = Cursor {
        backwards: false,
        position: (
            Value::Timestamp(place.moment),
            format!("{}.{}", place.seq, place.tie),
        ),
    };
    let cursor = public.cursors().write(&cursor, query.fingerprint())?;
    let page = Page {
        next: Some(format!("{}{}", public.base, query.with_cursor(&cursor))),
        prev: None,
        has_more,
        count: None,
    };
    answer::list(changes, page, &[], freshness)
}

/// Where to follow the log from an entry on: what became public by the moment of the request is seen by then.
pub fn since(public: &Public, seq: i64) -> Result<String, ApiError> {
    let list = query::read::<ListChanges>("/v1/changes", "")?;
    let cursor = Cursor {
        backwards: false,
        position: (Value::Timestamp(public.now), format!("{seq}.{}", i64::MAX)),
    };
    let cursor = public.cursors().write(&cursor, list.fingerprint())?;
    Ok(format!("{}{}", public.base, list.with_cursor(&cursor)))
}

fn read_place(moment: NaiveDateTime, rest: &str) -> Result<Place, ApiError> {
    let numbers = rest.split_once('.');
    let numbers = numbers.and_then(|(seq, tie)| Some((seq.parse().ok()?, tie.parse().ok()?)));
    let invalid = || ApiError::new(&problem::INVALID_CURSOR, "The cursor belongs elsewhere.");
    let (seq, tie) = numbers.ok_or_else(invalid)?;
    Ok(Place { seq, moment, tie })
}

/// Show the history of a record
///
/// Every state of it that was public, newest first. With `as_of` only what was known at that moment, so that the
/// first entry is the record as the public saw it then. Of a withdrawn record only what its notice shows.
///
/// Those who may see the record before the public does get every revision, with the client and the request that
/// wrote it.
#[utoipa::path(
    tag = "Changes",
    params(
        ("collection" = inline(Collection), Path, description = "What the record is"),
        ("id" = String, Path, description = "The id or slug", max_length = 150, example = "iopc"),
        ListHistory
    ),
    responses((status = 200, description = "One page of entries", body = List<Change>))
)]
#[get("/{collection}/{id}/history")]
pub async fn list_history(
    public: Public,
    path: web::Path<(String, String)>,
    query: Query<ListHistory>,
) -> Result<HttpResponse, ApiError> {
    let (collection, key) = path.into_inner();
    let collection: Collection =
        serde_json::from_value(collection.into()).map_err(|_| ApiError::not_found())?;
    let resource = collection.resource();
    let paging = Paging {
        limit: query.params.limit,
        cursor: query.params.cursor.as_deref(),
    };
    let keyset = page::keyset(&query, paging, public.cursors())?;
    let before = keyset
        .from
        .as_ref()
        .and_then(|(_, revision)| revision.parse().ok());
    let now = public.now;
    let until = query
        .params
        .as_of
        .map_or(now, |as_of| as_of.moment().min(now));
    let (limit, rights) = (keyset.limit, public.rights());
    let (mut changes, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, resource, &key, &rights, now)?;
            let all = !rights.is_empty() && ownership::may_see(c, &rights, resource, &id)?;
            let rows = feed::of_record(c, &id, until, all, before, limit + 1)?;
            match all {
                true => Ok(rows.into_iter().filter_map(Change::unabridged).collect()),
                false => views(c, rows, now),
            }
        })
        .await?;
    let has_more = changes.len() as i64 > limit;
    changes.truncate(usize::try_from(limit).unwrap_or(0));
    let next = match changes.last().filter(|_| has_more) {
        Some(last) => {
            let position = (Value::Timestamp(until), last.revision.to_string());
            let cursor = Cursor {
                backwards: false,
                position,
            };
            let cursor = public.cursors().write(&cursor, query.fingerprint())?;
            Some(format!("{}{}", public.base, query.with_cursor(&cursor)))
        }
        None => None,
    };
    let page = Page {
        next,
        prev: None,
        has_more,
        count: None,
    };
    answer::list(changes, page, &[], freshness)
}

/// The views of entries, with one statement for each resource among them.
fn views(
    c: &mut DbConnection,
    rows: Vec<EntryRow>,
    now: NaiveDateTime,
) -> Result<Vec<Change>, ApiError> {
    let mut standing = HashMap::new();
    for resource in Resource::ALL {
        let of_resource = rows.iter().filter(|row| row.resource == resource.name());
        let ids: Vec<&String> = of_resource.map(|row| &row.resource_id).collect();
        standing.extend(lookup::standing(c, resource, &ids, now)?);
    }
    let views = rows.into_iter().filter_map(|row| {
        let standing = standing.get(&row.resource_id).map(String::as_str);
        Change::new(row, standing)
    });
    let mut changes: Vec<Change> = views.collect();
    without_hidden_survivors(c, &mut changes, now)?;
    Ok(changes)
}

/// Names no record as the one that stays which the public does not see.
fn without_hidden_survivors(
    c: &mut DbConnection,
    changes: &mut [Change],
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    for resource in Resource::ALL {
        let mut merged: Vec<&mut Change> = changes
            .iter_mut()
            .filter(|change| change.resource == resource && change.merged_into.is_some())
            .collect();
        if merged.is_empty() {
            continue;
        }
        let ids: Vec<String> = merged
            .iter()
            .filter_map(|change| change.merged_into.clone())
            .collect();
        let standing = lookup::standing(c, resource, &ids.iter().collect::<Vec<_>>(), now)?;
        for change in &mut merged {
            let id = change.merged_into.take();
            change.merged_into = id.filter(|id| standing.contains_key(id));
        }
    }
    Ok(())
}
