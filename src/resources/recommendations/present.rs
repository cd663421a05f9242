//! Recommendations as they are shown: from rows to views.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::RecommendationRow;
use super::views::{Recommendation, RecommendationExpansion, Whole};
use super::{parts, queries};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::{groups, organisations, reports};

/// The rows as they are shown, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<RecommendationRow>,
    expand: &[RecommendationExpansion],
    now: NaiveDateTime,
) -> Result<Vec<Recommendation>, ApiError> {
    let mut parts = parts::load(c, &rows, now)?;
    let mut whole = Whole::default();
    if expand.contains(&RecommendationExpansion::Report) {
        whole.reports = reports::present::whole(c, &parts.reports.keys().collect::<Vec<_>>(), now)?;
    }
    if expand.contains(&RecommendationExpansion::Addressees) {
        let addressees = || parts.addressees.values().flatten();
        let bodies: Vec<&String> = addressees()
            .filter_map(|addressee| addressee.organisation_id.as_ref())
            .collect();
        let groups: Vec<&String> = addressees()
            .filter(|addressee| addressee.organisation_id.is_none())
            .map(|a| &a.id)
            .collect();
        whole.organisations = organisations::present::whole(c, &bodies)?;
        whole.groups = groups::present::whole(c, &groups)?;
    }
    if expand.contains(&RecommendationExpansion::AddressedOrganisations) {
        whole.addressed = true;
        let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
        parts::load_addressed(c, &ids, &mut parts)?;
    }
    Ok(rows
        .into_iter()
        .filter_map(|row| Recommendation::new(row, &parts, &whole))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let recommendation = views(c, vec![row], &[], now)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&recommendation, recommendation.revision)
}

/// Whole recommendations for `expand`, by id; what they name stays references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, Recommendation>> {
    let mut sql = Sql::new(
        "SELECT r.* FROM recommendations r JOIN reports p ON p.id = r.report_id \
         WHERE r.state IN ('published', 'withdrawn') AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ",
    );
    sql.bind(now)
        .push(" AND r.id IN ")
        .list(ids.iter().copied());
    let rows: Vec<RecommendationRow> = sql.load(connection)?;
    let parts = parts::load(connection, &rows, now)?;
    let nothing = Whole::default();
    let views = rows
        .into_iter()
        .filter_map(|row| Some((row.id.clone(), Recommendation::new(row, &parts, &nothing)?)));
    Ok(views.collect())
}
