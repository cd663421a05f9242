//! What others name is not removed: it is merged, which moves what names it, or what names it goes first.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::index::ValidLine;
use super::report::{ImportError, ImportOptions, ImportReport};
use super::source::Source;
use crate::access::{lookup, referring};
use crate::log::{Resource, Writer, entries};
use crate::platform::identity::{Key, RecordId};
use crate::platform::mistakes::MistakeCode;
use crate::platform::states::PublicationState;
use crate::writing::document::Head;
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
    resource: Resource,
    /// The record.
    id: RecordId,
    /// Whether it was there until now.
    is_new: bool,
    /// The record that it was merged into.
    survivor: Option<RecordId>,
}

impl RemovedLine {
    /// The line, if its document removes a record that was there.
    pub(super) fn of(line: usize, of: &ValidLine, head: Head<'_>) -> Option<Self> {
        let previous = of.previous.as_ref()?;
        (head.state == PublicationState::Gone).then(|| Self {
            line,
            resource: of.resource,
            id: of.id,
            is_new: previous.state != PublicationState::Gone,
            survivor: head.merged_into.and_then(Key::id),
        })
    }
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
    let (find, is_new) = (options.catalogue.dependents, removed.is_new);
    let mut dependents = find(writer.connection, removed.resource, removed.id, is_new)?;
    if let Some(survivor) = removed.survivor {
        if let Some(violation) = cannot_survive(writer, removed, survivor, &dependents)? {
            return Ok(vec![violation]);
        }
        let can_move = |one: &Dependent| MOVED.contains(&one.resource);
        // those that only a text names are found once no others are left
        for _ in 0..2 {
            if dependents.is_empty() || !dependents.iter().all(can_move) {
                break;
            }
            let lines = with_survivor(writer, removed.id, survivor, &dependents)?;
            let options = ImportOptions {
                only_new: false,
                list_records: false,
                requests: &[],
                ..*options
            };
            match import(writer, &Source::Memory(lines), options) {
                Err(ImportError::Mistakes(report)) => return Ok(cannot_move(&report)),
                moved => moved?,
            }
            dependents = find(writer.connection, removed.resource, removed.id, is_new)?;
        }
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

/// Why a record cannot be merged into this one: it is removed too, or what names it would name what is not public.
fn cannot_survive(
    writer: &mut Writer<'_>,
    removed: RemovedLine,
    survivor: RecordId,
    dependents: &[Dependent],
) -> Result<Option<Violation>, ImportError> {
    let (now, resource) = (writer.now(), removed.resource);
    let connection = &mut *writer.connection;
    let detail = if referring::is_gone(connection, resource, survivor)? {
        "A record is not merged into one that is removed."
    } else if !dependents.is_empty() && !lookup::is_public(connection, resource, survivor, now)? {
        "A record that others name is merged only into one that is public."
    } else {
        return Ok(None);
    };
    let violation = Violation::new(MistakeCode::Conflict, "/merged_into", detail);
    Ok(Some(violation))
}

/// Why what names a record cannot name the survivor of a merger.
fn cannot_move(report: &ImportReport) -> Vec<Violation> {
    let reasons = report.mistakes.iter();
    let reasons = reasons.map(|mistake| format!("{}: {}", mistake.pointer, mistake.detail));
    let reasons: BTreeSet<String> = reasons.collect();
    let reasons: Vec<String> = reasons.into_iter().take(5).collect();
    let detail = format!(
        "Something that names the record cannot name the other one instead: {}",
        reasons.join(" ")
    );
    vec![Violation::new(MistakeCode::InUse, "/merged_into", detail)]
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
        let Some(document) = document else {
            continue;
        };
        let mut document = Value::Object(document);
        replace(&mut document, &from, &to);
        document["type"] = json!(one.resource.name());
        document["id"] = json!(one.id);
        if one.resource == Resource::Article {
            document["is_minor_edit"] = json!(true);
        }
        lines.push(document.to_string());
    }
    Ok(lines)
}

/// Replaces an id wherever a value has it. A list that then has it twice keeps it once.
fn replace(value: &mut Value, from: &str, to: &str) {
    match value {
        Value::String(text) if text == from => to.clone_into(text),
        Value::Array(entries) => {
            for entry in entries.iter_mut() {
                replace(entry, from, to);
            }
            let mut seen = HashSet::new();
            entries.retain(|entry| {
                let text = entry.as_str();
                text.is_none_or(|text| seen.insert(text.to_owned()))
            });
        }
        Value::Object(members) => {
            for member in members.values_mut() {
                replace(member, from, to);
            }
        }
        _ => {}
    }
}
