//! Organisations as they are shown: from rows to views.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::OrganisationRow;
use super::views::{Organisation, OrganisationExpansion};
use super::{parts, queries};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;

/// The views of rows. With `as_of`, `name` is the name of that day.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<OrganisationRow>,
    expand: &[OrganisationExpansion],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Organisation>, ApiError> {
    let parts = parts::load(c, &rows)?;
    let whole = if expand.contains(&OrganisationExpansion::Parent) {
        whole(c, &parts.parents.keys().collect::<Vec<_>>())?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Organisation::new(row, &parts, &whole, as_of))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let organisation = views(c, vec![row], &[], None)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&organisation, organisation.revision)
}

/// Whole organisations for `expand`, by id; what they name stays references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, Organisation>> {
    let nothing = HashMap::new();
    let mut whole = HashMap::new();
    // a statement can bind about 32,000 values; a large group may have many members
    for ids in ids.chunks(5_000) {
        let rows: Vec<OrganisationRow> = queries::by_ids(connection, ids)?.into_values().collect();
        let parts = parts::load(connection, &rows)?;
        whole.extend(rows.into_iter().map(|row| {
            (
                row.id.clone(),
                Organisation::new(row, &parts, &nothing, None),
            )
        }));
    }
    Ok(whole)
}
