//! The parameters of requests for obligations.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use super::model::{AssessmentStatus, ImplementationStatus, Position};
use super::state::ResponseState;
use crate::platform::identity::Key;
use crate::platform::time;

/// The references of an obligation that `expand` can replace with full records.
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
    /// Only obligations of these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<Key>,
    /// Only obligations under these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// Only obligations under these recommendations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024-7"]))]
    pub recommendation: Vec<Key>,
    /// Only obligations of organisations addressed through these groups, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<Key>,
    /// Only obligations that are in one of these response states, today or, with `on` or `as_of`, on that
    /// day. Repeat for several. Withdrawn ones are listed
    /// only on request.
    #[param(inline, max_items = 50)]
    pub state: Vec<ResponseState>,
    /// Only obligations that require one of these kinds of response. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<crate::resources::recommendations::model::ResponseRequirement>,
    /// Only obligations with one of these positions. Repeat for several.
    #[param(inline, max_items = 50)]
    pub position: Vec<Position>,
    /// Only obligations with one of these implementation statuses. Repeat for several.
    #[param(inline, max_items = 50)]
    pub implementation_status: Vec<ImplementationStatus>,
    /// Only obligations with one of these assessment statuses. Repeat for several.
    #[param(inline, max_items = 50)]
    pub assessment_status: Vec<AssessmentStatus>,
    /// With a response due on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// With a response due before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
}
