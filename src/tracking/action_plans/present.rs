//! Action plans as they are shown: from rows to views.

use chrono::NaiveDateTime;

use super::model::ActionPlanRow;
use super::queries;
use super::views::ActionPlan;
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;
use crate::tracking::obligations::parts::{self, Named};

/// The views of rows, with everything that they name.
pub fn views(c: &mut DbConnection, rows: Vec<ActionPlanRow>) -> Result<Vec<ActionPlan>, ApiError> {
    let actions = rows.iter().flat_map(|row| row.actions.iter());
    let said: Vec<String> = actions
        .filter_map(|action| action.recommendation.clone())
        .collect();
    let named = Named {
        recommendations: said.iter().collect(),
        reports: rows.iter().map(|row| &row.report_id).collect(),
        organisations: rows.iter().map(|row| &row.organisation_id).collect(),
        groups: Vec::new(),
        urls: rows.iter().map(|row| row.url.as_str()).collect(),
    };
    let parts = parts::of(c, named)?;
    Ok(rows
        .into_iter()
        .filter_map(|row| ActionPlan::new(row, &parts))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let action_plan = views(c, vec![row])?.pop().ok_or_else(ApiError::not_found)?;
    Shown::new(&action_plan, action_plan.revision)
}
