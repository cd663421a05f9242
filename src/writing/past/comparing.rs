//! Compares every record with the log: what a replay of the whole log shows must be what the database shows. A row that was
//! changed behind the log's back differs, and so does derived data that does not follow from the records.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;
use std::collections::BTreeSet;

use super::file;
use crate::log::Resource;
use crate::log::entries;
use crate::platform::db::{Database, DbConnection, Error, PoolSize, Sql};
use crate::platform::identity::RecordId;
use crate::platform::page_urls::PageUrls;
use crate::writing::kind::{Catalogue, Kind};

/// A record that differs from the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Its kind.
    pub resource: Resource,
    /// Its id.
    pub id: RecordId,
    /// What differs.
    pub detail: &'static str,
}

/// The records that differ from the log, at most 100. The replay takes memory for the whole database.
///
/// # Errors
/// If the database cannot be read, or an entry of the log cannot be replayed.
pub fn differences(
    database: &Database,
    catalogue: &Catalogue,
    size: PoolSize,
    now: NaiveDateTime,
) -> Result<Vec<Difference>, Error> {
    database.read_now(|live| {
        let replayed = file::replayed(live, catalogue, size, now)?;
        replayed.read_now(|replayed| {
            let mut found = Vec::new();
            for resource in Resource::ALL {
                compare((catalogue.kind)(resource), live, replayed, now, &mut found)?;
            }
            compare_rows(live, replayed, &mut found)?;
            found.truncate(100);
            Ok(found)
        })
    })
}

/// The recommendations addressed to groups of which a revision was erased or redacted: it is not known any more who belonged
/// to them.
const OF_REDACTED_GROUPS: &str = "SELECT a.recommendation_id AS id FROM recommendation_addressees a \
     WHERE a.group_id IN (SELECT c.resource_id FROM changes c WHERE c.resource = 'group' AND c.state IS NULL)";

/// Those recommendations and their obligations.
fn unknown(live: &mut DbConnection) -> Result<BTreeSet<RecordId>, Error> {
    let mut sql = Sql::new(OF_REDACTED_GROUPS);
    sql.push(" UNION SELECT o.id FROM obligations o WHERE o.recommendation_id IN (");
    sql.push(OF_REDACTED_GROUPS).push(")");
    ids_of(live, sql)
}

fn compare(
    kind: &Kind,
    live: &mut DbConnection,
    replayed: &mut DbConnection,
    now: NaiveDateTime,
    found: &mut Vec<Difference>,
) -> Result<(), Error> {
    let resource = kind.resource();
    let (here, there) = (ids(live, resource)?, ids(replayed, resource)?);
    let unknown = unknown(live)?;
    for id in here.union(&there).copied() {
        if unknown.contains(&id) {
            continue;
        }
        let detail = match (here.contains(&id), there.contains(&id)) {
            (true, false) => "the log has no such record",
            (false, true) => "the record of the log is missing",
            _ if shown(kind, live, id, now) == shown(kind, replayed, id, now) => continue,
            _ => "the record is not what the log says",
        };
        found.push(Difference {
            resource,
            id,
            detail,
        });
    }
    Ok(())
}

