//! Lists of records that a request names one by one.

use chrono::NaiveDateTime;

use super::collection::Collection;
use crate::access::lookup;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;

/// The ids of records that are named by their ids, slugs or former slugs, each once; `None` if none is named. A record that does
/// not exist, or that the public may not see, is left out: the rest is wanted all the same.
///
/// # Errors
/// If the database cannot be read.
pub fn ids(
    c: &mut DbConnection,
    resource: Resource,
    keys: &[Key],
    now: NaiveDateTime,
) -> Result<Option<Vec<RecordId>>, ApiError> {
    if keys.is_empty() {
        return Ok(None);
    }
    let mut ids = Vec::with_capacity(keys.len());
    for key in keys {
        let id = match key.id() {
            Some(id) => Some(id),
            None => by_slug(c, resource, key, now)?,
        };
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    Ok(Some(ids))
}

fn by_slug(
    c: &mut DbConnection,
    resource: Resource,
    slug: &Key,
    now: NaiveDateTime,
) -> Result<Option<RecordId>, ApiError> {
    let found = match lookup::find(c, resource, slug, now) {
        Err(ApiError {
            moved: Some(moved), ..
        }) => lookup::find(c, resource, &moved.new.as_str().into(), now),
        found => found,
    };
    match found {
        Ok(id) => Ok(Some(id)),
        Err(error) if error.code.status() < 500 => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the records are to be in the order in which they are named: without another sort, on one page.
///
/// # Errors
/// 400 if the limit is too small for that.
pub fn is_in_order(keys: &[Key], has_sort: bool, limit: i64) -> Result<bool, ApiError> {
    if has_sort || keys.len() as i64 <= limit {
        return Ok(!has_sort && !keys.is_empty());
    }
    let detail = "The limit must not be less than the number of `id`, or give a `sort` for pages.";
    Err(ApiError::parameter(
        MistakeCode::OutOfRange,
        "limit",
        detail,
    ))
}

/// Puts views in the order in which their records were named, if that is wanted.
pub fn in_order<V: Collection>(mut views: Vec<V>, ids: Option<&[RecordId]>) -> Vec<V> {
    if let Some(ids) = ids {
        views.sort_by_cached_key(|view| ids.iter().position(|id| *id == view.id_and_revision().0));
    }
    views
}
