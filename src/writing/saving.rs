//! Storing one document, whatever its kind.

use diesel::result::QueryResult;

use super::document::{Document, Resolved};
use crate::log::{Previous, WriteOutcome, Writer};
use crate::platform::identity::RecordId;
use crate::platform::states::PublicationState;

/// Stores one document, and updates the mergers that it affects.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    resolved: &Resolved,
    id: RecordId,
    document: &mut dyn Document,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let survivor = document.head().merged_into.cloned();
    let was_gone = previous.is_some_and(|previous| previous.state == PublicationState::Gone);
    let outcome = document.save(resolved, writer, id, previous)?;
    if outcome != WriteOutcome::Unchanged && (survivor.is_some() || was_gone) {
        writer.merge(id, survivor.as_deref())?;
    }
    Ok(outcome)
}
