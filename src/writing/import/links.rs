//! Resolves the links of documents: replaces slugs and numbers with ids.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::{HashMap, HashSet};

use super::index::{Entry, Index};
use super::report::Error;
use crate::access::lookup::is_id;
use crate::log::Resource;
use crate::platform::db::{DbConnection, Sql};
use crate::writing::document::{Document, Link, ReportNumber, Resolved};
use crate::writing::kind::Catalogue;
use crate::writing::violation::Violation;

/// A cache of the ids of records outside the source.
type Found = HashMap<(&'static [Resource], String), Option<String>>;

/// Resolves links to records in the source and to stored records.
pub struct Resolver<'a> {
    catalogue: &'a Catalogue,
    found: Found,
}

impl<'a> Resolver<'a> {
    /// A resolver with an empty cache.
    pub fn new(catalogue: &'a Catalogue) -> Self {
        Self {
            catalogue,
            found: Found::new(),
        }
    }

    /// Replaces the links of a document with ids. Returns the links that do not resolve as violations.
    ///
    /// # Errors
    /// When a query fails.
    pub fn resolve(
        &mut self,
        connection: &mut DbConnection,
        index: &Index,
        entry: &Entry,
        document: &mut dyn Document,
    ) -> Result<Result<Resolved, Vec<Violation>>, Error> {
        let mut violations = Vec::new();
        let mut named = HashSet::new();
        for link in document.links() {
            if is_id(link.slot) {
                link.slot.make_ascii_lowercase(); // RFC 9562, 4
            }
            match self.find(connection, index, link.targets, link.slot)? {
                Some(id) if id == entry.id => violations.push(itself(link.pointer)),
                Some(id) => {
                    if !named.insert((list_of(&link.pointer), id.clone())) {
                        let detail = "the same record is listed twice";
                        violations.push(Violation::new(link.pointer, detail));
                    }
                    *link.slot = id;
                }
                None => violations.push(nothing(link)),
            }
        }
        document.take_slug(&entry.slug);
        for link in document.numbers() {
            match self.by_number(connection, index, link.target, &link.named)? {
                Some(id) if id == entry.id => violations.push(itself(link.pointer)),
                Some(id) => *link.slot = Some(id),
                None => {
                    let (target, number) = (link.target, link.named.number);
                    let detail = format!("the report has no {target} with the number '{number}'");
                    violations.push(Violation::new(link.pointer, detail));
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
        key: &str,
    ) -> QueryResult<Option<String>> {
        if let Some(id) = index.find(targets, key) {
            return Ok(Some(id.to_owned()));
        }
        if key.contains('\0') {
            return Ok(None); // no key contains NUL, and PostgreSQL rejects it
        }
        if let Some(id) = self.found.get(&(targets, key.to_owned())) {
            return Ok(id.clone());
        }
        let mut id = None;
        for resource in targets {
            id = stored(connection, *resource, key)?;
            if id.is_some() {
                break;
            }
        }
        self.found.insert((targets, key.to_owned()), id.clone());
        Ok(id)
    }

    /// The id of a record by its number in a report, in the source or stored.
    fn by_number(
        &self,
        connection: &mut DbConnection,
        index: &Index,
        resource: Resource,
        named: &ReportNumber,
    ) -> QueryResult<Option<String>> {
        match index.by_number(named) {
            Some(id) => Ok(Some(id.to_owned())),
            // a report that was not found has no numbers, and PostgreSQL rejects NUL
            None if named.number.contains('\0') || !is_id(&named.report) => Ok(None),
            None => stored_by_number(connection, self.catalogue, resource, named),
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
        *link.slot = stored_by_number(connection, catalogue, link.target, &link.named)?;
    }
    Ok(Resolved(()))
}

fn stored_by_number(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    resource: Resource,
    named: &ReportNumber,
) -> QueryResult<Option<String>> {
    let Some(numbering) = &(catalogue.kind)(resource).numbering else {
        return Ok(None);
    };
    Ok((numbering.find)(connection, named)?.map(|(id, _)| id))
}

fn stored(
    connection: &mut DbConnection,
    resource: Resource,
    key: &str,
) -> QueryResult<Option<String>> {
    #[derive(QueryableByName)]
    struct IdRow {
        #[diesel(sql_type = Text)]
        id: String,
    }
    let mut sql = Sql::new("SELECT r.id FROM ");
    let column = if is_id(key) { "id" } else { "slug" };
    sql.push(resource.table())
        .push(" r WHERE r.")
        .push(column)
        .push(" = ")
        .bind(key);
    let found: Option<IdRow> = sql.get_result(connection).optional()?;
    Ok(found.map(|row| row.id))
}

fn itself(pointer: String) -> Violation {
    Violation::new(pointer, "a record cannot refer to itself")
}

fn nothing(link: Link<'_>) -> Violation {
    let name: String = link.slot.chars().take(150).collect();
    let wanted: Vec<&str> = link.targets.iter().map(|one| one.name()).collect();
    let detail = format!("there is no {} '{name}'", wanted.join(" or "));
    Violation::new(link.pointer, detail)
}

/// The list that a link is in, where each record may be listed only once. Exceptions: a group may have the same member
/// at different times, and an organisation may make several statements.
fn list_of(pointer: &str) -> String {
    if ["/members/", "/statements/"]
        .iter()
        .any(|list| pointer.starts_with(list))
    {
        return pointer.to_owned();
    }
    let without_index = |part: &&str| part.bytes().any(|b| !b.is_ascii_digit());
    pointer.split('/').filter(without_index).collect()
}
