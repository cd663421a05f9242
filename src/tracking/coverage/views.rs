//! The coverage matrix, as returned by the API.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use std::collections::HashMap;
use utoipa::ToSchema;

use super::queries::{ColumnRow, CoverageAddresseeRow};
use super::totals::Totals;
use crate::http::references::{NameReference, TitleReference};
use crate::platform::crawler::PageOutcome;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;
use crate::platform::values::Withdrawal;
use crate::resources::recommendations::model::ResponseRequirement;
use crate::resources::reports::model::ReportRow;
use crate::tracking::action_plans::model::ActionPlanRow;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::model::{
    AssessmentStatus, ImplementationStatus, ObligationRow, Position,
};
use crate::tracking::obligations::state::ResponseState;
use crate::tracking::obligations::views::Claim;

/// What a report recommends to whom, and the status of each recommendation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Coverage {
    /// The report.
    pub report: TitleReference,
    /// The day the report was published. Groups are expanded as of that day.
    pub published_on: NaiveDate,
    /// When and why the report was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The time that the matrix shows: `as_of`, if given; otherwise the last time at which anything in it may have
    /// changed. Nothing has changed since.
    pub as_at: DateTime<Utc>,
    /// The day that the matrix shows, if `on` asked for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<NaiveDate>,
    /// The recommendations and their elements, ordered by number.
    #[schema(max_items = 20000)]
    pub columns: Vec<Column>,
    /// The addressees, ordered by name, with their cells in the order of the columns.
    #[schema(max_items = 20000)]
    pub rows: Vec<Row>,
    /// The totals.
    pub totals: Totals,
}

/// A recommendation, or an element of one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Column {
    /// The id.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The slug.
    #[schema(
        value_type = String,
        min_length = 1,
        max_length = 150,
        example = "stalking-super-complaint-2024-7"
    )]
    pub slug: Slug,
    /// The number in the report.
    #[schema(max_length = 60, example = "7")]
    pub number: String,
    /// For an element: the id of the recommendation that it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 36, max_length = 36)]
    pub element_of: Option<RecordId>,
    /// The kind of finding.
    #[schema(max_length = 60, example = "recommendation")]
    pub kind: String,
    /// A summary.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// The text.
    #[schema(max_length = 20000)]
    pub text: String,
    /// Whether the report marks it as urgent or a priority.
    pub is_priority: bool,
    /// When and why it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
}

/// An addressee.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Row {
    /// The organisation's id.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The organisation's slug.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "essex-police")]
    pub slug: Slug,
    /// The organisation's name.
    #[schema(max_length = 300)]
    pub name: String,
    /// The organisation's name on the day of publication, if it was different.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub name_as_published: Option<String>,
    /// The organisation's action plans.
    #[schema(max_items = 1000)]
    pub action_plans: Vec<PlanLink>,
    /// One cell per column; `null` if the recommendation is not addressed to the organisation.
    #[schema(max_items = 20000)]
    pub cells: Vec<Option<Cell>>,
}

/// A link to an action plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanLink {
    /// The id of the action plan.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The URL of the action plan.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The outcome of the last check of that URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_outcome: Option<PageOutcome>,
    /// When the URL was last checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_checked_at: Option<DateTime<Utc>>,
    /// When a check last found that the content had changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_changed_at: Option<DateTime<Utc>>,
}

/// The status of a recommendation for an addressee. The response, the implementation and the assessment are never
/// merged into one status.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Cell {
    /// The id of the obligation.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub obligation: RecordId,
    /// Whether a response is required by law, requested, or neither.
    pub response_requirement: ResponseRequirement,
    /// The day by which a response is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_on: Option<NaiveDate>,
    /// The state of the response.
    pub response_state: ResponseState,
    /// The day the response was received. If that is not known: the day it was published or, if only the responder itself
    /// says so, the day it was recorded here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_on: Option<NaiveDate>,
    /// Whether only somebody else, with its mandate, answered for it.
    pub is_collectively_covered: bool,
    /// The position that the addressee took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The implementation status that the addressee reports.
    pub implementation_status: ImplementationStatus,
    /// The day, month or year that it applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2025-03")]
    pub implementation_as_at: Option<String>,
    /// The recommender's assessment.
    pub assessment_status: AssessmentStatus,
    /// The day, month or year that it applies to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 10, example = "2025-08-01")]
    pub assessment_as_at: Option<String>,
    /// The day of the last check for a response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checked_on: Option<NaiveDate>,
    /// The organisation that took over the obligation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_to: Option<NameReference>,
    /// The day on which it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transferred_on: Option<NaiveDate>,
    /// What others said in the addressee's name or of its progress without its mandate.
    #[schema(max_items = 100)]
    pub claims: Vec<Claim>,
}

