//! Storing recommendations: documents, one or many at once, and the copies of the dates of their reports.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use super::addressing::Dated;
use super::model::RecommendationDocument;
use super::schema::recommendation_themes;
use super::{addressing, parts};
use crate::log::{EntryOptions, NewRecord, Previous, ReportChange, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::{
    recommendation_addressed_organisations, recommendations, reports,
};
use crate::platform::db::{DbConnection, insert_all, update};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::writing::kind::Advance;

/// What recommendations copy from their report: when it was published, from when it is visible, and its state.
type Copied = (NaiveDate, NaiveDateTime, PublicationState);

/// Stores a document, with its links resolved to ids and its slug and parent known.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &RecommendationDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let slug = document.slug.clone().unwrap_or_default();
    let report = document.report.resolved()?;
    let (published_on, report_from, report_state) = copied_from(writer.connection, report)?;
    let options = EntryOptions::below(report_state, report_from, document.state);
    let resource = Resource::Recommendation;
    let Some(recorded) = writer.record(resource, id, &slug, document, previous, options)? else {
        return Ok(WriteOutcome::Unchanged);
    };
    let was_public = previous.map(|previous| previous.was_public(writer.now()));
    let is_replaying = writer.is_replaying();
    let connection = &mut *writer.connection;
    let row = document.row(id, &slug, published_on, recorded)?;
    if previous.is_some() {
        update(
            connection,
            diesel::update(recommendations::table.find(id)).set(&row),
        )?;
        parts::clear(connection, id)?;
    } else {
        diesel::insert_into(recommendations::table)
            .values(&row)
            .execute(connection)?;
    }
    let dated = (id, document, published_on);
    if document.state == PublicationState::Erased {
        addressing::clear(connection, id)?;
        addressing::forget(connection, id)?;
    } else {
        match was_public {
            Some(was_public) => addressing::store(connection, dated, was_public)?,
            // the expansions of groups may be there already
            None if is_replaying => addressing::store(connection, dated, false)?,
            None => addressing::store_new(connection, &[dated])?,
        }
        parts::insert(connection, &[dated])?;
    }
    writer.touch(id);
    Ok(WriteOutcome::of(previous))
}

/// Stores new documents, as [`save`] does.
///
/// # Errors
/// If the database cannot be written.
pub fn save_new(
    writer: &mut Writer<'_>,
    documents: Vec<(RecordId, Option<String>, RecommendationDocument)>,
) -> QueryResult<()> {
    let mut reports: HashMap<&Key, Copied> = HashMap::new();
    let mut records = Vec::with_capacity(documents.len());
    let mut dated: Vec<Dated<'_>> = Vec::with_capacity(documents.len());
    for (id, request_id, document) in &documents {
        let (published_on, report_from, report_state) = match reports.entry(&document.report) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let report = document.report.resolved()?;
                *new.insert(copied_from(writer.connection, report)?)
            }
        };
        let options = EntryOptions::below(report_state, report_from, document.state);
        records.push(NewRecord::new(*id, document, options, request_id.clone())?);
        dated.push((*id, document, published_on));
    }
    let recorded = writer.record_new(Resource::Recommendation, records)?;
    let mut rows = Vec::with_capacity(documents.len());
    for ((id, document, published_on), recorded) in dated.iter().zip(recorded) {
        let slug = document.slug.clone().unwrap_or_default();
        rows.push(document.row(*id, &slug, *published_on, recorded)?);
        writer.touch(*id);
    }
    let connection = &mut *writer.connection;
    insert_all(connection, recommendations::table, rows)?;
    addressing::store_new(connection, &dated)?;
    parts::insert(connection, &dated)
}

/// What a recommendation copies from this report.
fn copied_from(connection: &mut DbConnection, report: RecordId) -> QueryResult<Copied> {
    reports::table
        .find(report)
        .select((reports::published_on, reports::visible_from, reports::state))
        .first(connection)
}

/// Updates the copies of the dates of changed reports, and marks their recommendations, so that their obligations are
/// generated again.
///
/// # Errors
/// If the database cannot be written.
pub fn copy_report_dates(writer: &mut Writer<'_>, changes: &[ReportChange]) -> QueryResult<()> {
    for change in changes {
        copy_report_date(writer.connection, change.id)?;
        for recommendation in of_report(writer.connection, change.id)? {
            writer.touch(recommendation);
        }
    }
    Ok(())
}

/// The ids of a report's recommendations.
fn of_report(connection: &mut DbConnection, report: RecordId) -> QueryResult<Vec<RecordId>> {
    recommendations::table
        .filter(recommendations::report_id.eq(report))
        .select(recommendations::id)
        .load(connection)
}

/// Updates the copies of the date of a report.
fn copy_report_date(connection: &mut DbConnection, report_id: RecordId) -> QueryResult<()> {
    let published_on: NaiveDate = reports::table
        .find(report_id)
        .select(reports::published_on)
        .first(connection)?;
    use recommendation_addressed_organisations as addressed;
    let ids = || {
        recommendations::table
            .filter(recommendations::report_id.eq(report_id))
            .select(recommendations::id)
    };
    diesel::update(recommendations::table.filter(recommendations::report_id.eq(report_id)))
        .set(recommendations::published_on.eq(published_on))
        .execute(connection)?;
    diesel::update(
        recommendation_themes::table.filter(recommendation_themes::recommendation_id.eq_any(ids())),
    )
    .set(recommendation_themes::published_on.eq(published_on))
    .execute(connection)?;
    diesel::update(addressed::table.filter(addressed::recommendation_id.eq_any(ids())))
        .set(addressed::published_on.eq(published_on))
        .execute(connection)?;
    Ok(())
}

/// Updates the record's revision and log position to a newer entry of the change log.
///
/// # Errors
/// If the database cannot be written.
pub fn advance(connection: &mut DbConnection, id: RecordId, to: &Advance) -> QueryResult<()> {
    use recommendations::dsl;
    diesel::update(dsl::recommendations.find(id))
        .set((
            dsl::revision.eq(to.revision),
            dsl::change_seq.eq(to.seq),
            to.updated_at.map(|at| dsl::updated_at.eq(at)),
        ))
        .execute(connection)?;
    Ok(())
}
