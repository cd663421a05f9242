//! The forks of the log: when it was put back to an earlier state, and what it lost.
//!
//! Each begins an epoch, whose number is that of the fork. A node that comes to another epoch drops all that it derived
//! from the log; followers are told what to read again.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::lineage::Lineage;
use super::schema::log_forks;
use crate::platform::db::DbConnection;

/// A fork of the log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = log_forks)]
pub struct LogFork {
    /// Its number.
    pub number: i64,
    /// When it was found.
    pub found_at: NaiveDateTime,
    /// The newest entry that is known to have stayed, or 0: those after it were lost, or may have been.
    pub last_common: i64,
    /// The newest entry that is known to be lost.
    pub lost_seq: i64,
    /// The beginning of its digest.
    pub lost_digest: String,
}

/// The number of the newest fork; 0 if there was none.
pub fn newest(connection: &mut DbConnection) -> QueryResult<i64> {
    let newest: Option<i64> = log_forks::table
        .select(diesel::dsl::max(log_forks::number))
        .first(connection)?;
    Ok(newest.unwrap_or(0))
}

/// The forks after the one with this number, in order.
pub fn after(connection: &mut DbConnection, number: i64) -> QueryResult<Vec<LogFork>> {
    log_forks::table
        .filter(log_forks::number.gt(number))
        .order(log_forks::number)
        .select(LogFork::as_select())
        .load(connection)
}

/// Records that the log has left this lineage, or lost the record of a fork that the lineage knows, unless it has not or
/// another node was first. The caller holds the write lock.
pub fn record(
    connection: &mut DbConnection,
    lineage: &Lineage,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let newest = newest(connection)?;
    if newest > lineage.epoch {
        return Ok(());
    }
    let (lost_seq, lost_digest) = lineage.newest();
    let last_common = match lineage.left_after(connection)? {
        Some(last_common) => last_common,
        None if newest < lineage.epoch => lost_seq,
        None => return Ok(()),
    };
    tracing::error!(
        last_common,
        lost_seq,
        "the log was put back: entries after the last common one are lost"
    );
    let fork = LogFork {
        // a fork that was itself lost keeps its number
        number: newest.max(lineage.epoch) + 1,
        found_at: now,
        last_common,
        lost_seq,
        lost_digest: lost_digest.to_owned(),
    };
    diesel::insert_into(log_forks::table)
        .values(&fork)
        .execute(connection)
        .map(drop)
}
