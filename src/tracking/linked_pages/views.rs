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
        let missing = sightings.iter().rev();
        let missing = missing.take_while(|one| one.outcome != PageOutcome::Found);
        let mut with_content = sightings.iter().rev().filter(|one| one.sha256.is_some());
        let mut changed_at = None;
        if let Some(mut later) = with_content.next() {
            for earlier in with_content {
                if later.has_other_content(earlier) {
                    changed_at = Some(later.seen_at);
                    break;
                }
                later = earlier;
            }
        }
        Some(Self {
            outcome: newest.outcome,
            checked_at: checked_at.and_utc(),
            changed_at,
            missing_since: missing.last().map(|one| one.seen_at),
            snapshots: sightings.into_iter().rev().collect(),
        })
    }
}
