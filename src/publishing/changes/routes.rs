//! The endpoints of the change log.

use actix_web::{HttpResponse, get, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::cursor::Bookmark;
use super::views::{Change, ChangeFilters, HistoryParams};
use super::{showing, stream};
use crate::access::{Public, lookup};
use crate::http::answer::{self, List};
use crate::http::as_of::check_is_known;
use crate::http::cursor::Cursors;
use crate::http::error::{ApiError, ForkDetails};
use crate::http::page::{self, Page, Paging};
use crate::http::query::{self, Address, Query};
use crate::http::references::CollectionName;
use crate::log::entries;
use crate::log::{Lineage, Resource};
use crate::platform::db::Value;
use crate::platform::identity::Key;
use crate::tracking::catalogue;

/// Mounts the endpoints.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(list_changes)
        .service(stream::stream_changes)
        .service(list_history);
}

/// Follow all changes
///
/// Everything that became public, changed, was withdrawn or was removed, from the first entry on. `page.next` is always
/// present: keep it, and request it again later for whatever has happened since. Following it, you miss no entry and
/// see none twice, even while records are being written. Only public records appear: the entry of a scheduled record
/// appears when the record becomes public. If a record was taken back later, its older entries are shown as removals.
/// The cursor is a position in the log: it works with any `type`, and with the stream.
///
/// If the log was put back to an earlier state (by a backup that was restored, for example) and no longer has entries
/// that what you have read depends on, the response is 409 `log-forked`. It says since when to read records again, and
/// where to go on.
#[utoipa::path(tag = "Changes", params(ChangeFilters, Paging), responses((status = 200, description = "One page of entries", body = List<Change>)))]
#[get("/changes")]
pub async fn list_changes(
    public: Public,
    query: Query<ChangeFilters, Paging>,
) -> Result<HttpResponse, ApiError> {
    let limit = page::limit(&query.shape)?;
    let bookmark = match &query.shape.cursor {
        Some(text) => Bookmark::from_cursor(public.cursors(), text)?,
        None => Bookmark::start(),
    };
    let (now, pages) = (public.now, public.pages());
    let (types, read) = (query.params.types, bookmark.clone());
    let (page, freshness) = public
        .read(move |c| {
            if let Some(fork) = read.after_fork(c)? {
                return Ok(Err(fork));
            }
            let until = entries::end(c, now)?;
            let reading = entries::after(c, &read.place, &until, &types, limit)?;
            let (rows, _): (Vec<_>, Vec<_>) = reading.entries.into_iter().unzip();
            let changes = showing::views(c, rows, now, &pages)?;
            let next = Bookmark {
                place: reading.place,
                lineage: Lineage::of(c, until.seq)?,
            };
            Ok(Ok((changes, next, reading.has_more)))
        })
        .await?;
    let (changes, next, has_more) = match page {
        Ok(page) => page,
        Err((goes_on, fork)) => {
            public.report_fork(bookmark.lineage).await;
            return Err(ApiError::log_forked(ForkDetails {
                last_common: fork.last_common,
                since: fork.since,
                next: link(&public, &query.address, &goes_on)?,
            }));
        }
    };
    let page = Page {
        next: Some(link(&public, &query.address, &next)?),
        prev: None,
        has_more,
        count: None,
    };
    answer::list(changes, page, &[], freshness)
}

/// The URL that follows the log from a position on. `base` is where clients reach this API.
pub fn since(base: &str, cursors: &Cursors, bookmark: &Bookmark) -> Result<String, ApiError> {
    let list = query::read::<ChangeFilters, Paging, query::NoParameters>("/v1/changes", "")?;
    let cursor = bookmark.to_cursor(cursors)?;
    Ok(format!("{base}{}", list.address.with_cursor(&cursor)))
}

/// The URL of this list from a position on.
fn link(public: &Public, list: &Address, bookmark: &Bookmark) -> Result<String, ApiError> {
    let cursor = bookmark.to_cursor(public.cursors())?;
    Ok(format!("{}{}", public.base, list.with_cursor(&cursor)))
}

/// List the history of a record
///
/// Every public revision of the record, newest first. With `as_of`, only what was known at that moment: the first entry
/// is then the record as the public saw it. For a withdrawn record, only what its notice shows.
///
/// With a token that may see the record before the public does, every revision, with the client and the request that
/// wrote it.
#[utoipa::path(
    tag = "Changes",
    params(
        ("collection" = inline(CollectionName), Path, description = "The collection the record belongs to", example = "topics"),
        ("id" = String, Path, description = "The id or slug", max_length = 150, example = "stalking"),
        HistoryParams,
        Paging
    ),
    responses((status = 200, description = "One page of entries", body = List<Change>))
)]
#[get("/{collection}/{id}/history")]
pub async fn list_history(
    public: Public,
    path: web::Path<(String, Key)>,
    query: Query<HistoryParams, Paging>,
) -> Result<HttpResponse, ApiError> {
    let (collection, key) = path.into_inner();
    let resource = Resource::of_collection(&collection).ok_or_else(ApiError::not_found)?;
    let kind = catalogue::kind(resource);
    let keyset = page::keyset(&query.address, &query.shape, public.cursors())?;
    let before = keyset
        .from
        .as_ref()
        .and_then(|(_, revision)| revision.parse().ok());
    let (now, pages) = (public.now, public.pages());
    let as_of = query.params.as_of;
    as_of.map_or(Ok(()), |as_of| as_of.check(now))?;
    let until = as_of.map_or(now, |as_of| as_of.moment().min(now));
    let (limit, rights) = (keyset.limit, public.rights());
    let (changes, freshness) = public
        .read(move |c| {
            let id = lookup::for_reading(c, &kind.ownership, &key, &rights, now)?;
            let all = !rights.is_empty() && kind.ownership.may_see(c, &rights, id, now)?;
            check_is_known(until, entries::first_written_at(c)?)?;
            let rows = entries::of_record(c, id, until, all, before, limit + 1)?;
            match all {
                true => {
                    let newest = entries::newest(c, id)?;
                    let is_erased = newest.is_some_and(|newest| newest.is_erased());
                    showing::as_written(c, rows, is_erased, (now, &pages))
                }
                false => showing::views(c, rows, now, &pages),
            }
        })
        .await?;
    let mut slice = keyset.slice(changes);
    slice.has_before = false; // there are no links back
    let page = public.links(&query.address, &slice, |change| {
        (Value::Timestamp(until), change.revision.to_string())
    })?;
    answer::list(slice.rows, page, &[], freshness)
}
