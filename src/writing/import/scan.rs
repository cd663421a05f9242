//! The first pass: parses and validates every line, and identifies the record of each document.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::Text;
use std::collections::HashMap;

use super::index::{Index, ValidLine};
use super::report::{ImportError, Progress};
use super::source::Source;
use crate::access::{Rights, referring};
use crate::log::{Previous, Resource};
use crate::platform::db::schema::{changes, reports};
use crate::platform::db::{DbConnection, Sql};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::platform::mistakes::MistakeCode;
use crate::writing::document::{ReportNumber, UniqueValue};
use crate::writing::kind::{Catalogue, Kind};
use crate::writing::parsed::Parsed;
use crate::writing::violation::Violation;

/// How many documents are looked up per query.
const BATCH: usize = 500;

/// A stored record.
#[derive(Clone, QueryableByName)]
pub(super) struct StoredState {
    #[diesel(sql_type = Text)]
    id: RecordId,
    #[diesel(embed)]
    pub(super) previous: Previous,
}

/// Who imports, and when: what that caller may not see, it learns nothing of.
#[derive(Clone, Copy)]
pub struct Viewer<'a> {
    /// What the caller may do.
    pub rights: &'a Rights,
    /// The time of the write.
    pub now: NaiveDateTime,
}

impl Viewer<'_> {
    fn sees(&self, c: &mut DbConnection, kind: &Kind, id: RecordId) -> QueryResult<bool> {
        if self.rights.is_admin() {
            return Ok(true);
        }
        let found =
            referring::for_reference(c, &kind.ownership, &id.into(), self.rights, self.now)?;
        Ok(found.is_some())
    }

    /// Whether a violation would tell of a hidden record that it has the same unique value.
    fn is_value_hidden(
        &self,
        c: &mut DbConnection,
        line: &PendingLine,
        index: &Index,
        taken: &Violation,
    ) -> QueryResult<bool> {
        let unique = line.unique.as_ref();
        let Some(value) = unique.filter(|value| value.pointer == taken.pointer) else {
            return Ok(false);
        };
        let key = (line.kind.resource(), value.key.clone());
        match index.unique_values.get(&key) {
            Some(id) => Ok(!self.sees(c, line.kind, *id)?),
            None => Ok(false),
        }
    }

    fn is_slug_hidden(
        &self,
        c: &mut DbConnection,
        line: &PendingLine,
        existing: &HashMap<Key, StoredState>,
    ) -> QueryResult<bool> {
        match existing.get(&Key::from(&line.slug)) {
            Some(stored) => Ok(!self.sees(c, line.kind, stored.id)?),
            None => Ok(false),
        }
    }
}

/// A valid line whose record is not identified yet.
struct PendingLine {
    line: usize,
    kind: &'static Kind,
    id: Option<RecordId>,
    slug: Slug,
    /// Whether id and slug are placeholders.
    is_provisional: bool,
    /// For a kind that is identified by a number in a report.
    number: Option<ReportNumber>,
    /// The id and slug of the stored record with this number.
    same_number: Option<(RecordId, Slug)>,
    unique: Option<UniqueValue>,
}

impl PendingLine {
    fn new(
        connection: &mut DbConnection,
        viewer: &Viewer<'_>,
        index: &Index,
        line: usize,
        Parsed { kind, document, .. }: &Parsed,
    ) -> QueryResult<Self> {
        let head = document.head();
        let number = document.number_in_report();
        let mut slug = head.slug.cloned();
        let mut same_number = None;
        if let (Some(number), Some(numbering)) = (&number, &kind.numbering) {
            same_number = (numbering.find)(connection, number)?;
            // the same statements, whether there is one or not
            let stored = same_number.as_ref().map(|(id, _)| *id);
            if !viewer.sees(connection, kind, stored.unwrap_or_else(RecordId::generate))? {
                same_number = None;
            }
            slug = match (slug, &same_number) {
                (None, None) => {
                    let report = report_slug(connection, index, &number.report)?;
                    Some((numbering.slug)(&report, &number.number).into())
                }
                (None, Some((_, stored))) => Some(stored.clone()),
                (given, _) => given,
            };
        }
        // without a slug, the natural key identifies the record once links are resolved
        let is_provisional = slug.is_none() && head.id.is_none();
        let id = head.id.map(RecordId::from);
        let id = id.or(is_provisional.then(RecordId::generate));
        Ok(Self {
            line,
            kind,
            slug: slug.or(id.map(Slug::from)).unwrap_or_default(),
            id,
            is_provisional,
            number,
            same_number,
            unique: document.unique_value(),
        })
    }
}

/// Parses and validates every line.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn scan(
    connection: &mut DbConnection,
    viewer: Viewer<'_>,
    catalogue: &Catalogue,
    source: &Source,
    progress: &dyn Fn(Progress),
) -> Result<Index, ImportError> {
    let mut index = Index::default();
    let mut pending = Vec::with_capacity(BATCH);
    source.lines(|line, text| {
        progress(Progress::Checked);
        let parsed = match text {
            Ok(text) => Parsed::parse(catalogue, text),
            Err(detail) => Err(vec![Violation::whole(MistakeCode::NotJson, detail)]),
        };
        match parsed {
            Ok(parsed) => pending.push(PendingLine::new(
                connection, &viewer, &index, line, &parsed,
            )?),
            Err(violations) => index.reject(line, violations),
        }
        if pending.len() == BATCH {
            identify(
                connection,
                &viewer,
                &mut index,
                std::mem::take(&mut pending),
            )?;
        }
        Ok::<(), ImportError>(())
    })?;
    identify(connection, &viewer, &mut index, pending)?;
    Ok(index)
}

