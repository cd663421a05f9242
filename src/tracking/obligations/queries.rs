//! The SQL of obligations, except for what reads them on a day (`reading`), loads them for generation (`loading`) and stores
//! their spans (`storing`).

use diesel::prelude::*;
use diesel::result::QueryResult;
use serde_json::json;

use super::document::ObligationDocument;
use super::generation;
use super::model::{ObligationDetails, ObligationRow};
use super::stamps::{self};
use crate::access::Scope;
use crate::access::ownership::Ownership;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{obligation_spans, obligations};
use crate::platform::db::{DbConnection, Json, Sql, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::platform::time::LAST_DAY;
use crate::resources::recommendations::addressing;
use crate::resources::reports::response_checks;
use crate::tracking::below_reports;
use crate::writing::kind::Advance;
use crate::writing::recorder::Submission;

/// The ownership of obligations.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Obligation,
    scope: Scope::RecommendationsWrite,
    owners,
};

/// The obligation with this id. It is as visible as its recommendation.
///
/// # Errors
/// When the query fails.
pub fn find(connection: &mut DbConnection, id: RecordId) -> QueryResult<Option<ObligationRow>> {
    below_reports::find(connection, Resource::Obligation, id).optional()
}

/// The document of an obligation on which nothing has been recorded yet.
///
/// # Errors
/// When the query fails or there is no such record.
pub fn first_document(connection: &mut DbConnection, id: RecordId) -> QueryResult<String> {
    let (recommendation, organisation): (RecordId, RecordId) = obligations::table
        .find(id)
        .select((obligations::recommendation_id, obligations::organisation_id))
        .first(connection)?;
    let document = json!({ "recommendation": recommendation, "organisation": organisation });
    Ok(document.to_string())
}

/// The publishers of an obligation's report.
///
/// # Errors
/// When the query fails.
pub fn owners(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
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
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    below_reports::advance(connection, Sql::new("UPDATE obligation_spans"), id, to)
}

/// The obligation of an organisation under a recommendation, if the recommendation is addressed to it.
///
/// # Errors
/// When the query fails.
pub fn find_for(
    connection: &mut DbConnection,
    recommendation: RecordId,
    organisation: RecordId,
) -> QueryResult<Option<ObligationRow>> {
    obligation_spans::table
        .filter(obligation_spans::recommendation_id.eq(recommendation))
        .filter(obligation_spans::organisation_id.eq(organisation))
        .filter(obligation_spans::until_on.eq(LAST_DAY))
        .select(ObligationRow::as_select())
        .first(connection)
        .optional()
}

/// Says of each revision and dispute when and by whom it was recorded.
///
/// # Errors
/// When a query fails.
pub fn settle(
    connection: &mut DbConnection,
    id: RecordId,
    document: &mut ObligationDocument,
    submission: &Submission<'_>,
) -> QueryResult<()> {
    let before = match submission.previous {
        Some(_) => find(connection, id)?.map(|row| row.tracked.into_inner()),
        None => None,
    };
    let before = before.unwrap_or_default();
    stamps::set(&mut document.revisions, &before.revisions, submission);
    stamps::set(&mut document.disputes, &before.disputes, submission);
    Ok(())
}

/// The organisations to which an obligation was transferred in public, over any number of transfers, and no longer is.
fn former_successors(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ObligationDocument,
    previous: Option<&Previous>,
) -> QueryResult<Vec<RecordId>> {
    let mut former = Vec::new();
    if !previous.is_some_and(|previous| previous.was_public(writer.now())) {
        return Ok(former);
    }
    let before = find(writer.connection, id)?;
    let successor = before.as_ref().and_then(|row| row.tracked.successor());
    let mut next =
        successor.filter(|_| successor != document.transferred_to.as_ref().and_then(Key::id));
    while let (Some(organisation), Some(before)) = (next, &before) {
        former.push(organisation);
        let row = find_for(writer.connection, before.recommendation_id, organisation)?;
        next = row.and_then(|row| row.tracked.successor());
    }
    Ok(former)
}

/// Stores a document whose links are ids.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ObligationDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    if previous.is_none() && document.is_blank() && !writer.is_replaying() {
        return Ok(WriteOutcome::Unchanged); // as it is without an entry
    }
    let recommendation = Key::required(document.recommendation.as_ref())?;
    let (_, options) =
        below_reports::report_and_entry_options(writer.connection, recommendation, document.state)?;
    let former = former_successors(writer, id, document, previous)?;
    let resource = Resource::Obligation;
    let Some(recorded) = writer.record(resource, id, &id.into(), document, previous, options)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    if writer.is_replaying() {
        generation::generate(writer.connection, [recommendation])?; // the obligation may not exist yet
        if find(writer.connection, id)?.is_none() {
            let organisation = document.organisation.resolved()?;
            generation::restore(writer.connection, recommendation, organisation)?;
        }
    }
    let details = Json::new(ObligationDetails {
        recorded_at: Some(recorded.updated_at),
        revisions: document.revisions.clone(),
        checked_on: document.checked_on,
        transferred_to: document.transferred_to.clone(),
        transferred_on: document.transferred_on,
        disputes: document.disputes.clone(),
        note: document.note.clone(),
    })?;
    // the spans before it follow from it
    let last = diesel::update(obligation_spans::table.find((id, LAST_DAY))).set((
        obligation_spans::revision.eq(recorded.revision),
        obligation_spans::change_seq.eq(recorded.seq),
        obligation_spans::tracked.eq(details),
    ));
    update(writer.connection, last)?;
    let is_erased = document.state == PublicationState::Erased;
    response_checks::remember(writer, id, document.checked_on, is_erased)?;
    addressing::remember_successors(writer.connection, recommendation, former)?;
    if document.transferred_to.is_some() {
        // so that facts about the new obligation can follow in the same import
        generation::generate(writer.connection, [recommendation])?;
    }
    writer.touch(recommendation);
    Ok(WriteOutcome::of(previous))
}
