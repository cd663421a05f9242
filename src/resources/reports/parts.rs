//! The SQL of the parts of reports: publishers, reference numbers, the complainant body and the number of
//! recommendations.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::{ReportDocument, ReportRow};
use super::schema::report_publishers;
use crate::http::references::NameReference;
use crate::log::Resource;
use crate::platform::db::schema::report_references;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::platform::values::Identifier;
use crate::resources::references;

/// The parts of a set of reports, besides their rows.
#[derive(Debug, Default)]
pub struct ReportParts {
    /// Publishers by report, in the order of the document.
    pub publishers: HashMap<RecordId, Vec<NameReference>>,
    /// Reference numbers by report, in the order of the document.
    pub reference_numbers: HashMap<RecordId, Vec<Identifier>>,
    /// Complainant bodies, by their ids.
    pub complainants: HashMap<RecordId, NameReference>,
    /// The number of recommendations recorded here, by report.
    pub recommendations: HashMap<RecordId, i64>,
}

/// Loads the parts of these reports with four queries, however many reports there are.
///
/// # Errors
/// If the database cannot be read.
pub fn load(connection: &mut DbConnection, rows: &[ReportRow]) -> QueryResult<ReportParts> {
    let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
    let complainants = rows.iter().filter_map(|row| row.complainant_body_id);
    let mut publishers = Sql::new(
        "SELECT p.report_id AS owner, o.id, o.slug, o.name FROM report_publishers p \
         JOIN organisations o ON o.id = p.organisation_id WHERE o.state = 'published' AND p.report_id IN ",
    );
    publishers
        .list(&ids)
        .push(" ORDER BY p.report_id, p.position");
    let mut numbers = Sql::new(
        "SELECT r.report_id AS owner, r.scheme, r.value FROM report_references r WHERE r.report_id IN ",
    );
    numbers.list(&ids).push(" ORDER BY r.report_id, r.position");
    let mut recommendations = Sql::new(
        "SELECT r.report_id AS owner, count(*) AS count FROM recommendations r \
         WHERE r.state IN ('published', 'withdrawn') AND r.report_id IN ",
    );
    recommendations.list(&ids).push(" GROUP BY r.report_id");
    Ok(ReportParts {
        publishers: publishers.grouped(connection)?,
        reference_numbers: numbers.grouped(connection)?,
        complainants: references::named(connection, Resource::Organisation, complainants)?,
        recommendations: recommendations.counts(connection)?,
    })
}

/// Deletes the parts of a report.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: RecordId) -> QueryResult<()> {
    diesel::delete(report_publishers::table.filter(report_publishers::report_id.eq(id)))
        .execute(connection)?;
    diesel::delete(report_references::table.filter(report_references::report_id.eq(id)))
        .execute(connection)?;
    Ok(())
}

/// Stores the parts of a document.
///
/// # Errors
/// If the database cannot be written.
pub fn insert(
    connection: &mut DbConnection,
    id: RecordId,
    document: &ReportDocument,
) -> QueryResult<()> {
    for (position, publisher) in (0..).zip(&document.publishers) {
        use report_publishers::dsl;
        let row = (
            dsl::report_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::organisation_id.eq(publisher),
            dsl::published_on.eq::<NaiveDate>(document.published_on),
        );
        diesel::insert_into(dsl::report_publishers)
            .values(row)
            .execute(connection)?;
    }
    for (position, number) in (0..).zip(&document.reference_numbers) {
        use report_references::dsl;
        let row = (
            dsl::report_id.eq(id),
            dsl::position.eq::<i32>(position),
            dsl::scheme.eq(&number.scheme),
            dsl::value.eq(&number.value),
        );
        diesel::insert_into(dsl::report_references)
            .values(row)
            .execute(connection)?;
    }
    Ok(())
}
