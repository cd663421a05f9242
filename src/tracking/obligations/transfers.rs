//! Transfers of obligations from one organisation to another.

use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

use super::model::ObligationRow;
use super::representation::AddressedBody;
use crate::platform::identity::RecordId;
use crate::resources::deadlines::terms::DeadlineRevision;

/// The organisations that took over an obligation, over any number of transfers, from one of the addressees, who have it
/// from `begins_on`, and from which day on they have it. The old obligation stays.
pub fn taken_over(
    addressees: &[AddressedBody],
    existing: &HashMap<RecordId, ObligationRow>,
    begins_on: NaiveDate,
) -> BTreeMap<RecordId, NaiveDate> {
    let mut had_from: BTreeMap<RecordId, NaiveDate> =
        addressees.iter().map(|one| (one.id, begins_on)).collect();
    let mut next: Vec<RecordId> = had_from.keys().copied().collect();
    while let Some(organisation) = next.pop() {
        let transfer = existing
            .get(&organisation)
            .and_then(|row| row.tracked.transfer());
        let (Some((successor, day)), Some(from)) = (transfer, had_from.get(&organisation)) else {
            continue;
        };
        let day = day.max(*from); // nobody can pass on what it does not have yet
        if had_from.get(&successor).is_none_or(|known| day < *known) {
            had_from.insert(successor, day);
            next.push(successor);
        }
    }
    let is_addressed = |id: &RecordId| addressees.iter().any(|one| one.id == *id);
    had_from.retain(|id, _| !is_addressed(id));
    had_from
}

/// The revisions of deadlines of those from whom an organisation took over its obligation, oldest first. Of several, the
/// one with the latest deadline counts.
pub fn inherited(
    existing: &HashMap<RecordId, ObligationRow>,
    successor: RecordId,
) -> Vec<DeadlineRevision> {
    let mut revisions = Vec::new();
    let mut heir = successor;
    // each step goes back by one transfer, of which an obligation has at most one
    for _ in 0..existing.len() {
        let from = existing
            .values()
            .filter(|row| row.tracked.successor() == Some(heir));
        let Some(from) = from.max_by_key(|row| (row.due_key, row.id)) else {
            break;
        };
        revisions.splice(0..0, from.tracked.revisions.iter().cloned());
        heir = from.organisation_id;
    }
    revisions
}