/// Identifies the record of each pending line: by its id, its slug, or its number in a report. A document that matches
/// no record gets a new id.
fn identify(
    connection: &mut DbConnection,
    viewer: &Viewer<'_>,
    index: &mut Index,
    pending: Vec<PendingLine>,
) -> QueryResult<()> {
    for resource in Resource::ALL {
        let of_resource = pending
            .iter()
            .filter(|line| line.kind.resource() == resource);
        let lines: Vec<&PendingLine> = of_resource.collect();
        let Some(first) = lines.first() else {
            continue;
        };
        if let Some(find) = first.kind.by_unique_value {
            let unique = lines.iter().filter_map(|line| line.unique.as_ref());
            let unique: Vec<String> = unique.map(|value| value.key.clone()).collect();
            let taken = find(connection, &unique)?.into_iter();
            let taken = taken.map(|(value, id)| ((resource, value), id));
            index.unique_values.extend(taken);
        }
        let slugs = lines.iter().map(|line| Key::from(&line.slug));
        let ids = lines.iter().filter_map(|line| line.id);
        let keys = slugs.chain(ids.clone().map(Key::from));
        let existing = existing(connection, resource, &keys.collect::<Vec<_>>())?;
        let new_ids = ids.filter(|id| !existing.contains_key(&Key::from(*id)));
        let elsewhere = logged(connection, &new_ids.collect::<Vec<_>>())?;
        for line in lines {
            let violation = match line.id {
                Some(id) if elsewhere.contains(&id) => Some(Violation::new(
                    MistakeCode::AlreadyTaken,
                    "/id",
                    "This id cannot be used.",
                )),
                _ => match add(index, line, &existing) {
                    Err(_) if viewer.is_slug_hidden(connection, line, &existing)? => {
                        Some(Violation::new(
                            MistakeCode::AlreadyTaken,
                            "/slug",
                            "This slug cannot be used.",
                        ))
                    }
                    Err(taken) if viewer.is_value_hidden(connection, line, index, &taken)? => {
                        Some(Violation::new(
                            MistakeCode::AlreadyTaken,
                            taken.pointer,
                            "This value cannot be used.",
                        ))
                    }
                    added => added.err(),
                },
            };
            index.reject(line.line, violation);
        }
    }
    Ok(())
}

/// Adds a line to the index, with the record that it is about.
fn add(
    index: &mut Index,
    line: &PendingLine,
    existing: &HashMap<Key, StoredState>,
) -> Result<(), Violation> {
    let slug = &line.slug;
    let by_slug = existing.get(&Key::from(slug)).map(|stored| stored.id);
    let id = match (line.id, by_slug) {
        (Some(id), Some(other)) if id != other => {
            let detail = format!("The slug '{slug}' belongs to another record.");
            return Err(Violation::new(MistakeCode::AlreadyTaken, "/slug", detail));
        }
        (Some(id), _) | (None, Some(id)) => id,
        (None, None) => RecordId::generate(),
    };
    let resource = line.kind.resource();
    if let Some(value) = &line.unique {
        let key = (resource, value.key.clone());
        if *index.unique_values.entry(key).or_insert(id) != id {
            return Err(Violation::new(
                MistakeCode::AlreadyTaken,
                value.pointer,
                value.taken,
            ));
        }
    }
    let valid = ValidLine {
        resource,
        id,
        slug: slug.clone(),
        previous: existing
            .get(&Key::from(id))
            .map(|stored| stored.previous.clone()),
        is_provisional: line.is_provisional,
    };
    if !index.add(line.line, valid) {
        let detail = format!("An earlier line already has the {resource} '{slug}'.");
        return Err(Violation::new(MistakeCode::AlreadyTaken, "/slug", detail));
    }
    let Some(number) = &line.number else {
        return Ok(());
    };
    let detail = match &line.same_number {
        Some((stored, slug)) if *stored != id => {
            format!("The {resource} '{slug}' already has this number.")
        }
        _ if !index.add_number(number, id) => "An earlier line already has this number.".to_owned(),
        _ => return Ok(()),
    };
    Err(Violation::new(MistakeCode::AlreadyTaken, "/number", detail))
}

/// Of these ids, those that records of any type have: ids are unique across types.
fn logged(connection: &mut DbConnection, ids: &[RecordId]) -> QueryResult<Vec<RecordId>> {
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
    keys: &[Key],
) -> QueryResult<HashMap<Key, StoredState>> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let mut sql = Sql::new(
        "SELECT r.id, r.slug, r.state, r.revision, r.created_at, c.state_digest, c.public_from FROM ",
    );
    sql.push(resource.table())
        .push(" r JOIN changes c ON c.seq = r.change_seq WHERE r.slug IN ");
    sql.list(keys)
        .push(" OR r.id IN ")
        .list(keys.iter().filter_map(Key::id));
    let rows: Vec<StoredState> = sql.load(connection)?;
    let keyed = rows.into_iter().flat_map(|row| {
        [
            (Key::from(&row.previous.slug), row.clone()),
            (Key::from(row.id), row),
        ]
    });
    Ok(keyed.collect())
}

/// The slug of the report that a document names by id or slug.
fn report_slug(connection: &mut DbConnection, index: &Index, report: &Key) -> QueryResult<String> {
    let Some(id) = report.id() else {
        return Ok(report.to_string());
    };
    if let Some(slug) = index.slug_of(id) {
        return Ok(slug.to_owned());
    }
    let stored = reports::table.find(id).select(reports::slug);
    let slug: Option<String> = stored.first(connection).optional()?;
    Ok(slug.unwrap_or_else(|| report.to_string()))
}
