//! Converts rows of topics to views.

use chrono::NaiveDateTime;

use super::model::TopicRow;
use super::queries::{self, OWNERSHIP};
use super::views::{Topic, TopicExpansion, TopicFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context, Expand};
use crate::resources::references;

impl Shaped for Topic {
    type Row = TopicRow;
    type Expansion = TopicExpansion;
    const SORTS: &'static [SortKey<TopicRow>] =
        &[SortKey::ascending("name", "t.sort_name", |row| {
            (&row.sort_name).into()
        })];
    const ID: &'static str = "t.id";

    fn id(row: &TopicRow) -> RecordId {
        row.id
    }
}

impl Collection for Topic {
    type Filters = TopicFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT t.*";
    const FROM: &'static str = " FROM topics t WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: TopicFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let parents = lookup::filter(c, Resource::Topic, "parent", &filters.parent, context.now)?;
        Ok(queries::conditions(&parents))
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<TopicRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let parents = rows.iter().filter_map(|row| row.parent_id);
        let parents = references::named(c, Resource::Topic, parents)?;
        let expanded = context.expanded(c, TopicExpansion::Parent, parents.keys().copied())?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|row| Self::new(row, &parents, &expanded))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

impl Expand for Topic {
    fn public(_: NaiveDateTime) -> Sql {
        Sql::new("t.state = 'published'")
    }
}
