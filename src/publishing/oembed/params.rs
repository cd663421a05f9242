//! The parameters of embeds.

use serde::Deserialize;
use utoipa::IntoParams;

/// The largest size a client may request, in pixels. Clients without a limit send the largest number they know.
pub const MAX_SIZE: i64 = i32::MAX as i64;

/// The parameters of an embed (oEmbed 1.0, 2.2).
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct EmbedParams {
    /// What to embed: the URL of an article or recommendation of this API, its page on the public site, or the original link of
    /// an article.
    #[param(
        required = true,
        value_type = String,
        max_length = 2000,
        example = "https://oversight.example/news/2025/custody"
    )]
    pub url: Option<String>,
    /// The maximum width in pixels.
    #[param(minimum = 1, maximum = 2147483647, example = 400)]
    pub maxwidth: Option<i64>,
    /// The maximum height in pixels.
    #[param(minimum = 1, maximum = 2147483647, example = 300)]
    pub maxheight: Option<i64>,
    /// Do not track. Accepted because sites such as WordPress send it; this API never tracks.
    #[param(max_length = 60, example = "1")]
    pub dnt: Option<String>,
    /// The format. Only `json` is supported.
    #[param(max_length = 60, example = "json")]
    pub format: Option<String>,
}
