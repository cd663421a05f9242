//! Presents responses: from rows to views.

use diesel::result::QueryResult;

use super::model::ResponseRow;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{Response, ResponseFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::resources::reports;

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

    fn id(row: &ResponseRow) -> &str {
        &row.id
    }
}

impl Collection for Response {
    type Filters = ResponseFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM responses r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ResponseFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        let mut ids = |resource, name: &str, keys: &[String]| {
            lookup::filter(c, resource, name, keys, context.now)
        };
        Ok(Filter {
            now: context.now,
            state: filters.state,
            reports: ids(Resource::Report, "report", &filters.report)?,
            recommendations: ids(
                Resource::Recommendation,
                "recommendation",
                &filters.recommendation,
            )?,
            responders: ids(Resource::Organisation, "responder", &filters.responder)?,
            kinds: filters
                .kind
                .iter()
                .map(|kind| <&str>::from(kind).to_owned())
                .collect(),
            published_from: filters.published_from,
            published_before: filters.published_before,
        })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn row(c: &mut DbConnection, id: &str) -> QueryResult<ResponseRow> {
        queries::find(c, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ResponseRow>,
        _: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let parts = queries::parts(c, &rows)?;
        let reports: Vec<&String> = rows.iter().map(|row| &row.report_id).collect();
        let reports = reports::queries::of_recommendations(c, &reports)?;
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &parts, &reports))
            .collect())
    }

    fn id_and_revision(&self) -> (&str, i64) {
        (&self.id, self.revision)
    }
}
