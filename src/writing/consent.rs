//! Naming others needs their word: an organisation is made a publisher, a co-publisher or a successor by somebody who may
//! write for it, or by an administrator, and is no longer one in the same way.

use diesel::result::QueryResult;
use serde_json::Value;
use std::collections::HashSet;

use super::document::Document;
use super::kind::Kind;
use super::violation::Violation;
use crate::access::Rights;
use crate::log::entries;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId};

/// The organisations that a document names or no longer names without the right to write for them.
///
/// # Errors
/// When a query fails.
pub fn missing(
    connection: &mut DbConnection,
    rights: &Rights,
    kind: &Kind,
    id: RecordId,
    document: &mut dyn Document,
) -> QueryResult<Vec<Violation>> {
    let mut violations = Vec::new();
    let owners = document.owners(connection, id)?;
    if !rights.allow(kind.ownership.scope, &owners) {
        return Ok(violations); // refused as a whole
    }
    for member in kind.names_others {
        let before = stored(connection, id, member)?;
        let mut named = HashSet::new();
        let pointer = format!("/{member}");
        let links = document.links().into_iter();
        for link in links.filter(|link| link.pointer.starts_with(&format!("{pointer}/"))) {
            let Some(organisation) = link.slot.id() else {
                continue; // reported already
            };
            named.insert(organisation);
            let may_name = rights.allow(kind.ownership.scope, &[organisation]);
            if !before.contains(&organisation) && !may_name {
                let detail = "only the organisation itself or an administrator can add it here";
                violations.push(Violation::new(link.pointer, detail));
            }
        }
        let mut removed = before.difference(&named);
        if removed.any(|organisation| !rights.allow(kind.ownership.scope, &[*organisation])) {
            let detail = "only an organisation itself or an administrator can remove it here";
            violations.push(Violation::new(pointer, detail));
        }
    }
    Ok(violations)
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
