//! The parameters of feeds, besides the filters.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::as_of::AsOf;
use crate::http::page::Paging;

/// Which page of a feed, and of when.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FeedShape {
    /// How many records to return per page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to continue; from the link to the next or previous page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Show what was known at the end of this day, or at this time. Removals are left out.
    #[param(value_type = Option<String>)]
    pub as_of: Option<AsOf>,
}

impl FeedShape {
    /// The paging parameters.
    pub fn paging(&self) -> Paging {
        Paging {
            limit: self.limit,
            cursor: self.cursor.clone(),
        }
    }
}
