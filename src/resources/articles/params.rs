//! The parameters of articles.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::platform::identity::Key;
use crate::platform::language::Language;
use crate::platform::states::EditorialState;
use crate::platform::time;

/// The references of an article that `expand` can replace with whole records.
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
    /// Only the article with this original link. The comparison ignores scheme, `www.`, default port, fragment,
    /// tracking parameters and trailing slash.
    #[param(
        max_length = 2000,
        example = "https://www.policeconduct.gov.uk/news/example"
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
    /// Published articles, or withdrawn ones; with a token, also scheduled ones or drafts.
    #[param(inline)]
    pub state: EditorialState,
}

impl ArticleFilters {
    /// Whether there are no filters but for so many linked records at most.
    pub fn has_only_links(&self, at_most: usize) -> bool {
        let links = [
            &self.organisation,
            &self.topic,
            &self.report,
            &self.recommendation,
        ];
        let links: usize = links.into_iter().map(Vec::len).sum();
        let times = [
            self.published_from,
            self.published_before,
            self.updated_from,
            self.updated_before,
        ];
        links <= at_most
            && self.every_topic.is_empty()
            && self.language.is_empty()
            && self.original_url.is_none()
            && times.iter().all(Option::is_none)
            && self.state == EditorialState::Published
    }
}
