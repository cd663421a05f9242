//! Converts rows of groups to views.

use super::model::GroupRow;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{Group, GroupExpansion, GroupFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::resources::groups::queries::members;
use crate::resources::organisations;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

impl Shaped for Group {
    type Row = GroupRow;
    type Expansion = GroupExpansion;
    const SORTS: &'static [SortKey<GroupRow>] = &[SortKey::ascending("name", "g.name", |row| {
        (&row.name).into()
    })];
    const ID: &'static str = "g.id";
    const IS_DATED: bool = true;

    fn id(row: &GroupRow) -> &str {
        &row.id
    }
}

impl Collection for Group {
    type Filters = GroupFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT g.*";
    const FROM: &'static str = " FROM groups g WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: GroupFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        let member = &filters.member;
        let members = lookup::filter(c, Resource::Organisation, "member", member, context.now)?;
        Ok(Filter { members })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<GroupRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
        let members = queries::members(c, &ids, context.day)?;
        let whole = if context.expands(GroupExpansion::Members) {
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
            .map(|row| Self::new(row, &members, &whole))
            .collect())
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

/// Whole groups for `expand`, by id. Their members stay references.
///
/// # Errors
/// If the database cannot be read.
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
