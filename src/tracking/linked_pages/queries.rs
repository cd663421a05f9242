//! All SQL of linked pages.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Nullable, Text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::schema::linked_pages;
use crate::log::{Resource, Writer};
use crate::platform::crawler::{PageOutcome, Sighting, Validators};
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Json, Sql, update};
use crate::platform::identity::RecordId;
use crate::resources::media::Media;
use crate::tracking::progress_updates::model::Evidence;
use crate::writing::cascade;
use crate::writing::kind::Catalogue;

/// How many of the newest sightings of a page are kept.
const MAX_SIGHTINGS: usize = 100;

#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = linked_pages, treat_none_as_default_value = false, treat_none_as_null = true)]
pub(super) struct PageRow {
    pub(super) url: String,
    pub(super) checked_at: NaiveDateTime,
    etag: Option<String>,
    last_modified: Option<String>,
    pub(super) sightings: Json<Vec<Sighting>>,
}

/// A page to check.
#[derive(Clone, Debug)]
pub struct DuePage {
    /// The URL.
    pub url: String,
    /// The records that link to it.
    pub linked_from: Vec<(Resource, RecordId)>,
    /// The validators for a conditional request.
    pub validators: Validators,
    /// When it was last checked.
    pub checked_at: Option<NaiveDateTime>,
}

/// What a check found, compared with the previous one.
#[derive(Clone, Debug)]
pub enum CheckResult {
    /// Nothing has changed.
    Unchanged,
    /// The page was checked for the first time.
    First(PageOutcome),
    /// The content has changed.
    Changed,
    /// The outcome has changed, from the first to the second: the page disappeared or came back.
    OutcomeChanged(PageOutcome, PageOutcome),
    /// The server asked to retry later, so the page was not checked.
    Postponed,
}

#[derive(QueryableByName)]
struct LinkRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Nullable<Text>)]
    url: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    evidence: Option<Json<Vec<Evidence>>>,
    #[diesel(sql_type = Nullable<Text>)]
    media: Option<Json<Media>>,
}

/// The pages that public records link to and that were not checked after `since`, the longest unchecked first.
///
/// # Errors
/// When a query fails.
pub fn due(
    connection: &mut DbConnection,
    report: Option<RecordId>,
    since: NaiveDateTime,
    now: NaiveDateTime,
) -> QueryResult<Vec<DuePage>> {
    let checked: Vec<PageRow> = linked_pages::table
        .select(PageRow::as_select())
        .load(connection)?;
    let checked = checked.into_iter().map(|page| (page.url.clone(), page));
    let mut checked: HashMap<String, PageRow> = checked.collect();
    let links = links(connection, report, now)?.into_iter();
    let pages = links.map(|(url, linked_from)| {
        let page = checked.remove(&url);
        DuePage {
            url,
            linked_from,
            checked_at: page.as_ref().map(|page| page.checked_at),
            validators: page.map_or_else(Validators::default, |page| Validators {
                etag: page.etag,
                last_modified: page.last_modified,
            }),
        }
    });
    let is_due = |page: &DuePage| page.checked_at.is_none_or(|at| at <= since);
    let mut due: Vec<DuePage> = pages.filter(is_due).collect();
    due.sort_by_key(|page| page.checked_at);
    Ok(due)
}

/// Where public records of a kind have their links.
struct LinkSource {
    resource: Resource,
    columns: &'static str,
    /// The tables and the conditions, up to the time.
    from: &'static str,
    /// What is before and after a report, to which they are then restricted.
    of_report: (&'static str, &'static str),
}

const BELOW_REPORTS: LinkSource = LinkSource {
    resource: Resource::Response,
    columns: "r.source_url AS url, NULL AS evidence, r.media",
    from: " r JOIN reports p ON p.id = r.report_id WHERE r.state = 'published' AND p.state = 'published' AND p.visible_from <= ",
    of_report: (" AND r.report_id = ", ""),
};

