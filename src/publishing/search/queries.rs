//! The SQL of the search: what the index is built from, and the records shown as hits.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Date, Nullable, Text, Timestamp};
use std::collections::HashMap;

use super::model::{NewestEntry, RecordTimes, SEARCHABLE};
use crate::access::lookup;
use crate::log::{Lineage, Resource};
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{RecordId, Slug};
use crate::publishing::feeds::words::FeedWords;
use crate::resources::in_language::Called;
use crate::resources::recommendations;

/// A batch of changes for the index.
#[derive(Debug, Default)]
pub struct IndexBatch {
    /// The newest entry of each record that was written.
    pub entries: Vec<NewestEntry>,
    /// When the public may see each of them, if ever.
    pub public_from: HashMap<RecordId, NaiveDateTime>,
    /// The times of each that its document does not state.
    pub times: HashMap<RecordId, RecordTimes>,
    /// The organisations that the recommendations among them are addressed to.
    pub addressed: HashMap<RecordId, Vec<RecordId>>,
    /// The groups that they are addressed to.
    pub groups: HashMap<RecordId, Vec<RecordId>>,
    /// The position in the log that this batch reaches.
    pub position: i64,
    /// The end of the log.
    pub end: i64,
    /// The lineage of the end of the log, by which an index recognises its log: later entries decide which of the earlier
    /// ones are read.
    pub lineage: Lineage,
}

/// When the oldest entry after `position` was written.
pub fn oldest_after(
    connection: &mut DbConnection,
    position: i64,
) -> QueryResult<Option<NaiveDateTime>> {
    changes::table
        .filter(changes::seq.gt(position))
        .order(changes::seq)
        .select(changes::at)
        .first(connection)
        .optional()
}

/// The newest entry of each record written after `position`, oldest first.
pub fn batch_statement(position: i64, limit: i64) -> Sql {
    let mut sql = Sql::new(
        "SELECT c.seq, c.resource, c.resource_id, c.state, c.action FROM changes c \
         LEFT JOIN changes n ON n.resource_id = c.resource_id AND n.revision = c.revision + 1 \
         WHERE n.seq IS NULL AND c.seq > ",
    );
    // keeps SQLite off the index on `resource`, with which it sorts the whole rest of the log for every batch
    sql.bind(position).push(" AND (c.resource || '') IN ");
    sql.list(SEARCHABLE.map(Resource::name));
    sql.push(" ORDER BY c.seq LIMIT ").bind(limit);
    sql
}

/// The records written after `position`. A record that was written again later comes with its newest entry.
pub fn next_batch(
    connection: &mut DbConnection,
    position: i64,
    limit: i64,
) -> QueryResult<IndexBatch> {
    let entries: Vec<NewestEntry> = batch_statement(position, limit).load(connection)?;
    let end: Option<i64> = changes::table.select(max(changes::seq)).first(connection)?;
    let Some(end) = end else {
        return Ok(IndexBatch::default());
    };
    let is_full = entries.len() as i64 >= limit;
    let last = entries.last().filter(|_| is_full);
    let position = last.map_or(end, |entry| entry.seq);
    let mut batch = IndexBatch {
        lineage: Lineage::of_end(connection)?,
        position,
        end,
        ..IndexBatch::default()
    };
    for resource in SEARCHABLE {
        let of_resource = entries.iter().filter(|e| e.resource.0 == resource);
        let ids: Vec<RecordId> = of_resource.map(|entry| entry.resource_id).collect();
        if ids.is_empty() {
            continue;
        }
        let public_from = lookup::public_from(connection, resource, &ids)?;
        batch.public_from.extend(public_from);
        batch.times.extend(times(connection, resource, &ids)?);
        if resource == Resource::Recommendation {
            batch.addressed = recommendations::queries::addressed(connection, &ids)?;
            batch.groups = recommendations::queries::groups(connection, &ids)?;
        }
    }
    batch.entries = entries;
    Ok(batch)
}

