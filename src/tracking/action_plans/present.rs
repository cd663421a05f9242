//! Presents action plans: from rows to views.

use diesel::result::QueryResult;

use super::model::ActionPlanRow;
use super::queries::OWNERSHIP;
use super::views::{ActionPlan, ActionPlanFilters};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords};

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
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM action_plans r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ActionPlanFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let resource = Resource::ActionPlan;
        let conditions =
            ListConditions::below_public_reports(c, context.now, resource, filters.state)
                .records("r.report_id", Resource::Report, &filters.report)?
                .records(
                    "r.organisation_id",
                    Resource::Organisation,
                    &filters.organisation,
                )?;
        Ok(conditions.sql)
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: &str) -> QueryResult<ActionPlanRow> {
        below_reports::find(c, Resource::ActionPlan, id)
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
        let ids = RelatedIds {
            recommendations: said.iter().collect(),
            reports: rows.iter().map(|row| &row.report_id).collect(),
            organisations: rows.iter().map(|row| &row.organisation_id).collect(),
            groups: Vec::new(),
            urls: rows.iter().map(|row| row.url.as_str()).collect(),
        };
        let related = RelatedRecords::load(c, ids)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &related))
            .collect())
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}
