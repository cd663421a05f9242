//! The SQL of obligations: lists and one record. What makes them is in `generation`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::document::ObligationDocument;
use super::generation;
use super::model::{ObligationRow, Tracked};
use super::state::ResponseState;
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{Manner, Outcome, Previous, Resource, Writer};
use crate::platform::db::schema::{obligations, recommendations, reports};
use crate::platform::db::{DbConnection, Json, Sql};
use crate::platform::states::PublicationState;
use crate::resources::deadlines::terms::{Deadline, DeadlineRevision, RevisionKind};
use crate::writing::kind::Advance;
use crate::writing::violation::Violation;

/// Whose obligations are.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Obligation,
    scope: Scope::RecommendationsWrite,
    owners: publishers,
};

/// Which obligations are wanted, with links resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The moment of the request.
    pub now: NaiveDateTime,
    /// The day of the request, in the United Kingdom.
    pub today: NaiveDate,
    /// Only those of this organisation: from the path.
    pub organisation: Option<String>,
    /// Only those under this recommendation, which the caller may see: from the path.
    pub recommendation: Option<String>,
    /// Only those of these organisations.
    pub organisations: Vec<String>,
    /// Only those under these reports.
    pub reports: Vec<String>,
    /// Only those under these recommendations.
    pub recommendations: Vec<String>,
    /// Only those of organisations that were addressed through these groups.
    pub groups: Vec<String>,
    /// Only those that stand so today.
    pub states: Vec<ResponseState>,
    /// Only those of which a response is owed so.
    pub response_requirements: Vec<String>,
    /// Only those with these positions.
    pub positions: Vec<String>,
    /// Only those of which the addressee says so.
    pub implementation_statuses: Vec<String>,
    /// Only those of which the recommender concluded so.
    pub assessment_statuses: Vec<String>,
    /// Due on this day or later.
    pub due_from: Option<NaiveDate>,
    /// Due before this day.
    pub due_before: Option<NaiveDate>,
}

/// The conditions that the obligations of a list fulfil.
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
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<Option<ObligationRow>> {
    let mut sql = Sql::new("SELECT o.* FROM obligations o WHERE o.id = ");
    sql.bind(id);
    sql.get_result(connection).optional()
}

/// The document of an obligation of which nothing was recorded yet.
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

/// The publishers of the report that an obligation comes from.
pub fn publishers(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new(
        "SELECT l.organisation_id AS id FROM report_publishers l \
         JOIN obligations r ON r.report_id = l.report_id WHERE r.id = ",
    );
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the log.
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

/// Why something cannot be recorded: nobody was asked, or a deadline cannot be moved so.
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

/// The rule that a move of a deadline breaks. `before` is the day as it stood.
fn forbids(
    revision: &DeadlineRevision,
    is_set: bool,
    before: Option<NaiveDate>,
) -> Option<&'static str> {
    let Some(before) = before else {
        return (!is_set).then_some("the recommendation sets no deadline of this kind");
    };
    match revision.change {
        RevisionKind::Extension if revision.set_on > before => Some(
            "an extension is granted before the day has passed; what comes later is a slippage",
        ),
        RevisionKind::Extension | RevisionKind::Slippage if revision.due_on <= before => Some(
            "an extension or slippage moves the day to a later one; to put a wrong one right is a correction",
        ),
        _ => None,
    }
}

/// Stores a document whose links are ids.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ObligationDocument,
    previous: Option<&Previous>,
) -> QueryResult<Outcome> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let (report_from, report_state): (chrono::NaiveDateTime, PublicationState) =
        recommendations::table
            .inner_join(reports::table.on(reports::id.eq(recommendations::report_id)))
            .filter(recommendations::id.eq(recommendation))
            .select((reports::visible_from, reports::state))
            .first(writer.connection)?;
    let manner = Manner::below(report_state, report_from, document.state);
    let resource = Resource::Obligation;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(Outcome::Unchanged);
    };
    if writer.is_repeating() {
        generation::generate(writer.connection, recommendation)?; // it may not be there yet
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
    Ok(Outcome::of(previous))
}
