//! What an import is told, and what it tells.

use std::collections::BTreeMap;

use crate::access::{Refusal, Rights};
use crate::log::{Outcome, Resource};
use crate::writing::kind::Catalogue;

/// The most mistakes that are kept for the report; more are counted only.
pub const MAX_MISTAKES: usize = 1_000;

/// What to do about bad lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMistake {
    /// Store nothing.
    StoreNothing,
    /// Store the good lines.
    KeepGoing,
}

/// Under which terms documents are stored.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// Which kinds of records there are.
    pub catalogue: &'a Catalogue,
    /// What the writer may do.
    pub rights: &'a Rights,
    /// What to do about bad lines.
    pub on_mistake: OnMistake,
    /// Whether every document must be about a record that does not exist yet.
    pub only_new: bool,
    /// Whether the report names every record.
    pub name_records: bool,
}

/// A record that was stored, or found to be like that already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The line of its document.
    pub line: usize,
    /// What it is.
    pub resource: Resource,
    /// Its id.
    pub id: String,
    /// Its slug.
    pub slug: String,
    /// What was done.
    pub outcome: Outcome,
}

/// A mistake in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMistake {
    /// The line, from 1.
    pub line: usize,
    /// The place in the document, as a JSON pointer; empty for the whole line.
    pub pointer: String,
    /// What is wrong.
    pub detail: String,
}

impl LineMistake {
    /// The JSON pointer, or a word for the whole line.
    pub fn place(&self) -> &str {
        match self.pointer.as_str() {
            "" => "(whole line)",
            pointer => pointer,
        }
    }
}

impl std::fmt::Display for LineMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.place(), self.detail)
    }
}

/// What an import has just done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A line was read and checked.
    Checked,
    /// Checking is over; so many lines are to be stored.
    ToStore(usize),
    /// A line was stored.
    Stored,
}

/// What an import did with the records of one resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
        }
    }
}

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// By resource, what was done.
    pub tallies: BTreeMap<Resource, Tally>,
    /// What was wrong, in the order of the lines.
    pub mistakes: Vec<LineMistake>,
    /// How many lines had a mistake, counted beyond those kept.
    pub bad_lines: usize,
    /// Whether anything was stored.
    pub stored: bool,
    /// Every record, when the terms ask for it.
    pub records: Vec<Stored>,
}

/// Why an import could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Source(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] crate::platform::db::Error),
    /// Lines had mistakes and nothing was to be stored then.
    #[error("nothing was stored")]
    Mistakes(Box<Report>),
    /// The writer may not do that.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A record exists that was to be created.
    #[error("the {0} '{1}' exists already")]
    Exists(Resource, String),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
