//! The SQL of reports: lists, single records and writes. Their parts are in `parts`.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{ReportDocument, ReportRow};
use super::params::ReportFilters;
use super::{parts, response_checks};
use crate::access::ownership::Ownership;
use crate::access::{ReadScope, Scope, visibility};
use crate::log::{EntryOptions, Previous, ReportChange, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::reports;
use crate::platform::db::{DbConnection, Sql, update};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// Who owns reports.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Report,
    scope: Scope::RecommendationsWrite,
    owners: publishers,
};

/// The conditions of a list at `now`. The ids of publishers and complainants replace those in the filters; the reference
/// number is split into scheme and value. Of reports that are not public, only those in `read_scope`.
pub fn conditions(
    filters: &ReportFilters,
    publishers: &[RecordId],
    complainants: &[RecordId],
    reference: Option<(String, String)>,
    read_scope: &ReadScope,
    now: NaiveDateTime,
) -> Sql {
    let mut sql = visibility::in_state(filters.state, now);
    if let (false, ReadScope::Of(owners)) = (filters.state.is_public(), read_scope) {
        sql.push(" AND EXISTS (SELECT 1 FROM report_publishers x WHERE x.report_id = r.id AND x.organisation_id IN ");
        sql.list(owners).push(")");
    }
    if !publishers.is_empty() {
        sql.push(
            " AND r.id IN (SELECT p.report_id FROM report_publishers p WHERE p.organisation_id IN ",
        );
        sql.list(publishers).push(")");
    }
    if !complainants.is_empty() {
        sql.push(" AND r.complainant_body_id IN ")
            .list(complainants);
    }
    if !filters.kind.is_empty() {
        sql.push(" AND r.kind IN ").list(&filters.kind);
    }
    if let Some((scheme, value)) = reference {
        sql.push(" AND r.id IN (SELECT n.report_id FROM report_references n WHERE n.value = ")
            .bind(value);
        sql.push(" AND n.scheme = ").bind(scheme).push(")");
    }
    sql.and("r.published_on >=", filters.published_from);
    sql.and("r.published_on <", filters.published_before);
    sql
}

/// The reports with these ids, by id, public or not: for recommendations already known to be visible.
///
/// # Errors
/// If the database cannot be read.
pub fn of_recommendations(
    connection: &mut DbConnection,
    ids: &[RecordId],
) -> QueryResult<HashMap<RecordId, ReportRow>> {
    let mut sql = Sql::new("SELECT r.* FROM reports r WHERE r.id IN ");
    sql.list(ids);
    let rows: Vec<ReportRow> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: RecordId,
    document: &ReportDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let visible_from = document.visible_from();
    let slug = &document.slug;
    let options = EntryOptions {
        visible_from,
        is_minor: document.is_minor_edit,
        ..EntryOptions::default()
    };
    let Some(recorded) = writer.record(Resource::Report, id, slug, document, previous, options)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let mut row = document.row(id, recorded)?;
    if let Some(previous) = previous {
        if document.is_minor_edit {
            let before = reports::table.find(id).select(reports::updated_at);
            row.updated_at = before.first(writer.connection)?;
        }
        update(
            writer.connection,
            diesel::update(reports::table.find(id)).set(&row),
        )?;
        parts::clear(writer.connection, id)?;
        writer.changed_reports.push(ReportChange {
            id,
            previous: previous.clone(),
            state: document.state,
            visible_from,
        });
    } else {
        diesel::insert_into(reports::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    let is_erased = document.state == PublicationState::Erased;
    response_checks::remember(writer, id, row.responses_checked_on, is_erased)?;
    if !is_erased {
        parts::insert(writer.connection, id, document)?;
    }
    Ok(WriteOutcome::of(previous))
}

/// The publishers of a report.
///
/// # Errors
/// If the database cannot be read.
pub fn publishers(connection: &mut DbConnection, id: RecordId) -> QueryResult<Vec<RecordId>> {
    let mut sql =
        Sql::new("SELECT l.organisation_id AS id FROM report_publishers l WHERE l.report_id = ");
    sql.bind(id).ids(connection)
}
