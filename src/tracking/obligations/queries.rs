//! The SQL of obligations, except for what generates them, which is in `generation`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::document::ObligationDocument;
use super::generation;
use super::model::{ObligationRow, Tracked};
use super::state::ResponseState;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{EntryOptions, Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{obligations, recommendations, reports};
use crate::platform::db::{DbConnection, Json, Sql};
use crate::platform::states::PublicationState;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision, RevisionKind};
use crate::writing::kind::Advance;
use crate::writing::violation::Violation;

/// The ownership of obligations.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Obligation,
    scope: Scope::RecommendationsWrite,
    owners: publishers,
};

/// The filters of a list of obligations, with references resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The time of the request.
    pub now: NaiveDateTime,
    /// The day of the request, in the United Kingdom.
    pub today: NaiveDate,
    /// Only obligations of this organisation, from the path.
    pub organisation: Option<String>,
    /// Only obligations under this recommendation, from the path. The caller may see it.
    pub recommendation: Option<String>,
    /// Only obligations of these organisations.
    pub organisations: Vec<String>,
    /// Only obligations under these reports.
    pub reports: Vec<String>,
    /// Only obligations under these recommendations.
    pub recommendations: Vec<String>,
    /// Only obligations of organisations addressed through these groups.
    pub groups: Vec<String>,
    /// Only obligations that are in one of these response states today.
    pub states: Vec<ResponseState>,
    /// Only obligations that require one of these kinds of response.
    pub response_requirements: Vec<String>,
    /// Only obligations with one of these positions.
    pub positions: Vec<String>,
    /// Only obligations with one of these implementation statuses.
    pub implementation_statuses: Vec<String>,
    /// Only obligations with one of these assessment statuses.
    pub assessment_statuses: Vec<String>,
    /// Due on or after this day.
    pub due_from: Option<NaiveDate>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
}

/// The SQL conditions for the rows of a list.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = Sql::new("o.state = 'published' AND p.state <> 'withdrawn'");
    match &filter.recommendation {
        Some(id) => sql.push(" AND o.recommendation_id = ").bind(id),
        None => sql
            .push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
            .bind(filter.now),
    };
    let lists = [
        (" AND o.organisation_id IN ", &filter.organisations),
        (" AND o.report_id IN ", &filter.reports),
        (" AND o.recommendation_id IN ", &filter.recommendations),
        (" AND o.via_group_id IN ", &filter.groups),
        (
            " AND o.response_requirement IN ",
            &filter.response_requirements,
        ),
        (" AND o.position IN ", &filter.positions),
        (
            " AND o.implementation_status IN ",
            &filter.implementation_statuses,
        ),
        (" AND o.assessment_status IN ", &filter.assessment_statuses),
    ];
    for (text, values) in lists {
        if !values.is_empty() {
            sql.push(text).list(values);
        }
    }
    if !filter.states.is_empty() {
        let mut separator = " AND ((";
        for state in &filter.states {
            sql.push(separator);
            state.condition(&mut sql, filter.today);
            separator = ") OR (";
        }
        sql.push("))");
    }
    sql.and("o.organisation_id =", filter.organisation.as_ref());
    if filter.due_from.is_some() {
        sql.push(" AND o.due_on IS NOT NULL");
    }
    sql.and("o.due_key >=", filter.due_from);
    sql.and("o.due_key <", filter.due_before);
    sql
}

/// The obligation with this id. It is as visible as its recommendation.
///
/// # Errors
/// When the query fails.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<ObligationRow>> {
    let mut sql = Sql::new("SELECT o.* FROM obligations o WHERE o.id = ");
    sql.bind(id);
    sql.get_result(connection).optional()
}

