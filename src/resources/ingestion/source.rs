//! A feed as its publisher wrote it, whatever its format.

use chrono::TimeDelta;
use url::Url;

use super::{MAX_ITEMS, Note, RefusedItem};

/// A feed.
#[derive(Debug, Default)]
pub struct SourceFeed {
    /// The language tag of the feed, as given.
    pub language: Option<String>,
    /// How long readers are asked to wait.
    pub ttl: TimeDelta,
    /// The items in their order, as many as are read. What is no item is refused.
    pub items: Vec<Result<SourceItem, RefusedItem>>,
    /// The number of items beyond those.
    pub left_out: usize,
    /// What was wrong, and could be read all the same.
    pub notes: Vec<Note>,
}

impl SourceFeed {
    /// Adds an item, or counts it if there are too many.
    pub fn add(&mut self, item: impl FnOnce() -> Result<SourceItem, RefusedItem>) {
        match self.items.len() < MAX_ITEMS {
            true => self.items.push(item()),
            false => self.left_out += 1,
        }
    }
}

/// An item.
#[derive(Debug, Default)]
pub struct SourceItem {
    /// The id in the feed; empty if it has none.
    pub guid: String,
    /// Whether the id is also the address of the item's page, if it is an address.
    pub is_permalink: bool,
    /// The links that may be its page.
    pub links: Vec<SourceLink>,
    pub title: Option<SourceText>,
    pub summary: Option<SourceText>,
    pub content: Option<SourceText>,
    /// The language tag of the item itself.
    pub language: Option<String>,
    /// When it was published, as given; of several, the first that can be read counts.
    pub published: Vec<String>,
    /// When it was changed, as given.
    pub updated: Option<String>,
}

/// A link to a page, perhaps one of several forms or languages.
#[derive(Debug, Default)]
pub struct SourceLink {
    /// The address, perhaps a relative one.
    pub href: String,
    /// What relative addresses start from, if not from the feed.
    pub base: Option<Url>,
    /// The media type, if it is given.
    pub media_type: Option<String>,
    /// The language tag of what is linked, if it is given.
    pub language: Option<String>,
}

/// A text of an item.
#[derive(Clone, Debug, Default)]
pub struct SourceText {
    /// The text, plain or as HTML.
    pub value: String,
    /// Whether the value is HTML.
    pub is_html: bool,
    /// The language tag of this text.
    pub language: Option<String>,
    /// What relative links in it start from, if the feed says so.
    pub base: Option<Url>,
}