/// Of these, only the files.
const BY_THEMSELVES: LinkSource = LinkSource {
    resource: Resource::Report,
    columns: "NULL AS url, NULL AS evidence, r.media",
    from: " r WHERE r.state = 'published' AND r.media <> '{}' AND r.visible_from <= ",
    of_report: (" AND r.id = ", ""),
};

const LINK_SOURCES: [LinkSource; 6] = [
    BELOW_REPORTS,
    BY_THEMSELVES,
    LinkSource {
        resource: Resource::ActionPlan,
        columns: "r.url, NULL AS evidence, NULL AS media",
        ..BELOW_REPORTS
    },
    LinkSource {
        resource: Resource::ProgressUpdate,
        columns: "r.source_url AS url, r.evidence, NULL AS media",
        ..BELOW_REPORTS
    },
    LinkSource {
        resource: Resource::Assessment,
        columns: "r.source_url AS url, NULL AS evidence, NULL AS media",
        ..BELOW_REPORTS
    },
    LinkSource {
        resource: Resource::Article,
        of_report: (
            " AND r.id IN (SELECT l.article_id FROM article_reports l WHERE l.report_id = ",
            ")",
        ),
        ..BY_THEMSELVES
    },
];

/// The URLs that public records link to, with those records.
fn links(
    connection: &mut DbConnection,
    report: Option<RecordId>,
    now: NaiveDateTime,
) -> QueryResult<BTreeMap<String, Vec<(Resource, RecordId)>>> {
    let mut links: BTreeMap<String, Vec<(Resource, RecordId)>> = BTreeMap::new();
    for source in LINK_SOURCES {
        let resource = source.resource;
        let mut sql = Sql::new("SELECT r.id, ");
        sql.push(source.columns)
            .push(" FROM ")
            .push(resource.table());
        sql.push(source.from).bind(now);
        if let Some(report) = report {
            let (before, after) = source.of_report;
            sql.push(before).bind(report).push(after);
        }
        for row in sql.load::<LinkRow>(connection)? {
            let evidence = row.evidence.map_or_else(Vec::new, Json::into_inner);
            let evidence = evidence.into_iter().map(|evidence| evidence.url);
            let media = row.media.map_or_else(Media::default, Json::into_inner);
            for url in row.url.into_iter().chain(evidence).chain(media.urls()) {
                let linked_from = links.entry(url).or_default();
                linked_from.push((resource, row.id));
                linked_from.dedup();
            }
        }
    }
    Ok(links)
}

/// Stores the result of a check; without a sighting, the page is unchanged. If it differs from the previous one, logs
/// the records that link to the page again.
///
/// # Errors
/// When a query fails.
pub fn store(
    writer: &mut Writer<'_>,
    catalogue: &Catalogue,
    page: &DuePage,
    sighting: Option<Sighting>,
    validators: Validators,
) -> QueryResult<CheckResult> {
    let stored: Option<PageRow> = linked_pages::table
        .find(&page.url)
        .select(PageRow::as_select())
        .first(writer.connection)
        .optional()?;
    let is_new = stored.is_none();
    let mut sightings = stored.map_or_else(Vec::new, |page| page.sightings.into_inner());
    let result = sighting.as_ref().map_or(CheckResult::Unchanged, |now| {
        CheckResult::of(sightings.last(), now)
    });
    if let (Some(mut sighting), false) = (sighting, matches!(result, CheckResult::Unchanged)) {
        sighting.seen_at = writer.now().and_utc();
        sightings.push(sighting);
        sightings.drain(..sightings.len().saturating_sub(MAX_SIGHTINGS));
        for (resource, id) in &page.linked_from {
            let kind = (catalogue.kind)(*resource);
            // the others do not show what was found
            if kind.advance.is_some() {
                cascade::log_again(writer, kind, *id)?;
            }
        }
    }
    let row = PageRow {
        url: page.url.clone(),
        checked_at: writer.now(),
        etag: validators.etag,
        last_modified: validators.last_modified,
        sightings: Json::new(sightings)?,
    };
    if is_new {
        diesel::insert_into(linked_pages::table)
            .values(&row)
            .execute(writer.connection)?;
    } else {
        let page = diesel::update(linked_pages::table.find(&page.url));
        update(writer.connection, page.set(&row))?;
    }
    Ok(result)
}

