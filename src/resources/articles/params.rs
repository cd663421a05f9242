//! What requests for articles may say.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::model::ArticleRow;
use super::queries::Key;
use crate::http::as_of::AsOf;
use crate::http::page::{Count, Paging};
use crate::platform::db::Value;
use crate::platform::states::EditorialState;

/// The members of an article that `fields` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema, strum::IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[allow(missing_docs)]
pub enum ArticleField {
    Id,
    Slug,
    State,
    Headline,
    Summary,
    BodyHtml,
    BodyText,
    Excerpt,
    Organisation,
    CoPublishers,
    Topics,
    Language,
    TranslationOf,
    Translations,
    OriginalUrl,
    Attribution,
    Licence,
    Statements,
    Corrections,
    Identifiers,
    Reports,
    Recommendations,
    PublishedAt,
    FirstPublishedAt,
    UpdatedAt,
    Withdrawal,
    Revision,
}

/// The references of an article that `expand` can replace by whole records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ArticleExpansion {
    Organisation,
    CoPublishers,
    Topics,
    Reports,
    Recommendations,
}

/// The orders that articles can be listed in.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[allow(missing_docs)]
pub enum ArticleSort {
    #[default]
    #[serde(rename = "-published_at")]
    PublishedAtDescending,
    #[serde(rename = "published_at")]
    PublishedAt,
    #[serde(rename = "-updated_at")]
    UpdatedAtDescending,
    #[serde(rename = "updated_at")]
    UpdatedAt,
}

impl ArticleSort {
    /// The key, and whether the largest comes first.
    pub fn order(self) -> (Key, bool) {
        match self {
            Self::PublishedAt => (Key::PublishedAt, false),
            Self::PublishedAtDescending => (Key::PublishedAt, true),
            Self::UpdatedAt => (Key::UpdatedAt, false),
            Self::UpdatedAtDescending => (Key::UpdatedAt, true),
        }
    }

    /// Where a row stands in this order.
    pub fn place(self, row: &ArticleRow) -> (Value, String) {
        let key = match self {
            Self::PublishedAt | Self::PublishedAtDescending => row.published_at,
            Self::UpdatedAt | Self::UpdatedAtDescending => row.updated_at,
        };
        (Value::from(key), row.id.clone())
    }
}

/// The parameters of the list of articles.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct ListArticles {
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
    /// The order.
    #[param(inline)]
    pub sort: ArticleSort,
    /// Only these members of each record. Repeat, or separate with commas. Bodies come only when named here.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ArticleField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<ArticleExpansion>,
    /// Whether to count all matches.
    #[param(inline)]
    pub count: Count,
    /// How many records a page holds.
    #[param(minimum = 1, maximum = 100, default = 20, example = 20)]
    pub limit: Option<i64>,
    /// Where to go on; from `page.next` or `page.prev` of an answer.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}

impl ListArticles {
    /// The paging parameters.
    pub fn paging(&self) -> Paging<'_> {
        Paging {
            limit: self.limit,
            cursor: self.cursor.as_deref(),
        }
    }
}

/// The parameters of one article.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct FindArticle {
    /// Only these members. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub fields: Vec<ArticleField>,
    /// Show these references as whole records. Repeat, or separate with commas.
    #[param(inline, max_items = 50)]
    pub expand: Vec<ArticleExpansion>,
    /// A pass from a preview link, which shows what is not public yet.
    #[param(max_length = 2000)]
    pub preview: Option<String>,
    /// What was known at the end of that day, or at that moment. What was taken back since is shown as it is now.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    pub as_of: Option<AsOf>,
}
