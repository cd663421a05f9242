//! Ingestion: the news that organisations publish in feeds of their own (RSS, Atom, JSON Feed) become articles.
//!
//! `polling` asks each feed when it is due, `mending` puts right what feeds often get wrong, `reading` makes items of what
//! they say, and `storing` makes documents of the new ones, which go the way of an import. An item that is known is left alone, whatever its feed says of it now: what
//! was done to the article here stays, and what was removed does not come back.

mod mending;
pub mod polling;
pub mod queries;
pub mod reading;
pub mod storing;

use crate::platform::states::PublicationState;
use crate::platform::visitor::Validators;

/// The largest feed, in bytes.
pub const MAX_BYTES: usize = 5_000_000;
/// How many items of a feed are looked at: the first.
pub const MAX_ITEMS: usize = 500;

/// A feed of an organisation.
#[derive(Clone, Debug)]
pub struct Feed {
    /// The organisation.
    pub organisation: String,
    /// Its slug.
    pub slug: String,
    /// Where the feed is; nothing for a file of an organisation that names none.
    pub url: Option<String>,
    /// What makes the request conditional.
    pub validators: Validators,
    /// Before then the feed is not to be asked.
    pub due_at: Option<chrono::NaiveDateTime>,
}

/// What articles are made of items.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Drafts, for somebody to look at, or published at once.
    pub state: PublicationState,
    /// The licence of the texts, where the operator knows it. Feeds are not believed about that.
    pub licence: Option<String>,
    /// The words that the licence asks for.
    pub attribution: Option<String>,
}

/// An item of which no article was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Which: its title, its link, or its number in the feed.
    pub label: String,
    /// Why.
    pub reason: String,
}

/// What became of the items of a feed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Articles that were made.
    pub new: usize,
    /// Items that are here already.
    pub known: usize,
    /// Items of which no article was made.
    pub refused: Vec<Refused>,
    /// Items beyond those that are looked at.
    pub left_out: usize,
}
