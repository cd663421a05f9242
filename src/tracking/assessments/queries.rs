//! All SQL of assessments.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{AssessmentDocument, AssessmentRow};
use crate::access::ownership::Ownership;
use crate::access::{Scope, visibility};
use crate::log::{EntryOptions, Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{
    assessments, obligations, recommendations, report_publishers, reports,
};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{PublicationState, VisibleState};
use crate::tracking::obligations::model::AssessmentStatus;
use crate::writing::kind::Advance;
use crate::writing::violation::Violation;

/// The ownership of assessments.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Assessment,
    scope: Scope::AssessmentsWrite,
    owners: assessor,
};

/// The filters of a list of assessments, with references resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The time of the request.
    pub now: NaiveDateTime,
    /// Only assessments in this state.
    pub state: VisibleState,
    /// Only assessments under these reports.
    pub reports: Vec<String>,
    /// Only assessments under these recommendations.
    pub recommendations: Vec<String>,
    /// Only assessments of these addressees.
    pub organisations: Vec<String>,
    /// Only assessments by these organisations.
    pub assessors: Vec<String>,
    /// Only assessments with one of these statuses.
    pub statuses: Vec<String>,
}

/// The SQL conditions for the rows of a list.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = visibility::below_reports(Resource::Assessment, filter.state);
    sql.push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
        .bind(filter.now);
    let lists = [
        (" AND r.report_id IN ", &filter.reports),
        (" AND r.recommendation_id IN ", &filter.recommendations),
        (" AND r.organisation_id IN ", &filter.organisations),
        (" AND r.assessor_id IN ", &filter.assessors),
        (" AND r.status IN ", &filter.statuses),
    ];
    for (text, values) in lists {
        if !values.is_empty() {
            sql.push(text).list(values);
        }
    }
    sql
}

/// The assessment with this id.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<AssessmentRow> {
    assessments::table
        .find(id)
        .select(AssessmentRow::as_select())
        .first(connection)
}

/// Why an assessment cannot be stored: the recommendation is not addressed to the organisation, the assessor is not a
/// publisher of the report, or the conclusion conflicts with a response on record.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &AssessmentDocument,
) -> QueryResult<Vec<Violation>> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let (report, state): (String, PublicationState) = recommendations::table
        .find(recommendation)
        .select((recommendations::report_id, recommendations::state))
        .first(connection)?;
    if !state.is_shown() {
        return Ok(Vec::new()); // a recommendation that is gone is no longer addressed to anybody
    }
    let mut mistakes = Vec::new();
    let mut forbid = |place: &str, rule: &str| mistakes.push(Violation::new(place, rule));
    let answered: Option<bool> = obligations::table
        .filter(obligations::recommendation_id.eq(recommendation))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .select(obligations::is_answered)
        .first(connection)
        .optional()?;
    match answered {
        None => forbid(
            "/organisation",
            "the recommendation is not addressed to this organisation",
        ),
        Some(true) if document.status == AssessmentStatus::ClosedNoResponse => forbid(
            "/status",
            "closed_no_response requires that the addressee did not respond, but a response is on record",
        ),
        Some(_) => {}
    }
    let standing: i64 = report_publishers::table
        .filter(report_publishers::report_id.eq(&report))
        .filter(report_publishers::organisation_id.eq(&document.assessor))
        .count()
        .get_result(connection)?;
    if standing == 0 {
        forbid(
            "/assessor",
            "the assessor must be a publisher of the report",
        );
    }
    Ok(mistakes)
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &AssessmentDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let (report, report_from, report_state): (String, NaiveDateTime, PublicationState) =
        recommendations::table
            .inner_join(reports::table.on(reports::id.eq(recommendations::report_id)))
            .filter(recommendations::id.eq(recommendation))
            .select((reports::id, reports::visible_from, reports::state))
            .first(writer.connection)?;
    let manner = EntryOptions::below(report_state, report_from, document.state);
    let resource = Resource::Assessment;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, &report, recorded);
    if previous.is_some() {
        let before: String = assessments::table
            .find(id)
            .select(assessments::recommendation_id)
            .first(writer.connection)?;
        writer.touch(before);
        diesel::update(assessments::table.find(id))
            .set(&row)
            .execute(writer.connection)?;
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
pub fn assessor(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new("SELECT r.assessor_id AS id FROM assessments r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: &str, to: &Advance) -> QueryResult<()> {
    use assessments::dsl;
    diesel::update(dsl::assessments.find(id))
        .set((
            dsl::revision.eq(to.revision),
            dsl::change_seq.eq(to.seq),
            to.updated_at.map(|at| dsl::updated_at.eq(at)),
        ))
        .execute(connection)?;
    Ok(())
}
