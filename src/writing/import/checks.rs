//! What is checked of a document when it is stored: which record it is, and whether that may be in this state.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;

use super::index::{Index, ValidLine};
use super::scan::existing;
use crate::log::{Previous, entries};
use crate::platform::db::DbConnection;
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::platform::values::derived_id;
use crate::writing::document::Document;
use crate::writing::kind::Kind;
use crate::writing::parsed::Parsed;
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
            let detail = format!("An earlier line has the same {}.", line.resource);
            return Ok(Some(Violation::whole(MistakeCode::AlreadyTaken, detail)));
        }
        let stored = existing(connection, line.resource, &[id.into()])?.remove(&id.into());
        line.previous = stored.map(|stored| stored.previous);
        line.slug = id.into();
        line.id = id;
    }
    Ok(None)
}

/// Rejects the return of an erased record, whoever sends it: a nightly batch must not undo an erasure.
///
/// # Errors
/// When the query fails.
pub(super) fn revived(
    connection: &mut DbConnection,
    kind: &Kind,
    line: &ValidLine,
    document: &dyn Document,
) -> QueryResult<Option<Violation>> {
    let Some(previous) = &line.previous else {
        return Ok(None);
    };
    if document.head().state == PublicationState::Erased {
        return Ok(None);
    }
    let was_erased = match kind.first_document {
        // what was recorded on it is erased; the record itself is derived, and stays
        Some(_) => entries::newest(connection, line.id)?.is_some_and(|entry| entry.is_erased()),
        None => previous.state == PublicationState::Erased,
    };
    let detail = "The record was erased: it comes back only if an administrator says so (`answerable import --revive-erased`).";
    Ok(was_erased.then(|| Violation::new(MistakeCode::Conflict, "/state", detail)))
}

/// Rejects a publication time in the future for a record that has been public: existing copies cannot be recalled.
pub(super) fn hidden_again(
    document: &dyn Document,
    previous: Option<&Previous>,
    now: NaiveDateTime,
) -> Option<Violation> {
    let (pointer, visible_from) = document.publication_time()?;
    let is_ahead = visible_from.is_some_and(|from| from > now);
    let was_public = previous.is_some_and(|previous| previous.was_public(now));
    (is_ahead && was_public).then(|| {
        let detail = "The record has been public: withdraw it instead of setting a future date.";
        Violation::new(MistakeCode::InFuture, pointer, detail)
    })
}

/// Whether a document can be stored together with others: its record is new, and its own rows are all that changes.
pub(super) fn is_plainly_new(line: &ValidLine, parsed: &Parsed) -> bool {
    let head = parsed.document.head();
    let is_kept = !matches!(
        head.state,
        PublicationState::Gone | PublicationState::Erased
    );
    parsed.kind.save_new.is_some() && line.previous.is_none() && is_kept
}
