//! What the lists of reports can be filtered by, and which references `expand` can replace.

use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::identity::Key;
use crate::platform::states::EditorialState;
use crate::platform::time;

/// The references of a report that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ReportExpansion {
    Publishers,
    ComplainantBody,
}

/// The filters of the list of reports.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ReportFilters {
    /// Only reports that these organisations published, alone or with others, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub publisher: Vec<Key>,
    /// Only reports on complaints by these organisations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["suzy-lamplugh-trust"]))]
    pub complainant_body: Vec<Key>,
    /// Only reports of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["super_complaint_report"]))]
    pub kind: Vec<String>,
    /// Only the report with this reference number, as `scheme:value`.
    #[param(max_length = 300, example = "iopc:2018/123456")]
    pub reference: Option<String>,
    /// Published on or after this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[serde(deserialize_with = "time::optional_day")]
    #[param(example = "2025-01-01")]
    pub published_before: Option<NaiveDate>,
    /// Published reports, or withdrawn ones; with a token, also scheduled ones or drafts.
    #[param(inline)]
    pub state: EditorialState,
}
