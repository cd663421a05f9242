//! What records show of the pages that they link to.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::queries::PageRow;
use super::schema::linked_pages;
use super::views::LinkedPage;
use crate::platform::db::DbConnection;

/// The results for these URLs that were known at `now`, with one query.
///
/// # Errors
/// When the query fails.
pub fn by_urls(
    connection: &mut DbConnection,
    urls: Vec<&str>,
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, LinkedPage>> {
    let rows: Vec<PageRow> = linked_pages::table
        .filter(linked_pages::url.eq_any(urls))
        .select(PageRow::as_select())
        .load(connection)?;
    let pages = rows.into_iter().filter_map(|row| {
        let mut sightings = row.sightings.to_vec();
        sightings.retain(|sighting| sighting.seen_at.naive_utc() <= now);
        let checked_at = match row.checked_at <= now {
            true => row.checked_at,
            false => sightings.last()?.seen_at.naive_utc(),
        };
        let page = LinkedPage::new(checked_at, sightings)?;
        Some((row.url, page))
    });
    Ok(pages.collect())
}
