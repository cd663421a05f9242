//! The first pass: parses and validates every line, and identifies the record of each document.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use std::collections::HashMap;

use super::index::{Entry, Index};
use super::report::{Error, Progress};
use super::source::Source;
use crate::access::lookup::is_id;
use crate::log::{Previous, Resource};
use crate::platform::db::schema::changes;
use crate::platform::db::{DbConnection, Sql};
use crate::platform::states::PublicationState;
use crate::writing::document::{ReportNumber, UniqueValue};
use crate::writing::kind::{Catalogue, Kind};
use crate::writing::parsed::Parsed;
use crate::writing::violation::Violation;

/// How many documents are looked up per query.
pub(super) const BATCH: usize = 500;

#[derive(QueryableByName)]
struct ExistingRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    state: PublicationState,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Timestamp)]
    created_at: chrono::NaiveDateTime,
    #[diesel(sql_type = Text)]
    state_digest: String,
    #[diesel(sql_type = Nullable<Timestamp>)]
    public_from: Option<chrono::NaiveDateTime>,
}

/// A valid line whose record is not identified yet.
struct Waiting {
    line: usize,
    kind: &'static Kind,
    id: Option<String>,
    /// Whether the id is a placeholder.
    is_provisional: bool,
    slug: String,
    /// For a kind that is identified by a number in a report.
    number: Option<Numbered>,
    unique: Option<UniqueValue>,
}

/// The number of a record in its report.
struct Numbered {
    number: ReportNumber,
    makes_slug: bool,
    /// The id and slug of the stored record with this number.
    stored: Option<(String, String)>,
}

impl Waiting {
    fn new(line: usize, Parsed { kind, document }: &Parsed) -> Self {
        let head = document.head();
        let number = document.number_in_report().map(|number| Numbered {
            number,
            makes_slug: head.slug.is_none(),
            stored: None,
        });
        // without a slug, the natural key identifies the record once links are resolved
        let has_name = head.slug.is_some() || number.is_some();
        let is_provisional = !has_name && head.id.is_none();
        let id = match is_provisional {
            true => Some(uuid::Uuid::now_v7()),
            false => head.id,
        };
        let id = id.map(|id| id.to_string());
        let slug = match has_name {
            true => head.slug.unwrap_or_default().to_owned(),
            false => id.clone().unwrap_or_default(),
        };
        Self {
            line,
            kind,
            id,
            is_provisional,
            slug,
            number,
            unique: document.unique_value(),
        }
    }

    /// Finds the stored record with this number, and generates a slug if the document has none.
    fn find_number(&mut self, connection: &mut DbConnection, index: &Index) -> QueryResult<()> {
        let (Some(one), Some(numbering)) = (&mut self.number, &self.kind.numbering) else {
            return Ok(());
        };
        one.stored = (numbering.find)(connection, &one.number)?;
        if one.makes_slug {
            self.slug = match &one.stored {
                Some((_, slug)) => slug.clone(),
                None => {
                    let report = report_slug(connection, index, &one.number.report)?;
                    (numbering.slug)(&report, &one.number.number)
                }
            };
        }
        Ok(())
    }
}

/// Parses and validates every line.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn scan(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    source: &Source,
    progress: &dyn Fn(Progress),
) -> Result<Index, Error> {
    let mut index = Index::default();
    let mut waiting = Vec::with_capacity(BATCH);
    let mut seen = Unique::new();
    source.lines(|line, text| {
        progress(Progress::Checked);
        let parsed = match text {
            Ok(text) => Parsed::parse(catalogue, text),
            Err(detail) => Err(vec![Violation::whole(detail)]),
        };
        match parsed {
            Ok(document) => waiting.push(Waiting::new(line, &document)),
            Err(violations) => {
                for violation in violations {
                    index.mistake(line, violation);
                }
            }
        }
        if waiting.len() == BATCH {
            identify(connection, &mut index, &mut waiting, &mut seen)?;
        }
        Ok::<(), Error>(())
    })?;
    identify(connection, &mut index, &mut waiting, &mut seen)?;
    Ok(index)
}

/// Unique values, with the ids of the records that have them.
type Unique = HashMap<(Resource, String), String>;

