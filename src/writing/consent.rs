//! Whose approval a write needs. An organisation is made a publisher, a co-publisher or a successor, and is no longer one,
//! with its consent. What others send about a report that holds submissions waits for one of its publishers. And what
//! nobody but an administrator changes once it has been public.

use diesel::prelude::*;
use diesel::result::{Error, QueryResult};
use diesel::sql_types::Text;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::kind::Kind;
use super::proposals::model::{Awaits, RequiredApproval, SubmissionPolicy};
use super::recorder::{Capacity, Submission};
use super::submission;
use super::violation::Violation;
use crate::access::{Rights, Scope};
use crate::log::{digest, entries};
use crate::platform::db::{DbConnection, EnumText, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;

/// Whose approval a document needs that the caller may write; `None` if it can be stored at once.
///
/// # Errors
/// When a query fails.
pub fn awaited(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Option<RequiredApproval>> {
    if submission.by.capacity == Capacity::Administrator {
        return Ok(None);
    }
    let parties = reviewers(connection, kind, id, document, submission)?;
    if !parties.is_empty() {
        let before = submission.previous.map(|before| &before.state_digest);
        if before == Some(&digest::sha256(&[&document.canonical()?])) {
            return Ok(None); // it changes nothing
        }
        return Ok(Some(RequiredApproval {
            awaits: Awaits::Review,
            parties,
            scope: Scope::RecommendationsWrite,
        }));
    }
    if kind.names_others.is_empty() {
        return Ok(None);
    }
    let scope = consenting_scope(kind, document);
    let (before, after) = (stored(connection, id)?, written(document)?);
    let mut parties = BTreeSet::new();
    for member in kind.names_others {
        let (before, after) = (named(&before, member), named(&after, member));
        let is_changed = |id: &&RecordId| before.get(*id) != after.get(*id);
        parties.extend(
            before
                .keys()
                .chain(after.keys())
                .filter(is_changed)
                .copied(),
        );
    }
    parties.retain(|organisation| !rights.allow(scope, &[*organisation]));
    Ok((!parties.is_empty()).then(|| RequiredApproval {
        awaits: Awaits::Consent,
        parties: parties.into_iter().collect(),
        scope,
    }))
}

/// The scope with which an organisation agrees to be named, or leaves: what is published takes the right to publish.
fn consenting_scope(kind: &Kind, document: &dyn Document) -> Scope {
    match kind.is_published && document.head().state != PublicationState::Draft {
        true => Scope::ArticlesPublish,
        false => kind.ownership.scope,
    }
}

/// The publishers of the report that a document is about, if they look at what others publish there first. Only to
/// withdraw what one has said takes nobody's.
fn reviewers(
    connection: &mut DbConnection,
    kind: &Kind,
    id: RecordId,
    document: &dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Vec<RecordId>> {
    #[derive(QueryableByName)]
    struct PolicyRow {
        #[diesel(sql_type = Text)]
        submissions: EnumText<SubmissionPolicy>,
    }
    if !submission.by.is_author() || !kind.resource().is_below_report() {
        return Ok(Vec::new());
    }
    let Some(report) = document.report(connection)? else {
        return Ok(Vec::new());
    };
    let mut sql = Sql::new("SELECT p.submissions FROM reports p WHERE p.id = ");
    sql.bind(report);
    if sql
        .get_result::<PolicyRow>(connection)?
        .submissions
        .0
        .is_open()
    {
        return Ok(Vec::new());
    }
    if submission.previous.is_some() && only_withdraws(connection, id, document)? {
        return Ok(Vec::new());
    }
    let publishers = submission::publishers(connection, report)?;
    let author = submission.by.organisation.as_ref().and_then(Key::id);
    // a publisher says itself what it says, such as an assessment
    let is_publishers = author.is_some_and(|author| publishers.contains(&author));
    Ok(publishers.into_iter().filter(|_| !is_publishers).collect())
}

/// Whether a document changes nothing in a record but that it is withdrawn, with a reason, or removed.
fn only_withdraws(
    connection: &mut DbConnection,
    id: RecordId,
    document: &dyn Document,
) -> QueryResult<bool> {
    let (mut before, after) = (stored(connection, id)?, written(document)?);
    before.insert(
        "state".to_owned(),
        Value::from(document.head().state.as_str()),
    );
    if let Some(withdrawal) = after.get("withdrawal") {
        before.insert("withdrawal".to_owned(), withdrawal.clone());
    }
    Ok(document.head().state != PublicationState::Published && before == after)
}

/// Whether a document changes nothing in a record but that it no longer names organisations of the caller.
///
/// # Errors
/// When the query fails.
pub fn only_leaves(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &dyn Document,
) -> QueryResult<bool> {
    if kind.names_others.is_empty() {
        return Ok(false);
    }
    let scope = consenting_scope(kind, document);
    let (mut before, mut after) = (stored(connection, id)?, written(document)?);
    let mut leaves = false;
    for member in kind.names_others {
        let (was, is) = (named(&before, member), named(&after, member));
        let mut added = is.keys().filter(|id| was.get(*id) != is.get(*id));
        let mut removed = was.keys().filter(|id| !is.contains_key(*id));
        if added.next().is_some() || !removed.all(|id| rights.allow(scope, &[*id])) {
            return Ok(false);
        }
        leaves |= was.len() > is.len();
        before.shift_remove(*member);
        after.shift_remove(*member);
    }
    Ok(leaves && before == after)
}

/// What a document changes of what does not change once the record has been public.
///
/// # Errors
/// When the query fails.
pub fn changed_members(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Vec<Violation>> {
    if kind.fixed.is_empty() || !submission.changes_what_was_public() {
        return Ok(Vec::new());
    }
    let owners = document.owners(connection, id)?;
    if submission.by.is_author() && !rights.allow(kind.ownership.scope, &owners) {
        return Ok(Vec::new()); // refused as a whole
    }
    let (before, after) = (stored(connection, id)?, written(document)?);
    let changed = kind
        .fixed
        .iter()
        .filter(|name| before.get(**name) != after.get(**name));
    let rule = "This has been public and does not change: record what is new, or ask an administrator for a correction.";
    Ok(changed
        .map(|name| Violation::new(MistakeCode::Immutable, format!("/{name}"), rule))
        .collect())
}

/// A document as the log would keep it.
fn written(document: &dyn Document) -> QueryResult<Map<String, Value>> {
    let state = serde_json::from_str(&document.canonical()?);
    state.map_err(|error| Error::DeserializationError(Box::new(error)))
}

/// The stored record as the log keeps it; empty if there is none.
fn stored(connection: &mut DbConnection, id: RecordId) -> QueryResult<Map<String, Value>> {
    let entry = entries::newest(connection, id)?;
    let state = entry.map(|entry| entry.document()).transpose()?.flatten();
    Ok(state.unwrap_or_default())
}

/// The organisations that a member names, each with what is said of it: ids, or objects with an `organisation`.
fn named<'a>(state: &'a Map<String, Value>, member: &str) -> BTreeMap<RecordId, &'a Value> {
    let values = state.get(member).and_then(Value::as_array);
    let organisation = |value: &'a Value| {
        let text = value.get("organisation").unwrap_or(value).as_str()?;
        Some((Key::from(text).id()?, value))
    };
    values
        .into_iter()
        .flatten()
        .filter_map(organisation)
        .collect()
}
