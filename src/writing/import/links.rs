//! Resolves the links of documents: replaces slugs and numbers with ids.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::collections::{HashMap, HashSet};

use super::index::Index;
use crate::access::{Rights, referring};
use crate::log::Resource;
use crate::platform::db::DbConnection;
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::MistakeCode;
use crate::writing::document::{Document, Link, ReportNumber, Resolved};
use crate::writing::kind::Catalogue;
use crate::writing::violation::Violation;

/// Resolves links to records in the source and to stored records.
pub struct Resolver<'a> {
    catalogue: &'a Catalogue,
    rights: &'a Rights,
    now: NaiveDateTime,
    /// The ids of stored records by the types and the slug or id in a link; `None` if there is none.
    stored: HashMap<(&'static [Resource], Key), Option<RecordId>>,
}

impl<'a> Resolver<'a> {
    /// A resolver with an empty cache, for a caller with these rights. What the caller may not see does not exist for it.
    pub fn new(catalogue: &'a Catalogue, rights: &'a Rights, now: NaiveDateTime) -> Self {
        Self {
            catalogue,
            rights,
            now,
            stored: HashMap::new(),
        }
    }

    /// Replaces the links of the document of a record with ids. Returns the links that do not resolve as violations.
    ///
    /// # Errors
    /// When a query fails.
    pub fn resolve(
        &mut self,
        connection: &mut DbConnection,
        index: &Index,
        id: Option<RecordId>,
        slug: &Slug,
        document: &mut dyn Document,
    ) -> QueryResult<Result<Resolved, Vec<Violation>>> {
        let mut violations = Vec::new();
        let mut listed = HashSet::new();
        let mut dead = HashSet::new();
        for link in document.links() {
            match self.find(connection, index, link.targets, link.slot)? {
                Some(target) if Some(target) == id => violations.push(self_link(link.pointer)),
                Some(target) => {
                    let listing = (list_of(&link.pointer), target);
                    if !link.may_repeat && !listed.insert(listing) {
                        violations.push(listed_twice(link.pointer));
                    }
                    *link.slot = target.into();
                }
                None => {
                    dead.insert(link.slot.clone());
                    violations.push(dead_link(link));
                }
            }
        }
        document.set_slug(slug);
        for link in document.numbers() {
            let found = match dead.contains(&link.number.report) {
                true => None,
                false => self.by_number(connection, index, link.target, &link.number)?,
            };
            match found {
                Some(target) if Some(target) == id => violations.push(self_link(link.pointer)),
                Some(target) => {
                    let list = list_of(&link.pointer.replace("/number", "/recommendation"));
                    let listing = (list, target);
                    if !link.may_repeat && !listed.insert(listing) {
                        violations.push(listed_twice(link.pointer));
                    }
                    *link.slot = Some(target.into());
                }
                None => {
                    let (target, number) = (link.target, link.number.number);
                    let detail = format!("The report has no {target} with the number '{number}'.");
                    violations.push(Violation::new(
                        MistakeCode::UnknownReference,
                        link.pointer,
                        detail,
                    ));
                }
            }
        }
        Ok(match violations.is_empty() {
            true => Ok(Resolved(())),
            false => Err(violations),
        })
    }

    fn find(
        &mut self,
        connection: &mut DbConnection,
        index: &Index,
        targets: &'static [Resource],
        key: &Key,
    ) -> QueryResult<Option<RecordId>> {
        if let Some(id) = index.find(targets, key) {
            return Ok(Some(id));
        }
        if key.contains('\0') {
            return Ok(None); // no key contains NUL, and PostgreSQL rejects it
        }
        if let Some(id) = self.stored.get(&(targets, key.clone())) {
            return Ok(*id);
        }
        let mut id = None;
        for resource in targets {
            let ownership = &(self.catalogue.kind)(*resource).ownership;
            id = referring::for_reference(connection, ownership, key, self.rights, self.now)?;
            if id.is_some() {
                break;
            }
        }
        self.stored.insert((targets, key.clone()), id);
        Ok(id)
    }

    /// The id of a record by its number in a report, in the source or stored.
    fn by_number(
        &self,
        connection: &mut DbConnection,
        index: &Index,
        resource: Resource,
        number: &ReportNumber,
    ) -> QueryResult<Option<RecordId>> {
        match index.by_number(number) {
            Some(id) => Ok(Some(id)),
            // a report that was not found has no numbers, and PostgreSQL rejects NUL
            None if number.number.contains('\0') || number.report.id().is_none() => Ok(None),
            None => {
                let found = stored_by_number(connection, self.catalogue, resource, number)?;
                // the same statements, whether there is one or not
                let ownership = &(self.catalogue.kind)(resource).ownership;
                let key = Key::from(found.unwrap_or_else(RecordId::generate));
                referring::for_reference(connection, ownership, &key, self.rights, self.now)
            }
        }
    }
}

/// Resolves the numbers in a document from the log, whose links are already ids. Numbers that do not resolve stay
/// empty, because the record may have been removed since.
///
/// # Errors
/// When a query fails.
pub fn resolve_logged(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    document: &mut dyn Document,
) -> QueryResult<Resolved> {
    for link in document.numbers() {
        let id = stored_by_number(connection, catalogue, link.target, &link.number)?;
        *link.slot = id.map(Key::from);
    }
    Ok(Resolved(()))
}

fn stored_by_number(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    resource: Resource,
    number: &ReportNumber,
) -> QueryResult<Option<RecordId>> {
    let Some(numbering) = &(catalogue.kind)(resource).numbering else {
        return Ok(None);
    };
    Ok((numbering.find)(connection, number)?.map(|(id, _)| id))
}

fn listed_twice(pointer: String) -> Violation {
    let detail = "The same record is listed twice.";
    Violation::new(MistakeCode::ListedTwice, pointer, detail)
}

fn self_link(pointer: String) -> Violation {
    Violation::new(
        MistakeCode::SelfReference,
        pointer,
        "A record cannot refer to itself.",
    )
}

fn dead_link(link: Link<'_>) -> Violation {
    let name: String = link.slot.chars().take(150).collect();
    let types = link.targets.iter().map(|target| target.name());
    let types = types.collect::<Vec<_>>().join(" or ");
    let detail = format!("There is no {types} '{name}'.");
    Violation::new(MistakeCode::UnknownReference, link.pointer, detail)
}

/// The list that a link is in: its pointer without the index.
fn list_of(pointer: &str) -> String {
    let without_index = |part: &&str| part.bytes().any(|b| !b.is_ascii_digit());
    pointer.split('/').filter(without_index).collect()
}
