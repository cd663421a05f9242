//! Entries from the future: written while a clock was ahead. They keep their number and time, which the digests cover;
//! only from when they are public can be mended.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;

/// How far ahead an entry may be before it counts: clocks of several nodes differ a little.
const TOLERANCE: TimeDelta = TimeDelta::seconds(60);

/// An entry from the future.
#[derive(Clone, Debug, QueryableByName)]
pub struct AheadEntry {
    /// The number.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// When it says that it was written.
    #[diesel(sql_type = Timestamp)]
    pub at: NaiveDateTime,
    /// The kind of record.
    #[diesel(sql_type = Text)]
    pub resource: String,
    /// The record.
    #[diesel(sql_type = Text)]
    pub resource_id: RecordId,
}

/// The entries from the future that are public as soon as their time has come; at most 1,000.
///
/// # Errors
/// When the query fails.
pub fn entries(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Vec<AheadEntry>> {
    let mut sql = Sql::new(
        "SELECT c.seq, c.at, c.resource, c.resource_id FROM changes c WHERE c.public_from > ",
    );
    sql.bind(now + TOLERANCE)
        .push(" AND c.at = c.public_from ORDER BY c.public_from, c.seq LIMIT 1000");
    sql.load(connection)
}

/// Makes them public now. Returns how many there were.
///
/// # Errors
/// When a query fails.
pub fn mend(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<usize> {
    let ahead = changes::public_from
        .gt(now + TOLERANCE)
        .and(changes::public_from.eq(changes::at.nullable()));
    diesel::update(changes::table.filter(ahead))
        .set(changes::public_from.eq(now))
        .execute(connection)
}

/// A warning about entries from the future, if there are any.
///
/// # Errors
/// When the query fails.
pub fn warning(connection: &mut DbConnection, now: NaiveDateTime) -> QueryResult<Option<String>> {
    let entries = entries(connection, now)?;
    Ok(entries.first().map(|first| {
        format!(
            "{} entries of the change log were written while a clock was ahead, the first at {}: run `answerable mend-clock`",
            entries.len(),
            first.at.and_utc().to_rfc3339()
        )
    }))
}
