//! Where a write starts: the time, and the end of the log.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text, Timestamp};

use crate::platform::clock::Clock;
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Sql};

/// The number and the digest of the last entry of a log.
pub type LogEnd = (i64, String);

#[derive(QueryableByName)]
struct StartRow {
    #[diesel(sql_type = Timestamp)]
    now: NaiveDateTime,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    digest: String,
}

/// Reads the time of a shared database, which counts for all nodes, and the end of the log: with one statement, as all
/// other writes wait. The caller holds the write lock.
///
/// Entries are in the order of their numbers. Their times are those of the clock: pushed up to keep that order, one entry
/// written by a clock that is ahead would hide all later ones until its time has come.
pub fn read(
    connection: &mut DbConnection,
    clock: &Clock,
) -> QueryResult<(Option<NaiveDateTime>, LogEnd)> {
    let Some(asked) = clock.of_machine() else {
        let last: Option<LogEnd> = changes::table
            .order(changes::seq.desc())
            .select((changes::seq, changes::digest))
            .first(connection)
            .optional()?;
        return Ok((None, last.unwrap_or_default()));
    };
    // not `now()`, which is when the transaction began: before it waited for the write lock
    let sql = Sql::new(
        "SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now, coalesce(max(c.seq), 0) AS seq, \
         coalesce(max(c.digest), '') AS digest FROM (SELECT seq, digest FROM changes ORDER BY seq DESC LIMIT 1) c",
    );
    let row: StartRow = sql.get_result(connection)?;
    Ok((Some(clock.correct(row.now, asked)), (row.seq, row.digest)))
}