impl CheckResult {
    fn of(before: Option<&Sighting>, now: &Sighting) -> Self {
        match before {
            None => Self::First(now.outcome),
            Some(before) if now.has_other_content(before) => Self::Changed,
            Some(before) if now.differs_from(before) => {
                Self::OutcomeChanged(before.outcome, now.outcome)
            }
            Some(_) => Self::Unchanged,
        }
    }
}

/// Deletes the results for URLs that only an erased record linked to, because they are part of its content. The earlier
/// states of the record must still be in the log.
///
/// # Errors
/// When a query fails.
pub fn forget(writer: &mut Writer<'_>, id: RecordId) -> QueryResult<()> {
    let states: Vec<Option<String>> = changes::table
        .filter(changes::resource_id.eq(id))
        .select(changes::state)
        .load(writer.connection)?;
    let mut urls: BTreeSet<String> = BTreeSet::new();
    for state in states.into_iter().flatten() {
        let state: Value = serde_json::from_str(&state)
            .map_err(|error| diesel::result::Error::DeserializationError(Box::new(error)))?;
        let evidence = state["evidence"].as_array().into_iter().flatten();
        let linked = evidence.map(|evidence| &evidence["url"]);
        let linked = linked.chain([&state["url"], &state["source_url"]]);
        urls.extend(linked.filter_map(Value::as_str).map(str::to_owned));
    }
    if urls.is_empty() {
        return Ok(());
    }
    let still_linked = links(writer.connection, None, writer.now())?;
    urls.retain(|url| !still_linked.contains_key(url));
    diesel::delete(linked_pages::table.filter(linked_pages::url.eq_any(urls)))
        .execute(writer.connection)?;
    Ok(())
}

/// Copies the results to another database, as far as it does not have them.
///
/// # Errors
/// When a query fails.
pub fn copy(from: &mut DbConnection, into: &mut DbConnection) -> QueryResult<()> {
    let version = |c: &mut DbConnection| -> QueryResult<(i64, Option<NaiveDateTime>)> {
        use diesel::dsl::{count_star, max};
        let version = (count_star(), max(linked_pages::checked_at));
        linked_pages::table.select(version).first(c)
    };
    if version(from)? == version(into)? {
        return Ok(());
    }
    let checks = |c: &mut DbConnection| -> QueryResult<HashMap<String, NaiveDateTime>> {
        let columns = (linked_pages::url, linked_pages::checked_at);
        let rows: Vec<(String, NaiveDateTime)> = linked_pages::table.select(columns).load(c)?;
        Ok(rows.into_iter().collect())
    };
    let (here, there) = (checks(from)?, checks(into)?);
    let new = here.iter().filter(|(url, at)| there.get(*url) != Some(*at));
    let new: Vec<&String> = new.map(|(url, _)| url).collect();
    let outdated = there.iter().filter(|(url, at)| here.get(*url) != Some(*at));
    let outdated: Vec<&String> = outdated.map(|(url, _)| url).collect();
    for urls in outdated.chunks(500) {
        diesel::delete(linked_pages::table.filter(linked_pages::url.eq_any(urls))).execute(into)?;
    }
    for urls in new.chunks(500) {
        let rows: Vec<PageRow> = linked_pages::table
            .filter(linked_pages::url.eq_any(urls))
            .select(PageRow::as_select())
            .load(from)?;
        for row in rows {
            let insert = diesel::insert_into(linked_pages::table).values(&row);
            insert.execute(into)?;
        }
    }
    Ok(())
}
