//! All SQL of action plans.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ActionPlanDocument, ActionPlanRow};
use super::schema::action_plans;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{obligations, recommendations};
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::time::LAST_DAY;
use crate::tracking::below_reports;
use crate::tracking::days::DayRules;
use crate::writing::kind::Advance;
use crate::writing::recorder::Submission;
use crate::writing::violation::Violation;

/// The ownership of action plans.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::ActionPlan,
    scope: Scope::ResponsesWrite,
    owners,
};

/// Why an action plan cannot be stored: no recommendation of the report is addressed to the organisation, or an action
/// is for a recommendation of another report.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ActionPlanDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let report = document.report.resolved()?;
    let mut days = DayRules::new(connection, report, id, submission)?;
    days.day("/first_seen_on", document.first_seen_on);
    days.day("/last_changed_on", document.last_changed_on);
    let mut violations = days.violations;
    let obligations: i64 = obligations::table
        .filter(obligations::report_id.eq(&document.report))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .count()
        .get_result(connection)?;
    if obligations == 0 {
        let rule = "No recommendation of the report is addressed to this organisation.";
        violations.push(Violation::new(MistakeCode::Conflict, "/organisation", rule));
    }
    let recommendations: Vec<RecordId> = recommendations::table
        .filter(recommendations::report_id.eq(&document.report))
        .select(recommendations::id)
        .load(connection)?;
    for (index, action) in document.actions.iter().enumerate() {
        let recommendation = Key::optional(action.recommendation.as_ref())?;
        if recommendation.is_some_and(|id| !recommendations.contains(&id)) {
            let pointer = format!("/actions/{index}/recommendation");
            let rule = "The recommendation belongs to another report.";
            violations.push(Violation::new(MistakeCode::Conflict, pointer, rule));
        }
    }
    Ok(violations)
}

/// The action plans of a report's addressees, for the coverage matrix: all, or those that were seen by a day.
///
/// # Errors
/// When the query fails.
pub fn of_report(
    connection: &mut DbConnection,
    report: RecordId,
    by: Option<NaiveDate>,
) -> QueryResult<Vec<ActionPlanRow>> {
    action_plans::table
        .filter(action_plans::first_seen_key.le(by.unwrap_or(LAST_DAY)))
        .filter(action_plans::report_id.eq(report))
        .filter(action_plans::state.eq("published"))
        .order((action_plans::first_seen_key, action_plans::id))
        .select(ActionPlanRow::as_select())
        .load(connection)
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ActionPlanDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let options = below_reports::entry_options(
        writer.connection,
        document.report.resolved()?,
        document.state,
    )?;
    let resource = Resource::ActionPlan;
    let Some(recorded) = writer.record(resource, id, &id.into(), document, previous, options)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        update(
            writer.connection,
            diesel::update(action_plans::table.find(id)).set(&row),
        )?;
    } else {
        diesel::insert_into(action_plans::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    Ok(WriteOutcome::of(previous))
}

/// The organisation whose plan it is.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql = Sql::new("SELECT r.organisation_id AS id FROM action_plans r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    below_reports::advance(connection, Sql::new("UPDATE action_plans"), id, to)
}