/// What lists and redirects depend on and no record shows: the records and the rows as text, and the kind of those records
/// that the log has no entry of.
const ROWS: [(Resource, &str); 10] = [
    (
        Resource::Recommendation,
        "SELECT r.id, r.number_key AS row_text FROM recommendations r",
    ),
    (
        Resource::Obligation,
        "SELECT o.id, o.from_on || ' ' || o.until_on || ' ' || o.due_key || ' ' || COALESCE(o.answered_on || ' ', '') || \
     CAST(o.is_extended AS INTEGER) || CAST(o.is_answered AS INTEGER) || CAST(o.is_receipt_known AS INTEGER) || \
     CAST(o.is_withheld AS INTEGER) || CAST(o.has_holding_reply AS INTEGER) || CAST(o.is_collective AS INTEGER) || \
     COALESCE(o.position, '') || ' ' || o.implementation_status || COALESCE(o.implementation_as_at, '') || \
     o.assessment_status || COALESCE(o.assessment_as_at, '') || COALESCE(o.transferred_to_id, '') || o.statements || \
     o.state || o.response_requirement || COALESCE(o.due_on || ' ', '') || o.deadlines || o.tracked || COALESCE(o.via_group_id, '') || \
     o.organisation_id || o.recommendation_id || o.report_id AS row_text \
     FROM obligation_spans o",
    ),
    (
        Resource::Obligation,
        "SELECT c.record_id AS id, c.checked_on || ' ' AS row_text FROM report_response_checks c",
    ),
    (
        Resource::Article,
        "SELECT a.id, COALESCE(a.original_url_key, '') AS row_text FROM articles a",
    ),
    (
        // times are text in SQLite only: those of the links are copies of the article's
        Resource::Article,
        "SELECT a.id, l.kind || ' ' || l.position || ' ' || l.target || ' ' || CAST(l.published_at = a.published_at AS INTEGER) AS row_text \
     FROM articles a JOIN ( \
     SELECT article_id, 'organisation' AS kind, position, organisation_id AS target, published_at FROM article_organisations UNION ALL \
     SELECT article_id, 'topic', position, topic_id, published_at FROM article_topics UNION ALL \
     SELECT article_id, 'report', position, report_id, published_at FROM article_reports UNION ALL \
     SELECT article_id, 'recommendation', position, recommendation_id, published_at FROM article_recommendations) l ON l.article_id = a.id",
    ),
    (
        Resource::Recommendation,
        "SELECT a.recommendation_id AS id, a.group_id || ' ' || a.members AS row_text FROM recommendation_addressees a \
     WHERE a.group_id IS NOT NULL",
    ),
    (
        Resource::Recommendation,
        "SELECT a.recommendation_id AS id, a.organisation_id || ' ' || COALESCE(a.via_group_id, '') AS row_text \
     FROM recommendation_addressed_organisations a",
    ),
    (
        Resource::Recommendation,
        "SELECT f.recommendation_id AS id, f.organisation_id AS row_text FROM recommendation_former_addressees f",
    ),
    (
        Resource::Article,
        "SELECT f.resource_id AS id, f.resource || ' ' || f.slug AS row_text FROM former_slugs f",
    ),
    (
        Resource::Article,
        "SELECT m.resource_id AS id, m.survivor_id AS row_text FROM mergers m",
    ),
];

#[derive(PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct ComparedRow {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Text)]
    row_text: String,
}

fn compare_rows(
    live: &mut DbConnection,
    replayed: &mut DbConnection,
    found: &mut Vec<Difference>,
) -> Result<(), Error> {
    let unknown = unknown(live)?;
    for (resource, sql) in ROWS {
        let load = |c: &mut DbConnection| -> QueryResult<BTreeSet<ComparedRow>> {
            Ok(Sql::new(sql).load(c)?.into_iter().collect())
        };
        let (here, there) = (load(live)?, load(replayed)?);
        let changed = here.symmetric_difference(&there).map(|row| row.id);
        let changed: BTreeSet<RecordId> = changed.filter(|id| !unknown.contains(id)).collect();
        for id in changed {
            let entry = entries::newest(live, id)?;
            found.push(Difference {
                resource: entry.map_or(resource, |entry| entry.resource.0),
                id,
                detail: "what lists and redirects are derived from is not what the log says",
            });
        }
    }
    Ok(())
}

/// How a record is shown, or why it is not.
fn shown(
    kind: &Kind,
    connection: &mut DbConnection,
    id: RecordId,
    now: NaiveDateTime,
) -> Result<Value, String> {
    let shown = kind
        .show_one(connection, id, now, PageUrls::default())
        .map_err(|error| format!("{:?}", error.code))?;
    serde_json::from_str(&shown.body).map_err(|error| error.to_string())
}

fn ids(connection: &mut DbConnection, resource: Resource) -> Result<BTreeSet<RecordId>, Error> {
    let mut sql = Sql::new("SELECT r.id FROM ");
    sql.push(resource.table()).push(" r");
    ids_of(connection, sql)
}

fn ids_of(connection: &mut DbConnection, sql: Sql) -> Result<BTreeSet<RecordId>, Error> {
    let ids = sql.ids(connection).map_err(Error::Query)?;
    Ok(ids.into_iter().collect())
}
