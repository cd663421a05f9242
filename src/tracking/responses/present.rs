//! Presents responses: from rows to views.

use diesel::result::QueryResult;

use super::model::ResponseRow;
use super::queries::{self, OWNERSHIP};
use super::views::{Response, ResponseFilters};
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::RecordId;
use crate::resources::collection::{Collection, Context};
use crate::tracking::below_reports::{self, ListConditions};

impl Shaped for Response {
    type Row = ResponseRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<ResponseRow>] = &[
        SortKey::descending("published_on", "r.published_on", |row| {
            row.published_on.into()
        }),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &ResponseRow) -> RecordId {
        row.id
    }
}

impl Collection for Response {
    type Filters = ResponseFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM responses r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ResponseFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let resource = Resource::Response;
        let list = ListConditions::below_reports(c, context.now, resource, filters.state);
        let mut list = list.records("r.report_id", Resource::Report, &filters.report)?;
        let covered = list.ids(Resource::Recommendation, &filters.recommendation)?;
        if !covered.is_empty() {
            let sql = list.sql.push(" AND r.id IN (SELECT c.response_id FROM response_covers c WHERE c.recommendation_id IN ");
            sql.list(&covered).push(")");
        }
        let list = list
            .with_organisation("r.responder_id")
            .organisations("r.responder_id", "responder", &filters.responder)?
            .values("r.kind", &filters.kind);
        let mut sql = list.sql;
        sql.and("r.published_on >=", filters.published_from);
        sql.and("r.published_on <", filters.published_before);
        Ok(sql)
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<ResponseRow> {
        below_reports::find(c, Resource::Response, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ResponseRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut parts = queries::parts(c, &rows, context.now)?;
        let views = rows
            .into_iter()
            .filter_map(|row| Self::new(row, &mut parts));
        Ok(views.collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}
