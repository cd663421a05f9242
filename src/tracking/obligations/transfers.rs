//! Transfers of obligations from one organisation to another.

use std::collections::HashMap;

use super::model::ObligationRow;
use super::representation::AddressedBody;
use crate::platform::identity::RecordId;
use crate::resources::deadlines::terms::DeadlineRevision;

/// The organisations that took over an obligation, over any number of transfers, from one of the addressees. The old
/// obligation stays.
pub fn taken_over(addressees: &[AddressedBody], existing: &[ObligationRow]) -> Vec<RecordId> {
    let mut known: Vec<RecordId> = addressees.iter().map(|one| one.id).collect();
    let mut next = 0;
    while let Some(organisation) = known.get(next) {
        next += 1;
        let mut rows = existing.iter();
        let row = rows.find(|row| row.organisation_id == *organisation);
        if let Some(successor) = row.and_then(|row| row.tracked.successor())
            && !known.contains(&successor)
        {
            known.push(successor);
        }
    }
    known.split_off(addressees.len())
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
