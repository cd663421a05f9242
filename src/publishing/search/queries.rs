//! The SQL of the search: what the index is built from, and the records shown as hits.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};
use std::collections::HashMap;

use super::model::{Entry, SEARCHED, Times};
use crate::access::lookup;
use crate::log::Resource;
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::recommendations;

/// A batch of changes for the index.
#[derive(Debug, Default)]
pub struct Batch {
    /// The newest entry of each record that was written.
    pub entries: Vec<Entry>,
    /// When the public may see each of them, if ever.
    pub public_from: HashMap<String, NaiveDateTime>,
    /// The times of each that its document does not state.
    pub times: HashMap<String, Times>,
    /// The organisations that the recommendations among them are addressed to.
    pub addressed: HashMap<String, Vec<String>>,
    /// The groups that they are addressed to.
    pub groups: HashMap<String, Vec<String>>,
    /// The position in the log that this batch reaches.
    pub position: i64,
    /// The end of the log.
    pub end: i64,
    /// The digest of the entry at `position`, by which an index recognises its database.
    pub digest: String,
}

#[derive(QueryableByName)]
struct LogEnd {
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    digest: String,
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
pub fn news_statement(position: i64, limit: i64) -> Sql {
    let mut sql = Sql::new(
        "SELECT c.seq, c.resource, c.resource_id, c.state FROM changes c \
         LEFT JOIN changes n ON n.resource_id = c.resource_id AND n.revision = c.revision + 1 \
         WHERE n.seq IS NULL AND c.seq > ",
    );
    // keeps SQLite off the index on `resource`, with which it sorts the whole rest of the log for every batch
    sql.bind(position).push(" AND (c.resource || '') IN ");
    sql.list(SEARCHED.map(Resource::name));
    sql.push(" ORDER BY c.seq LIMIT ").bind(limit);
    sql
}

/// The records written after `position`. A record that was written again later comes with its newest entry.
pub fn news(connection: &mut DbConnection, position: i64, limit: i64) -> QueryResult<Batch> {
    let entries: Vec<Entry> = news_statement(position, limit).load(connection)?;
    let newest = Sql::new("SELECT c.seq, c.digest FROM changes c ORDER BY c.seq DESC LIMIT 1");
    let Some(end) = newest.get_result::<LogEnd>(connection).optional()? else {
        return Ok(Batch::default());
    };
    let is_all = (entries.len() as i64) < limit;
    let position = match entries.last().filter(|_| !is_all) {
        Some(last) => last.seq,
        None => end.seq,
    };
    let name = Resource::Recommendation.name();
    let of_recommendations = entries.iter().filter(|entry| entry.resource == name);
    let of_recommendations: Vec<&String> = of_recommendations.map(|e| &e.resource_id).collect();
    let (mut public_from, mut all_times) = (HashMap::new(), HashMap::new());
    for resource in SEARCHED {
        let of_resource = entries.iter().filter(|e| e.resource == resource.name());
        let ids: Vec<&String> = of_resource.map(|entry| &entry.resource_id).collect();
        if !ids.is_empty() {
            public_from.extend(lookup::public_from(connection, resource, &ids)?);
            all_times.extend(times(connection, resource, &ids)?);
        }
    }
    Ok(Batch {
        addressed: recommendations::queries::addressed(connection, &of_recommendations)?,
        groups: recommendations::queries::groups(connection, &of_recommendations)?,
        digest: digest(connection, position)?.unwrap_or_default(),
        end: end.seq,
        entries,
        public_from,
        times: all_times,
        position,
    })
}

fn times(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[&String],
) -> QueryResult<HashMap<String, Times>> {
    let mut sql = Sql::new("SELECT r.id, r.updated_at, ");
    sql.push(match resource {
        Resource::Recommendation => "r.published_on",
        _ => "NULL AS published_on",
    });
    sql.push(" FROM ")
        .push(resource.table())
        .push(" r WHERE r.id IN ");
    sql.list(ids.iter().copied());
    let rows: Vec<Times> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

/// The digest of a log entry.
pub fn digest(connection: &mut DbConnection, seq: i64) -> QueryResult<Option<String>> {
    let mut sql = Sql::new("SELECT c.seq, c.digest FROM changes c WHERE c.seq = ");
    sql.bind(seq);
    let place: Option<LogEnd> = sql.get_result(connection).optional()?;
    Ok(place.map(|place| place.digest))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = Text)]
    id: String,
}

