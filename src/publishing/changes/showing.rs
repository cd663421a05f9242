//! Log entries as the public sees them at a given moment, or as they were written.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use serde_json::{Map, Value};
use std::collections::HashMap;

use super::addresses::{self, AddressParts};
use super::references;
use super::views::{Change, ChangeAction};
use crate::access::lookup;
use crate::http::error::ApiError;
use crate::log::entries::EntryRow;
use crate::log::{Resource, is_minor_edit, is_withdrawn_with_report};
use crate::platform::db::DbConnection;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::page_urls::PageUrls;
use crate::platform::states::PublicationState::{self, Draft, Erased, Gone, Published, Withdrawn};
use crate::tracking::catalogue;

/// Renders entries, with one statement for each kind of record among them. `pages` are those of the public site.
pub fn views(
    c: &mut DbConnection,
    rows: Vec<EntryRow>,
    now: NaiveDateTime,
    pages: &PageUrls,
) -> Result<Vec<Change>, ApiError> {
    let mut states = HashMap::new();
    for resource in Resource::ALL {
        let of_resource = rows.iter().filter(|row| row.resource.0 == resource);
        let ids: Vec<RecordId> = of_resource.map(|row| row.resource_id).collect();
        states.extend(lookup::public_states(c, resource, &ids, now)?);
    }
    let (mut changes, mut parts, mut named) = (Vec::new(), Vec::new(), Vec::new());
    for row in rows {
        let data = document(&row)?;
        parts.push(AddressParts::of(&row, data.as_ref()));
        named.push(references::of(&row));
        let state = states.get(&row.resource_id).copied();
        changes.push(Change::new(row, data, state)?);
    }
    without_hidden_survivors(c, &mut changes, now)?;
    addresses::add(c, &mut changes, parts, pages)?;
    references::name(c, &mut changes, &named, (now, pages))?;
    Ok(changes)
}

/// Renders entries of a record as they were written, for a client that may see all revisions. `is_erased` says whether the record
/// was erased since.
pub fn as_written(
    c: &mut DbConnection,
    rows: Vec<EntryRow>,
    is_erased: bool,
    (now, pages): (NaiveDateTime, &PageUrls),
) -> Result<Vec<Change>, ApiError> {
    let named: Vec<_> = rows.iter().map(references::of).collect();
    let changes = rows
        .into_iter()
        .map(|row| Change::as_written(row, is_erased));
    let mut changes = changes.collect::<QueryResult<Vec<Change>>>()?;
    references::name(c, &mut changes, &named, (now, pages))?;
    Ok(changes)
}

/// Clears `merged_into` where the public cannot see the record that it names.
fn without_hidden_survivors(
    c: &mut DbConnection,
    changes: &mut [Change],
    now: NaiveDateTime,
) -> Result<(), ApiError> {
    for resource in Resource::ALL {
        let of_resource = changes.iter().filter(|change| change.resource == resource);
        let survivors = of_resource.filter_map(|change| change.merged_into);
        let survivors: Vec<RecordId> = survivors.collect();
        if survivors.is_empty() {
            continue;
        }
        let visible = lookup::public_states(c, resource, &survivors, now)?;
        for change in changes
            .iter_mut()
            .filter(|change| change.resource == resource)
        {
            change.merged_into.take_if(|id| !visible.contains_key(id));
        }
    }
    Ok(())
}

impl Change {
    /// The public view of an entry with this document. `current` is the record's public state now: if the record was taken
    /// back since, its older entries do not show it either.
    ///
    /// # Errors
    /// If the entry cannot be read.
    fn new(
        row: EntryRow,
        mut data: Option<Map<String, Value>>,
        current: Option<PublicationState>,
    ) -> QueryResult<Self> {
        let resource = row.resource.0;
        let action = match (current, state(&row, data.as_ref())?) {
            (Some(Erased), _) => ChangeAction::Erased,
            (Some(Published | Withdrawn), Erased) if data.is_none() => ChangeAction::Redacted,
            (Some(Published | Withdrawn), Erased) => ChangeAction::Erased,
            (Some(Withdrawn), Withdrawn) => ChangeAction::Withdrawn,
            (Some(Published | Withdrawn), Published | Withdrawn) => ChangeAction::Published,
            _ => ChangeAction::Removed,
        };
        let survivor = data
            .as_ref()
            .and_then(|data| data.get("merged_into")?.as_str());
        let merged_into = survivor.and_then(RecordId::parse);
        if matches!(action, ChangeAction::Removed | ChangeAction::Erased) {
            data = None;
        } else if let (Some(Withdrawn), Some(data)) = (current, &mut data) {
            let hidden = catalogue::kind(resource).hidden_when_withdrawn;
            data.retain(|name, _| !hidden.contains(&name.as_str()));
        }
        Ok(Self {
            seq: row.seq,
            at: row.public_from.unwrap_or(row.at).and_utc(),
            resource,
            id: row.resource_id,
            slug: None,
            former_slugs: Vec::new(),
            page_url: None,
            revision: row.revision,
            action,
            is_minor_edit: is_minor_edit(&row.action),
            data,
            merged_into,
            actor: None,
            request_id: None,
        })
    }

    /// The view of an entry as it was written, and by which client.
    ///
    /// # Errors
    /// If the entry cannot be read.
    fn as_written(row: EntryRow, is_erased: bool) -> QueryResult<Self> {
        let data = document(&row)?;
        let is_ahead = row.public_from.is_none_or(|from| from > row.at);
        let action = match state(&row, data.as_ref())? {
            Published | Withdrawn if is_ahead => ChangeAction::Scheduled,
            Published => ChangeAction::Published,
            Withdrawn => ChangeAction::Withdrawn,
            Draft => ChangeAction::Drafted,
            Gone => ChangeAction::Removed,
            Erased if is_erased => ChangeAction::Erased,
            Erased => ChangeAction::Redacted,
        };
        let at = row.at.and_utc();
        let (actor, request_id) = (Some(row.actor.clone()), row.request_id.clone());
        let slug = data.as_ref().and_then(|data| data.get("slug")?.as_str());
        let slug = slug.map(|slug| Slug(slug.to_owned()));
        let view = Self::new(row, data.clone(), None)?;
        Ok(Self {
            at,
            slug,
            action,
            data,
            actor,
            request_id,
            ..view
        })
    }
}

/// The record after a change. If its report's withdrawal withdrew it, its own `state` does not say so; set it here.
fn document(row: &EntryRow) -> QueryResult<Option<Map<String, Value>>> {
    let mut document = row.document()?;
    if let (true, Some(document)) = (is_withdrawn_with_report(&row.action), &mut document) {
        document.insert("state".to_owned(), Value::from("withdrawn"));
    }
    Ok(document)
}

/// The publication state in the document of an entry. Only an erased record or a redacted revision has none.
fn state(row: &EntryRow, document: Option<&Map<String, Value>>) -> QueryResult<PublicationState> {
    let Some(document) = document else {
        return Ok(Erased);
    };
    let state = document.get("state").and_then(Value::as_str);
    let unknown = || row.unreadable(&"it has no publication state");
    state
        .and_then(|state| state.parse().ok())
        .ok_or_else(unknown)
}
