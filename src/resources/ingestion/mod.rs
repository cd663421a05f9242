//! Ingestion: turns the items of other organisations' feeds (RSS, Atom, JSON Feed) into articles.
//!
//! `polling` requests each feed when it is due, `mending` repairs common defects, `reading` parses items, and `storing`
//! imports the new ones. A known item is left alone, whatever its feed says of it now: edits made here are kept, and
//! what was removed here does not come back.

mod mending;
pub mod polling;
pub mod queries;
pub mod reading;
pub mod storing;

use crate::platform::crawler::Validators;
use crate::platform::states::PublicationState;

/// The maximum size of a feed, in bytes.
pub const MAX_BYTES: usize = 5_000_000;
/// The maximum number of items to read from a feed.
pub const MAX_ITEMS: usize = 500;

/// The feed of an organisation.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The organisation's id.
    pub organisation: String,
    /// The organisation's slug.
    pub slug: String,
    /// The URL of the feed; `None` if the organisation has none and the feed is read from a file.
    pub url: Option<String>,
    /// The validators for a conditional request.
    pub validators: Validators,
    /// The earliest time of the next request.
    pub due_at: Option<chrono::NaiveDateTime>,
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
}

/// An item that was refused: no article was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The item's title, link or position in the feed.
    pub label: String,
    /// The reason.
    pub reason: String,
}

/// The result of ingesting a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// The number of new articles.
    pub new: usize,
    /// The number of known items.
    pub known: usize,
    /// The refused items.
    pub refused: Vec<Refused>,
    /// The number of items beyond the limit.
    pub left_out: usize,
}
