//! Tombstones of records that are no longer public. They carry nothing but the id.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Text, Timestamp};

use super::feed::Tombstone;
use super::item::urn;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;

/// How many of the most recently updated records to examine per state that is not public. Most drafts were never
/// public, and no feed should scan them all.
const LATEST: i64 = 100;

/// The states that are not public.
const NOT_PUBLIC: [&str; 3] = ["gone", "erased", "draft"];

#[derive(QueryableByName)]
struct Removed {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(sql_type = Timestamp)]
    at: NaiveDateTime,
}

/// The latest articles or recommendations that were public and were then removed, erased or turned back into drafts.
/// The feed's filters do not apply: nothing is known of an erased record that they could match.
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

/// The log tells when a removal became public: the record's newest entry is public then, even though the record is not.
pub fn statement(resource: Resource, limit: i64, now: NaiveDateTime) -> Sql {
    let mut sql = Sql::new("SELECT unseen.id, c.public_from AS at FROM (");
    for (index, state) in NOT_PUBLIC.into_iter().enumerate() {
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

/// The recommendations that were removed with their reports.
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
