//! Obligations as they are shown: from rows to views.

use chrono::NaiveDateTime;

use super::model::ObligationRow;
use super::views::{Obligation, ObligationExpansion, Whole};
use super::{parts, queries};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::clock::uk_day;
use crate::platform::db::DbConnection;
use crate::resources::{organisations, recommendations, reports};

/// The views of rows.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<ObligationRow>,
    expand: &[ObligationExpansion],
    now: NaiveDateTime,
) -> Result<Vec<Obligation>, ApiError> {
    let parts = parts::load(c, &rows)?;
    let mut whole = Whole::default();
    let asked = |expansion| expand.contains(&expansion);
    if asked(ObligationExpansion::Recommendation) {
        let ids: Vec<&String> = parts.recommendations.keys().collect();
        whole.recommendations = recommendations::present::whole(c, &ids, now)?;
    }
    if asked(ObligationExpansion::Report) {
        let ids: Vec<&String> = parts.reports.keys().collect();
        whole.reports = reports::present::whole(c, &ids, now)?;
    }
    if asked(ObligationExpansion::Organisation) {
        let ids: Vec<&String> = parts.organisations.keys().collect();
        whole.organisations = organisations::present::whole(c, &ids)?;
    }
    let today = uk_day(now);
    Ok(rows
        .into_iter()
        .filter_map(|row| Obligation::new(row, &parts, &whole, today))
        .collect())
}

/// An obligation as an answer.
pub fn show(c: &mut DbConnection, id: &str, now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?.ok_or_else(ApiError::not_found)?;
    let obligation = views(c, vec![row], &[], now)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&obligation, obligation.revision)
}
