//! All SQL of action plans.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ActionPlanDocument, ActionPlanRow};
use crate::access::ownership::Ownership;
use crate::access::{Scope, visibility};
use crate::log::{EntryOptions, Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{action_plans, obligations, recommendations, reports};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{PublicationState, VisibleState};
use crate::writing::kind::Advance;
use crate::writing::violation::Violation;

/// The ownership of action plans.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::ActionPlan,
    scope: Scope::ResponsesWrite,
    owners: planner,
};

/// The filters of a list of action plans, with references resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The time of the request.
    pub now: NaiveDateTime,
    /// Only action plans in this state.
    pub state: VisibleState,
    /// Only action plans under these reports.
    pub reports: Vec<String>,
    /// Only action plans of these addressees.
    pub organisations: Vec<String>,
}

/// The SQL conditions for the rows of a list.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = visibility::below_reports(Resource::ActionPlan, filter.state);
    sql.push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
        .bind(filter.now);
    let lists = [
        (" AND r.report_id IN ", &filter.reports),
        (" AND r.organisation_id IN ", &filter.organisations),
    ];
    for (text, values) in lists {
        if !values.is_empty() {
            sql.push(text).list(values);
        }
    }
    sql
}

/// The action plan with this id.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<ActionPlanRow> {
    action_plans::table
        .find(id)
        .select(ActionPlanRow::as_select())
        .first(connection)
}

/// Why an action plan cannot be stored: no recommendation of the report is addressed to the organisation, or an action
/// is for a recommendation of another report.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &ActionPlanDocument,
) -> QueryResult<Vec<Violation>> {
    let mut mistakes = Vec::new();
    let asked: i64 = obligations::table
        .filter(obligations::report_id.eq(&document.report))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .count()
        .get_result(connection)?;
    if asked == 0 {
        let rule = "no recommendation of the report is addressed to this organisation";
        mistakes.push(Violation::new("/organisation", rule));
    }
    let own: Vec<String> = recommendations::table
        .filter(recommendations::report_id.eq(&document.report))
        .select(recommendations::id)
        .load(connection)?;
    for (index, action) in document.actions.iter().enumerate() {
        if action
            .recommendation
            .as_ref()
            .is_some_and(|id| !own.contains(id))
        {
            let rule = "the recommendation belongs to another report";
            mistakes.push(Violation::new(
                format!("/actions/{index}/recommendation"),
                rule,
            ));
        }
    }
    Ok(mistakes)
}

/// The action plans of a report's addressees, for the coverage matrix.
///
/// # Errors
/// When the query fails.
pub fn of_report(connection: &mut DbConnection, report: &str) -> QueryResult<Vec<ActionPlanRow>> {
    action_plans::table
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
    id: &str,
    document: &ActionPlanDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let (report_from, report_state): (NaiveDateTime, PublicationState) = reports::table
        .find(&document.report)
        .select((reports::visible_from, reports::state))
        .first(writer.connection)?;
    let manner = EntryOptions::below(report_state, report_from, document.state);
    let resource = Resource::ActionPlan;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, recorded)?;
    if previous.is_some() {
        diesel::update(action_plans::table.find(id))
            .set(&row)
            .execute(writer.connection)?;
        return Ok(WriteOutcome::Updated);
    }
    diesel::insert_into(action_plans::table)
        .values(&row)
        .execute(writer.connection)?;
    Ok(WriteOutcome::Created)
}

/// The organisation whose plan it is.
///
/// # Errors
/// When the query fails.
pub fn planner(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new("SELECT r.organisation_id AS id FROM action_plans r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: &str, to: &Advance) -> QueryResult<()> {
    use action_plans::dsl;
    diesel::update(dsl::action_plans.find(id))
        .set((
            dsl::revision.eq(to.revision),
            dsl::change_seq.eq(to.seq),
            to.updated_at.map(|at| dsl::updated_at.eq(at)),
        ))
        .execute(connection)?;
    Ok(())
}
