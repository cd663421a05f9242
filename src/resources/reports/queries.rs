//! The SQL of reports: lists, single records and writes. Their parts are in `parts`.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{ReportDocument, ReportRow};
use super::parts;
use crate::access::ownership::Ownership;
use crate::access::{ReadScope, Scope};
use crate::log::{EntryOptions, Previous, ReportChange, Resource, WriteOutcome, Writer};
use crate::platform::db::schema::reports;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::{EditorialState, PublicationState};

/// Who owns reports.
pub const OWNERSHIP: Ownership = Ownership {
    resource: Resource::Report,
    scope: Scope::RecommendationsWrite,
    owners: publishers,
};

/// The filters of a list, with slugs resolved to ids.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The time of the request, or the one requested by `as_of`.
    pub now: NaiveDateTime,
    /// Only reports in this state.
    pub state: EditorialState,
    /// Which records that are not public the caller may see.
    pub sight: ReadScope,
    /// Only reports that these organisations published, alone or with others.
    pub publishers: Vec<String>,
    /// Only reports on complaints by these organisations.
    pub complainant_bodies: Vec<String>,
    /// Only reports of these kinds.
    pub kinds: Vec<String>,
    /// Only the report with this reference number: scheme and value.
    pub reference: Option<(String, String)>,
    /// Published on or after this day.
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    pub published_before: Option<NaiveDate>,
}

/// The conditions of a list.
pub fn conditions(filter: &Filter) -> Sql {
    let mut sql = Sql::new("r.state = ");
    sql.bind(filter.state.as_str());
    match filter.state {
        EditorialState::Published | EditorialState::Withdrawn => {
            sql.push(" AND r.visible_from <= ").bind(filter.now);
        }
        EditorialState::Scheduled => {
            sql.push(" AND r.visible_from > ").bind(filter.now);
        }
        EditorialState::Draft => {}
    }
    if let (false, ReadScope::Of(owners)) = (filter.state.is_public(), &filter.sight) {
        sql.push(" AND EXISTS (SELECT 1 FROM report_publishers x WHERE x.report_id = r.id AND x.organisation_id IN ");
        sql.list(owners).push(")");
    }
    if !filter.publishers.is_empty() {
        sql.push(
            " AND r.id IN (SELECT p.report_id FROM report_publishers p WHERE p.organisation_id IN ",
        );
        sql.list(&filter.publishers).push(")");
    }
    if !filter.complainant_bodies.is_empty() {
        sql.push(" AND r.complainant_body_id IN ")
            .list(&filter.complainant_bodies);
    }
    if !filter.kinds.is_empty() {
        sql.push(" AND r.kind IN ").list(&filter.kinds);
    }
    if let Some((scheme, value)) = &filter.reference {
        sql.push(" AND r.id IN (SELECT n.report_id FROM report_references n WHERE n.value = ")
            .bind(value);
        sql.push(" AND n.scheme = ").bind(scheme).push(")");
    }
    sql.and("r.published_on >=", filter.published_from);
    sql.and("r.published_on <", filter.published_before);
    sql
}

/// The report with this id.
///
/// # Errors
/// If there is none, or the database cannot be read.
pub fn find(connection: &mut DbConnection, id: &str) -> QueryResult<ReportRow> {
    reports::table
        .find(id)
        .select(ReportRow::as_select())
        .first(connection)
}

/// The public reports among these ids, by id.
///
/// # Errors
/// If the database cannot be read.
pub fn by_ids(
    connection: &mut DbConnection,
    ids: &[&String],
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, ReportRow>> {
    let mut sql = Sql::new(
        "SELECT r.* FROM reports r WHERE r.state IN ('published', 'withdrawn') AND r.visible_from <= ",
    );
    sql.bind(now)
        .push(" AND r.id IN ")
        .list(ids.iter().copied());
    Ok(sql
        .load::<ReportRow>(connection)?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect())
}

/// The reports with these ids, by id, public or not: for recommendations already known to be visible.
///
/// # Errors
/// If the database cannot be read.
pub fn of_recommendations(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, ReportRow>> {
    let mut sql = Sql::new("SELECT r.* FROM reports r WHERE r.id IN ");
    sql.list(ids.iter().copied());
    let rows: Vec<ReportRow> = sql.load(connection)?;
    Ok(rows.into_iter().map(|row| (row.id.clone(), row)).collect())
}

/// Stores a document, with its links resolved to ids.
///
/// # Errors
/// If the database cannot be written.
pub fn save(
    writer: &mut Writer<'_>,
    id: &str,
    document: &ReportDocument,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let visible_from = document.visible_from();
    let slug = &document.slug;
    let manner = EntryOptions {
        visible_from,
        is_minor: document.is_minor_edit,
        ..EntryOptions::default()
    };
    let Some(recorded) = writer.record(Resource::Report, id, slug, document, previous, manner)?
    else {
        return Ok(WriteOutcome::Unchanged);
    };
    let mut row = document.row(id, recorded);
    if let Some(previous) = previous {
        if document.is_minor_edit {
            let before = reports::table.find(id).select(reports::updated_at);
            row.updated_at = before.first(writer.connection)?;
        }
        diesel::update(reports::table.find(id))
            .set(&row)
            .execute(writer.connection)?;
        parts::clear(writer.connection, id)?;
        writer.changed_reports.push(ReportChange {
            id: id.to_owned(),
            previous: previous.clone(),
            state: document.state,
            visible_from,
        });
    } else {
        diesel::insert_into(reports::table)
            .values(&row)
            .execute(writer.connection)?;
    }
    if document.state != PublicationState::Erased {
        parts::insert(writer.connection, id, document)?;
    }
    Ok(WriteOutcome::of(previous))
}

/// The publishers of a report.
///
/// # Errors
/// If the database cannot be read.
pub fn publishers(connection: &mut DbConnection, id: &str) -> QueryResult<Vec<String>> {
    let mut sql =
        Sql::new("SELECT l.organisation_id AS id FROM report_publishers l WHERE l.report_id = ");
    sql.bind(id).ids(connection)
}
