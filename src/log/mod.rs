//! The change log: every write appends to it in its own transaction, in commit order, without gaps.
//!
//! History, `as_of` reads, audit, cache invalidation, search, feeds and webhooks all read this one log.
//! An entry holds the state of the record after the change as canonical JSON, that state's SHA-256,
//! and a digest that chains it to the entry before: `sha256(previous digest, entry without state)`.
//! The state itself is not part of the chain, only its digest, so that a legal erasure can remove
//! content while the chain still verifies.

pub mod ahead;
mod appending;
mod dependencies;
pub mod digest;
pub mod entries;
mod entry;
mod entry_options;
pub mod export;
pub mod forks;
pub mod former_slugs;
mod group;
mod lineage;
mod position;
mod queued;
mod resource;
mod revision;
mod schema;
mod start;
pub mod tail;
mod tail_entry;
mod transaction;
pub mod validity;
pub mod verify;
mod writer;

pub use appending::NewRecord;
pub use dependencies::{ArticleRange, Dependencies};
pub use digest::canonical_json;
pub use entry_options::{EntryOptions, is_minor_edit, is_withdrawn_with_report, redacted_revision};
pub use lineage::{Lineage, LogExtent};
pub use queued::Addition;
pub use resource::{Appears, Resource};
pub use revision::{Previous, Recorded, ReportChange, WriteOutcome};
pub use transaction::Log;
pub use writer::{Origin, Writer};
