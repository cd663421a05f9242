//! What a write finds and what it leaves: the revisions of a record before and after.

use chrono::NaiveDateTime;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use serde::Serialize;

use super::resource::Resource;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::states::PublicationState;

/// A record before a write.
#[derive(Clone, Debug, QueryableByName)]
pub struct Previous {
    /// Its revision.
    #[diesel(sql_type = BigInt)]
    pub revision: i64,
    /// Its slug.
    #[diesel(sql_type = Text)]
    pub slug: Slug,
    /// Its publication state.
    #[diesel(sql_type = Text)]
    pub state: PublicationState,
    /// When it was first stored.
    #[diesel(sql_type = Timestamp)]
    pub created_at: NaiveDateTime,
    /// The digest of its state in the log.
    #[diesel(sql_type = Text)]
    pub state_digest: String,
    /// From when that state is public.
    #[diesel(sql_type = Nullable<Timestamp>)]
    pub public_from: Option<NaiveDateTime>,
}

impl Previous {
    /// Whether the public could see the record at `now`.
    pub fn was_public(&self, now: NaiveDateTime) -> bool {
        self.state.is_shown() && self.public_from.is_some_and(|from| from <= now)
    }
}

/// The state of a record, to be appended.
pub(super) struct NewEntry<'a> {
    pub(super) resource: Resource,
    pub(super) id: RecordId,
    pub(super) action: &'a str,
    pub(super) revision: i64,
    pub(super) state: String,
    pub(super) state_digest: String,
    pub(super) public_from: Option<NaiveDateTime>,
}

/// A change appended to the log.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The number in the log.
    pub seq: i64,
    /// The record's revision, from 1.
    pub revision: i64,
    /// When the record was first stored.
    pub created_at: NaiveDateTime,
    /// When it was changed: now.
    pub updated_at: NaiveDateTime,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WriteOutcome {
    /// A new record.
    Created,
    /// An existing record has a new revision.
    Updated,
    /// The record was already in that state; nothing was written.
    Unchanged,
}

impl WriteOutcome {
    /// The outcome of storing a record that was `previous` before.
    pub fn of(previous: Option<&Previous>) -> Self {
        match previous {
            Some(_) => Self::Updated,
            None => Self::Created,
        }
    }
}

/// A changed report: the records below it may appear or disappear with it.
#[derive(Clone, Debug)]
pub struct ReportChange {
    /// The report.
    pub id: RecordId,
    /// The report before the change.
    pub previous: Previous,
    /// Its publication state now.
    pub state: PublicationState,
    /// From when it is visible now, if ever.
    pub visible_from: Option<NaiveDateTime>,
}