impl Cell {
    fn new(
        row: &ObligationRow,
        report: PublicationState,
        names: &HashMap<RecordId, NameReference>,
        today: NaiveDate,
    ) -> Self {
        Self {
            claims: Claim::all(&row.statements.claims, names),
            obligation: row.id,
            response_requirement: row.response_requirement.0,
            due_on: row.due_on,
            response_state: ResponseState::of(row, report, today),
            transferred_to: row.transferred_to_id.and_then(|id| names.get(&id).cloned()),
            transferred_on: row.tracked.transferred_on,
            answered_on: row.answered_on,
            is_collectively_covered: row.is_collective,
            position: row.position.map(|value| value.0),
            implementation_status: row.implementation_status.0,
            implementation_as_at: row.implementation_as_at.clone(),
            assessment_status: row.assessment_status.0,
            assessment_as_at: row.assessment_as_at.clone(),
            checked_on: row.checked_on,
        }
    }
}

/// What a coverage matrix is built from.
pub struct CoverageData {
    /// The report.
    pub report: ReportRow,
    /// The columns.
    pub columns: Vec<ColumnRow>,
    /// The rows.
    pub addressees: Vec<CoverageAddresseeRow>,
    /// The cells, in any order.
    pub cells: Vec<ObligationRow>,
    /// References to those who claim something or took over an obligation.
    pub names: HashMap<RecordId, NameReference>,
    /// The action plans of the addressees.
    pub plans: Vec<ActionPlanRow>,
    /// The linked pages of the action plans, by URL.
    pub pages: HashMap<String, LinkedPage>,
}

impl Coverage {
    /// The matrix as of a time, which is on the day `today`.
    pub fn new(data: CoverageData, as_at: DateTime<Utc>, today: NaiveDate) -> Self {
        let (columns, plans) = (&data.columns, &data.plans);
        let report = &data.report;
        let totals = Totals::of(&data.cells, &data.columns, report.state, today);
        let withdrawal = Withdrawal::of(report.withdrawn_at, report.withdrawal_reason.clone());
        let withdrawal = withdrawal.filter(|_| report.state.is_withdrawn());
        let key = |cell: &ObligationRow| (cell.organisation_id, cell.recommendation_id);
        let cells: HashMap<_, _> = data.cells.iter().map(|cell| (key(cell), cell)).collect();
        let rows = data.addressees.into_iter().map(|addressee| {
            let (organisation, name_then) = (addressee.organisation, addressee.name_then);
            let id = organisation.id;
            let cell = |column: &ColumnRow| {
                let row = cells.get(&(id, column.id))?;
                Some(Cell::new(row, report.state, &data.names, today))
            };
            let plans = plans.iter().filter(|plan| plan.organisation_id == id);
            let plan = |plan: &ActionPlanRow| PlanLink::new(plan, data.pages.get(&plan.url));
            Row {
                cells: columns.iter().map(cell).collect(),
                action_plans: plans.map(plan).collect(),
                id,
                slug: organisation.slug,
                name: organisation.name,
                name_as_published: name_then,
            }
        });
        Self {
            rows: rows.collect(),
            totals,
            withdrawal,
            report: data.report.reference(),
            published_on: data.report.published_on,
            as_at,
            on: None,
            columns: data.columns.into_iter().map(Column::from).collect(),
        }
    }
}

impl PlanLink {
    fn new(plan: &ActionPlanRow, page: Option<&LinkedPage>) -> Self {
        Self {
            id: plan.id,
            url: plan.url.clone(),
            page_outcome: page.map(|page| page.outcome),
            page_checked_at: page.map(|page| page.checked_at),
            page_changed_at: page.and_then(|page| page.changed_at),
        }
    }
}

impl From<ColumnRow> for Column {
    fn from(row: ColumnRow) -> Self {
        Self {
            id: row.id,
            slug: row.slug,
            number: row.number,
            element_of: row.parent_id,
            kind: row.kind,
            summary: row.summary,
            text: row.text,
            is_priority: row.is_priority,
            withdrawal: Withdrawal::of(row.withdrawn_at, row.withdrawal_reason)
                .filter(|_| row.state.is_withdrawn()),
        }
    }
}
