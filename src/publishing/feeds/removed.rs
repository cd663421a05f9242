//! What is not public any more, for tombstones: all that may still be said of it is its id.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Text, Timestamp};

use super::feed::{Tombstone, urn};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};

/// What is looked at: so many of the records that were changed last, in each state that the public does not see. Most
/// drafts never were public, and are not to be walked through for each feed.
const LATEST: i64 = 100;

/// The states that the public does not see.
const UNSEEN: [&str; 3] = ["gone", "erased", "draft"];

#[derive(QueryableByName)]
struct Removed {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Timestamp)]
    at: NaiveDateTime,
}

/// The latest articles or recommendations that were public and were removed, erased, or taken back into a draft. Filters
/// have no say: of what was erased nothing is known that they could go by.
pub fn latest(
    connection: &mut DbConnection,
    resource: Resource,
    limit: i64,
    now: NaiveDateTime,
) -> QueryResult<Vec<Tombstone>> {
    let rows: Vec<Removed> = statement(resource, limit, now).load(connection)?;
    let tombstones = rows.into_iter().map(|row| Tombstone {
        id: urn(&row.id),
        at: row.at.and_utc(),
        reason: None,
    });
    Ok(tombstones.collect())
}

/// The log says when the public saw the last of a record: its newest entry is public then, though the record is not.
pub fn statement(resource: Resource, limit: i64, now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new("SELECT unseen.id, c.public_from AS at FROM (");
    for (index, state) in UNSEEN.into_iter().enumerate() {
        if index > 0 {
            sql.push(" UNION ALL ");
        }
        sql.append(records_in(resource, state));
        if resource == Resource::Recommendation {
            sql.push(" UNION ALL ").append(below_reports_in(state));
        }
    }
    sql.push(") AS unseen JOIN changes c ON c.seq = unseen.change_seq WHERE c.public_from <= ")
        .bind(now)
        .push(" ORDER BY c.public_from DESC, unseen.id DESC LIMIT ")
        .bind(limit);
    sql
}

fn records_in(resource: Resource, state: &str) -> Sql {
    let mut sql = Sql::new("SELECT * FROM (SELECT r.id, r.change_seq FROM ");
    sql.push(resource.table())
        .push(" r WHERE r.state = ")
        .bind(state)
        .push(" ORDER BY r.updated_at DESC, r.id DESC LIMIT ")
        .bind(LATEST)
        .push(") AS latest");
    sql
}

/// The recommendations that went with their reports.
fn below_reports_in(state: &str) -> Sql {
    let mut sql = Sql::new(
        "SELECT * FROM (SELECT r.id, r.change_seq FROM reports p JOIN recommendations r ON r.report_id = p.id \
         WHERE r.state IN ('published', 'withdrawn') AND p.state = ",
    );
    sql.bind(state)
        .push(" ORDER BY p.updated_at DESC, p.id DESC LIMIT ")
        .bind(LATEST)
        .push(") AS latest");
    sql
}
