//! Presents progress updates: from rows to views.

use diesel::result::QueryResult;

use super::model::ProgressUpdateRow;
use super::queries::OWNERSHIP;
use super::views::{ProgressUpdate, ProgressUpdateFilters};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords, recorded_for};

impl Shaped for ProgressUpdate {
    type Row = ProgressUpdateRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<ProgressUpdateRow>] = &[
        SortKey::descending("as_at", "r.as_at", |row| (&row.as_at).into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &ProgressUpdateRow) -> RecordId {
        row.id
    }
}

impl Collection for ProgressUpdate {
    type Filters = ProgressUpdateFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str =
        " FROM progress_updates r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ProgressUpdateFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let resource = Resource::ProgressUpdate;
        let list = ListConditions::below_reports(c, context.now, resource, filters.state)
            .records("r.report_id", Resource::Report, &filters.report)?
            .with_organisation("r.organisation_id")
            .with_organisation("r.author_id")
            .under_shown_recommendations()
            .recommendations("r.recommendation_id", &filters.recommendation)?
            .organisations("r.organisation_id", "organisation", &filters.organisation)?
            .organisations("r.author_id", "author", &filters.author)?
            .values("r.status", &filters.status);
        Ok(list.sql)
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<ProgressUpdateRow> {
        below_reports::find(c, Resource::ProgressUpdate, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ProgressUpdateRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut ids = RelatedIds::default();
        for row in &rows {
            ids.organisations
                .extend(recorded_for(row.recorded_by.as_ref())?);
            ids.recommendations.push(row.recommendation_id);
            ids.reports.push(row.report_id);
            ids.organisations.push(row.organisation_id);
            ids.organisations.push(row.author_id);
            ids.urls.extend(row.source_url.as_deref());
            ids.urls
                .extend(row.evidence.iter().map(|evidence| evidence.url.as_str()));
        }
        let related = RelatedRecords::load(c, ids, context.now)?;
        let views = rows.into_iter().filter_map(|row| Self::new(row, &related));
        Ok(views.collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}
