//! The last pass: stores documents, type by type.

use diesel::result::QueryResult;

use super::checks;
use super::index::{Index, ValidLine};
use super::links::Resolver;
use super::parsing::{LinesToParse, ParsedLine};
use super::removals::RemovedLine;
use super::report::{BatchRecord, ImportError, ImportOptions, MAX_MISTAKES, OnMistake, Progress};
use super::scan::existing;
use super::source::Source;
use crate::http::idempotency;
use crate::log::{Previous, Resource, WriteOutcome, Writer};
use crate::platform::identity::{Key, RecordId};
use crate::platform::states::PublicationState;
use crate::writing::document::{Document, NewDocument, Resolved};
use crate::writing::parsed::Parsed;
use crate::writing::proposals::model::WaitingWrite;
use crate::writing::recorder::{RecordedBy, Submission};
use crate::writing::violation::Violation;
use crate::writing::{cascade, consent, permission, proposals, submission};

/// The state of the storing pass.
struct Store<'a, 'w, 'c> {
    writer: &'a mut Writer<'w>,
    index: &'a mut Index,
    options: ImportOptions<'c>,
    resolver: Resolver<'c>,
    /// Lines that break a rule as long as others of their type are not stored, with the violations; only so many that they
    /// can be held in memory.
    postponed: Vec<(Line, Vec<Violation>)>,
    /// What is removed.
    removed: Vec<RemovedLine>,
}

/// The number and the text of a line.
type Line = (usize, String);

/// Stores the valid lines, each type after those that it may refer to. Returns those that remove a record.
///
/// # Errors
/// When the source cannot be read, a permission is missing, a record already exists or a query fails.
pub(super) fn store(
    writer: &mut Writer<'_>,
    source: &Source,
    index: &mut Index,
    options: ImportOptions<'_>,
    progress: &dyn Fn(Progress),
) -> Result<Vec<RemovedLine>, ImportError> {
    let catalogue = options.catalogue;
    let now = writer.now();
    let mut store = Store {
        writer,
        index,
        options,
        resolver: Resolver::new(catalogue, options.rights, now),
        postponed: Vec::new(),
        removed: Vec::new(),
    };
    for resource in Resource::ALL {
        let lines = store.index.lines.iter();
        let lines = lines.filter(|(_, line)| line.resource == resource);
        let numbers: Vec<usize> = lines.map(|(number, _)| *number).collect();
        if numbers.is_empty() {
            continue;
        }
        let lines = LinesToParse {
            source,
            catalogue,
            resource,
            numbers: &numbers,
        };
        lines.batches(|batch| {
            batch.iter().for_each(|_| progress(Progress::Stored));
            store.batch(resource, batch).map(drop)
        })?;
        store.retry(source, resource)?;
        let changes = std::mem::take(&mut store.writer.changed_reports);
        cascade::run(store.writer, catalogue, &changes)?;
        (catalogue.derive)(store.writer, &changes)?;
    }
    Ok(store.removed)
}

