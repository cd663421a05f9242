//! What requests for recommendations may say.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::{RecommendationRow, ResponseRequirement};
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::platform::db::Value;
use crate::platform::db::keyset::Order;
use crate::platform::states::VisibleState;

/// The members of a recommendation that `fields` can name.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum RecommendationField {
    Id,
    Slug,
    State,
    Report,
    Number,
    Parent,
    Elements,
    Kind,
    Text,
    TextIsVerbatim,
    Summary,
    Themes,
    IsPriority,
    LegalBasis,
    ResponseRequirement,
    StatedDueOn,
    Deadlines,
    Reply,
    RoleAddressed,
    Addressees,
    AddressedOrganisationCount,
    AddressedOrganisations,
    Supersedes,
    SupersededBy,
    Repeats,
    RepeatedBy,
    SourceUrl,
    PublishedOn,
    Revision,
    UpdatedAt,
}

/// The references of a recommendation that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum RecommendationExpansion {
    Report,
    Addressees,
    AddressedOrganisations,
}

/// The orders that recommendations can be listed in.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum RecommendationSort {
    #[serde(rename = "-published_on")]
    PublishedOnDescending,
    #[serde(rename = "published_on")]
    PublishedOn,
    #[serde(rename = "number")]
    Number,
    #[serde(rename = "-number")]
    NumberDescending,
    #[serde(rename = "updated_at")]
    UpdatedAt,
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
}

impl RecommendationSort {
    /// The order in the statement.
    pub fn order(self) -> Order {
        let (column, descending) = match self {
            Self::PublishedOn => ("r.published_on", false),
            Self::PublishedOnDescending => ("r.published_on", true),
            Self::Number => ("r.number_key", false),
            Self::NumberDescending => ("r.number_key", true),
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
    pub fn place(self, row: &RecommendationRow) -> (Value, String) {
        let key = match self {
            Self::PublishedOn | Self::PublishedOnDescending => Value::from(row.published_on),
            Self::Number | Self::NumberDescending => Value::from(&row.number_key),
            Self::UpdatedAt | Self::UpdatedAtDescending => Value::from(row.updated_at),
        };
        (key, row.id.clone())
    }
}

/// The parameters of the list of recommendations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListRecommendations {
    /// Only those of these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only those that come to these organisations, directly or through a group, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<String>,
    /// Only those addressed to these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only those with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only those of which this kind of response is owed. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Published on this day or later.
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[param(example = "2025-01-01")]
    pub published_before: Option<NaiveDate>,
    /// Due, as the report states it, on this day or later.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// Due, as the report states it, before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Recommendations in force, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
    /// The order. Default: `-published_on`; below a report: `number`.
    #[param(inline)]
    pub sort: Option<RecommendationSort>,
    /// Only these members of each record. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<RecommendationField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<RecommendationExpansion>,
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

impl ListRecommendations {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one recommendation.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindRecommendation {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<RecommendationField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<RecommendationExpansion>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
