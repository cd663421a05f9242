//! The index of an import: which lines are valid, and which record each document is about.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::report::{LineMistake, MAX_MISTAKES, Report, Stored, Tally};
use crate::access::lookup::is_id;
use crate::log::{Previous, Resource, WriteOutcome};
use crate::writing::document::ReportNumber;
use crate::writing::violation::Violation;

/// A valid line.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The type of the record.
    pub resource: Resource,
    /// The id of the record, existing or new.
    pub id: String,
    /// The slug of the record after the import.
    pub slug: String,
    /// The record as stored before the import, if any.
    pub previous: Option<Previous>,
    /// Whether id and slug are placeholders until the links are resolved.
    pub is_provisional: bool,
}

/// The index of a source.
#[derive(Debug, Default)]
pub struct Index {
    /// The valid lines, by number.
    pub entries: BTreeMap<usize, Entry>,
    slugs: HashMap<(Resource, String), String>,
    ids: HashMap<String, (Resource, String)>,
    /// The ids of records by number and report, with the report as named in the document.
    numbers: HashMap<ReportNumber, String>,
    mistakes: Vec<LineMistake>,
    bad_lines: HashSet<usize>,
    tallies: BTreeMap<Resource, Tally>,
    bad_before_storing: Option<usize>,
    records: Vec<Stored>,
    /// The ids derived from natural keys.
    settled: HashSet<String>,
}

impl Index {
    /// Adds a valid line. Returns false if another line has the same slug or id.
    pub fn add(&mut self, line: usize, entry: Entry) -> bool {
        let key = (entry.resource, entry.slug.clone());
        if self.slugs.contains_key(&key) || self.ids.contains_key(&entry.id) {
            return false;
        }
        self.slugs.insert(key, entry.id.clone());
        self.ids
            .insert(entry.id.clone(), (entry.resource, entry.slug.clone()));
        self.entries.insert(line, entry);
        true
    }

    /// Adds an id derived from a natural key. Returns false if another line has it.
    pub fn settle(&mut self, id: &str) -> bool {
        self.settled.insert(id.to_owned())
    }

    /// Adds the number of a record in its report. Returns false if another line has it.
    pub fn add_number(&mut self, number: &ReportNumber, id: &str) -> bool {
        let known = self.numbers.entry(number.clone());
        known.or_insert_with(|| id.to_owned()) == id
    }

    /// The id of the record with this number. The report is given by id; documents may name it by id or slug.
    pub fn by_number(&self, number: &ReportNumber) -> Option<&str> {
        let by = |report: &str| {
            self.numbers.get(&ReportNumber {
                report: report.to_owned(),
                number: number.number.clone(),
            })
        };
        let slug = self.ids.get(&number.report).map(|(_, slug)| slug.as_str());
        by(&number.report)
            .or_else(|| slug.and_then(by))
            .map(String::as_str)
    }

    /// The id of the record in this source that a link refers to.
    pub fn find(&self, targets: &[Resource], key: &str) -> Option<&str> {
        if is_id(key) {
            let (resource, _) = self.ids.get(key)?;
            let (id, _) = self.ids.get_key_value(key)?;
            return targets.contains(resource).then_some(id.as_str());
        }
        let mut found = targets
            .iter()
            .map(|resource| self.slugs.get(&(*resource, key.to_owned())));
        found.find_map(|id| id.map(String::as_str))
    }

    /// The slug of the record in this source with this id.
    pub fn slug_of(&self, id: &str) -> Option<&str> {
        self.ids.get(id).map(|(_, slug)| slug.as_str())
    }

    /// Adds a mistake. The line becomes invalid, and links to its record no longer resolve.
    pub fn mistake(&mut self, line: usize, violation: Violation) {
        self.bad_lines.insert(line);
        if let Some(entry) = self.entries.remove(&line) {
            self.slugs.remove(&(entry.resource, entry.slug));
            self.ids.remove(&entry.id);
            self.numbers.retain(|_, id| *id != entry.id);
        }
        if self.mistakes.len() < MAX_MISTAKES {
            self.mistakes.push(LineMistake {
                line,
                pointer: violation.pointer,
                detail: violation.detail,
            });
        }
    }

    /// Whether any line has a mistake.
    pub fn has_mistakes(&self) -> bool {
        !self.bad_lines.is_empty()
    }

    /// The number of lines with mistakes.
    pub fn bad_lines(&self) -> usize {
        self.bad_lines.len()
    }

    /// Starts storing. From now on, any mistake rolls everything back.
    pub fn begin_storing(&mut self) {
        self.bad_before_storing = Some(self.bad_lines.len());
    }

    /// Whether a mistake was found while storing.
    pub fn store_failed(&self) -> bool {
        self.bad_before_storing
            .is_some_and(|before| self.bad_lines.len() > before)
    }

    /// Counts the outcome for a record.
    pub fn count(&mut self, resource: Resource, outcome: WriteOutcome) {
        self.tallies.entry(resource).or_default().add(outcome);
    }

    /// Adds a record to the report.
    pub fn name(&mut self, record: Stored) {
        self.records.push(record);
    }

    /// Whether this source has a document about the record.
    pub fn holds(&self, id: &str) -> bool {
        self.ids.contains_key(id)
    }

    /// The report of the import.
    pub fn into_report(mut self, stored: bool) -> Report {
        self.mistakes.sort_by_key(|mistake| mistake.line);
        let tallies = if stored {
            self.tallies
        } else {
            BTreeMap::new()
        };
        Report {
            tallies,
            mistakes: self.mistakes,
            bad_lines: self.bad_lines.len(),
            stored,
            records: self.records,
        }
    }
}
