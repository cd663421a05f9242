//! Topics as they are shown: from rows to views.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::TopicRow;
use super::queries;
use super::views::{Topic, TopicExpansion};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::DbConnection;

/// The views of rows, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<TopicRow>,
    expand: &[TopicExpansion],
) -> Result<Vec<Topic>, ApiError> {
    let parents = queries::parents(c, &rows)?;
    let whole = if expand.contains(&TopicExpansion::Parent) {
        whole(c, &parents.keys().collect::<Vec<_>>())?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Topic::new(row, &parents, &whole))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let topic = views(c, vec![row], &[])?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&topic, topic.revision)
}

/// Whole topics for `expand`, by id; their own parents stay references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, Topic>> {
    let rows: Vec<TopicRow> = queries::by_ids(connection, ids)?.into_values().collect();
    let parents = queries::parents(connection, &rows)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), Topic::new(row, &parents, &HashMap::new())))
        .collect())
}
