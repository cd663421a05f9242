//! Converts rows of recommendations to views.

use super::model::RecommendationRow;
use super::params::{RecommendationExpansion, RecommendationFilters};
use super::parts;
use super::queries::{self, Filter, OWNERSHIP};
use super::views::{Expanded, Recommendation};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::resources::collection::{Collection, Context};
use crate::resources::{groups, organisations, reports};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use std::collections::HashMap;

impl Shaped for Recommendation {
    type Row = RecommendationRow;
    type Expansion = RecommendationExpansion;
    const SORTS: &'static [SortKey<RecommendationRow>] = &[
        SortKey::descending("published_on", "r.published_on", |row| {
            row.published_on.into()
        }),
        SortKey::ascending("number", "r.number_key", |row| (&row.number_key).into()),
        SortKey::ascending("updated_at", "r.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "r.id";
    const SORT_NOTE: &'static str =
        "Default: `-published_on`; for the recommendations of a report: `number`.";

    fn id(row: &RecommendationRow) -> &str {
        &row.id
    }
}

impl Collection for Recommendation {
    type Filters = RecommendationFilters;
    type Filter = Filter;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = queries::FROM;

    fn filter(
        c: &mut DbConnection,
        filters: RecommendationFilters,
        context: &Context<Self>,
    ) -> Result<Filter, ApiError> {
        Ok(Filter {
            now: context.now,
            state: filters.state,
            report: None,
            reports: lookup::filter(c, Resource::Report, "report", &filters.report, context.now)?,
            organisations: lookup::filter(
                c,
                Resource::Organisation,
                "organisation",
                &filters.organisation,
                context.now,
            )?,
            groups: lookup::filter(c, Resource::Group, "group", &filters.group, context.now)?,
            kinds: filters.kind,
            themes: filters.theme,
            response_requirements: filters
                .response_requirement
                .iter()
                .map(|r| <&str>::from(r).to_owned())
                .collect(),
            published_from: filters.published_from,
            published_before: filters.published_before,
            due_from: filters.due_from,
            due_before: filters.due_before,
        })
    }

    fn conditions(filter: &Filter) -> Sql {
        queries::conditions(filter)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<RecommendationRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut parts = parts::load(c, &rows, context.now)?;
        let mut whole = Expanded::default();
        if context.expands(RecommendationExpansion::Report) {
            whole.reports =
                reports::present::whole(c, &parts.reports.keys().collect::<Vec<_>>(), context.now)?;
        }
        if context.expands(RecommendationExpansion::Addressees) {
            let addressees = || parts.addressees.values().flatten();
            let bodies: Vec<&String> = addressees()
                .filter_map(|addressee| addressee.organisation_id.as_ref())
                .collect();
            let groups: Vec<&String> = addressees()
                .filter(|addressee| addressee.organisation_id.is_none())
                .map(|a| &a.id)
                .collect();
            whole.organisations = organisations::present::whole(c, &bodies)?;
            whole.groups = groups::present::whole(c, &groups)?;
        }
        if context.expands(RecommendationExpansion::AddressedOrganisations) {
            whole.addressed = true;
            let ids: Vec<&String> = rows.iter().map(|row| &row.id).collect();
            parts::load_addressed(c, &ids, &mut parts)?;
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &parts, &whole))
            .collect())
    }

    fn revision(&self) -> i64 {
        self.revision
    }
}

/// Expanded recommendations for `expand`, by id. Records that they refer to stay references.
///
/// # Errors
/// If the database cannot be read.
pub fn whole(
    connection: &mut DbConnection,
    ids: &[&String],
    now: NaiveDateTime,
) -> QueryResult<HashMap<String, Recommendation>> {
    let mut sql = Sql::new(
        "SELECT r.* FROM recommendations r JOIN reports p ON p.id = r.report_id \
         WHERE r.state IN ('published', 'withdrawn') AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ",
    );
    sql.bind(now)
        .push(" AND r.id IN ")
        .list(ids.iter().copied());
    let rows: Vec<RecommendationRow> = sql.load(connection)?;
    let parts = parts::load(connection, &rows, now)?;
    let nothing = Expanded::default();
    let views = rows
        .into_iter()
        .filter_map(|row| Some((row.id.clone(), Recommendation::new(row, &parts, &nothing)?)));
    Ok(views.collect())
}
