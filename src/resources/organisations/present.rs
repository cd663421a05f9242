//! Converts rows of organisations to views.

use super::model::OrganisationRow;
use super::params::{OrganisationExpansion, OrganisationFilters};
use super::parts;
use super::queries::{self, OWNERSHIP};
use super::views::Organisation;
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::query::scheme_and_value;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context, Expand};
use chrono::NaiveDateTime;

impl Shaped for Organisation {
    type Row = OrganisationRow;
    type Expansion = OrganisationExpansion;
    const SORTS: &'static [SortKey<OrganisationRow>] = &[
        SortKey::ascending("name", "o.sort_name", |row| (&row.sort_name).into()),
        SortKey::ascending("updated_at", "o.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "o.id";
    const IS_DATED: bool = true;

    fn id(row: &OrganisationRow) -> RecordId {
        row.id
    }
}

impl Collection for Organisation {
    type Filters = OrganisationFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT o.*";
    const FROM: &'static str = " FROM organisations o WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: OrganisationFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let organisation = Resource::Organisation;
        let parents = lookup::filter(c, organisation, "parent", &filters.parent, context.now)?;
        let identifier = scheme_and_value("identifier", filters.identifier.as_deref())?;
        Ok(queries::conditions(&filters, &parents, identifier))
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<OrganisationRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut parts = parts::load(c, &rows, context.day)?;
        let parents = parts.parents.keys().copied();
        let expanded = context.expanded(c, OrganisationExpansion::Parent, parents)?;
        Ok(rows
            .into_iter()
            .map(|row| Self::new(row, &mut parts, &expanded, (context.day, &context.pages)))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

impl Expand for Organisation {
    fn public(_: NaiveDateTime) -> Sql {
        Sql::new("o.state = 'published'")
    }
}
