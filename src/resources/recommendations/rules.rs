//! What a recommendation must not change.

use diesel::prelude::*;
use diesel::result::QueryResult;

use super::model::{RecommendationDocument, RecommendationRow};
use crate::platform::db::DbConnection;
use crate::platform::db::schema::recommendations;
use crate::platform::identity::RecordId;
use crate::writing::recorder::{Capacity, Submission};
use crate::writing::violation::Violation;

/// Why a document cannot be stored: a deadline that was set in public is changed only with a record of the change.
///
/// # Errors
/// If the database cannot be read.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &RecommendationDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    let was_public = submission
        .previous
        .is_some_and(|before| before.public_from.is_some());
    if !was_public || submission.by.capacity == Capacity::Administrator {
        return Ok(Vec::new());
    }
    let before: RecommendationRow = recommendations::table
        .find(id)
        .select(RecommendationRow::as_select())
        .first(connection)?;
    let mut deadlines = before.deadlines.iter();
    let are_kept = deadlines.all(|terms| document.deadlines.contains(terms));
    let is_kept = before.stated_due_on.is_none() || before.stated_due_on == document.stated_due_on;
    let rule = "a deadline that was public does not change: record a revision of the obligations";
    let changed = [("/deadlines", are_kept), ("/stated_due_on", is_kept)];
    let changed = changed.into_iter().filter(|(_, is_kept)| !is_kept);
    Ok(changed
        .map(|(pointer, _)| Violation::new(pointer, rule))
        .collect())
}
