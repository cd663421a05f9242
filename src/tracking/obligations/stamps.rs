//! When and by whom each revision of a deadline and each dispute was recorded.

use super::document::Dispute;
use crate::resources::deadlines::terms::DeadlineRevision;
use crate::writing::recorder::{Capacity, RecordedBy, Submission};

/// An entry of an obligation that says when and by whom it was recorded.
pub trait Stamped: Clone {
    /// By whom it was recorded, and when.
    fn stamp(&mut self) -> &mut Option<RecordedBy>;

    /// Whether it is the same entry as another, whatever their stamps say.
    fn is_same(&self, other: &Self) -> bool;

    /// Takes over from the same entry, as stored, what the caller may have filled in from the shown one.
    fn keep(&mut self, _stored: &Self) {}
}

impl Stamped for DeadlineRevision {
    fn stamp(&mut self) -> &mut Option<RecordedBy> {
        &mut self.recorded_by
    }

    fn is_same(&self, other: &Self) -> bool {
        (self.kind, self.change, self.due_on, self.set_on)
            == (other.kind, other.change, other.due_on, other.set_on)
    }
}

impl Stamped for Dispute {
    fn stamp(&mut self) -> &mut Option<RecordedBy> {
        &mut self.recorded_by
    }

    fn is_same(&self, other: &Self) -> bool {
        let names = [&self.raised_by, &other.raised_by];
        let is_by_same = names.contains(&&None) || self.raised_by == other.raised_by;
        is_by_same && (self.raised_on, &self.text) == (other.raised_on, &other.text)
    }

    fn keep(&mut self, stored: &Self) {
        self.raised_by.clone_from(&stored.raised_by);
    }
}

/// Stamps new entries, and keeps the stamps of those from before. Only an administrator can carry over the stamps of
/// another instance.
pub fn set<T: Stamped>(entries: &mut [T], before: &[T], submission: &Submission<'_>) {
    for entry in entries {
        let mut stored = before.iter().find(|stored| stored.is_same(entry)).cloned();
        if let Some(stored) = &stored {
            entry.keep(stored);
        }
        let by = entry.stamp();
        if submission.by.capacity == Capacity::Administrator && by.is_some() {
            continue;
        }
        *by = match &mut stored {
            Some(stored) => stored.stamp().clone(),
            None => Some(submission.by.clone()),
        };
    }
}
