//! The parameters of a lookup.

use serde::Deserialize;
use utoipa::IntoParams;

/// The parameters of a lookup.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct LookupParams {
    /// An address, or its path alone: that of a page of the public site, be it a former one, that of a record in this API, or the
    /// original link of an article.
    #[param(
        required = true,
        value_type = String,
        max_length = 2000,
        example = "/v1/organisations/iopc"
    )]
    pub url: Option<String>,
}
