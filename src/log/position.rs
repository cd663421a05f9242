//! A reader's position in the log, from which it can continue.

use chrono::{NaiveDateTime, TimeDelta};

/// How far ahead of this node's clock a reader's position may be for it to be waited for.
const LONGEST_WAIT: TimeDelta = TimeDelta::seconds(60);

/// A reader's position: it has seen every entry up to `seq` that became public before `moment`, and those that became
/// public at `moment` up to `tie`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPosition {
    /// The newest entry up to which the log was read.
    pub seq: i64,
    /// The moment up to which earlier entries were checked for having become public.
    pub moment: NaiveDateTime,
    /// The last entry seen of that moment.
    pub tie: i64,
}

impl LogPosition {
    /// Before the first entry.
    pub fn start() -> Self {
        Self {
            seq: 0,
            moment: NaiveDateTime::default(),
            tie: 0,
        }
    }

    /// Whether a reader at `other` has seen everything that was seen here.
    pub fn is_up_to(&self, other: &Self) -> bool {
        self.seq <= other.seq && self.time() <= other.time()
    }

    /// The same position, unless it was made by a clock that was wrong: then the reader goes on from `now`, as its moment
    /// may not come for years.
    pub fn within_reach(self, now: NaiveDateTime) -> Self {
        match self.moment > now + LONGEST_WAIT {
            true => Self {
                moment: now,
                tie: i64::MAX,
                ..self
            },
            false => self,
        }
    }

    /// The same moment, after another entry.
    pub(super) fn behind(&self, seq: i64) -> Self {
        Self {
            seq,
            ..self.clone()
        }
    }

    pub(super) fn time(&self) -> (NaiveDateTime, i64) {
        (self.moment, self.tie)
    }
}
