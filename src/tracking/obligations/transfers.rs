//! Transfers of obligations from one organisation to another.

use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

use super::model::ObligationRow;
use super::representation::AddressedBody;
use crate::platform::identity::RecordId;
use crate::resources::deadlines::terms::DeadlineRevision;

/// The organisations that took over an obligation, over any number of transfers, from one of the addressees, and when the
/// first of these transfers was. The old obligation stays.
pub fn taken_over(
    addressees: &[AddressedBody],
    existing: &HashMap<RecordId, ObligationRow>,
) -> BTreeMap<RecordId, NaiveDate> {
    let mut known: Vec<RecordId> = addressees.iter().map(|one| one.id).collect();
    let mut taken_over = BTreeMap::new();
    let mut next = 0;
    while let Some(organisation) = known.get(next) {
        next += 1;
        let row = existing.get(organisation);
        let Some((successor, day)) = row.and_then(|row| row.tracked.transfer()) else {
            continue;
        };
        if !known.contains(&successor) {
            known.push(successor);
        }
        if addressees.iter().all(|one| one.id != successor) {
            let first = taken_over.entry(successor).or_insert(day);
            *first = day.min(*first);
        }
    }
    taken_over
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
