//! The parameters of the list of attributions.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::identity::Key;

/// The parameters of the list of attributions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct AttributionFilters {
    /// Only the attributions of these publishers, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<Key>,
}
