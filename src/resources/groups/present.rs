//! Converts rows of groups to views.

use super::model::GroupRow;
use super::queries::{self, OWNERSHIP};
use super::views::{Group, GroupExpansion, GroupFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context, Expand};
use crate::resources::organisations::parts::name_on;
use chrono::NaiveDateTime;

impl Shaped for Group {
    type Row = GroupRow;
    type Expansion = GroupExpansion;
    const SORTS: &'static [SortKey<GroupRow>] =
        &[SortKey::ascending("name", "g.sort_name", |row| {
            (&row.sort_name).into()
        })];
    const ID: &'static str = "g.id";
    const IS_DATED: bool = true;

    fn id(row: &GroupRow) -> RecordId {
        row.id
    }
}

impl Collection for Group {
    type Filters = GroupFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT g.*";
    const FROM: &'static str = " FROM groups g WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: GroupFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let member = &filters.member;
        let members = lookup::filter(c, Resource::Organisation, "member", member, context.now)?;
        Ok(queries::conditions(&members))
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<GroupRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        let mut members = queries::members(c, &ids, context.day)?;
        if let Some(day) = context.day {
            let members = members.values_mut().flatten();
            name_on(c, members.map(|member| &mut member.organisation), day)?;
        }
        let organisations = members.values().flatten();
        let organisations = organisations.map(|member| member.organisation.id);
        let expanded = context.expanded(c, GroupExpansion::Members, organisations)?;
        Ok(rows
            .into_iter()
            .map(|row| Self::new(row, &members, &expanded))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

impl Expand for Group {
    fn public(_: NaiveDateTime) -> Sql {
        Sql::new("g.state = 'published'")
    }
}
