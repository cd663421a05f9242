//! What requests for obligations may say.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::{AssessmentStatus, ImplementationStatus, ObligationRow, Position};
use super::state::ResponseState;
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::platform::db::Value;
use crate::platform::db::keyset::Order;

/// The members of an obligation that `fields` can name.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObligationField {
    Id,
    Recommendation,
    Report,
    Organisation,
    ViaGroup,
    ResponseRequirement,
    Deadlines,
    DueOn,
    ResponseState,
    HasHoldingReply,
    AnsweredOn,
    IsCollectivelyCovered,
    Position,
    Implementation,
    Assessment,
    CheckedOn,
    TransferredTo,
    Disputes,
    Note,
    Revision,
    UpdatedAt,
}

/// The references of an obligation that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObligationExpansion {
    Recommendation,
    Report,
    Organisation,
}

/// The orders that obligations can be listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum ObligationSort {
    #[default]
    #[serde(rename = "due_on")]
    DueOn,
    #[serde(rename = "-due_on")]
    DueOnDescending,
    #[serde(rename = "updated_at")]
    UpdatedAt,
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl ObligationSort {
    /// The order in the statement.
    pub fn order(self) -> Order {
        let (column, descending) = match self {
            Self::DueOn => ("o.due_key", false),
            Self::DueOnDescending => ("o.due_key", true),
            Self::UpdatedAt => ("o.updated_at", false),
            Self::UpdatedAtDescending => ("o.updated_at", true),
        };
        Order {
            column,
            id: "o.id",
            descending,
        }
    }

    /// Where a row stands in this order.
    pub fn place(self, row: &ObligationRow) -> (Value, String) {
        let key = match self {
            Self::DueOn | Self::DueOnDescending => Value::from(row.due_key),
            Self::UpdatedAt | Self::UpdatedAtDescending => Value::from(row.updated_at),
        };
        (key, row.id.clone())
    }
}

/// The parameters of the list of obligations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListObligations {
    /// Only those of these organisations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<String>,
    /// Only those under these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only those under these recommendations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024-7"]))]
    pub recommendation: Vec<String>,
    /// Only those of organisations that were addressed through these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only those that stand so today. Repeat for several.
    #[param(inline, max_items = 50)]
    pub state: Vec<ResponseState>,
    /// Only those of which a response is owed so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<crate::resources::recommendations::model::ResponseRequirement>,
    /// Only those in whose newest response this position was taken. Repeat for several.
    #[param(inline, max_items = 50)]
    pub position: Vec<Position>,
    /// Only those of which the addressee says so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub implementation_status: Vec<ImplementationStatus>,
    /// Only those of which the recommender concluded so. Repeat for several.
    #[param(inline, max_items = 50)]
    pub assessment_status: Vec<AssessmentStatus>,
    /// The response is due on this day or later.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// The response is due before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// The order. What has no due date comes last.
    #[param(inline)]
    pub sort: ObligationSort,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ObligationField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<ObligationExpansion>,
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

impl ListObligations {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one obligation.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindObligation {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ObligationField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<ObligationExpansion>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
