//! Whose word a write waits for. An organisation is made a publisher, a co-publisher or a successor, and is no longer one,
//! with its consent. What others send about a report that holds submissions waits for one of its publishers.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};

use super::document::Document;
use super::kind::Kind;
use super::proposals::model::{AwaitedWord, Awaits};
use super::recorder::{Capacity, Submission};
use super::submission;
use crate::access::{Rights, Scope};
use crate::log::{digest, entries};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;

/// Whose word a document waits for that the caller may write; `None` if it can be stored at once.
///
/// # Errors
/// When a query fails.
pub fn awaited(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &mut dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Option<AwaitedWord>> {
    if submission.by.capacity == Capacity::Administrator {
        return Ok(None);
    }
    let parties = reviewers(connection, kind, document, submission)?;
    if !parties.is_empty() {
        let before = submission.previous.map(|before| &before.state_digest);
        if before == Some(&digest::sha256(&[&document.canonical()?])) {
            return Ok(None); // it changes nothing
        }
        return Ok(Some(AwaitedWord {
            awaits: Awaits::Review,
            parties,
            scope: Scope::RecommendationsWrite,
        }));
    }
    let scope = kind.ownership.scope;
    let mut parties = BTreeSet::new();
    for member in kind.names_others {
        let (before, after) = (stored(connection, id, member)?, named(document, member));
        parties.extend(before.symmetric_difference(&after));
    }
    parties.retain(|organisation| !rights.allow(scope, &[*organisation]));
    Ok((!parties.is_empty()).then(|| AwaitedWord {
        awaits: Awaits::Consent,
        parties: parties.into_iter().collect(),
        scope,
    }))
}

/// The publishers of the report that a document is about, if they look at what others publish there first. To withdraw
/// one's own word takes nobody else's.
fn reviewers(
    connection: &mut DbConnection,
    kind: &Kind,
    document: &dyn Document,
    submission: &Submission<'_>,
) -> QueryResult<Vec<RecordId>> {
    #[derive(QueryableByName)]
    struct HeldSubmissions {
        #[diesel(sql_type = Text)]
        submissions: String,
    }
    let is_said = document.head().state == PublicationState::Published;
    if !submission.by.is_author() || !kind.resource().is_below_report() || !is_said {
        return Ok(Vec::new());
    }
    let Some(report) = document.report(connection)? else {
        return Ok(Vec::new());
    };
    let mut sql = Sql::new("SELECT p.submissions FROM reports p WHERE p.id = ");
    sql.bind(report);
    if sql.get_result::<HeldSubmissions>(connection)?.submissions != "held" {
        return Ok(Vec::new());
    }
    let publishers = submission::publishers(connection, report)?;
    let author = submission.by.organisation.as_ref().and_then(Key::id);
    // a publisher says itself what it says, such as an assessment
    let is_publishers = author.is_some_and(|author| publishers.contains(&author));
    Ok(publishers.into_iter().filter(|_| !is_publishers).collect())
}

/// The organisations that a document names in a member.
fn named(document: &mut dyn Document, member: &str) -> HashSet<RecordId> {
    let pointer = format!("/{member}/");
    let links = document.links().into_iter();
    let links = links.filter(|link| link.pointer.starts_with(&pointer));
    links.filter_map(|link| link.slot.id()).collect()
}

/// The organisations that the stored record names in a member: ids, or objects with an `organisation`.
fn stored(
    connection: &mut DbConnection,
    id: RecordId,
    member: &str,
) -> QueryResult<HashSet<RecordId>> {
    let entry = entries::newest(connection, id)?;
    let state = entry.map(|entry| entry.document()).transpose()?.flatten();
    let values = state
        .as_ref()
        .and_then(|state| state.get(member)?.as_array());
    let organisation = |value: &Value| {
        let text = value.get("organisation").unwrap_or(value).as_str()?;
        Key::from(text).id()
    };
    Ok(values
        .into_iter()
        .flatten()
        .filter_map(organisation)
        .collect())
}
