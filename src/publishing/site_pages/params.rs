//! The parameters of the export of pages.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::log::Resource;
use crate::platform::time;

/// A collection whose records have pages.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Deserialize,
    serde::Serialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum PageCollection {
    Articles,
    Organisations,
    Recommendations,
    Reports,
}

impl PageCollection {
    /// The kind of its records.
    pub fn resource(self) -> Resource {
        match self {
            Self::Articles => Resource::Article,
            Self::Organisations => Resource::Organisation,
            Self::Recommendations => Resource::Recommendation,
            Self::Reports => Resource::Report,
        }
    }
}

/// The parameters of the export of pages.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct PageFilters {
    /// Only pages of records of these collections. Repeat for several.
    #[param(inline, max_items = 4)]
    pub collection: Vec<PageCollection>,
    /// Only pages of records that were updated at or after this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
}
