//! The later passes: resolve links and store documents, type by type.

use super::index::{Entry, Index};
use super::links::Resolver;
use super::report::{Error, ImportOptions, Progress, Stored};
use super::scan::{BATCH, existing};
use super::source::Source;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::db::DbConnection;
use crate::platform::states::PublicationState;
use crate::platform::values::derived_id;
use crate::writing::document::{Document, Resolved};
use crate::writing::kind::Catalogue;
use crate::writing::parsed::Parsed;
use crate::writing::violation::Violation;
use crate::writing::{cascade, permission};
use diesel::result::QueryResult;

/// Resolves every link without storing anything. Returns whether that made more lines invalid; links to those must then
/// be checked again.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn check_links(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    source: &Source,
    index: &mut Index,
) -> Result<bool, Error> {
    let before = index.bad_lines();
    let mut resolver = Resolver::new(catalogue);
    source.lines(|line, text| {
        if let (Some(entry), Ok(text)) = (index.entries.get(&line).cloned(), text)
            && let Ok(mut read) = Parsed::parse(catalogue, text)
        {
            let document = read.document.as_mut();
            let resolved = resolver.resolve(connection, index, &entry, document)?;
            for violation in resolved.err().into_iter().flatten() {
                index.mistake(line, violation);
            }
        }
        Ok::<(), Error>(())
    })?;
    Ok(index.bad_lines() > before)
}

/// Resolves the links of lines that are already invalid, so that all mistakes of a line are reported at once.
///
/// # Errors
/// When the source cannot be read or a query fails.
pub fn check_links_of_bad_lines(
    connection: &mut DbConnection,
    catalogue: &Catalogue,
    source: &Source,
    index: &mut Index,
) -> Result<(), Error> {
    let mut resolver = Resolver::new(catalogue);
    source.lines(|line, text| {
        let is_good = index.entries.contains_key(&line);
        let read = text.map(|text| Parsed::read(catalogue, text));
        if let (false, Ok(Ok((mut read, told)))) = (is_good, read)
            && !told.is_empty()
        {
            let nobody = Entry {
                resource: read.kind.resource(),
                id: String::new(),
                slug: String::new(),
                previous: None,
                is_provisional: false,
            };
            let document = read.document.as_mut();
            let resolved = resolver.resolve(connection, index, &nobody, document)?;
            let links = resolved.err().into_iter().flatten();
            for violation in links.filter(|violation| !violation.is_told(&told)) {
                index.mistake(line, violation);
            }
        }
        Ok(())
    })
}

/// The state of the storing pass.
struct Store<'a, 'w, 'c> {
    writer: &'a mut Writer<'w>,
    index: &'a mut Index,
    terms: ImportOptions<'c>,
    resolver: Resolver<'c>,
}

/// A document to store, with its line number and index entry.
type Waiting = (usize, Entry, Parsed);

/// Stores the valid lines, each type after those that it may refer to.
///
/// # Errors
/// When the source cannot be read, a permission is missing, a record already exists or a query fails.
pub fn store(
    writer: &mut Writer<'_>,
    source: &Source,
    index: &mut Index,
    terms: ImportOptions<'_>,
    progress: &dyn Fn(Progress),
) -> Result<(), Error> {
    index.begin_storing();
    let catalogue = terms.catalogue;
    let mut store = Store {
        writer,
        index,
        terms,
        resolver: Resolver::new(catalogue),
    };
    for resource in Resource::ALL {
        let mut entries = store.index.entries.values();
        if !entries.any(|entry| entry.resource == resource) {
            continue;
        }
        let mut batch: Vec<Waiting> = Vec::with_capacity(BATCH);
        source.lines(|line, text| {
            let entry = store.index.entries.get(&line);
            let entry = entry.filter(|entry| entry.resource == resource).cloned();
            if let (Some(entry), Ok(text)) = (entry, text)
                && let Ok(document) = Parsed::parse(catalogue, text)
            {
                progress(Progress::Stored);
                batch.push((line, entry, document));
            }
            if batch.len() == BATCH {
                store.batch(resource, &mut batch)?;
            }
            Ok::<(), Error>(())
        })?;
        store.batch(resource, &mut batch)?;
        let changes = std::mem::take(&mut store.writer.changed_reports);
        cascade::run(store.writer, catalogue, &changes)?;
        (catalogue.derive)(store.writer, &changes)?;
    }
    Ok(())
}

