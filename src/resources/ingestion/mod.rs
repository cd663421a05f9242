//! Ingestion: turns the items of other organisations' feeds (RSS, Atom, JSON Feed) into articles.
//!
//! `polling` requests each feed when it is due, `repair` decodes it, `json_feeds` or `xml_feeds` takes it apart, `reading` makes items
//! of that, and `storing` imports the new ones. `updating` revises the articles of items that have changed: edits made here are kept, and what was
//! removed here does not come back.

mod dates;
mod identified;
mod json_feeds;
pub mod polling;
pub mod queries;
pub mod reading;
mod repair;
mod schema;
mod source;
pub mod storing;
mod updating;
mod xml;
mod xml_feeds;
mod xml_texts;
mod xml_tree;

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{Nullable, Text, Timestamp};

use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;

/// The maximum size of a feed, in bytes.
pub const MAX_BYTES: usize = 5_000_000;
/// The maximum number of items to read from a feed.
pub const MAX_ITEMS: usize = 500;

/// The feed of an organisation.
#[derive(Clone, Debug, QueryableByName)]
pub struct Feed {
    /// The organisation's id.
    #[diesel(sql_type = Text, column_name = id)]
    pub organisation: RecordId,
    /// The organisation's slug.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// The URL of the feed; `None` if the organisation has none and the feed is read from a file.
    #[diesel(sql_type = Nullable<Text>, column_name = feed)]
    pub url: Option<String>,
    /// The `ETag`, for a conditional request.
    #[diesel(sql_type = Nullable<Text>)]
    pub etag: Option<String>,
    /// The `Last-Modified` date, for a conditional request.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_modified: Option<String>,
    /// When it was last requested.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub asked_at: Option<NaiveDateTime>,
    /// The earliest time of the next request.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub due_at: Option<NaiveDateTime>,
}

/// How items become articles.
#[derive(Clone, Debug)]
pub struct Policy {
    /// The state of new articles: drafts for review, or published at once.
    pub state: PublicationState,
    /// The licence of the texts, if the operator knows it. What a feed says about rights is ignored.
    pub licence: Option<String>,
    /// The attribution that the licence requires.
    pub attribution: Option<String>,
    /// Whether an item that has changed changes its article.
    pub updates: bool,
}

/// An item that did not become an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedItem {
    /// The item's title, link or position in the feed.
    pub label: String,
    /// The reason.
    pub reason: String,
}

/// Something that is wrong in a feed, and cost nothing or little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The item's headline or position, or the line in the feed.
    pub label: String,
    /// What is wrong, and what was made of it.
    pub what: String,
}

/// The result of ingesting a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of new articles.
    pub new: usize,
    /// The number of articles that were revised, as their items have changed.
    pub updated: usize,
    /// The number of revisions that wait as proposals, since the article was edited here.
    pub proposed: usize,
    /// The number of known items that brought nothing.
    pub known: usize,
    /// The refused items.
    pub refused: Vec<RefusedItem>,
    /// What was wrong, and could be read all the same.
    pub notes: Vec<Note>,
    /// The number of items beyond the limit.
    pub left_out: usize,
}
