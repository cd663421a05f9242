//! What records show of the pages that they link to.

use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::queries::PageRow;
use super::schema::linked_pages;
use super::views::LinkedPage;
use crate::platform::db::DbConnection;

/// The results for these URLs, with one query.
///
/// # Errors
/// When the query fails.
pub fn by_urls(
    connection: &mut DbConnection,
    urls: Vec<&str>,
) -> QueryResult<HashMap<String, LinkedPage>> {
    let rows: Vec<PageRow> = linked_pages::table
        .filter(linked_pages::url.eq_any(urls))
        .select(PageRow::as_select())
        .load(connection)?;
    let pages = rows.into_iter().filter_map(|row| {
        let page = LinkedPage::new(row.checked_at, row.sightings.to_vec())?;
        Some((row.url, page))
    });
    Ok(pages.collect())
}
