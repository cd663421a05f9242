//! Presents obligations: from rows to views.

use super::model::ObligationRow;
use super::params::{ObligationExpansion, ObligationFilters};
use super::queries::{self, OWNERSHIP};
use super::reading::{self, ObligationConditions};
use super::state::ResponseState;
use super::views::{ExpandedRecords, Obligation};
use crate::access::lookup;
use crate::access::ownership::Ownership;
use crate::http::error::ApiError;
use crate::http::shape::{Shaped, SortKey};
use crate::log::Resource;
use crate::platform::clock::uk_day;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::resources::collection::{Collection, Context};
use crate::resources::recommendations;
use crate::resources::reports::model::ReportRow;
use crate::tracking::below_reports::{self, ListConditions};
use crate::tracking::related_records::{RelatedIds, RelatedRecords};
use chrono::NaiveDate;
use diesel::result::QueryResult;

impl Shaped for Obligation {
    type Row = ObligationRow;
    type Expansion = ObligationExpansion;
    const SORTS: &'static [SortKey<ObligationRow>] = &[
        SortKey::ascending("due_on", "o.due_key", |row| row.due_key.into()),
        SortKey::ascending("updated_at", "o.updated_at", |row| row.updated_at.into()),
    ];
    const ID: &'static str = "o.id";
    const IS_DATED: bool = true;
    const SORT_NOTE: &'static str = "Obligations without a due date come last.";

    fn id(row: &ObligationRow) -> RecordId {
        row.id
    }
}

impl Collection for Obligation {
    type Filters = ObligationFilters;
    type Filter = ObligationConditions;
    const OWNERSHIP: Ownership = OWNERSHIP;
    const SELECT: &'static str = "SELECT o.*";
    const FROM: &'static str = " FROM obligations o JOIN reports p ON p.id = o.report_id WHERE ";

    fn filter(
        c: &mut DbConnection,
        filters: ObligationFilters,
        context: &Context<Self>,
    ) -> Result<ObligationConditions, ApiError> {
        let today = today(context);
        let shown = match filters.state.contains(&ResponseState::Withdrawn) {
            true => Sql::new("o.state IN ('published', 'withdrawn')"),
            false => Sql::new("o.state = 'published' AND p.state <> 'withdrawn'"),
        };
        let mut sql = ListConditions::new(c, context.now, shown)
            .with_organisation("o.organisation_id")
            .organisations("o.organisation_id", "organisation", &filters.organisation)?
            .records("o.report_id", Resource::Report, &filters.report)?
            .recommendations("o.recommendation_id", &filters.recommendation)?
            .records("o.via_group_id", Resource::Group, &filters.group)?
            .values("o.response_requirement", &filters.response_requirement)
            .values("o.position", &filters.position)
            .values("o.implementation_status", &filters.implementation_status)
            .values("o.assessment_status", &filters.assessment_status)
            .sql;
        ResponseState::any_of(&filters.state, &mut sql, today);
        if filters.due_from.is_some() {
            sql.push(" AND o.due_on IS NOT NULL");
        }
        sql.and("o.due_key >=", filters.due_from);
        sql.and("o.due_key <", filters.due_before);
        Ok(ObligationConditions {
            now: context.now,
            on: context.day,
            recommendation: None,
            sql,
        })
    }

    fn conditions(filter: &ObligationConditions) -> Sql {
        reading::conditions(filter)
    }

    fn from(filter: &ObligationConditions) -> Sql {
        reading::below_reports(filter.on)
    }

    fn shown_row(
        c: &mut DbConnection,
        id: RecordId,
        context: &Context<Self>,
    ) -> Result<ObligationRow, ApiError> {
        reading::find_on(c, id, context.day)?.ok_or_else(ApiError::not_found)
    }

    fn row(c: &mut DbConnection, id: RecordId) -> QueryResult<ObligationRow> {
        below_reports::find(c, Resource::Obligation, id)
    }

    fn locate(
        c: &mut DbConnection,
        key: &Key,
        context: &Context<Self>,
    ) -> Result<RecordId, ApiError> {
        let id = key.id().ok_or_else(ApiError::not_found)?;
        let row = queries::find(c, id)?.ok_or_else(ApiError::not_found)?;
        let under = row.recommendation_id.into();
        let whose = &recommendations::queries::OWNERSHIP;
        lookup::for_reading(c, whose, &under, &context.rights, context.now)?;
        Ok(row.id)
    }

    fn present(
        c: &mut DbConnection,
        mut rows: Vec<ObligationRow>,
        context: &Context<Self>,
    ) -> Result<Vec<Self>, ApiError> {
        let mut ids = RelatedIds::default();
        for row in &rows {
            ids.recommendations.push(row.recommendation_id);
            ids.reports.push(row.report_id);
            ids.organisations.push(row.organisation_id);
            ids.organisations.extend(row.transferred_to_id);
            ids.organisations.extend(row.statements.speakers());
            ids.groups.extend(row.via_group_id);
        }
        let mut related = RelatedRecords::load(c, ids, context.now)?;
        if let Some(day) = context.day {
            related.name_on(c, day)?;
        }
        let expanded = ExpandedRecords {
            recommendations: context.expanded(
                c,
                ObligationExpansion::Recommendation,
                related.recommendations.keys().copied(),
            )?,
            reports: context.expanded(
                c,
                ObligationExpansion::Report,
                related.reports.keys().copied(),
            )?,
            organisations: context.expanded(
                c,
                ObligationExpansion::Organisation,
                related.organisations.keys().copied(),
            )?,
        };
        let today = today(context);
        for row in &mut rows {
            let report = related.reports.get(&row.report_id);
            let is_withdrawn = |report: &ReportRow| report.state.is_withdrawn();
            if row.state.is_withdrawn() || report.is_some_and(is_withdrawn) {
                row.hide_statements()?;
            }
        }
        Ok(rows
            .into_iter()
            .filter_map(|row| Self::new(row, &related, &expanded, today))
            .collect())
    }

    fn id_and_revision(&self) -> (RecordId, i64) {
        (self.id, self.revision)
    }
}

/// The day that response states are computed for.
fn today(context: &Context<Obligation>) -> NaiveDate {
    context.day.unwrap_or(uk_day(context.now))
}
