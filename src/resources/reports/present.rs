//! Reports as they are shown: from rows to views.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::ReportRow;
use super::views::{Report, ReportExpansion};
use super::{parts, queries};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::resources::organisations;

/// The views of rows, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<ReportRow>,
    expand: &[ReportExpansion],
    now: NaiveDateTime,
) -> Result<Vec<Report>, ApiError> {
    let parts = parts::load(c, &rows)?;
    let mut wanted: Vec<&String> = Vec::new();
    if expand.contains(&ReportExpansion::Publishers) {
        wanted.extend(
            parts
                .publishers
                .values()
                .flatten()
                .map(|publisher| &publisher.id),
        );
    }
    if expand.contains(&ReportExpansion::ComplainantBody) {
        wanted.extend(parts.complainants.keys());
    }
    let whole = if expand.is_empty() {
        HashMap::new()
    } else {
        organisations::present::whole(c, &wanted)?
    };
    Ok(rows
        .into_iter()
        .map(|row| Report::new(row, &parts, &whole, now))
        .collect())
}

/// The record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let report = views(c, vec![row], &[], now)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&report, report.revision)
}

/// Whole reports for `expand`, by id; what they name stays references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, Report>> {
    let rows: Vec<ReportRow> = queries::by_ids(connection, ids, now)?
        .into_values()
        .collect();
    let parts = parts::load(connection, &rows)?;
    let nothing = HashMap::new();
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), Report::new(row, &parts, &nothing, now)))
        .collect())
}
