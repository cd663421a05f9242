//! Where a reader of the log stands, and how it is told so that it can go on from there.

use chrono::NaiveDateTime;

/// Where a reader stands: it has seen every public entry up to `seq` that became public by `moment`, and of that moment
/// those up to `tie`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The newest entry up to which all were looked at.
    pub seq: i64,
    /// The moment up to which entries before that one have become public.
    pub moment: NaiveDateTime,
    /// The entry of that moment that was seen last.
    pub tie: i64,
}

impl Place {
    /// Before the first entry.
    pub fn start() -> Self {
        Self {
            seq: 0,
            moment: NaiveDateTime::default(),
            tie: 0,
        }
    }

    /// Whether whoever stands at `other` has seen all that was seen here.
    pub fn is_up_to(&self, other: &Self) -> bool {
        self.seq <= other.seq && self.time() <= other.time()
    }

    /// The same place in time, behind another entry.
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
