//! Presents action plans: from rows to views.

use diesel::result::QueryResult;

use super::model::ActionPlanRow;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{ActionPlan, ActionPlanFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::tracking::obligations::parts::{self, Named};

impl Shaped for ActionPlan {
    type Row = ActionPlanRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<ActionPlanRow>] = &[
        SortKey::descending("first_seen_on", "r.first_seen_key", |row| {
            row.first_seen_key.into()
        }),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &ActionPlanRow) -> &str {
        &row.id
    }
}

impl Collection for ActionPlan {
    type Filters = ActionPlanFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM action_plans r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ActionPlanFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        let mut ids = |resource, name: &str, keys: &[String]| {
            lookup::filter(c, resource, name, keys, context.now)
        };
        Ok(Filter {
            now: context.now,
            state: filters.state,
            reports: ids(Resource::Report, "report", &filters.report)?,
            organisations: ids(
                Resource::Organisation,
                "organisation",
                &filters.organisation,
            )?,
        })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn row(c: &mut DbConnection, id: &str) -> QueryResult<ActionPlanRow> {
        queries::find(c, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ActionPlanRow>,
        _: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let actions = rows.iter().flat_map(|row| row.actions.iter());
        let said: Vec<String> = actions
            .filter_map(|action| action.recommendation.clone())
            .collect();
        let named = Named {
            recommendations: said.iter().collect(),
            reports: rows.iter().map(|row| &row.report_id).collect(),
            organisations: rows.iter().map(|row| &row.organisation_id).collect(),
            groups: Vec::new(),
            urls: rows.iter().map(|row| row.url.as_str()).collect(),
        };
        let parts = parts::of(c, named)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &parts))
            .collect())
    }

    fn id_and_revision(&self) -> (&str, i64) {
        (&self.id, self.revision)
    }
}
