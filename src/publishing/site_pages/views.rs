//! Views of pages.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::params::PageCollection;
use crate::http::references::TranslationReference;
use crate::platform::identity::{RecordId, Slug};

/// A page of the public site.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SitePage {
    /// The id of the record.
    #[schema(
        value_type = String,
        min_length = 36,
        max_length = 36,
        example = "01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: RecordId,
    /// The collection of the record.
    #[schema(inline)]
    pub collection: PageCollection,
    /// The slug of the record.
    #[schema(value_type = String, min_length = 1, max_length = 150, example = "iopc")]
    pub slug: Slug,
    /// The address of the page. Absent if the setting `page_urls` does not say where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 2000,
        format = "uri",
        example = "https://site.example/organisations/iopc"
    )]
    pub page_url: Option<String>,
    /// When the record was last changed, other than by a minor edit, or appeared since: `lastmod` of a sitemap.
    pub updated_at: DateTime<Utc>,
    /// The language of an article or a report, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "en")]
    pub language: Option<String>,
    /// The versions of an article in other languages.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, required = false)]
    pub translations: Vec<TranslationReference>,
    /// The revision of the record.
    #[serde(skip)]
    pub revision: i64,
}
