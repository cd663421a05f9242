//! The SQL of the coverage matrix: a fixed number of queries, whatever its size.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, Nullable, Text, Timestamp};

use crate::http::references::NameReference;
use crate::platform::db::{DbConnection, Sql, count};
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::resources::organisations::parts::name_on;
use crate::tracking::below_reports::organisation_is_published;
use crate::tracking::obligations::model::ObligationRow;
use crate::tracking::obligations::reading;

/// A column: a recommendation, or an element of one.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct ColumnRow {
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub parent_id: Option<RecordId>,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub summary: Option<String>,
    #[diesel(sql_type = Text)]
    pub text: String,
    #[diesel(sql_type = Bool)]
    pub is_priority: bool,
    #[diesel(sql_type = Text)]
    pub state: PublicationState,
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub withdrawn_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    pub withdrawal_reason: Option<String>,
}

/// A row: an addressee.
#[derive(Clone, Debug, QueryableByName)]
#[allow(missing_docs)]
pub struct CoverageAddresseeRow {
    #[diesel(embed)]
    pub organisation: NameReference,
    /// The name on the day of publication, if a different one is on record for that day.
    #[diesel(sql_type = Nullable<Text>)]
    pub name_then: Option<String>,
}

/// The clauses that select the cells of a report's matrix, on a day if given. More conditions may follow.
pub fn cells_of(report: RecordId, on: Option<NaiveDate>) -> Sql {
    let mut sql = reading::below_reports(on);
    sql.push("o.state IN ('published', 'withdrawn') AND o.report_id = ");
    sql.bind(report);
    sql.append(organisation_is_published("o.organisation_id"));
    sql
}

/// The number of cells.
///
/// # Errors
/// When the query fails.
pub fn size(connection: &mut DbConnection, selection: &Sql) -> QueryResult<i64> {
    let mut sql = Sql::new("SELECT count(*) AS count");
    sql.append(selection.clone());
    count(connection, &sql)
}

/// The cells.
///
/// # Errors
/// When the query fails.
pub fn cells(connection: &mut DbConnection, selection: &Sql) -> QueryResult<Vec<ObligationRow>> {
    let mut sql = Sql::new("SELECT o.*");
    sql.append(selection.clone());
    sql.load(connection)
}

/// The columns that have a cell, ordered by number.
///
/// # Errors
/// When the query fails.
pub fn columns(
    connection: &mut DbConnection,
    report: RecordId,
    selection: &Sql,
) -> QueryResult<Vec<ColumnRow>> {
    let mut sql = Sql::new(
        "SELECT r.id, r.slug, r.number, r.parent_id, r.kind, r.summary, r.text, r.is_priority, r.state, r.withdrawn_at, r.withdrawal_reason FROM recommendations r WHERE r.report_id = ",
    );
    sql.bind(report)
        .push(" AND r.id IN (SELECT o.recommendation_id");
    sql.append(selection.clone())
        .push(") ORDER BY r.number_key, r.id");
    sql.load(connection)
}

/// The rows that have a cell, ordered by name, with the name of each on the day of publication; with `on`, the name is that
/// of this day.
///
/// # Errors
/// When the query fails.
pub fn addressees(
    connection: &mut DbConnection,
    published_on: NaiveDate,
    on: Option<NaiveDate>,
    selection: &Sql,
) -> QueryResult<Vec<CoverageAddresseeRow>> {
    let day = published_on.to_string();
    let mut sql = Sql::new(
        "SELECT g.id, g.slug, g.name, (SELECT n.name FROM organisation_names n WHERE n.organisation_id = g.id \
         AND n.name <> g.name AND (n.from_on IS NULL OR n.from_on <= ",
    );
    sql.bind(&day)
        .push(") AND n.until_on > ")
        .bind(&day)
        .push(" ORDER BY n.from_on DESC LIMIT 1) AS name_then FROM organisations g WHERE g.state = 'published' AND g.id IN (SELECT o.organisation_id");
    sql.append(selection.clone())
        .push(") ORDER BY g.name, g.id");
    let mut rows: Vec<CoverageAddresseeRow> = sql.load(connection)?;
    let Some(on) = on else {
        return Ok(rows);
    };
    let organisations = rows.iter_mut().map(|row| {
        row.name_then.get_or_insert(row.organisation.name.clone());
        &mut row.organisation
    });
    name_on(connection, organisations, on)?;
    for row in &mut rows {
        let name = &row.organisation.name;
        row.name_then.take_if(|then| *then == *name);
    }
    rows.sort_by(|one, other| one.organisation.name.cmp(&other.organisation.name));
    Ok(rows)
}