/// Identifies the record of each waiting document: by its id, its slug, or its number in a report. A document that
/// matches no record gets a new id.
fn identify(
    connection: &mut DbConnection,
    index: &mut Index,
    waiting: &mut Vec<Waiting>,
    seen: &mut Unique,
) -> Result<(), Error> {
    for document in waiting.iter_mut() {
        document.find_number(connection, index)?;
    }
    for resource in Resource::ALL {
        let mut of_resource: Vec<&Waiting> = waiting.iter().collect();
        of_resource.retain(|document| document.kind.resource() == resource);
        let Some(first) = of_resource.first() else {
            continue;
        };
        let unique = of_resource.iter().filter_map(|one| one.unique.as_ref());
        let unique: Vec<String> = unique.map(|value| value.key.clone()).collect();
        let taken = match first.kind.by_unique_value {
            Some(find) => find(connection, &unique)?,
            None => HashMap::new(),
        };
        let keys = of_resource.iter();
        let keys = keys.flat_map(|document| document.id.iter().chain(Some(&document.slug)));
        let existing = existing(connection, resource, &keys.collect::<Vec<_>>())?;
        let ids = of_resource.iter().filter_map(|one| one.id.as_ref());
        let new_ids = ids.filter(|id| !existing.contains_key(*id));
        let elsewhere = logged(connection, &new_ids.collect::<Vec<_>>())?;
        for document in of_resource {
            let id = document.id.as_ref();
            if id.is_some_and(|id| elsewhere.contains(id)) {
                let detail = "this is the id of another record";
                index.mistake(document.line, Violation::new("/id", detail));
            } else if let Err(violation) = place(index, document, &existing, &taken, seen) {
                index.mistake(document.line, violation);
            }
        }
    }
    waiting.clear();
    Ok(())
}

fn place(
    index: &mut Index,
    document: &Waiting,
    existing: &HashMap<String, (String, Previous)>,
    taken: &HashMap<String, String>,
    seen: &mut Unique,
) -> Result<(), Violation> {
    let by_slug = existing.get(&document.slug).map(|(id, _)| id);
    let id = match (&document.id, by_slug) {
        (Some(id), Some(other)) if id != other => {
            let detail = format!("the slug '{}' belongs to another record", document.slug);
            return Err(Violation::new("/slug", detail));
        }
        (Some(id), _) | (None, Some(id)) => id.clone(),
        (None, None) => uuid::Uuid::now_v7().to_string(),
    };
    let resource = document.kind.resource();
    if let Some(value) = &document.unique {
        let key = (resource, value.key.clone());
        let owner = taken.get(&value.key).or_else(|| seen.get(&key));
        if owner.is_some_and(|owner| *owner != id) {
            return Err(Violation::new(value.pointer, value.taken));
        }
        seen.insert(key, id.clone());
    }
    let entry = Entry {
        resource,
        id: id.clone(),
        slug: document.slug.clone(),
        previous: existing.get(&id).map(|(_, previous)| previous.clone()),
        is_provisional: document.is_provisional,
    };
    if !index.add(document.line, entry) {
        let slug = &document.slug;
        let detail = format!("an earlier line already has the {resource} '{slug}'");
        return Err(Violation::new("/slug", detail));
    }
    match &document.number {
        Some(number) => place_number(index, resource, number, &id),
        None => Ok(()),
    }
}

/// Checks that the number is unique in its report.
fn place_number(
    index: &mut Index,
    resource: Resource,
    one: &Numbered,
    id: &str,
) -> Result<(), Violation> {
    let other = one.stored.as_ref().filter(|(stored, _)| stored != id);
    let detail = match other {
        Some((_, slug)) => format!("the {resource} '{slug}' already has this number"),
        None if !index.add_number(&one.number, id) => {
            "an earlier line already has this number".to_owned()
        }
        None => return Ok(()),
    };
    Err(Violation::new("/number", detail))
}

/// Of these ids, those that records of any type have: ids are unique across types.
fn logged(connection: &mut DbConnection, ids: &[&String]) -> QueryResult<Vec<String>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let first = changes::table
        .filter(changes::resource_id.eq_any(ids))
        .filter(changes::revision.eq(1));
    first.select(changes::resource_id).load(connection)
}

/// The records with these ids or slugs, keyed by both.
pub(super) fn existing(
    connection: &mut DbConnection,
    resource: Resource,
    keys: &[&String],
) -> QueryResult<HashMap<String, (String, Previous)>> {
    let mut found = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let mut sql = Sql::new(
        "SELECT r.id, r.slug, r.state, r.revision, r.created_at, c.state_digest, c.public_from FROM ",
    );
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.slug IN ");
    sql.list(keys.iter().copied())
        .push(" OR r.id IN ")
        .list(keys.iter().copied());
    for row in sql.load::<ExistingRow>(connection)? {
        let previous = Previous {
            revision: row.revision,
            slug: row.slug.clone(),
            state: row.state,
            created_at: row.created_at,
            state_digest: row.state_digest,
            public_from: row.public_from,
        };
        found.insert(row.slug, (row.id.clone(), previous.clone()));
        found.insert(row.id.clone(), (row.id, previous));
    }
    Ok(found)
}

#[derive(QueryableByName)]
struct SlugRow {
    #[diesel(sql_type = Text)]
    slug: String,
}

/// The slug of the report that a document names by id or slug.
fn report_slug(connection: &mut DbConnection, index: &Index, report: &str) -> QueryResult<String> {
    if !is_id(report) {
        return Ok(report.to_owned());
    }
    if let Some(slug) = index.slug_of(report) {
        return Ok(slug.to_owned());
    }
    let mut sql = Sql::new("SELECT r.slug FROM reports r WHERE r.id = ");
    sql.bind(report);
    let found = sql.get_result::<SlugRow>(connection).optional()?;
    Ok(found.map_or_else(|| report.to_owned(), |row| row.slug))
}
