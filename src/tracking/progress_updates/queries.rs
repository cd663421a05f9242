//! All SQL of progress updates.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{ProgressUpdateDocument, ProgressUpdateRow};
use crate::access::ownership::Ownership;
use crate::access::{Scope, visibility};
use crate::log::{EntryOptions, Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{obligations, progress_updates, recommendations, reports};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{PublicationState, VisibleState};
use crate::writing::kind::Advance;
use crate::writing::violation::Violation;

/// The ownership of progress updates.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::ProgressUpdate,
    scope: Scope::ResponsesWrite,
    owners: author,
};

/// The filters of a list of progress updates, with references resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The time of the request.
    pub now: NaiveDateTime,
    /// Only progress updates in this state.
    pub state: VisibleState,
    /// Only progress updates under these reports.
    pub reports: Vec<String>,
    /// Only progress updates under these recommendations.
    pub recommendations: Vec<String>,
    /// Only progress updates of these addressees.
    pub organisations: Vec<String>,
    /// Only progress updates by these organisations.
    pub authors: Vec<String>,
    /// Only progress updates with one of these statuses.
    pub statuses: Vec<String>,
}

/// The SQL conditions for the rows of a list.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = visibility::below_reports(Resource::ProgressUpdate, filter.state);
    sql.push(" AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ")
        .bind(filter.now);
    let lists = [
        (" AND r.report_id IN ", &filter.reports),
        (" AND r.recommendation_id IN ", &filter.recommendations),
        (" AND r.organisation_id IN ", &filter.organisations),
        (" AND r.author_id IN ", &filter.authors),
        (" AND r.status IN ", &filter.statuses),
    ];
    for (text, values) in lists {
        if !values.is_empty() {
            sql.push(text).list(values);
        }
    }
    sql
}

/// The progress update with this id.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<ProgressUpdateRow> {
    progress_updates::table
        .find(id)
        .select(ProgressUpdateRow::as_select())
        .first(connection)
}

/// Why a progress update cannot be stored: the recommendation is not addressed to the organisation.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    document: &ProgressUpdateDocument,
) -> QueryResult<Vec<Violation>> {
    let recommendation = document.recommendation.as_deref().unwrap_or_default();
    let state: PublicationState = recommendations::table
        .find(recommendation)
        .select(recommendations::state)
        .first(connection)?;
    let asked: i64 = obligations::table
        .filter(obligations::recommendation_id.eq(recommendation))
        .filter(obligations::organisation_id.eq(&document.organisation))
        .count()
        .get_result(connection)?;
    // a recommendation that is gone is no longer addressed to anybody
    if asked > 0 || !state.is_shown() {
        return Ok(Vec::new());
    }
    let rule = "the recommendation is not addressed to this organisation";
    Ok(vec![Violation::new("/organisation", rule)])
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ProgressUpdateDocument,
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
    let resource = Resource::ProgressUpdate;
    let Some(recorded) = writer.record(resource, id, id, document, previous, manner)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    let row = document.row(id, &report, recorded)?;
    if previous.is_some() {
        let before: String = progress_updates::table
            .find(id)
            .select(progress_updates::recommendation_id)
            .first(writer.connection)?;
        writer.touch(before);
        diesel::update(progress_updates::table.find(id))
            .set(&row)
            .execute(writer.connection)?;
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
pub fn author(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql = Sql::new("SELECT r.author_id AS id FROM progress_updates r WHERE r.id = ");
    sql.bind(id).ids(connection)
}

/// Moves the record to a newer entry of the change log.
///
/// # Errors
/// When the query fails.
pub fn advance(connection: &mut DbConnection, id: &str, to: &Advance) -> QueryResult<()> {
    use progress_updates::dsl;
    diesel::update(dsl::progress_updates.find(id))
        .set((
            dsl::revision.eq(to.revision),
            dsl::change_seq.eq(to.seq),
            to.updated_at.map(|at| dsl::updated_at.eq(at)),
        ))
        .execute(connection)?;
    Ok(())
}
