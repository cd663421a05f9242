//! JSON Feed 1.1.

use serde::Serialize;
use utoipa::ToSchema;

use super::feed::FeedPage;
use super::item::JsonFeedItem;

/// The media type.
pub const MEDIA_TYPE: &str = "application/feed+json";

/// A feed (JSON Feed 1.1).
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeed {
    /// The version of the format.
    #[schema(max_length = 100, example = "https://jsonfeed.org/version/1.1")]
    pub version: &'static str,
    /// The title.
    #[schema(max_length = 2000, example = "Articles")]
    pub title: String,
    /// The URL of this page.
    #[schema(max_length = 12000, format = "uri")]
    pub feed_url: String,
    /// The URL of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 12000, format = "uri")]
    pub next_url: Option<String>,
    /// The language of all items, if the request filters by exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "en")]
    pub language: Option<String>,
    /// The items. Withdrawn records are left out.
    #[schema(max_items = 100)]
    pub items: Vec<JsonFeedItem>,
}

/// Writes a feed.
pub fn write(feed: FeedPage) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title,
        feed_url: feed.address,
        next_url: feed.page.next,
        language: feed.language,
        items: feed.items,
    })
}
