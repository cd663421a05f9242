//! The days on which somebody looked for responses: to a report, or to one of its obligations.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::schema::report_response_checks;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;

/// Remembers the newest day of a report or obligation. Later ones are forgotten: they were taken back.
///
/// # Errors
/// If the database cannot be written.
pub fn remember(
    connection: &mut DbConnection,
    record: RecordId,
    newest: Option<NaiveDate>,
) -> QueryResult<()> {
    let days = report_response_checks::table.filter(report_response_checks::record_id.eq(record));
    let stored: Vec<NaiveDate> = days
        .select(report_response_checks::checked_on)
        .load(connection)?;
    for later in stored.iter().filter(|day| Some(**day) > newest) {
        diesel::delete(report_response_checks::table.find((record, later))).execute(connection)?;
    }
    if let Some(newest) = newest.filter(|newest| !stored.contains(newest)) {
        let day = (
            report_response_checks::record_id.eq(record),
            report_response_checks::checked_on.eq(newest),
        );
        diesel::insert_into(report_response_checks::table)
            .values(day)
            .execute(connection)?;
    }
    Ok(())
}