/// The records that were written again after `position`: an index at that position has outdated documents of them. At
/// most one more than `limit`.
pub fn rewritten(
    connection: &mut DbConnection,
    position: i64,
    limit: i64,
) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new("SELECT DISTINCT c.resource_id AS id FROM changes c WHERE c.seq > ");
    sql.bind(position)
        .push(" AND c.revision > 1 AND c.resource IN ");
    sql.list(SEARCHED.map(Resource::name));
    sql.push(" LIMIT ").bind(limit + 1);
    let ids: Vec<Id> = sql.load(connection)?;
    Ok(ids.into_iter().map(|row| row.id).collect())
}

/// The parts of a record that a hit shows.
#[derive(Clone, Debug, QueryableByName)]
pub struct HitRow {
    /// The record's id.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// The slug.
    #[diesel(sql_type = Text)]
    pub slug: String,
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
    /// The id of the organisation that published it.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_id: Option<String>,
    /// Its slug.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_slug: Option<String>,
    /// Its name.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation_name: Option<String>,
    /// The id of the report that a recommendation belongs to.
    #[diesel(sql_type = Nullable<Text>)]
    pub report_id: Option<String>,
    /// Its slug.
    #[diesel(sql_type = Nullable<Text>)]
    pub report_slug: Option<String>,
    /// Its title.
    #[diesel(sql_type = Nullable<Text>)]
    pub report_title: Option<String>,
}

/// The public ones among these records, by id, with an article's body only if `with_text`. One statement per kind of
/// record.
pub fn hits(
    connection: &mut DbConnection,
    resource: Resource,
    ids: &[&String],
    with_text: bool,
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, HitRow>> {
    let mut sql = Sql::new("SELECT r.id, r.slug, ");
    match (resource, with_text) {
        (Resource::Article, true) => sql.push("r.body_html AS text, "),
        (Resource::Article, false) => sql.push("NULL AS text, "),
        _ => &mut sql,
    };
    sql.push(match resource {
        Resource::Article => {
            "r.headline AS title, r.summary, r.language, r.published_at, \
             NULL AS published_on, o.id AS organisation_id, o.slug AS organisation_slug, o.name AS organisation_name, \
             NULL AS report_id, NULL AS report_slug, NULL AS report_title FROM articles r \
             LEFT JOIN article_organisations l ON l.article_id = r.id AND l.position = 0 \
             LEFT JOIN organisations o ON o.id = l.organisation_id AND o.state = 'published' \
             WHERE r.state = 'published' AND r.id IN "
        }
        Resource::Recommendation => {
            "r.number AS title, r.summary, r.text, NULL AS language, NULL AS published_at, \
             r.published_on, NULL AS organisation_id, NULL AS organisation_slug, NULL AS organisation_name, \
             p.id AS report_id, p.slug AS report_slug, p.title AS report_title FROM recommendations r \
             JOIN reports p ON p.id = r.report_id \
             WHERE r.state = 'published' AND p.state = 'published' AND r.id IN "
        }
        Resource::Report => {
            "r.title, r.summary, NULL AS text, r.language, NULL AS published_at, r.published_on, \
             NULL AS organisation_id, NULL AS organisation_slug, NULL AS organisation_name, \
             NULL AS report_id, NULL AS report_slug, NULL AS report_title FROM reports r \
             WHERE r.state = 'published' AND r.id IN "
        }
        _ => {
            "r.name AS title, r.description AS summary, NULL AS text, NULL AS language, \
             NULL AS published_at, NULL AS published_on, NULL AS organisation_id, NULL AS organisation_slug, \
             NULL AS organisation_name, NULL AS report_id, NULL AS report_slug, NULL AS report_title \
             FROM organisations r WHERE r.state = 'published' AND r.id IN "
        }
    });
    sql.list(ids.iter().copied());
    match resource {
        Resource::Article | Resource::Report => {
            sql.push(" AND r.visible_from <= ").bind(now);
        }
        Resource::Recommendation => {
            sql.push(" AND p.visible_from <= ").bind(now);
        }
        _ => {}
    }
    let rows: Vec<HitRow> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}
