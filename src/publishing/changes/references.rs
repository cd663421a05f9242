//! The references in changes, named as records name them.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use serde_json::{Value, json};

use super::views::Change;
use crate::access::names::{self, Name};
use crate::log::Resource;
use crate::log::entries::EntryRow;
use crate::platform::db::DbConnection;
use crate::platform::identity::RecordId;
use crate::platform::page_urls::PageUrls;
use crate::tracking::catalogue;

/// A reference in the document of an entry.
#[derive(Debug)]
pub struct LoggedReference {
    pointer: String,
    /// The kinds of records that it may name: of several, all have names.
    targets: &'static [Resource],
    id: RecordId,
}

/// The references in the document of an entry.
pub fn of(row: &EntryRow) -> Vec<LoggedReference> {
    let read = catalogue::kind(row.resource.0).read;
    let document = row.state.as_deref().map(read);
    let Some(Ok((mut document, _))) = document else {
        return Vec::new();
    };
    let links = document.links().into_iter();
    let references = links.filter_map(|link| {
        Some(LoggedReference {
            pointer: link.pointer,
            targets: link.targets,
            id: link.slot.id()?,
        })
    });
    references.collect()
}

/// Names the records that changes refer to, given the references in each. What the public may not see stays an id.
///
/// # Errors
/// If the database cannot be read.
pub fn name(
    c: &mut DbConnection,
    changes: &mut [Change],
    references: &[Vec<LoggedReference>],
    (now, pages): (NaiveDateTime, &PageUrls),
) -> QueryResult<()> {
    let shown = changes.iter().zip(references);
    let shown = shown.filter(|(change, _)| change.data.is_some());
    let named = shown
        .flat_map(|(_, references)| references)
        .flat_map(|one| {
            let targets = one
                .targets
                .iter()
                .filter(|target| Resource::WITH_SLUGS.contains(target));
            targets.map(|target| (*target, one.id))
        });
    let names = names::load(c, named.collect::<Vec<_>>())?;
    for (change, references) in changes.iter_mut().zip(references) {
        let Some(data) = change.data.take() else {
            continue;
        };
        let mut data = Value::Object(data);
        for reference in references {
            let name = names.get(&reference.id).filter(|name| name.is_shown(now));
            if let (Some(name), Some(place)) = (name, data.pointer_mut(&reference.pointer)) {
                *place = shown_as(name, reference.targets, pages);
            }
        }
        change.data = match data {
            Value::Object(data) => Some(data),
            _ => None,
        };
    }
    Ok(())
}

fn shown_as(name: &Name, targets: &[Resource], pages: &PageUrls) -> Value {
    match targets.first() {
        Some(Resource::Report) => json!(name.titled()),
        Some(Resource::Recommendation) => json!(name.numbered()),
        Some(Resource::Article) => json!(name.translation(pages)),
        _ => json!(name.named()),
    }
}
