//! The parameters of recommendations.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::ResponseRequirement;
use crate::platform::identity::Key;
use crate::platform::states::VisibleState;
use crate::platform::time;

/// The references of a recommendation that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum RecommendationExpansion {
    Report,
    Addressees,
    AddressedOrganisations,
}

/// The filters of the list of recommendations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct RecommendationFilters {
    /// Only recommendations of these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// Only recommendations addressed to these organisations, directly or through a group, by id or slug. Repeat for
    /// several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<Key>,
    /// Only recommendations addressed to these groups, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<Key>,
    /// Only recommendations of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only recommendations with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only recommendations that require one of these kinds of response. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Published on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2025-01-01")]
    pub published_before: Option<NaiveDate>,
    /// With a stated due date on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// With a stated due date before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Published recommendations, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}

/// What the recommendations of a report take beside their filters.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ReportPreview {
    /// The pass from a preview link of the report, to show what is not public yet.
    #[param(max_length = 2000)]
    pub preview: Option<String>,
}
