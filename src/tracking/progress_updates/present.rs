//! Progress updates as they are shown: from rows to views.

use chrono::NaiveDateTime;

use super::model::ProgressUpdateRow;
use super::queries;
use super::views::ProgressUpdate;
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::tracking::obligations::parts::{self, Named};

/// The views of rows, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<ProgressUpdateRow>,
) -> Result<Vec<ProgressUpdate>, ApiError> {
    let evidence = rows.iter().flat_map(|row| row.evidence.iter());
    let mut named = Named {
        urls: evidence.map(|one| one.url.as_str()).collect(),
        ..Named::default()
    };
    for row in &rows {
        named.recommendations.push(&row.recommendation_id);
        named.reports.push(&row.report_id);
        named
            .organisations
            .extend([&row.organisation_id, &row.author_id]);
        named.urls.extend(row.source_url.as_deref());
    }
    let parts = parts::of(c, named)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| ProgressUpdate::new(row, &parts))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let progress_update = views(c, vec![row])?.pop().ok_or_else(ApiError::not_found)?;
    Shown::new(&progress_update, progress_update.revision)
}
