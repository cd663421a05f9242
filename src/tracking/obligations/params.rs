//! What requests for obligations may say.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::{AssessmentStatus, ImplementationStatus, Position};
use super::state::ResponseState;

/// The references of an obligation that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ObligationExpansion {
    Recommendation,
    Report,
    Organisation,
}

/// The filters of the list of obligations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ObligationFilters {
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
}
