//! What others name is not removed: it is merged, which moves what names it, or what names it goes first.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

use super::report::{ImportError, ImportOptions};
use super::source::Source;
use crate::access::referring;
use crate::log::{Resource, Writer, entries};
use crate::platform::identity::RecordId;
use crate::platform::mistakes::MistakeCode;
use crate::writing::kind::Dependent;
use crate::writing::violation::Violation;

/// How many records of a type are named.
const NAMED: usize = 20;

/// The types whose records can name the survivor of a merger instead. What was recommended to a body, and what it said, stays
/// with that body.
const MOVED: [Resource; 5] = [
    Resource::Article,
    Resource::Report,
    Resource::Organisation,
    Resource::Group,
    Resource::Topic,
];

/// Imports documents within the same transaction.
type Import = fn(&mut Writer<'_>, &Source, ImportOptions<'_>) -> Result<(), ImportError>;

/// A record that a line removes.
#[derive(Clone, Copy, Debug)]
pub(super) struct RemovedLine {
    /// The number of the line.
    pub(super) line: usize,
    /// The type of the record.
    pub(super) resource: Resource,
    /// The record.
    pub(super) id: RecordId,
    /// The record that it was merged into.
    pub(super) survivor: Option<RecordId>,
}

/// Why a record cannot be removed, after everything is stored. What can name the survivor of a merger does so from now on.
///
/// # Errors
/// When a query fails, or the caller may not change what names the record.
pub(super) fn check(
    writer: &mut Writer<'_>,
    options: &ImportOptions<'_>,
    removed: RemovedLine,
    import: Import,
) -> Result<Vec<Violation>, ImportError> {
    let find = options.catalogue.dependents;
    let mut dependents = find(writer.connection, removed.resource, removed.id)?;
    if let Some(survivor) = removed.survivor.filter(|_| !dependents.is_empty())
        && dependents.iter().all(|one| MOVED.contains(&one.resource))
    {
        let lines = with_survivor(writer, removed.id, survivor, &dependents)?;
        let options = ImportOptions {
            only_new: false,
            list_records: false,
            requests: &[],
            ..*options
        };
        import(writer, &Source::Memory(lines), options)?;
        dependents = find(writer.connection, removed.resource, removed.id)?;
    }
    let mut by_type: BTreeMap<Resource, Vec<Dependent>> = BTreeMap::new();
    for one in dependents {
        by_type.entry(one.resource).or_default().push(one);
    }
    let described = by_type.into_iter();
    let described = described.map(|(resource, of_type)| {
        let detail = describe(writer, options, resource, &of_type)?;
        Ok(Violation::new(MistakeCode::InUse, "/state", detail))
    });
    described.collect()
}

/// "3 articles name it: 'a', 'b', 'c'." Those that the caller may not see are only counted.
fn describe(
    writer: &mut Writer<'_>,
    options: &ImportOptions<'_>,
    resource: Resource,
    dependents: &[Dependent],
) -> Result<String, ImportError> {
    let (now, ownership) = (writer.now(), &(options.catalogue.kind)(resource).ownership);
    let mut slugs = Vec::new();
    for one in dependents.iter().take(NAMED) {
        let (connection, key) = (&mut *writer.connection, one.id.into());
        if referring::for_reference(connection, ownership, &key, options.rights, now)?.is_some() {
            slugs.push(format!("'{}'", one.slug));
        }
    }
    let count = dependents.len();
    let name = match count {
        1 => format!("1 {resource} names it"),
        _ => format!(
            "{count} {} name it",
            resource.collection().replace('-', " ")
        ),
    };
    let listed = match (slugs.is_empty(), slugs.len() < count) {
        (true, _) => String::new(),
        (false, true) => format!(": {} and others", slugs.join(", ")),
        (false, false) => format!(": {}", slugs.join(", ")),
    };
    Ok(format!("{name}{listed}."))
}

/// The documents of records that name the survivor of a merger instead.
fn with_survivor(
    writer: &mut Writer<'_>,
    from: RecordId,
    to: RecordId,
    dependents: &[Dependent],
) -> Result<Vec<String>, ImportError> {
    let mut lines = Vec::with_capacity(dependents.len());
    for one in dependents {
        let newest = entries::newest(writer.connection, one.id)?;
        let document = newest.map(|entry| entry.document()).transpose()?.flatten();
        let Some(mut document) = document else {
            continue;
        };
        replace(&mut document, &from, &to);
        document.insert("type".to_owned(), json!(one.resource.name()));
        document.insert("id".to_owned(), json!(one.id));
        if one.resource == Resource::Article {
            document.insert("is_minor_edit".to_owned(), json!(true));
        }
        lines.push(Value::Object(document).to_string());
    }
    Ok(lines)
}

/// Replaces an id wherever a document has it; a list that has the other one too keeps it once.
fn replace(members: &mut Map<String, Value>, from: &str, to: &str) {
    members.retain(|_, value| {
        replace_in(value, from, to);
        true
    });
}

fn replace_in(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(entries) => {
            entries
                .iter_mut()
                .for_each(|entry| replace_in(entry, from, to));
            let mut seen: Vec<Value> = Vec::new();
            entries.retain(|entry| {
                let is_new = !entry.is_string() || !seen.contains(entry);
                seen.push(entry.clone());
                is_new
            });
        }
        Value::Object(members) => replace(members, from, to),
        _ => {}
    }
}
