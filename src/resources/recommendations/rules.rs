//! What a recommendation must not say or change.

use diesel::result::{OptionalExtension, QueryResult};
use serde_json::Value;

use super::model::{RecommendationDocument, Reply};
use super::views::Recommendation;
use crate::log::entries;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::resources::collection::Collection;
use crate::resources::reports;
use crate::writing::recorder::{Capacity, Submission};
use crate::writing::violation::Violation;

/// Why a recommendation cannot be stored: it supersedes one of others, or leaves out somebody who owed a joint reply.
///
/// # Errors
/// When a query fails.
pub fn forbidden(
    connection: &mut DbConnection,
    id: RecordId,
    document: &RecommendationDocument,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    if submission.by.capacity == Capacity::Administrator {
        return Ok(Vec::new());
    }
    let before = match submission.previous {
        Some(_) => entries::newest(connection, id)?,
        None => None,
    };
    let before = before.map(|entry| entry.document()).transpose()?.flatten();
    let was = |member: &str, key: &Key| {
        let list = before
            .as_ref()
            .and_then(|before| before.get(member)?.as_array());
        list.is_some_and(|list| list.iter().any(|one| one.as_str() == Some(&**key)))
    };
    let mut violations = Vec::new();
    let by = submission.by.organisation.as_ref().and_then(Key::id);
    for (index, superseded) in document.supersedes.iter().enumerate() {
        // one that the same write has yet to store takes the right to do so
        let row = Recommendation::row(connection, superseded.resolved()?).optional()?;
        let Some(row) = row else {
            continue;
        };
        let theirs = reports::queries::publishers(connection, row.report_id)?;
        if !was("supersedes", superseded) && !theirs.iter().any(|one| Some(*one) == by) {
            let rule = "Only a publisher of a recommendation, or an administrator, says that it is superseded.";
            violations.push(Violation::new(
                MistakeCode::Conflict,
                format!("/supersedes/{index}"),
                rule,
            ));
        }
    }
    if submission.changes_what_was_public() && document.reply == Some(Reply::Joint) {
        let addressees = before.as_ref();
        let addressees = addressees.and_then(|before| before.get("addressees")?.as_array());
        let listed = &document.addressees;
        let stays = |one: &Value| listed.iter().any(|key| one.as_str() == Some(&**key));
        if !addressees.is_none_or(|addressees| addressees.iter().all(stays)) {
            let rule = "Who owed a joint reply in public stays addressed: the answer of one counts for all.";
            violations.push(Violation::new(MistakeCode::Immutable, "/addressees", rule));
        }
        let is_new = |one: &Key| !was("exclusions", one);
        if document.exclusions.iter().any(is_new) {
            let rule = "Who owed a joint reply in public is not excluded: the answer of one counts for all.";
            violations.push(Violation::new(MistakeCode::Immutable, "/exclusions", rule));
        }
    }
    Ok(violations)
}
