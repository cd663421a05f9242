//! Linked pages, as returned by the API.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::platform::crawler::{PageOutcome, Sighting};

/// The results of checking a linked page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkedPage {
    /// The outcome of the last check.
    pub outcome: PageOutcome,
    /// When the page was last checked.
    pub checked_at: DateTime<Utc>,
    /// When a check last found that the content had changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// Since when the page has been missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_since: Option<DateTime<Utc>>,
    /// One snapshot per detected change, newest first.
    #[schema(min_items = 1, max_items = 100)]
    pub snapshots: Vec<Sighting>,
}

impl LinkedPage {
    /// The view of sightings, which are oldest first; `None` if there are none.
    pub fn new(checked_at: NaiveDateTime, sightings: Vec<Sighting>) -> Option<Self> {
        let newest = sightings.last()?;
        let newest_first = || sightings.iter().rev();
        let missing = newest_first().take_while(|sighting| sighting.outcome != PageOutcome::Found);
        let with_content = || newest_first().filter(|sighting| sighting.sha256.is_some());
        let mut changes = with_content().zip(with_content().skip(1));
        let change = changes.find(|(later, earlier)| later.has_other_content(earlier));
        Some(Self {
            outcome: newest.outcome,
            checked_at: checked_at.and_utc(),
            changed_at: change.map(|(later, _)| later.seen_at),
            missing_since: missing.last().map(|sighting| sighting.seen_at),
            snapshots: sightings.into_iter().rev().collect(),
        })
    }
}
