//! The parameters of feeds, which are the filters of the lists.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::page::Paging;
use crate::resources::articles::params::ArticleFilters;
use crate::resources::recommendations::model::ResponseRequirement;
use crate::resources::recommendations::params::RecommendationFilters;

/// The parameters of a feed of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FeedOfArticles {
    /// Only articles that these organisations published, alone or with others, by id or slug. Repeat for several.
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
    /// Only the article with this original link, compared as in the list.
    #[param(
        max_length = 2000,
        example = "https://www.policeconduct.gov.uk/news/example"
    )]
    pub original_url: Option<String>,
    /// Published at or after this time.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub published_from: Option<DateTime<Utc>>,
    /// Published before this time.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub published_before: Option<DateTime<Utc>>,
    /// Updated at or after this time.
    #[param(example = "2025-01-01T00:00:00Z")]
    pub updated_from: Option<DateTime<Utc>>,
    /// Updated before this time.
    #[param(example = "2026-01-01T00:00:00Z")]
    pub updated_before: Option<DateTime<Utc>>,
    /// How many items to return per page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to continue; from the links of a page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl FeedOfArticles {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }

    /// The same filters for the list.
    pub fn list(&self) -> ArticleFilters {
        let asked = self.clone();
        ArticleFilters {
            organisation: asked.organisation,
            topic: asked.topic,
            report: asked.report,
            recommendation: asked.recommendation,
            language: asked.language,
            original_url: asked.original_url,
            published_from: asked.published_from,
            published_before: asked.published_before,
            updated_from: asked.updated_from,
            updated_before: asked.updated_before,
            ..ArticleFilters::default()
        }
    }
}

/// The parameters of a feed of recommendations.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FeedOfRecommendations {
    /// Only recommendations of these reports, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["stalking-super-complaint-2024"]))]
    pub report: Vec<String>,
    /// Only recommendations addressed to these organisations, directly or through a group, by id or slug. Repeat for
    /// several.
    #[param(max_items = 50, example = json!(["essex-police"]))]
    pub organisation: Vec<String>,
    /// Only recommendations addressed to these groups, by id or slug. Repeat for several.
    #[param(max_items = 50, example = json!(["all-chief-constables-england-wales"]))]
    pub group: Vec<String>,
    /// Only recommendations of these kinds. Repeat for several.
    #[param(max_items = 50, example = json!(["recommendation"]))]
    pub kind: Vec<String>,
    /// Only recommendations with one of these themes. Repeat for several.
    #[param(max_items = 50, example = json!(["accountability"]))]
    pub theme: Vec<String>,
    /// Only recommendations that require one of these kinds of response. Repeat for several.
    #[param(inline, max_items = 50)]
    pub response_requirement: Vec<ResponseRequirement>,
    /// Published on or after this day.
    #[param(example = "2024-01-01")]
    pub published_from: Option<NaiveDate>,
    /// Published before this day.
    #[param(example = "2025-01-01")]
    pub published_before: Option<NaiveDate>,
    /// With a stated due date on or after this day.
    #[param(example = "2024-11-01")]
    pub due_from: Option<NaiveDate>,
    /// With a stated due date before this day.
    #[param(example = "2026-01-01")]
    pub due_before: Option<NaiveDate>,
    /// How many items to return per page.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to continue; from the links of a page.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
}

impl FeedOfRecommendations {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }

    /// The same filters for the list.
    pub fn list(&self) -> RecommendationFilters {
        let asked = self.clone();
        RecommendationFilters {
            report: asked.report,
            organisation: asked.organisation,
            group: asked.group,
            kind: asked.kind,
            theme: asked.theme,
            response_requirement: asked.response_requirement,
            published_from: asked.published_from,
            published_before: asked.published_before,
            due_from: asked.due_from,
            due_before: asked.due_before,
            ..RecommendationFilters::default()
        }
    }
}
