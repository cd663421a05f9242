//! What is checked of a document when it is stored: which record it is, and whether that may be in this state.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::index::{Index, ValidLine};
use super::scan::existing;
use crate::log::Previous;
use crate::platform::db::DbConnection;
use crate::platform::states::PublicationState;
use crate::platform::values::derived_id;
use crate::writing::document::Document;
use crate::writing::violation::Violation;

/// Derives the id of a document without slug or id from its natural key, and finds the record with that id.
///
/// # Errors
/// When a query fails.
pub(super) fn identify(
    connection: &mut DbConnection,
    index: &mut Index,
    line: &mut ValidLine,
    document: &dyn Document,
) -> QueryResult<Option<Violation>> {
    if let (true, Some(key)) = (line.is_provisional, document.natural_key()) {
        let id = derived_id(&format!("{} {key}", line.resource));
        if !index.derived_ids.insert(id) {
            let detail = format!("an earlier line has the same {}", line.resource);
            return Ok(Some(Violation::whole(detail)));
        }
        let stored = existing(connection, line.resource, &[id.into()])?.remove(&id.into());
        line.previous = stored.map(|stored| stored.previous);
        line.slug = id.into();
        line.id = id;
    }
    Ok(None)
}

/// Why a record cannot be in the state of its document.
pub(super) fn of_state(
    document: &dyn Document,
    previous: Option<&Previous>,
    revives_erased: bool,
    now: NaiveDateTime,
) -> Vec<Violation> {
    let hidden = hidden_again(document, previous, now);
    let revived = revived(document, previous).filter(|_| !revives_erased);
    hidden.into_iter().chain(revived).collect()
}

/// Rejects the return of an erased record, whoever sends it: a nightly batch must not undo an erasure.
fn revived(document: &dyn Document, previous: Option<&Previous>) -> Option<Violation> {
    let was_erased = previous.is_some_and(|previous| previous.state == PublicationState::Erased);
    let is_erased = document.head().state == PublicationState::Erased;
    (was_erased && !is_erased).then(|| {
        let detail = "the record was erased: it comes back only if an administrator says so (`answerable import --revive-erased`)";
        Violation::new("/state", detail)
    })
}

/// Rejects a publication time in the future for a record that has been public: existing copies cannot be recalled.
fn hidden_again(
    document: &dyn Document,
    previous: Option<&Previous>,
    now: NaiveDateTime,
) -> Option<Violation> {
    let (pointer, visible_from) = document.publication_time()?;
    let is_ahead = visible_from.is_some_and(|from| from > now);
    let was_public = previous.is_some_and(|previous| previous.was_public(now));
    (is_ahead && was_public).then(|| {
        let detail =
            "the record has been public: withdraw it or make it a draft instead of setting a future date";
        Violation::new(pointer, detail)
    })
}
