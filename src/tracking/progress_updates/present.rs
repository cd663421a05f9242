//! Presents progress updates: from rows to views.

use diesel::result::QueryResult;

use super::model::ProgressUpdateRow;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{ProgressUpdate, ProgressUpdateFilters};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{NoExpansion, Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::tracking::obligations::parts::{self, Named};

impl Shaped for ProgressUpdate {
    type Row = ProgressUpdateRow;
    type Expansion = NoExpansion;
    const SORTS: &'static [SortKey<ProgressUpdateRow>] = &[
        SortKey::descending("as_at", "r.as_at", |row| (&row.as_at).into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";

    fn id(row: &ProgressUpdateRow) -> &str {
        &row.id
    }
}

impl Collection for ProgressUpdate {
    type Filters = ProgressUpdateFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str =
        " FROM progress_updates r JOIN reports p ON p.id = r.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ProgressUpdateFilters,
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
            organisations: ids(
                Resource::Organisation,
                "organisation",
                &filters.organisation,
            )?,
            authors: ids(Resource::Organisation, "author", &filters.author)?,
            statuses: filters
                .status
                .iter()
                .map(|status| <&str>::from(status).to_owned())
                .collect(),
        })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn row(c: &mut DbConnection, id: &str) -> QueryResult<ProgressUpdateRow> {
        queries::find(c, id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ProgressUpdateRow>,
        _: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let evidence = rows.iter().flat_map(|row| row.evidence.iter());
        let mut named = Named {
            urls: evidence.map(|one| one.url.as_str()).collect(),
            ..Named::default()
        };
        for row in &rows {
            named.recommendations.push(&row.recommendation_id);
            named.reports.push(&row.report_id);
            named
                .organisations
                .extend([&row.organisation_id, &row.author_id]);
            named.urls.extend(row.source_url.as_deref());
        }
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
