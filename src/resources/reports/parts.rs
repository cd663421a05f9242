//! The SQL of the parts of reports: publishers, reference numbers, the complainant body and the number of
//! recommendations.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text};
use std::collections::HashMap;

use super::model::{ReportDocument, ReportRow};
use crate::http::references::NameReference;
use crate::platform::db::schema::{report_publishers, report_references};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::values::Identifier;
use crate::resources::organisations;
use crate::resources::organisations::model::OrganisationRow;

#[derive(Clone, Debug, QueryableByName)]
struct PublisherRow {
    #[diesel(sql_type = Text)]
    report_id: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = report_references)]
struct ReferenceRow {
    report_id: String,
    scheme: String,
    value: String,
}

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Text)]
    report_id: String,
    #[diesel(sql_type = BigInt)]
    held: i64,
}

/// The parts of a set of reports, besides their rows.
#[derive(Debug, Default)]
pub struct Parts {
    /// Publishers by report, in the order of the document.
    pub publishers: HashMap<String, Vec<NameReference>>,
    /// Reference numbers by report, in the order of the document.
    pub references: HashMap<String, Vec<Identifier>>,
    /// Complainant bodies, by id.
    pub complainants: HashMap<String, OrganisationRow>,
    /// The number of recommendations recorded here, by report.
    pub recommendations: HashMap<String, i64>,
}

/// Loads the parts of these reports with four queries, however many reports there are.
///
/// # Errors
/// If the database cannot be read.
pub fn load(connection: &mut DbConnection, rows: &[ReportRow]) -> QueryResult<Parts> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let mut parts = Parts::default();
    let mut sql = Sql::new(
        "SELECT p.report_id, o.id, o.slug, o.name FROM report_publishers p \
         JOIN organisations o ON o.id = p.organisation_id WHERE o.state = 'published' AND p.report_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY p.report_id, p.position");
    for row in sql.load::<PublisherRow>(connection)? {
        let reference = NameReference {
            id: row.id,
            slug: row.slug,
            name: row.name,
        };
        parts
            .publishers
            .entry(row.report_id)
            .or_default()
            .push(reference);
    }
    let mut sql = Sql::new(
        "SELECT r.report_id, r.scheme, r.value FROM report_references r WHERE r.report_id IN ",
    );
    sql.list(ids.iter().copied())
        .push(" ORDER BY r.report_id, r.position");
    for row in sql.load::<ReferenceRow>(connection)? {
        let number = Identifier {
            scheme: row.scheme,
            value: row.value,
        };
        parts
            .references
            .entry(row.report_id)
            .or_default()
            .push(number);
    }
    let complainants: Vec<&String> = rows
        .iter()
        .filter_map(|row| row.complainant_body_id.as_ref())
        .collect();
    parts.complainants = organisations::queries::by_ids(connection, &complainants)?;
    let mut sql = Sql::new(
        "SELECT r.report_id, count(*) AS held FROM recommendations r \
         WHERE r.state IN ('published', 'withdrawn') AND r.report_id IN ",
    );
    sql.list(ids.iter().copied()).push(" GROUP BY r.report_id");
    parts.recommendations = sql
        .load::<Held>(connection)?
        .into_iter()
        .map(|row| (row.report_id, row.held))
        .collect();
    Ok(parts)
}

/// Deletes the parts of a report.
///
/// # Errors
/// If the database cannot be written.
pub fn clear(connection: &mut DbConnection, id: &str) -> QueryResult<()> {
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
    id: &str,
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
