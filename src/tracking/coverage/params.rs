//! The parameters of the coverage matrix.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::http::as_of::AsOf;
use crate::platform::identity::Key;
use crate::platform::language::Language;
use crate::platform::time;

/// The formats of the coverage matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum CoverageFormat {
    Json,
    Csv,
}

/// The parameters of the coverage matrix.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ShowCoverage {
    /// Only these addressees, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<Key>,
    /// Only these recommendations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024-7"]))]
    pub recommendation: Vec<Key>,
    /// The format. If absent, `Accept: text/csv` selects CSV.
    #[param(inline)]
    pub format: Option<CoverageFormat>,
    /// Begin CSV with a byte order mark, by which spreadsheets tell that the text is UTF-8.
    #[param(default = false, example = false)]
    pub bom: bool,
    /// Show what was the case on this day, as far as it is known. By default the day of `as_of`, if given.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2025-02-01")]
    pub on: Option<NaiveDate>,
    /// Show what was known at the end of this day, or at this time.
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOf>,
    /// Show names and titles in this language (BCP 47), where they are known in it; in JSON only.
    #[param(value_type = Option<String>, min_length = 2, max_length = 35, example = "cy")]
    pub lang: Option<Language>,
    /// The pass from a preview link of the report, to show that of an unpublished one.
    #[param(max_length = 2000)]
    pub preview: Option<String>,
}
