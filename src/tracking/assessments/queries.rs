//! All SQL of assessments.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::AssessmentDocument;
use super::schema::assessments;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::recommendations::views::Recommendation;
use crate::resources::reports;
use crate::tracking::days::DayRules;
use crate::tracking::obligations::model::AssessmentStatus;
use crate::tracking::{below_reports, obligations};
use crate::writing::kind::Advance;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

/// The ownership of assessments.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Assessment,
    scope: Scope::AssessmentsWrite,
    owners,
};

/// Why an assessment cannot be stored: the recommendation is not addressed to the organisation, the assessor is not a
/// publisher of the report, or the conclusion conflicts with a response on record.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &AssessmentDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let recommendation = Recommendation::row(connection, recommendation)?;
    if !recommendation.state.is_shown() {
        return Ok(Vec::new()); // a recommendation that is gone is no longer addressed to anybody
    }
    let mut days = DayRules::of_today(submission);
    days.partial("/as_at", &document.as_at);
    let mut violations = days.violations;
    let addressee = document.organisation.resolved()?;
    match obligations::queries::find_for(connection, recommendation.id, addressee)? {
        None => violations.push(obligations::rules::not_addressed()),
        Some(obligation)
            if obligation.is_answered && document.status == AssessmentStatus::ClosedNoResponse =>
        {
            let rule = "The status 'closed_no_response' requires that the addressee did not respond, but a response is on record.";
            violations.push(Violation::new(MistakeCode::Conflict, "/status", rule));
        }
        Some(_) => {}
    }
    let publishers = reports::queries::publishers(connection, recommendation.report_id)?;
    // one that has left the report can still withdraw what it said
    let withdraws = submission.previous.is_some() && document.state.is_withdrawn();
    if !withdraws && !publishers.contains(&document.assessor.resolved()?) {
        let rule = "The assessor must be a publisher of the report.";
        violations.push(Violation::new(MistakeCode::Conflict, "/assessor", rule));
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
    document: &AssessmentDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let (report, options) =
        below_reports::report_and_entry_options(writer.connection, recommendation, document.state)?;
    let resource = Resource::Assessment;
    let Some(recorded) = writer.record(resource, id, &id.into(), document, previous, options)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, report, recorded)?;
    if previous.is_some() {
        let before: RecordId = assessments::table
            .find(id)
            .select(assessments::recommendation_id)
            .first(writer.connection)?;
        writer.touch(before);
        update(
            writer.connection,
            diesel::update(assessments::table.find(id)).set(&row),
        )?;
    } else {
        diesel::insert_into(assessments::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    writer.touch(recommendation);
    Ok(WriteOutcome::of(previous))
}

/// The organisation that assessed.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.assessor_id AS id FROM assessments r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    below_reports::advance(connection, Sql::new("UPDATE assessments"), id, to)
}