/// The document of an obligation on which nothing has been recorded yet.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn first_document(connection: &mut DbConnection, id: &str) -> QueryResult<String> {
    let (recommendation, organisation): (String, String) = obligations::table
        .find(id)
        .select((obligations::recommendation_id, obligations::organisation_id))
        .first(connection)?;
    Ok(
        serde_json::json!({"recommendation": recommendation, "organisation": organisation})
            .to_string(),
    )
}

/// The publishers of an obligation's report.
///
/// # Errors
/// When the query fails.
pub fn publishers(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new(
        "SELECT l.organisation_id AS id FROM report_publishers l \
         JOIN obligations r ON r.report_id = l.report_id WHERE r.id = ",
    );
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: &str, to: &Advance) -> QueryResult<()> {
    use obligations::dsl;
    diesel::update(dsl::obligations.find(id))
        .set((
            dsl::revision.eq(to.revision),
            dsl::change_seq.eq(to.seq),
            to.updated_at.map(|at| dsl::updated_at.eq(at)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Why a document cannot be stored: the recommendation is not addressed to the organisation, or a revision of a
/// deadline is not allowed.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &ObligationDocument,
) -> QueryResult<Vec<Violation>> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let row: Option<ObligationRow> = obligations::table
        .filter(obligations::recommendation_id.eq(recommendation))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .select(ObligationRow::as_select())
        .first(connection)
        .optional()?;
    let Some(row) = row else {
        let rule = "the recommendation is not addressed to this organisation";
        return Ok(vec![Violation::new("/organisation", rule)]);
    };
    let mut mistakes = Vec::new();
    for (index, revision) in document.revisions.iter().enumerate() {
        let mut earlier = document.revisions.iter().take(index);
        let last = earlier.rfind(|other| other.kind == revision.kind);
        let set = row
            .deadlines
            .iter()
            .find(|deadline| deadline.kind == revision.kind);
        let before = last
            .map(|other| other.due_on)
            .or(set.and_then(Deadline::as_set));
        if let Some(rule) = forbids(revision, set.is_some(), before) {
            mistakes.push(Violation::new(format!("/revisions/{index}"), rule));
        }
    }
    Ok(mistakes)
}

/// The rule that a revision of a deadline breaks. `before` is the deadline before it.
fn forbids(
    revision: &DeadlineRevision,
    is_set: bool,
    before: Option<NaiveDate>,
) -> Option<&'static str> {
    let Some(before) = before else {
        return (!is_set).then_some("the recommendation sets no deadline of this kind");
    };
    match revision.change {
        RevisionKind::Extension if revision.set_on > before => {
            Some("an extension must be set by the deadline; a later change is a slippage")
        }
        RevisionKind::Extension | RevisionKind::Slippage if revision.due_on <= before => Some(
            "an extension or slippage must move the deadline to a later day; use a correction to fix a wrong one",
        ),
        _ => None,
    }
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ObligationDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let (report_from, report_state): (chrono::NaiveDateTime, PublicationState) =
        recommendations::table
            .inner_join(reports::table.on(reports::id.eq(recommendations::report_id)))
            .filter(recommendations::id.eq(recommendation))
            .select((reports::visible_from, reports::state))
            .first(writer.connection)?;
    let manner = EntryOptions::below(report_state, report_from, document.state);
    let resource = Resource::Obligation;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    if writer.is_replaying() {
        generation::generate(writer.connection, recommendation)?; // the obligation may not exist yet
    }
    let tracked = Json::new(Tracked {
        recorded_at: Some(recorded.updated_at),
        revisions: document.revisions.clone(),
        checked_on: document.checked_on,
        transferred_to: document.transferred_to.clone(),
        disputes: document.disputes.clone(),
        note: document.note.clone(),
    })?;
    diesel::update(obligations::table.find(id))
        .set((
            obligations::revision.eq(recorded.revision),
            obligations::change_seq.eq(recorded.seq),
            obligations::tracked.eq(tracked),
        ))
        .execute(writer.connection)?;
    writer.touch(recommendation);
    Ok(WriteOutcome::of(previous))
}
