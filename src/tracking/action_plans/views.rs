//! What requests for action plans may say, and what is answered.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::ActionPlanRow;
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::http::references::{NameReference, NumberReference, TitleReference};
use crate::platform::db::Value;
use crate::platform::db::keyset::Order;
use crate::platform::states::VisibleState;
use crate::tracking::linked_pages::views::LinkedPage;
use crate::tracking::obligations::parts::Parts;

/// What an addressee publishes of what it will do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionPlan {
    /// The id.
    #[schema(
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-874b-bcce-b302099a8057"
    )]
    pub id: String,
    /// In force, or withdrawn.
    pub state: VisibleState,
    /// The report that it answers.
    pub report: TitleReference,
    /// Whose plan it is.
    pub organisation: NameReference,
    /// Where it is.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
    /// What was found there, as far as somebody has looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_page: Option<LinkedPage>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub title: Option<String>,
    /// When it was first seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen_on: Option<NaiveDate>,
    /// When its page last changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_changed_on: Option<NaiveDate>,
    /// An archived copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, format = "uri")]
    pub archived_url: Option<String>,
    /// What it says, recommendation by recommendation. Empty when it was withdrawn.
    #[schema(max_items = 1000)]
    pub actions: Vec<ActionShown>,
    /// The revision, from 1.
    #[schema(minimum = 1, maximum = 9007199254740991_i64)]
    pub revision: i64,
    /// When the record last changed.
    pub updated_at: DateTime<Utc>,
}

/// What a plan says of a recommendation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ActionShown {
    /// The recommendation, or the element of one.
    pub recommendation: NumberReference,
    /// What will be done.
    #[schema(max_length = 20000)]
    pub text: String,
    /// Whose task it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 300)]
    pub owner_role: Option<String>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_on: Option<NaiveDate>,
    /// How far it is, in the words of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub status_verbatim: Option<String>,
}

impl ActionPlan {
    /// The view of a row; nothing when what it names is not public.
    pub fn new(row: ActionPlanRow, parts: &Parts) -> Option<Self> {
        let state = parts.state_below(&row.report_id, row.state);
        let shown = row.actions.into_inner().into_iter().filter_map(|action| {
            let id = action.recommendation?;
            Some(ActionShown {
                recommendation: parts.recommendations.get(&id)?.clone(),
                text: action.text,
                owner_role: action.owner_role,
                target_on: action.target_on,
                status_verbatim: action.status_verbatim,
            })
        });
        let is_shown = state == VisibleState::Published;
        Some(Self {
            report: parts.report(&row.report_id)?,
            organisation: parts.organisation(&row.organisation_id)?,
            actions: shown.filter(|_| is_shown).collect(),
            state,
            id: row.id,
            linked_page: parts.page(Some(&row.url)),
            url: row.url,
            title: row.title,
            first_seen_on: row.first_seen_on,
            last_changed_on: row.last_changed_on,
            archived_url: row.archived_url,
            revision: row.revision,
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The members of an action plan that `fields` can name.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ActionPlanField {
    Id,
    State,
    Report,
    Organisation,
    Url,
    LinkedPage,
    Title,
    FirstSeenOn,
    LastChangedOn,
    ArchivedUrl,
    Actions,
    Revision,
    UpdatedAt,
}

/// The orders that action plans can be listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum ActionPlanSort {
    #[default]
    #[serde(rename = "-first_seen_on")]
    FirstSeenOnDescending,
    #[serde(rename = "first_seen_on")]
    FirstSeenOn,
    #[serde(rename = "updated_at")]
    UpdatedAt,
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl ActionPlanSort {
    /// The order in the statement.
    pub fn order(self) -> Order {
        let (column, descending) = match self {
            Self::FirstSeenOn => ("r.first_seen_key", false),
            Self::FirstSeenOnDescending => ("r.first_seen_key", true),
            Self::UpdatedAt => ("r.updated_at", false),
            Self::UpdatedAtDescending => ("r.updated_at", true),
        };
        Order {
            column,
            id: "r.id",
            descending,
        }
    }

    /// Where a row stands in this order.
    pub fn place(self, row: &ActionPlanRow) -> (Value, String) {
        let key = match self {
            Self::FirstSeenOn | Self::FirstSeenOnDescending => Value::from(row.first_seen_key),
            Self::UpdatedAt | Self::UpdatedAtDescending => Value::from(row.updated_at),
        };
        (key, row.id.clone())
    }
}

/// The parameters of the list of action plans.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListActionPlans {
    /// Only those under these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-custody-2025"]))]
    pub report: Vec<String>,
    /// Only those of these addressees, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["exampleshire-police"]))]
    pub organisation: Vec<String>,
    /// Plans in force, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
    /// The order.
    #[param(inline)]
    pub sort: ActionPlanSort,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ActionPlanField>,
    /// Whether to count all matches.
    #[param(inline)]
    pub count: Count,
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}

impl ListActionPlans {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one action plan.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindActionPlan {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ActionPlanField>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
