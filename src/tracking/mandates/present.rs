//! Presents mandates: from rows to views.

use diesel::result::QueryResult;

use super::model::MandateRow;
use super::queries::{self, OWNERSHIP};
use super::views::{Mandate, MandateFilters};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords, recorded_for};
use crate::tracking::responses::views::Respondent;

impl Shaped for Mandate {
    type Row = MandateRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<MandateRow>] = &[
        SortKey::descending("from", "r.from_on", |row| row.from_on.into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &MandateRow) -> RecordId {
        row.id
    }
}

impl Collection for Mandate {
    type Filters = MandateFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM mandates r WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: MandateFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let shown = queries::conditions(context.now);
        let mut list = ListConditions::new(c, context.now, shown)
            .with_organisation("r.representative_id")
            .with_organisation("r.granted_by_id")
            .organisations(
                "r.representative_id",
                "representative",
                &filters.representative,
            )?
            .organisations("r.granted_by_id", "granted_by", &filters.granted_by)?
            .records("r.report_id", Resource::Report, &filters.report)?;
        let organisations = list.ids(Resource::Organisation, &filters.organisation)?;
        let groups = list.ids(Resource::Group, &filters.group)?;
        Ok(queries::representing(list.sql, &organisations, &groups))
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<MandateRow> {
        below_reports::find(c, Resource::Mandate, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<MandateRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut represented = queries::represented(c, rows.iter().map(|row| row.id))?;
        let mut ids = RelatedIds::default();
        for row in &rows {
            ids.organisations
                .extend(recorded_for(row.recorded_by.as_ref())?);
            ids.organisations
                .extend([row.representative_id, row.granted_by_id]);
            ids.reports.extend(row.report_id);
        }
        let related = RelatedRecords::load(c, ids, context.now)?;
        let view = |row: MandateRow| {
            let represents = represented.remove(&row.id).unwrap_or_default();
            let represents = represents.into_iter().map(Respondent::from).collect();
            Self::new(row, represents, &related, context.now)
        };
        Ok(rows.into_iter().filter_map(view).collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}
