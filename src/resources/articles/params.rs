//! What requests for articles may say.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::states::EditorialState;

/// The references of an article that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumString, strum::VariantNames)]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ArticleExpansion {
    Organisation,
    CoPublishers,
    Topics,
    Reports,
    Recommendations,
}

/// The filters of the list of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ArticleFilters {
    /// Only what these organisations published, alone or with others, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<String>,
    /// Only articles filed under one of these topics, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking"]))]
    pub topic: Vec<String>,
    /// Only articles about one of these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only articles about one of these recommendations, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024-15"]))]
    pub recommendation: Vec<String>,
    /// Only articles in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(max_items = 50, example = json!(["en"]))]
    pub language: Vec<String>,
    /// Only the article with this original link. Compared without what does not tell pages apart: scheme,
    /// `www.`, default port, fragment, tracking parameters, trailing slash.
    #[param(
        max_length = 2000,
        example = "https://www.policeconduct.gov.uk/news/example"
    )]
    pub original_url: Option<String>,
    /// Published then or later.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before then.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Changed then or later.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Changed before then.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Articles in force, or withdrawn ones; with a token also scheduled ones and drafts.
    #[param(inline)]
    pub state: EditorialState,
}