impl Store<'_, '_, '_> {
    /// Stores lines, and postpones or rejects those that break a rule. Returns how many were stored.
    fn batch(&mut self, resource: Resource, batch: Vec<ParsedLine>) -> Result<usize, ImportError> {
        // records of a report may have a newer revision by now, logged together with the report
        let mut current = match resource.is_below_report() {
            true => {
                let lines = batch.iter();
                let lines = lines.filter_map(|line| self.index.lines.get(&line.number));
                let keys: Vec<Key> = lines.map(|line| line.id.into()).collect();
                existing(self.writer.connection, resource, &keys)?
            }
            false => Default::default(),
        };
        let (mut stored, mut new) = (0, Vec::new());
        for ParsedLine {
            number,
            text,
            parsed,
        } in batch
        {
            let Some(mut line) = self.index.lines.get(&number).cloned() else {
                continue; // rejected since
            };
            let mut parsed = match parsed {
                Ok(parsed) => parsed,
                Err(violations) => {
                    self.index.reject(number, violations);
                    continue;
                }
            };
            if let Some(stored) = current.remove(&line.id.into()) {
                line.previous = Some(stored.previous);
            }
            match self.check(&mut line, parsed.document.as_mut())? {
                Ok((resolved, by)) => {
                    self.allow(number, &line, &mut parsed, by)?;
                    let taken_off = std::mem::take(&mut parsed.taken_off);
                    self.index.report.taken_off.add(taken_off);
                    match checks::is_plainly_new(&line, &parsed) {
                        true => new.push((number, line, parsed, resolved)),
                        false => self.store(number, line, parsed, &resolved)?,
                    }
                    stored += 1;
                }
                Err(violations) => self.postpone((number, text), line.id, violations),
            }
        }
        self.store_new(resource, new)?;
        self.writer.refresh_statistics()?;
        Ok(stored)
    }

    /// Keeps a line for later, if all lines must be stored, and not too many wait already; otherwise rejects it.
    fn postpone(&mut self, line: Line, id: RecordId, violations: Vec<Violation>) {
        let stores_all = self.options.on_mistake == OnMistake::StoreNothing;
        if stores_all && self.postponed.len() < MAX_MISTAKES {
            self.index.derived_ids.remove(&id);
            self.postponed.push((line, violations));
        } else {
            self.index.reject(line.0, violations);
        }
    }

    /// Tries the postponed lines again as long as that stores one of them, and then rejects the rest.
    fn retry(&mut self, source: &Source, resource: Resource) -> Result<(), ImportError> {
        let catalogue = self.options.catalogue;
        loop {
            let lines = std::mem::take(&mut self.postponed).into_iter();
            let lines = lines.map(|((number, text), _)| {
                ParsedLine::new(catalogue, resource, source.is_sanitised(), number, &text)
            });
            let lines: Vec<ParsedLine> = lines.collect();
            if lines.is_empty() {
                return Ok(());
            }
            if self.batch(resource, lines)? == 0 {
                for ((number, _), violations) in std::mem::take(&mut self.postponed) {
                    self.index.reject(number, violations);
                }
                return Ok(());
            }
        }
    }

    /// All violations of a document, given what is stored so far; or who writes it.
    fn check(
        &mut self,
        line: &mut ValidLine,
        document: &mut dyn Document,
    ) -> QueryResult<Result<(Resolved, RecordedBy), Vec<Violation>>> {
        let (id, slug) = (Some(line.id), &line.slug);
        let connection = &mut *self.writer.connection;
        let resolved = self
            .resolver
            .resolve(connection, self.index, id, slug, document)?;
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(unresolved) => return self.with_state_rules(unresolved, line, document).map(Err),
        };
        if let Some(taken) = permission::taken(self.writer, &self.options, line, document)? {
            return Ok(Err(vec![taken]));
        }
        let (now, connection) = (self.writer.now(), &mut *self.writer.connection);
        if let Some(twin) = checks::identify(connection, self.index, line, document)? {
            return self.with_state_rules(vec![twin], line, document).map(Err);
        }
        let (id, kind) = (line.id, (self.options.catalogue.kind)(line.resource));
        let rights = self.options.rights;
        let by = match self.options.recorder {
            Some(by) => by.clone(),
            None => submission::recorder(connection, rights, id, document, now)?,
        };
        let previous = line.previous.as_ref();
        let submission = Submission { by, previous };
        let mut violations =
            submission::settle(connection, rights, kind, id, document, &submission)?;
        let changed =
            consent::changed_members(connection, rights, kind, id, document, &submission)?;
        violations.extend(changed);
        let by = submission.by;
        let violations = self.with_state_rules(violations, line, document)?;
        Ok(match violations.is_empty() {
            true => Ok((resolved, by)),
            false => Err(violations),
        })
    }

    /// Adds why the record cannot be in the state of its document.
    fn with_state_rules(
        &mut self,
        mut violations: Vec<Violation>,
        line: &ValidLine,
        document: &dyn Document,
    ) -> QueryResult<Vec<Violation>> {
        let now = self.writer.now();
        violations.extend(checks::hidden_again(document, line.previous.as_ref(), now));
        if !self.options.revives_erased {
            let kind = (self.options.catalogue.kind)(line.resource);
            let connection = &mut *self.writer.connection;
            violations.extend(checks::revived(connection, kind, line, document)?);
        }
        Ok(violations)
    }

    /// Checks that the caller may store a valid document, and that nobody else's approval is missing.
    fn allow(
        &mut self,
        number: usize,
        line: &ValidLine,
        parsed: &mut Parsed,
        by: RecordedBy,
    ) -> Result<(), ImportError> {
        let (rights, previous) = (self.options.rights, line.previous.as_ref());
        let now = self.writer.now();
        let connection = &mut *self.writer.connection;
        permission::require(connection, rights, line.id, parsed, previous, now)?;
        if self.options.only_new && previous.is_some() {
            return Err(ImportError::Exists(line.resource, line.slug.clone()));
        }
        if !self.options.waits {
            return Ok(());
        }
        let document = parsed.document.as_mut();
        let submission = Submission { by, previous };
        let kind = parsed.kind;
        let awaited = consent::awaited(connection, rights, kind, line.id, document, &submission)?;
        let Some(awaited) = awaited else {
            return Ok(());
        };
        Err(ImportError::Waits(Box::new(WaitingWrite {
            line: number,
            resource: line.resource,
            record: line.id,
            base_revision: previous.map_or(0, |previous| previous.revision),
            document: document.canonical()?,
            by: submission.by,
            awaited,
        })))
    }

    /// Stores a valid document that may be stored.
    fn store(
        &mut self,
        number: usize,
        line: ValidLine,
        mut parsed: Parsed,
        resolved: &Resolved,
    ) -> Result<(), ImportError> {
        let previous = line.previous.as_ref();
        let head = parsed.document.head();
        let is_erased = head.state == PublicationState::Erased;
        self.removed.extend(RemovedLine::of(number, &line, head));
        let document = parsed.document.as_mut();
        let outcome = save(self.writer, resolved, line.id, document, previous)?;
        if is_erased {
            (self.options.catalogue.forget)(self.writer, line.id)?;
            idempotency::forget(self.writer.connection, line.id)?;
            proposals::queries::forget(self.writer.connection, line.id)?;
            self.writer.forget(line.id)?;
        }
        self.report(number, line, outcome);
        Ok(())
    }

    /// Stores the documents of new records together.
    fn store_new(
        &mut self,
        resource: Resource,
        lines: Vec<(usize, ValidLine, Parsed, Resolved)>,
    ) -> Result<(), ImportError> {
        let kind = (self.options.catalogue.kind)(resource);
        let Some(save_new) = kind.save_new.filter(|_| !lines.is_empty()) else {
            return Ok(());
        };
        let mut documents = Vec::with_capacity(lines.len());
        for (number, line, parsed, resolved) in lines {
            documents.push(NewDocument {
                id: line.id,
                document: parsed.document,
                resolved,
                request_id: self.options.request_of(number),
            });
            self.report(number, line, WriteOutcome::Created);
        }
        save_new(self.writer, documents)?;
        Ok(())
    }

    fn report(&mut self, number: usize, line: ValidLine, outcome: WriteOutcome) {
        let (report, resource) = (&mut self.index.report, line.resource);
        report.tallies.entry(resource).or_default().add(outcome);
        if self.options.list_records {
            report.records.push(BatchRecord {
                line: number,
                resource,
                id: line.id,
                slug: line.slug,
                outcome,
            });
        }
    }
}

/// Stores one document, and updates the mergers that it affects.
///
/// # Errors
/// When a query fails.
pub fn save(
    writer: &mut Writer<'_>,
    resolved: &Resolved,
    id: RecordId,
    document: &mut dyn Document,
    previous: Option<&Previous>,
) -> QueryResult<WriteOutcome> {
    let survivor = document.head().merged_into.cloned();
    let was_gone = previous.is_some_and(|previous| previous.state == PublicationState::Gone);
    let outcome = document.save(resolved, writer, id, previous)?;
    if outcome != WriteOutcome::Unchanged && (survivor.is_some() || was_gone) {
        writer.merge(id, survivor.as_deref())?;
    }
    Ok(outcome)
}
