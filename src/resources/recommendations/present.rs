//! Converts rows of recommendations to views.

use super::model::RecommendationRow;
use super::params::{RecommendationExpansion, RecommendationFilters};
use super::parts;
use super::queries::{self, OWNERSHIP, RecommendationCriteria};
use super::views::{ExpandedRecommendationReferences, Recommendation};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::resources::collection::{Collection, Context, Expand};
use chrono::NaiveDateTime;

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

    fn id(row: &RecommendationRow) -> RecordId {
        row.id
    }
}

impl Collection for Recommendation {
    type Filters = RecommendationFilters;
    type Filter = RecommendationCriteria;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT r.*";
    const FROM: &'static str = queries::FROM;

    fn filter(
        c: &mut DbConnection,
        filters: RecommendationFilters,
        context: &Context<Self>,
    ) -> Result<Self::Filter, ApiError> {
        // each parameter has the name of the records that it refers to
        let mut ids = |resource: Resource, keys: &[Key]| {
            lookup::filter(c, resource, resource.name(), keys, context.now)
        };
        Ok(RecommendationCriteria {
            now: context.now,
            state: filters.state,
            report: None,
            reports: ids(Resource::Report, &filters.report)?,
            organisations: ids(Resource::Organisation, &filters.organisation)?,
            groups: ids(Resource::Group, &filters.group)?,
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

    fn conditions(filter: &Self::Filter) -> Sql {
        queries::conditions(filter)
    }

    fn present(
        c: &mut DbConnection,
        rows: Vec<RecommendationRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut parts = parts::load(c, &rows, context.now)?;
        let addressees = || parts.addressees.values().flatten();
        let addressees = || addressees().map(|row| row.addressee.id);
        let expanded = ExpandedRecommendationReferences {
            reports: context.expanded(
                c,
                RecommendationExpansion::Report,
                parts.reports.keys().copied(),
            )?,
            organisations: context.expanded(
                c,
                RecommendationExpansion::Addressees,
                addressees(),
            )?,
            groups: context.expanded(c, RecommendationExpansion::Addressees, addressees())?,
            addressed: context.expands(RecommendationExpansion::AddressedOrganisations),
        };
        if expanded.addressed {
            let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
            parts.addressed = parts::addressed(c, &ids)?;
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &mut parts, &expanded, &context.pages))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

impl Expand for Recommendation {
    fn public(now: NaiveDateTime) -> Sql {
        let mut sql = Sql::new(
            "r.state IN ('published', 'withdrawn') AND p.state IN ('published', 'withdrawn') AND p.visible_from <= ",
        );
        sql.bind(now);
        sql
    }
}
