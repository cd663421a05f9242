//! Presents obligations: from rows to views.

use super::model::ObligationRow;
use super::params::{ObligationExpansion, ObligationFilters};
use super::parts;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{Expanded, Obligation};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::clock::uk_day;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::resources::recommendations;
use diesel::result::QueryResult;

impl Shaped for Obligation {
    type Row = ObligationRow;
    type Expansion = ObligationExpansion;
    const SORTS: &'static [SortKey<ObligationRow>] = &[
        SortKey::ascending("due_on", "o.due_key", |row| row.due_key.into()),
        SortKey::ascending("updated_at", "o.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "o.id";
    const SORT_NOTE: &'static str = "Obligations without a due date come last.";

    fn id(row: &ObligationRow) -> &str {
        &row.id
    }
}

impl Collection for Obligation {
    type Filters = ObligationFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT o.*";
    const FROM: &'static str = " FROM obligations o JOIN reports p ON p.id = o.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ObligationFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        let mut ids = |resource, name: &str, keys: &[String]| {
            lookup::filter(c, resource, name, keys, context.now)
        };
        Ok(Filter {
            now: context.now,
            organisation: None,
            recommendation: None,
            today: uk_day(context.now),
            organisations: ids(
                Resource::Organisation,
                "organisation",
                &filters.organisation,
            )?,
            reports: ids(Resource::Report, "report", &filters.report)?,
            recommendations: ids(
                Resource::Recommendation,
                "recommendation",
                &filters.recommendation,
            )?,
            groups: ids(Resource::Group, "group", &filters.group)?,
            states: filters.state,
            response_requirements: words(&filters.response_requirement),
            positions: words(&filters.position),
            implementation_statuses: words(&filters.implementation_status),
            assessment_statuses: words(&filters.assessment_status),
            due_from: filters.due_from,
            due_before: filters.due_before,
        })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn row(c: &mut DbConnection, id: &str) -> QueryResult<ObligationRow> {
        queries::find(c, id)?.ok_or(diesel::result::Error::NotFound)
    }

    fn locate(
        c: &mut DbConnection,
        key: &str,
        context: &Context<Self>,
    ) -> Result<String, ApiError> {
        let row = queries::find(c, &key.to_ascii_lowercase())?.ok_or_else(ApiError::not_found)?;
        let under = &row.recommendation_id;
        let whose = &recommendations::queries::OWNERSHIP;
        lookup::for_reading(c, whose, under, &context.rights, context.now)?;
        Ok(row.id)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<ObligationRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let parts = parts::load(c, &rows)?;
        let whole = Expanded {
            recommendations: context.expanded(
                c,
                ObligationExpansion::Recommendation,
                parts.recommendations.keys(),
            )?,
            reports: context.expanded(c, ObligationExpansion::Report, parts.reports.keys())?,
            organisations: context.expanded(
                c,
                ObligationExpansion::Organisation,
                parts.organisations.keys(),
            )?,
        };
        let today = uk_day(context.now);
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &parts, &whole, today))
            .collect())
    }

    fn id_and_revision(&self) -> (&str, i64) {
        (&self.id, self.revision)
    }
}

fn words<W: Copy + Into<&'static str>>(words: &[W]) -> Vec<String> {
    words.iter().map(|word| (*word).into().to_owned()).collect()
}
