//! Action plans, as returned by the API, and the parameters of their list.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ActionPlanRow;
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::Json;
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::VisibleState;
use crate::platform::values::Withdrawal;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::related_records::{Recorder, RelatedRecords, recorded_at};

/// What an addressee says it will do, on a page of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionPlan {
    /// The id.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "4c899a2c-db8c-88f9-9717-d70bf354931e"
    )]
    pub id: RecordId,
    /// Whether the record is in force or withdrawn.
    pub state: VisibleState,
    /// The report that it responds to.
    pub report: TitleReference,
    /// The organisation whose plan it is.
    pub organisation: NameReference,
    /// The URL of the plan.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// The result of checking that URL, if it was checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub title: Option<String>,
    /// The day the plan was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_on: Option<NaiveDate>,
    /// The day its page last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_changed_on: Option<NaiveDate>,
    /// The URL of an archived copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// The actions for each recommendation. Empty if the plan is withdrawn.
    #[schema(max_items = 1000)]
    pub actions: Vec<ActionShown>,
    /// When it was recorded here first.
    pub recorded_at: DateTime<Utc>,
    /// Who recorded it first, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recorded_by: Option<Recorder>,
    /// When and why it was withdrawn, if it was by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawal: Option<Withdrawal>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// An action in a plan.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionShown {
    /// The recommendation or element.
    pub recommendation: NumberReference,
    /// What will be done.
    #[schema(max_length = 20000)]
    pub text: String,
    /// The role that is responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub owner_role: Option<String>,
    /// The target date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_on: Option<NaiveDate>,
    /// The status in the plan's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub status_verbatim: Option<String>,
}

impl ActionPlan {
    /// The view of a row; `None` if a record that it refers to is not public.
    pub fn new(row: ActionPlanRow, related: &RelatedRecords) -> Option<Self> {
        let state = related.state_below(row.report_id, row.state)?;
        let shown = row.actions.into_inner().into_iter().filter_map(|action| {
            let id = action.recommendation?.id()?;
            Some(ActionShown {
                recommendation: related.recommendation(id)?,
                text: action.text,
                owner_role: action.owner_role,
                target_on: action.target_on,
                status_verbatim: action.status_verbatim,
            })
        });
        let is_shown = state == VisibleState::Published;
        Some(Self {
            report: related.report(row.report_id)?,
            organisation: related.organisation(row.organisation_id)?,
            actions: shown.filter(|_| is_shown).collect(),
            state,
            id: row.id,
            linked_page: related.page(Some(&row.url)),
            url: row.url,
            title: row.title,
            first_seen_on: row.first_seen_on,
            last_changed_on: row.last_changed_on,
            archived_url: row.archived_url,
            recorded_at: recorded_at(row.recorded_by.as_ref(), row.created_at),
            recorded_by: related.recorder(row.recorded_by.as_ref()),
            withdrawal: row
                .withdrawal
                .filter(|_| row.state.is_withdrawn())
                .map(Json::into_inner),
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The filters of the list of action plans.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ActionPlanFilters {
    /// Only action plans under these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-custody-2025"]))]
    pub report: Vec<Key>,
    /// Only action plans of these addressees, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["exampleshire-police"]))]
    pub organisation: Vec<Key>,
    /// Published action plans, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}
