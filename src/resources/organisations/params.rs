//! What the lists of organisations can be filtered by, and which references `expand` can replace.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::identity::Key;

/// The references of an organisation that `expand` can replace with whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum OrganisationExpansion {
    Parent,
}

/// The filters of the list of organisations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct OrganisationFilters {
    /// Only organisations of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["oversight_body"]))]
    pub kind: Vec<String>,
    /// Only organisations with one of these parents, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["home-office"]))]
    pub parent: Vec<Key>,
    /// Only the organisation with this identifier in another register, as `scheme:value`.
    #[param(max_length = 300, example = "police-force-register:essex")]
    pub identifier: Option<String>,
    /// Only organisations with exactly this acronym, or exactly this current or former name, in any language.
    #[param(max_length = 300, example = "Independent Police Complaints Commission")]
    pub name: Option<String>,
}
