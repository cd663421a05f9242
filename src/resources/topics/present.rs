//! Converts rows of topics to views.

use diesel::result::QueryResult;
use std::collections::HashMap;

use super::model::TopicRow;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{Topic, TopicExpansion, TopicFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};

impl Shaped for Topic {
    type Row = TopicRow;
    type Expansion = TopicExpansion;
    const SORTS: &'static [SortKey<TopicRow>] = &[SortKey::ascending("name", "t.name", |row| {
        (&row.name).into()
    })];
    const ID: &'static str = "t.id";

    fn id(row: &TopicRow) -> &str {
        &row.id
    }
}

impl Collection for Topic {
    type Filters = TopicFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT t.*";
    const FROM: &'static str = " FROM topics t WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: TopicFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        let parents = lookup::filter(c, Resource::Topic, "parent", &filters.parent, context.now)?;
        Ok(Filter { parents })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<TopicRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let parents = queries::parents(c, &rows)?;
        let whole = match context.expands(TopicExpansion::Parent) {
            true => whole(c, &parents.keys().collect::<Vec<_>>())?,
            false => HashMap::new(),
        };
        let rows = rows.into_iter();
        Ok(rows.map(|row| Self::new(row, &parents, &whole)).collect())
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

/// Whole topics for `expand`, by id. Their parents stay references.
///
/// # Errors
/// If the database cannot be read.
pub fn whole(c: &mut DbConnection, ids: &[&String]) -> QueryResult<HashMap<String, Topic>> {
    let rows: Vec<TopicRow> = queries::by_ids(c, ids)?.into_values().collect();
    let parents = queries::parents(c, &rows)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.id.clone(), Topic::new(row, &parents, &HashMap::new())))
        .collect())
}
