//! The index of an import: which lines are valid, and which record each document is about.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::report::{ImportReport, LineMistake, MAX_MISTAKES};
use crate::log::{Previous, Resource};
use crate::platform::identity::{Key, RecordId, Slug};
use crate::writing::document::ReportNumber;
use crate::writing::violation::Violation;

/// A valid line.
#[derive(Clone, Debug)]
pub struct ValidLine {
    /// The type of the record.
    pub resource: Resource,
    /// The id of the record, existing or new.
    pub id: RecordId,
    /// The slug of the record after the import.
    pub slug: Slug,
    /// The record as stored before the import, if any.
    pub previous: Option<Previous>,
    /// Whether id and slug are placeholders until the links are resolved.
    pub is_provisional: bool,
}

/// The index of a source.
#[derive(Debug, Default)]
pub struct Index {
    /// The valid lines, by number.
    pub lines: BTreeMap<usize, ValidLine>,
    /// The report so far.
    pub report: ImportReport,
    /// The ids of records by their unique values.
    pub unique_values: HashMap<(Resource, String), RecordId>,
    /// The ids derived from natural keys.
    pub derived_ids: HashSet<RecordId>,
    slugs: HashMap<(Resource, Slug), RecordId>,
    ids: HashMap<RecordId, (Resource, Slug)>,
    /// The ids of records by number and report, with the report as named in the document.
    numbers: HashMap<ReportNumber, RecordId>,
    bad_lines: HashSet<usize>,
}

impl Index {
    /// Adds a valid line. Returns false if another line has the same slug or id.
    pub fn add(&mut self, number: usize, line: ValidLine) -> bool {
        let key = (line.resource, line.slug.clone());
        if self.slugs.contains_key(&key) || self.ids.contains_key(&line.id) {
            return false;
        }
        self.slugs.insert(key.clone(), line.id);
        self.ids.insert(line.id, key);
        self.lines.insert(number, line);
        true
    }

    /// Adds the number of a record in its report. Returns false if another line has it.
    pub fn add_number(&mut self, number: &ReportNumber, id: RecordId) -> bool {
        let known = self.numbers.entry(number.clone());
        *known.or_insert(id) == id
    }

    /// The id of the record with this number. The report is given by id; documents may name it by id or slug.
    pub fn by_number(&self, number: &ReportNumber) -> Option<RecordId> {
        let by = |report: Key| {
            let number = ReportNumber {
                report,
                number: number.number.clone(),
            };
            self.numbers.get(&number).copied()
        };
        let slug = number.report.id().and_then(|id| self.slug_of(id));
        by(number.report.clone()).or_else(|| slug.and_then(|slug| by(slug.into())))
    }

    /// The id of the record in this source that a link refers to.
    pub fn find(&self, targets: &[Resource], key: &Key) -> Option<RecordId> {
        if let Some(id) = key.id() {
            let (resource, _) = self.ids.get(&id)?;
            return targets.contains(resource).then_some(id);
        }
        let mut found = targets
            .iter()
            .map(|resource| self.slugs.get(&(*resource, key.to_string().into())));
        found.find_map(Option::<&RecordId>::copied)
    }

    /// The slug of the record in this source with this id.
    pub fn slug_of(&self, id: RecordId) -> Option<&str> {
        self.ids.get(&id).map(|(_, slug)| &**slug)
    }

    /// Adds the mistakes of a line, if any. The line becomes invalid, and links to its record no longer resolve.
    pub fn reject(&mut self, line: usize, violations: impl IntoIterator<Item = Violation>) {
        for violation in violations {
            self.bad_lines.insert(line);
            if let Some(removed) = self.lines.remove(&line) {
                self.slugs.remove(&(removed.resource, removed.slug));
                self.ids.remove(&removed.id);
                self.numbers.retain(|_, id| *id != removed.id);
            }
            if self.report.mistakes.len() < MAX_MISTAKES {
                self.report.mistakes.push(LineMistake {
                    line,
                    pointer: violation.pointer,
                    code: violation.code,
                    detail: violation.detail,
                });
            }
        }
    }

    /// The number of lines with mistakes.
    pub fn bad_lines(&self) -> usize {
        self.bad_lines.len()
    }

    /// The report of the import.
    pub fn into_report(self, stored: bool) -> ImportReport {
        let mut report = self.report;
        report.mistakes.sort_by_key(|mistake| mistake.line);
        report.bad_lines = self.bad_lines.len();
        report.stored = stored;
        if !stored {
            report.tallies.clear();
        }
        report
    }
}
