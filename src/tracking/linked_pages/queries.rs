//! All SQL of linked pages.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::views::LinkedPage;
use crate::log::{Resource, Writer};
use crate::platform::crawler::{Sighting, Validators};
use crate::platform::db::schema::{changes, linked_pages};
use crate::platform::db::{DbConnection, Json, Sql};
use crate::tracking::progress_updates::model::Evidence;
use crate::writing::cascade;
use crate::writing::kind::Catalogue;

/// How many of the newest sightings of a page are kept.
const KEPT: usize = 100;

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = linked_pages, treat_none_as_default_value = false, treat_none_as_null = true)]
struct PageRow {
    url: String,
    checked_at: NaiveDateTime,
    etag: Option<String>,
    last_modified: Option<String>,
    sightings: Json<Vec<Sighting>>,
}

/// A page to check.
#[derive(Clone, Debug)]
pub struct Due {
    /// The URL.
    pub url: String,
    /// The records that link to it.
    pub named_by: Vec<(Resource, String)>,
    /// The validators for a conditional request.
    pub validators: Validators,
}

#[derive(QueryableByName)]
struct NamedRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    evidence: Option<String>,
}

/// The pages that public records link to and that were not checked after `since`, the longest unchecked first.
///
/// # Errors
/// When a query fails.
pub fn due(
    connection: &mut DbConnection,
    report: Option<&str>,
    since: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<Vec<Due>> {
    let known: Vec<PageRow> = linked_pages::table
        .select(PageRow::as_select())
        .load(connection)?;
    let mut known: HashMap<String, PageRow> = known
        .into_iter()
        .map(|page| (page.url.clone(), page))
        .collect();
    let mut due: Vec<(Option<NaiveDateTime>, Due)> = Vec::new();
    for (url, named_by) in named(connection, report, now)? {
        let page = known.remove(&url);
        let checked_at = page.as_ref().map(|page| page.checked_at);
        if checked_at.is_none_or(|at| at <= since) {
            let validators = page.map(|page| Validators {
                etag: page.etag,
                last_modified: page.last_modified,
            });
            let validators = validators.unwrap_or_default();
            let page = Due {
                url,
                named_by,
                validators,
            };
            due.push((checked_at, page));
        }
    }
    due.sort_by_key(|(checked_at, _)| *checked_at);
    Ok(due.into_iter().map(|(_, due)| due).collect())
}

/// The URLs that public records link to, with those records.
fn named(
    connection: &mut DbConnection,
    report: Option<&str>,
    now: NaiveDateTime,
) -> QueryResult<BTreeMap<String, Vec<(Resource, String)>>> {
    let mut named: BTreeMap<String, Vec<(Resource, String)>> = BTreeMap::new();
    let naming = [
        (Resource::ActionPlan, "r.url, NULL AS evidence"),
        (Resource::Response, "r.source_url AS url, NULL AS evidence"),
        (Resource::ProgressUpdate, "r.source_url AS url, r.evidence"),
        (
            Resource::Assessment,
            "r.source_url AS url, NULL AS evidence",
        ),
    ];
    for (resource, members) in naming {
        let mut sql = Sql::new("SELECT r.id, ");
        sql.push(members).push(" FROM ").push(resource.table());
        sql.push(" r JOIN reports p ON p.id = r.report_id WHERE r.state = 'published' AND p.state = 'published' AND p.visible_from <= ")
            .bind(now);
        if let Some(report) = report {
            sql.push(" AND r.report_id = ").bind(report);
        }
        for row in sql.load::<NamedRow>(connection)? {
            let evidence = row.evidence.as_deref().map(serde_json::from_str);
            let evidence: Vec<Evidence> = evidence.and_then(Result::ok).unwrap_or_default();
            let shown = evidence.into_iter().map(|one| one.url);
            for url in row.url.into_iter().chain(shown) {
                let by = named.entry(url).or_default();
                by.push((resource, row.id.clone()));
                by.dedup();
            }
        }
    }
    Ok(named)
}

/// Stores the result of a check. If it differs from the previous one, logs the records that link to the page again and
/// returns `Some` with the previous sighting, if any.
///
/// # Errors
/// When a query fails.
pub fn store(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    page: &Due,
    sighting: Option<&Sighting>,
    validators: &Validators,
) -> QueryResult<Option<Option<Sighting>>> {
    let known: Option<PageRow> = linked_pages::table
        .find(&page.url)
        .select(PageRow::as_select())
        .first(writer.connection)
        .optional()?;
    let mut sightings = known
        .as_ref()
        .map_or_else(Vec::new, |page| page.sightings.to_vec());
    let before = sightings.last().cloned();
    let news = sighting.filter(|one| {
        before
            .as_ref()
            .is_none_or(|before| one.differs_from(before))
    });
    if let Some(news) = news {
        let mut news = news.clone();
        news.seen_at = writer.now().and_utc();
        sightings.push(news);
        sightings.drain(..sightings.len().saturating_sub(KEPT));
        for (resource, id) in &page.named_by {
            cascade::log_again(writer, (catalogue.kind)(*resource), id)?;
        }
    }
    let row = PageRow {
        url: page.url.clone(),
        checked_at: writer.now(),
        etag: validators.etag.clone(),
        last_modified: validators.last_modified.clone(),
        sightings: Json::new(sightings)?,
    };
    match known {
        Some(_) => diesel::update(linked_pages::table.find(&page.url))
            .set(&row)
            .execute(writer.connection)?,
        None => diesel::insert_into(linked_pages::table)
            .values(&row)
            .execute(writer.connection)?,
    };
    Ok(news.map(|_| before))
}

/// Deletes the results for URLs that only an erased record linked to, because they are part of its content. The earlier
/// states of the record must still be in the log.
///
/// # Errors
/// When a query fails.
pub fn forget(writer: &mut Writer<'_>, id: &str) -> QueryResult<()> {
    let states: Vec<Option<String>> = changes::table
        .filter(changes::resource_id.eq(id))
        .select(changes::state)
        .load(writer.connection)?;
    let mut urls: BTreeSet<String> = BTreeSet::new();
    for state in states.into_iter().flatten() {
        let state: Value = serde_json::from_str(&state)
            .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
        let evidence = state["evidence"].as_array().into_iter().flatten();
        let named = evidence.map(|one| &one["url"]);
        let named = named.chain([&state["url"], &state["source_url"]]);
        urls.extend(named.filter_map(Value::as_str).map(str::to_owned));
    }
    if urls.is_empty() {
        return Ok(());
    }
    let still_named = named(writer.connection, None, writer.now())?;
    urls.retain(|url| !still_named.contains_key(url));
    diesel::delete(linked_pages::table.filter(linked_pages::url.eq_any(urls)))
        .execute(writer.connection)?;
    Ok(())
}

/// The results for these URLs, with one query.
///
/// # Errors
/// When the query fails.
pub fn of(
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

/// Copies the results up to a time to another database.
///
/// # Errors
/// When a query fails.
pub fn copy(
    from: &mut DbConnection,
    into: &mut DbConnection,
    until: NaiveDateTime,
) -> QueryResult<()> {
    let rows: Vec<PageRow> = linked_pages::table
        .select(PageRow::as_select())
        .load(from)?;
    for mut row in rows {
        let mut sightings = row.sightings.to_vec();
        sightings.retain(|one| one.seen_at.naive_utc() <= until);
        if let Some(newest) = sightings.last() {
            row.checked_at = row.checked_at.min(newest.seen_at.naive_utc());
            row.sightings = Json::new(sightings)?;
            diesel::insert_into(linked_pages::table)
                .values(&row)
                .execute(into)?;
        }
    }
    Ok(())
}
