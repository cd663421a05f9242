//! Import: documents in, one a line, idempotent, all or nothing unless told otherwise, in any order.
//!
//! The source is read more than once, and never held in memory: first every line is read and checked and
//! each document gets its identity (`scan`), then the links are followed (`links`) and the documents stored,
//! resource by resource (`store`). All of it is one transaction.

pub mod document;
pub mod govuk;
pub mod index;
pub mod scan;
pub mod source;
pub mod store;

use std::collections::BTreeMap;

use crate::changes::{Origin, Outcome, Resource};
use crate::db::Database;
pub use document::Document;
pub use source::Source;

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
    fn add(&mut self, outcome: Outcome) {
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
}

/// Why an import could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Source(#[from] std::io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] crate::db::Error),
    /// Lines had mistakes and nothing was to be stored then.
    #[error("nothing was stored")]
    Mistakes(Box<Report>),
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

/// Imports a source. `progress` is told of every step.
pub fn run(
    database: &Database,
    origin: Origin,
    source: &Source,
    on_mistake: OnMistake,
    progress: &dyn Fn(Progress),
) -> Result<Report, Error> {
    let result = database.write_now(origin, |writer| {
        let mut index = scan::scan(writer.connection, source, progress)?;
        if on_mistake == OnMistake::KeepGoing || index.has_mistakes() {
            while store::check_links(writer.connection, source, &mut index)? {}
        }
        if index.has_mistakes() && on_mistake == OnMistake::StoreNothing {
            return Err(Error::Mistakes(Box::new(index.into_report(false))));
        }
        progress(Progress::ToStore(index.entries.len()));
        store::store(writer, source, &mut index, progress)?;
        if index.store_failed() {
            return Err(Error::Mistakes(Box::new(index.into_report(false))));
        }
        Ok(index.into_report(true))
    });
    match result {
        Err(Error::Mistakes(report)) => Ok(*report),
        result => result,
    }
}
