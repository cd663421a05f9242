//! Converts rows of reports to views.

use super::model::ReportRow;
use super::params::{ReportExpansion, ReportFilters};
use super::parts;
use super::queries::{self, OWNERSHIP};
use super::views::Report;
use crate::access::ownership::Ownership;
use crate::access::{Public, ReadScope, Scope, lookup};
use crate::http::error::ApiError;
use crate::http::query::scheme_and_value;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::resources::collection::{Collection, Context, Expand};
use chrono::NaiveDateTime;

impl Shaped for Report {
    type Row = ReportRow;
    type Expansion = ReportExpansion;
    const SORTS: &'static [SortKey<ReportRow>] = &[
        SortKey::descending("published_on", "r.published_on", |row| {
            row.published_on.into()
        }),
        SortKey::ascending("title", "r.sort_title", |row| (&row.sort_title).into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";
    const HAS_PREVIEW: bool = true;

    fn id(row: &ReportRow) -> RecordId {
        row.id
    }
}

impl Collection for Report {
    type Filters = ReportFilters;
    type Filter = Sql;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = " FROM reports r WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ReportFilters,
        context: &Context<Self>,
    ) -> Result<Sql, ApiError> {
        let organisation = Resource::Organisation;
        let mut ids = |name, keys: &[Key]| lookup::filter(c, organisation, name, keys, context.now);
        let publishers = ids("publisher", &filters.publisher)?;
        let complainants = ids("complainant_body", &filters.complainant_body)?;
        let reference = scheme_and_value("reference", filters.reference.as_deref())?;
        Ok(queries::conditions(
            &filters,
            &publishers,
            &complainants,
            reference,
            &context.read_scope,
            context.now,
        ))
    }

    fn read_scope(filters: &ReportFilters, public: &Public) -> Result<ReadScope, ApiError> {
        match filters.state.is_public() {
            true => Ok(ReadScope::default()),
            false => public.read_scope(Scope::RecommendationsWrite),
        }
    }

    fn conditions(filter: &Sql) -> Sql {
        filter.clone()
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ReportRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut parts = parts::load(c, &rows)?;
        let publishers = parts.publishers.values().flatten();
        let publishers = publishers.map(|publisher| publisher.id);
        let mut expanded = context.expanded(c, ReportExpansion::Publishers, publishers)?;
        let complainants = parts.complainants.keys().copied();
        expanded.extend(context.expanded(c, ReportExpansion::ComplainantBody, complainants)?);
        Ok(rows
            .into_iter()
            .map(|row| Self::new(row, &mut parts, &expanded, (context.now, &context.pages)))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

impl Expand for Report {
    fn public(now: NaiveDateTime) -> Sql {
        let mut sql = Sql::new("r.state IN ('published', 'withdrawn') AND r.visible_from <= ");
        sql.bind(now);
        sql
    }
}