fn times(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, RecordTimes>> {
    let mut sql = Sql::new("SELECT r.id, r.updated_at, ");
    sql.push(match resource {
        Resource::Recommendation => "r.published_on",
        _ => "NULL AS published_on",
    });
    sql.push(" FROM ")
        .push(resource.table())
        .push(" r WHERE r.id IN ");
    sql.list(ids.iter().copied());
    let rows: Vec<RecordTimes> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// The records that were written after `position`.
pub fn written_after(connection: &mut DbConnection, position: i64) -> QueryResult<Vec<RecordId>> {
    changes::table
        .filter(changes::seq.gt(position))
        .select(changes::resource_id)
        .distinct()
        .load(connection)
}

/// The records that were written again after `position`: an index at that position has outdated documents of them. At
/// most one more than `limit`.
pub fn rewritten(
    connection: &mut DbConnection,
    position: i64,
    limit: i64,
) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT DISTINCT c.resource_id AS id FROM changes c WHERE c.seq > ");
    sql.bind(position)
        .push(" AND c.revision > 1 AND c.resource IN ");
    sql.list(SEARCHABLE.map(Resource::name));
    sql.push(" LIMIT ").bind(limit + 1);
    sql.ids(connection)
}

/// The parts of a record that a hit shows.
#[derive(Clone, Debug, QueryableByName)]
pub struct HitRow {
    /// The record's id.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    /// The slug.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// The headline, title, name or number.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// The summary.
    #[diesel(sql_type = Nullable<Text>)]
    pub summary: Option<String>,
    /// The full text; for an article, as HTML.
    #[diesel(sql_type = Nullable<Text>)]
    pub text: Option<String>,
    /// The language.
    #[diesel(sql_type = Nullable<Text>)]
    pub language: Option<String>,
    /// When it was published.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub published_at: Option<NaiveDateTime>,
    /// The day it was published.
    #[diesel(sql_type = Nullable<Date>)]
    pub published_on: Option<NaiveDate>,
    /// The id of the organisation that published an article, or of the report that a recommendation belongs to.
    #[diesel(sql_type = Nullable<Text>)]
    pub related_id: Option<RecordId>,
    /// Its slug.
    #[diesel(sql_type = Nullable<Text>)]
    pub related_slug: Option<Slug>,
    /// Its name or title.
    #[diesel(sql_type = Nullable<Text>)]
    pub related_name: Option<String>,
}

impl HitRow {
    /// Sets the title that is shown: a number says little without the report. Records are named as they are called in another
    /// language; returns that of the title, if it is another one.
    pub fn set_title(
        &mut self,
        resource: Resource,
        called: &HashMap<RecordId, Called>,
    ) -> Option<String> {
        let own = called.get(&self.id);
        let related = self.related_id.and_then(|id| called.get(&id));
        if let Some(related) = related {
            self.related_name = Some(related.name.clone());
        }
        let language = match resource.is_below_report() {
            true => related.map(|related| related.language.clone()),
            false => own.map(|own| own.language.clone()),
        };
        let words = FeedWords::of(
            language
                .as_deref()
                .or(self.language.as_deref())
                .unwrap_or_default(),
        );
        self.title = match (&self.related_name, resource) {
            (Some(report), Resource::Recommendation) => {
                format!("{} {}: {report}", words.recommendation, self.title)
            }
            (Some(report), Resource::Response) => {
                format!("{} ({}): {report}", words.response, self.title)
            }
            _ => own.map_or(std::mem::take(&mut self.title), |own| own.name.clone()),
        };
        language
    }
}

/// A record that was found.
#[derive(Debug)]
pub struct FoundRecord {
    /// The kind of record.
    pub resource: Resource,
    /// What is shown of it.
    pub row: HitRow,
    /// The language of the title, if it is not that of the record.
    pub title_language: Option<String>,
}

/// The public ones among these records, by id, with an article's body only if `with_text`. One statement per kind of
/// record.
pub fn hits(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[RecordId],
    with_text: bool,
    now: NaiveDateTime,
) -> QueryResult<HashMap<RecordId, HitRow>> {
    let mut sql = Sql::new("SELECT r.id, r.slug, ");
    match (resource, with_text) {
        (Resource::Article, true) => sql.push("r.body_html AS text, "),
        (Resource::Article, false) => sql.push("NULL AS text, "),
        _ => &mut sql,
    };
    sql.push(match resource {
        Resource::Article => {
            "r.headline AS title, r.summary, r.language, r.published_at, NULL AS published_on, \
             o.id AS related_id, o.slug AS related_slug, o.name AS related_name FROM articles r \
             LEFT JOIN article_organisations l ON l.article_id = r.id AND l.position = 0 \
             LEFT JOIN organisations o ON o.id = l.organisation_id AND o.state = 'published' \
             WHERE r.state = 'published' AND r.id IN "
        }
        Resource::Recommendation => {
            "r.number AS title, r.summary, r.text, p.language, NULL AS published_at, r.published_on, \
             p.id AS related_id, p.slug AS related_slug, p.title AS related_name FROM recommendations r \
             JOIN reports p ON p.id = r.report_id \
             WHERE r.state = 'published' AND p.state = 'published' AND r.id IN "
        }
        Resource::Response => {
            "o.name AS title, r.withheld_reason AS summary, \
             (SELECT string_agg(coalesce(v.position_verbatim || ' ', '') || coalesce(v.text, ''), ' ' ORDER BY v.place) \
             FROM response_covers v WHERE v.response_id = r.id) AS text, \
             p.language, NULL AS published_at, r.published_on, \
             p.id AS related_id, p.slug AS related_slug, p.title AS related_name FROM responses r \
             JOIN reports p ON p.id = r.report_id JOIN organisations o ON o.id = r.responder_id \
             WHERE r.state = 'published' AND p.state = 'published' AND r.id IN "
        }
        Resource::Report => {
            "r.title, r.summary, NULL AS text, r.language, NULL AS published_at, r.published_on, \
             NULL AS related_id, NULL AS related_slug, NULL AS related_name FROM reports r \
             WHERE r.state = 'published' AND r.id IN "
        }
        _ => {
            "r.name AS title, r.description AS summary, NULL AS text, r.language, NULL AS published_at, \
             NULL AS published_on, NULL AS related_id, NULL AS related_slug, NULL AS related_name \
             FROM organisations r WHERE r.state = 'published' AND r.id IN "
        }
    });
    sql.list(ids.iter().copied());
    let visible_from = match resource {
        Resource::Recommendation | Resource::Response => "p.visible_from <=",
        _ => "r.visible_from <=",
    };
    // organisations are visible at once
    let now = Some(now).filter(|_| resource != Resource::Organisation);
    sql.and(visible_from, now);
    let rows: Vec<HitRow> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}
