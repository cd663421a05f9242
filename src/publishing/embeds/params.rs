//! The parameters of the page to frame, besides the filters.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::error::ApiError;
use crate::http::page;

/// How many articles are shown without `limit`.
const DEFAULT_LIMIT: i64 = 5;
/// The most articles.
const MAX_LIMIT: i64 = 20;

/// How much of the news to show.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct NewsShape {
    /// How many articles to show.
    #[param(minimum = 1, maximum = 20, default = 5, example = 5)]
    pub limit: Option<i64>,
}

impl NewsShape {
    /// The number of articles.
    ///
    /// # Errors
    /// 400 if it is out of range.
    pub fn limit(&self) -> Result<i64, ApiError> {
        page::limit_within(self.limit, DEFAULT_LIMIT, MAX_LIMIT)
    }
}
