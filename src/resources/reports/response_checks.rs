//! The days on which somebody looked for responses, to a report or to one of its obligations: the newest one that its
//! document says, and those that earlier documents said, unless a later one took them back.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::BTreeSet;

use super::schema::report_response_checks as checks;
use crate::log::{Resource, Writer, entries};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::platform::time::LAST_DAY;

/// Remembers the newest day of a report or obligation that is being stored. What was redacted or erased is forgotten.
///
/// # Errors
/// If the database cannot be written.
pub fn remember(
    writer: &mut Writer<'_>,
    record: RecordId,
    newest: Option<NaiveDate>,
    is_erased: bool,
) -> QueryResult<()> {
    let stored = stored(writer.connection, record)?;
    let before = match writer.has_erased() && !writer.is_replaying() {
        true => logged(writer.connection, record)?,
        false if is_erased => BTreeSet::new(),
        false => stored.clone(),
    };
    let days = with_newest(before, newest);
    replace(writer.connection, record, &stored, &days)
}

/// Derives the days of all reports and obligations from the change log, in a database of an older version.
///
/// # Errors
/// If the database cannot be written.
pub fn derive_all(connection: &mut DbConnection) -> QueryResult<()> {
    let ids =
        "SELECT DISTINCT resource_id AS id FROM changes WHERE resource IN ('report', 'obligation')";
    for record in Sql::new(ids).ids(connection)? {
        let (stored, days) = (stored(connection, record)?, logged(connection, record)?);
        replace(connection, record, &stored, &days)?;
    }
    Ok(())
}

/// Later days than the newest were taken back.
fn with_newest(mut days: BTreeSet<NaiveDate>, newest: Option<NaiveDate>) -> BTreeSet<NaiveDate> {
    days.retain(|day| Some(*day) < newest);
    days.extend(newest);
    days
}

/// The days according to what the log has of a record.
fn logged(connection: &mut DbConnection, record: RecordId) -> QueryResult<BTreeSet<NaiveDate>> {
    let until = LAST_DAY.into();
    let entries = entries::of_record(connection, record, until, true, None, i64::MAX)?;
    let mut days = BTreeSet::new();
    for entry in entries.into_iter().rev() {
        let Some(document) = entry.document()? else {
            continue;
        };
        let member = match entry.resource.0 {
            Resource::Report => "responses_checked_on",
            _ => "checked_on",
        };
        let day = document.get(member).and_then(|day| day.as_str());
        days = with_newest(days, day.and_then(|day| day.parse().ok()));
    }
    Ok(days)
}

fn stored(connection: &mut DbConnection, record: RecordId) -> QueryResult<BTreeSet<NaiveDate>> {
    let days = checks::table.filter(checks::record_id.eq(record));
    let days: Vec<NaiveDate> = days.select(checks::checked_on).load(connection)?;
    Ok(days.into_iter().collect())
}

fn replace(
    connection: &mut DbConnection,
    record: RecordId,
    stored: &BTreeSet<NaiveDate>,
    days: &BTreeSet<NaiveDate>,
) -> QueryResult<()> {
    for day in stored.difference(days) {
        diesel::delete(checks::table.find((record, day))).execute(connection)?;
    }
    for day in days.difference(stored) {
        diesel::insert_into(checks::table)
            .values((checks::record_id.eq(record), checks::checked_on.eq(day)))
            .execute(connection)?;
    }
    Ok(())
}
