//! The clock of the database, which counts for all machines that share it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Timestamp;

use super::{Database, DbConnection, Error, Location, Sql};
use crate::platform::clock::Clock;

#[derive(QueryableByName)]
struct NowRow {
    #[diesel(sql_type = Timestamp)]
    now: NaiveDateTime,
}

/// The clock for this database: that of PostgreSQL, or this machine's for a file.
///
/// # Errors
/// If the database cannot be read.
pub fn clock(database: &Database, machine: Clock) -> Result<Clock, Error> {
    if !matches!(database.location(), Location::Postgres(_)) {
        return Ok(machine);
    }
    let clock = Clock::shared(machine);
    database.read_now(|c| Ok::<_, Error>(synchronise(c, &clock).map(drop)?))?;
    Ok(clock)
}

/// Corrects a shared clock by that of the database, whose time is returned; `None` for another clock.
///
/// # Errors
/// If the database cannot be read.
pub fn synchronise(
    connection: &mut DbConnection,
    clock: &Clock,
) -> QueryResult<Option<NaiveDateTime>> {
    let Some(asked) = clock.of_machine() else {
        return Ok(None);
    };
    let sql = Sql::new("SELECT clock_timestamp() AT TIME ZONE 'UTC' AS now");
    let row: NowRow = sql.get_result(connection)?;
    Ok(Some(clock.correct(row.now, asked)))
}
