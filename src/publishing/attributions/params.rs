//! The parameters of the list of attributions.

use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::page::Paging;

/// The parameters of the list of attributions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListAttributions {
    /// Only the attributions of these publishers, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<String>,
    /// How many publishers to return per page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to continue; from `page.next` or `page.prev` of a response.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl ListAttributions {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}