impl Store<'_, '_, '_> {
    fn batch(&mut self, resource: Resource, batch: &mut Vec<Waiting>) -> Result<(), Error> {
        // records of a report may have a newer revision by now, logged together with the report
        let current = match resource.is_below_report() {
            true => {
                let ids: Vec<&String> = batch.iter().map(|(_, entry, _)| &entry.id).collect();
                existing(self.writer.connection, resource, &ids)?
            }
            false => Default::default(),
        };
        for (line, mut entry, mut read) in batch.drain(..) {
            if let Some((_, previous)) = current.get(&entry.id) {
                entry.previous = Some(previous.clone());
            }
            match self.check(&mut entry, &mut read)? {
                Ok(resolved) => self.one(line, entry, read, &resolved)?,
                Err(violations) => {
                    for violation in violations {
                        self.index.mistake(line, violation);
                    }
                }
            }
        }
        Ok(())
    }

    /// All violations of a document, given what is stored so far.
    fn check(
        &mut self,
        entry: &mut Entry,
        read: &mut Parsed,
    ) -> Result<Result<Resolved, Vec<Violation>>, Error> {
        let document = read.document.as_mut();
        let connection = &mut *self.writer.connection;
        let resolved = self
            .resolver
            .resolve(connection, self.index, entry, document)?;
        let (resolved, mut violations) = match resolved {
            Ok(resolved) => {
                let found = settle(connection, self.index, entry, document)?;
                (Some(resolved), found)
            }
            Err(violations) => (None, violations),
        };
        violations.extend(hidden_again(document, entry.previous.as_ref(), self.writer));
        violations.extend(permission::hidden_links(
            self.writer,
            self.index,
            &self.terms,
            document,
        )?);
        Ok(match resolved.filter(|_| violations.is_empty()) {
            Some(resolved) => Ok(resolved),
            None => Err(violations),
        })
    }

    /// Stores a valid document, if the caller may.
    fn one(
        &mut self,
        line: usize,
        entry: Entry,
        mut read: Parsed,
        resolved: &Resolved,
    ) -> Result<(), Error> {
        let previous = entry.previous.as_ref();
        permission::require(
            self.writer.connection,
            self.terms.rights,
            &entry.id,
            &read,
            previous,
        )?;
        let resource = entry.resource;
        if self.terms.only_new && previous.is_some() {
            return Err(Error::Exists(resource, entry.slug));
        }
        let is_erased = read.document.head().state == PublicationState::Erased;
        let document = read.document.as_mut();
        let outcome = save(self.writer, resolved, &entry.id, document, previous)?;
        if is_erased {
            (self.terms.catalogue.forget)(self.writer, &entry.id)?;
            self.writer.forget(&entry.id)?;
        }
        self.index.count(resource, outcome);
        if self.terms.name_records {
            let (id, slug) = (entry.id, entry.slug);
            self.index.name(Stored {
                line,
                resource,
                id,
                slug,
                outcome,
            });
        }
        Ok(())
    }
}

/// Derives the id of a document without slug or id from its natural key, finds the record with that id, and checks the
/// document against stored records.
fn settle(
    connection: &mut DbConnection,
    index: &mut Index,
    entry: &mut Entry,
    document: &dyn Document,
) -> Result<Vec<Violation>, Error> {
    if let (true, Some(key)) = (entry.is_provisional, document.natural_key()) {
        let id = derived_id(&format!("{} {key}", entry.resource));
        if !index.settle(&id) {
            let detail = format!("an earlier line has the same {}", entry.resource);
            return Ok(vec![Violation::whole(detail)]);
        }
        let known = existing(connection, entry.resource, &[&id])?;
        entry.previous = known.get(&id).map(|(_, previous)| previous.clone());
        entry.slug.clone_from(&id);
        entry.id = id;
    }
    match document.head().state.is_shown() {
        true => Ok(document.forbidden(connection)?),
        false => Ok(Vec::new()),
    }
}

/// Rejects a publication time in the future for a record that has been public: existing copies cannot be recalled.
fn hidden_again(
    document: &dyn Document,
    previous: Option<&Previous>,
    writer: &Writer<'_>,
) -> Option<Violation> {
    let (place, visible_from) = document.moment()?;
    let now = writer.now();
    let is_ahead = visible_from.is_some_and(|from| from > now);
    let was_public = previous.is_some_and(|previous| previous.was_public(now));
    (is_ahead && was_public).then(|| {
        let detail =
            "the record has been public: withdraw it or make it a draft instead of setting a future date";
        Violation::new(place, detail)
    })
}

/// Stores one document, and updates the mergers that it affects.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    resolved: &Resolved,
    id: &str,
    document: &mut dyn Document,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let survivor = document.head().merged_into.map(str::to_owned);
    let was_gone = previous.is_some_and(|previous| previous.state == PublicationState::Gone);
    let outcome = document.save(resolved, writer, id, previous)?;
    if outcome != WriteOutcome::Unchanged && (survivor.is_some() || was_gone) {
        writer.merge(id, survivor.as_deref())?;
    }
    Ok(outcome)
}
