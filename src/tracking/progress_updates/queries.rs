//! All SQL of progress updates.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ProgressUpdateDocument, ProgressUpdateRow};
use super::schema::progress_updates;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::resources::collection::Collection;
use crate::resources::recommendations::views::Recommendation;
use crate::tracking::days::DayRules;
use crate::tracking::obligations::ended_mandates::{self, SaidForOthers};
use crate::tracking::obligations::said::said_on;
use crate::tracking::{below_reports, obligations};
use crate::writing::kind::Advance;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

/// The ownership of progress updates.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::ProgressUpdate,
    scope: Scope::ResponsesWrite,
    owners,
};

/// Why a progress update cannot be stored: the recommendation is not addressed to the organisation.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ProgressUpdateDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let row = Recommendation::row(connection, recommendation)?;
    let mut days = DayRules::new(connection, row.report_id, id, submission)?;
    days.partial("/as_at", &document.as_at);
    days.day("/published_on", document.published_on);
    let mut violations = days.violations;
    let addressee = document.organisation.resolved()?;
    let obligation = obligations::queries::find_for(connection, recommendation, addressee)?;
    // a recommendation that is gone is no longer addressed to anybody
    if obligation.is_none() && row.state.is_shown() {
        violations.push(obligations::rules::not_addressed());
    }
    if submission.previous.is_some() && submission.by.is_author() {
        let before: ProgressUpdateRow =
            below_reports::find(connection, Resource::ProgressUpdate, id)?;
        let recorded_by = before.recorded_by.as_ref();
        let said = SaidForOthers {
            speaker: before.author_id,
            report: row.report_id,
            recommendations: &[recommendation],
            named: &[addressee],
            said_on: said_on(recorded_by, before.published_on, before.created_at),
        };
        let ended = ended_mandates::violation(connection, &said, submission.today())?;
        violations.extend(ended);
    }
    Ok(violations)
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ProgressUpdateDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let (report, options) =
        below_reports::report_and_entry_options(writer.connection, recommendation, document.state)?;
    let resource = Resource::ProgressUpdate;
    let Some(recorded) = writer.record(resource, id, &id.into(), document, previous, options)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, report, recorded)?;
    if previous.is_some() {
        let before: RecordId = progress_updates::table
            .find(id)
            .select(progress_updates::recommendation_id)
            .first(writer.connection)?;
        writer.touch(before);
        update(
            writer.connection,
            diesel::update(progress_updates::table.find(id)).set(&row),
        )?;
    } else {
        diesel::insert_into(progress_updates::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    writer.touch(recommendation);
    Ok(WriteOutcome::of(previous))
}

/// The author.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.author_id AS id FROM progress_updates r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    below_reports::advance(connection, Sql::new("UPDATE progress_updates"), id, to)
}
