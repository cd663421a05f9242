//! The parameters of exports that are theirs alone.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::identity::Key;
use crate::platform::language::Language;
use crate::platform::states::{EditorialState, VisibleState};
use crate::platform::time;
use crate::resources::articles::params::ArticleFilters;

/// The parameters of exports as CSV.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct CsvParams {
    /// Begin with a byte order mark, by which spreadsheets tell that the text is UTF-8. With `after`, there is none.
    #[param(default = false, example = true)]
    pub bom: bool,
}

/// The parameters of the export of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ExportArticles {
    /// Only articles that these organisations published, alone or with others, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["iopc"]))]
    pub organisation: Vec<Key>,
    /// Only articles filed under one of these topics, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking"]))]
    pub topic: Vec<Key>,
    /// Only articles filed under all of these topics, by id or slug. Repeat for each.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking"]))]
    pub every_topic: Vec<Key>,
    /// Only articles about one of these reports, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<Key>,
    /// Only articles about one of these recommendations, by id or slug. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["stalking-super-complaint-2024-15"]))]
    pub recommendation: Vec<Key>,
    /// Only articles in one of these languages, as BCP 47 tags. Repeat for several.
    #[param(value_type = Vec<String>, max_items = 50, example = json!(["en"]))]
    pub language: Vec<Language>,
    /// Only the article with this original link.
    #[param(
        max_length = 2000,
        example = "https://oversight.example/news/2025/custody"
    )]
    pub original_url: Option<String>,
    /// Published at or after this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2025-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Updated at or after this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Updated before this time.
    #[serde(deserialize_with = "time::optional_time")]
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// Published articles, or withdrawn ones.
    #[param(inline)]
    pub state: VisibleState,
}

impl From<ExportArticles> for ArticleFilters {
    fn from(params: ExportArticles) -> Self {
        Self {
            organisation: params.organisation,
            topic: params.topic,
            every_topic: params.every_topic,
            report: params.report,
            recommendation: params.recommendation,
            language: params.language,
            original_url: params.original_url,
            published_from: params.published_from,
            published_before: params.published_before,
            updated_from: params.updated_from,
            updated_before: params.updated_before,
            state: match params.state {
                VisibleState::Published => EditorialState::Published,
                VisibleState::Withdrawn => EditorialState::Withdrawn,
            },
        }
    }
}
