//! Responses as they are shown: from rows to views.

use chrono::NaiveDateTime;

use super::model::ResponseRow;
use super::queries;
use super::views::Response;
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::resources::reports;

/// The views of rows, with everything that they name.
pub fn views(c: &mut DbConnection, rows: Vec<ResponseRow>) -> Result<Vec<Response>, ApiError> {
    let parts = queries::parts(c, &rows)?;
    let reports: Vec<&String> = rows.iter().map(|row| &row.report_id).collect();
    let reports = reports::queries::of_recommendations(c, &reports)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| Response::new(row, &parts, &reports))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let response = views(c, vec![row])?.pop().ok_or_else(ApiError::not_found)?;
    Shown::new(&response, response.revision)
}
