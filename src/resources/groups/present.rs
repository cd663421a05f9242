//! Groups as they are shown: from rows to views.

use chrono::NaiveDate;
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::GroupRow;
use super::queries;
use super::views::{Group, GroupExpansion};
use crate::http::answer::Shown;
use crate::http::error::ApiError;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::groups::queries::members;
use crate::resources::organisations;

/// The views of rows, with everything that they name.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<GroupRow>,
    expand: &[GroupExpansion],
    as_of: Option<NaiveDate>,
) -> Result<Vec<Group>, ApiError> {
    let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
    let members = queries::members(c, &ids, as_of)?;
    let whole = if expand.contains(&GroupExpansion::Members) {
        let mut ids: Vec<&String> = members
            .values()
            .flatten()
            .map(|member| &member.id)
            .collect();
        ids.sort();
        ids.dedup();
        organisations::present::whole(c, &ids)?
    } else {
        HashMap::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| Group::new(row, &members, &whole))
        .collect())
}

/// A record as it is answered after a write.
pub fn show(c: &mut DbConnection, id: &str, _now: NaiveDateTime) -> Result<Shown, ApiError> {
    let row = queries::find(c, id)?;
    let group = views(c, vec![row], &[], None)?
        .pop()
        .ok_or_else(ApiError::not_found)?;
    Shown::new(&group, group.revision)
}

/// Whole groups for `expand`, by id; their members stay references.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
) -> QueryResult<HashMap<String, Group>> {
    let mut sql = Sql::new("SELECT g.* FROM groups g WHERE g.state = 'published' AND g.id IN ");
    sql.list(ids.iter().copied());
    let rows: Vec<GroupRow> = sql.load(connection)?;
    let members = members(connection, ids, None)?;
    let nothing = HashMap::new();
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), Group::new(row, &members, &nothing)))
        .collect())
}
