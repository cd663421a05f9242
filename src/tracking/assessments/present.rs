//! Presents assessments: from rows to views.

use diesel::result::QueryResult;

use super::model::AssessmentRow;
use super::queries::OWNERSHIP;
use super::views::{Assessment, AssessmentFilters};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords, recorded_for};

impl Shaped for Assessment {
    type Row = AssessmentRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<AssessmentRow>] = &[
        SortKey::descending("as_at", "r.as_at", |row| (&row.as_at).into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &AssessmentRow) -> RecordId {
        row.id
    }
}

impl Collection for Assessment {
    type Filters = AssessmentFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM assessments r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: AssessmentFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let resource = Resource::Assessment;
        let list = ListConditions::below_reports(c, context.now, resource, filters.state)
            .records("r.report_id", Resource::Report, &filters.report)?
            .with_organisation("r.organisation_id")
            .with_organisation("r.assessor_id")
            .under_shown_recommendations()
            .recommendations("r.recommendation_id", &filters.recommendation)?
            .organisations("r.organisation_id", "organisation", &filters.organisation)?
            .organisations("r.assessor_id", "assessor", &filters.assessor)?
            .values("r.status", &filters.status);
        Ok(list.sql)
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<AssessmentRow> {
        below_reports::find(c, Resource::Assessment, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<AssessmentRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut ids = RelatedIds::default();
        for row in &rows {
            ids.organisations
                .extend(recorded_for(row.recorded_by.as_ref())?);
            ids.recommendations.push(row.recommendation_id);
            ids.reports.push(row.report_id);
            ids.organisations.push(row.organisation_id);
            ids.organisations.push(row.assessor_id);
            ids.urls.extend(row.source_url.as_deref());
        }
        let related = RelatedRecords::load(c, ids, context.now)?;
        let views = rows.into_iter().filter_map(|row| Self::new(row, &related));
        Ok(views.collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}
