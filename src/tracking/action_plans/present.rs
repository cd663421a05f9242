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
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords, recorded_for};

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

    fn id(row: &ActionPlanRow) -> RecordId {
        row.id
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
        let list = ListConditions::below_reports(c, context.now, resource, filters.state)
            .records("r.report_id", Resource::Report, &filters.report)?
            .with_organisation("r.organisation_id")
            .organisations("r.organisation_id", "organisation", &filters.organisation)?;
        Ok(list.sql)
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<ActionPlanRow> {
        below_reports::find(c, Resource::ActionPlan, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ActionPlanRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut ids = RelatedIds::default();
        for row in &rows {
            ids.organisations
                .extend(recorded_for(row.recorded_by.as_ref())?);
            let actions = row.actions.iter();
            ids.recommendations
                .extend(actions.filter_map(|action| action.recommendation.as_ref()?.id()));
            ids.reports.push(row.report_id);
            ids.organisations.push(row.organisation_id);
            ids.urls.push(&row.url);
        }
        let related = RelatedRecords::load(c, ids, context.now)?;
        let views = rows.into_iter().filter_map(|row| Self::new(row, &related));
        Ok(views.collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}
