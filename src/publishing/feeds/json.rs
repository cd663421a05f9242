//! JSON Feed 1.1.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::feed::{Author, Content, FeedEntry, FeedPage};

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

/// An article or recommendation in a feed.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedItem {
    /// The permanent id.
    #[schema(
        min_length = 45,
        max_length = 45,
        example = "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057"
    )]
    pub id: String,
    /// The publisher's page, or else the record's URL.
    #[schema(max_length = 12000, format = "uri")]
    pub url: String,
    /// The headline.
    #[schema(
        max_length = 600,
        example = "Watchdogs welcome the replies on stalking"
    )]
    pub title: String,
    /// The body as sanitised HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000000)]
    pub content_html: Option<String>,
    /// The text, for items without HTML.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 50000)]
    pub content_text: Option<String>,
    /// The summary, where the content is more than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 5000)]
    pub summary: Option<String>,
    /// When it was published.
    pub date_published: DateTime<Utc>,
    /// When it was last changed, other than by a minor edit.
    pub date_modified: DateTime<Utc>,
    /// The publishers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100, required = false)]
    pub authors: Vec<JsonFeedAuthor>,
    /// The topics or themes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 50, required = false)]
    pub tags: Vec<String>,
    /// The language, as a BCP 47 tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35, example = "en")]
    pub language: Option<String>,
    /// Members for which JSON Feed has no equivalent.
    #[serde(rename = "_answerable")]
    pub answerable: JsonFeedExtension,
}

/// A publisher.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedAuthor {
    /// The name.
    #[schema(max_length = 300, example = "Independent Office for Police Conduct")]
    pub name: String,
    /// The URL of the organisation's record.
    #[schema(max_length = 2000, format = "uri")]
    pub url: String,
}

/// Members for which JSON Feed has no equivalent.
#[derive(Debug, Serialize, ToSchema)]
pub struct JsonFeedExtension {
    /// The URL of the record.
    #[schema(max_length = 2000, format = "uri")]
    pub record: String,
    /// The attribution that the licence requires.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 1000)]
    pub attribution: Option<String>,
    /// The licence of the text: an SPDX name or a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, example = "OGL-UK-3.0")]
    pub licence: Option<String>,
}

/// Writes a feed.
pub fn write(feed: FeedPage) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: feed.title,
        feed_url: feed.address,
        next_url: feed.page.next,
        language: feed.language,
        items: feed.entries.into_iter().map(JsonFeedItem::new).collect(),
    })
}

impl JsonFeedItem {
    fn new(entry: FeedEntry) -> Self {
        let (content_html, content_text) = match entry.content {
            Content::Html(html) => (Some(html), None),
            Content::Text(text) => (None, Some(text)),
        };
        Self {
            id: entry.id,
            url: entry.link,
            title: entry.title,
            content_html,
            content_text,
            summary: entry.summary,
            date_published: entry.published,
            date_modified: entry.updated,
            authors: entry.authors.into_iter().map(JsonFeedAuthor::new).collect(),
            tags: entry.categories.into_iter().map(|one| one.label).collect(),
            language: entry.language,
            answerable: JsonFeedExtension {
                record: entry.record,
                attribution: entry.attribution,
                licence: entry.licence,
            },
        }
    }
}

impl JsonFeedAuthor {
    fn new(author: Author) -> Self {
        Self {
            name: author.name,
            url: author.record,
        }
    }
}
