//! The parameters of the calendar.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::as_of::AsOf;
use crate::platform::identity::Key;
use crate::platform::time;

/// The parameters of the calendar.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CalendarFilters {
    /// Only obligations of these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<Key>,
    /// Only obligations under these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// With a response due on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// With a response due before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// Show what was known at the end of this day, or at this time.
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOf>,
}
