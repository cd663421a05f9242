//! The options and the result of an import.

use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::access::{Refusal, Rights};
use crate::http::error::ApiError;
use crate::http::problem::{Mistake, ProblemCode};
use crate::log::{Resource, WriteOutcome};
use crate::platform::html::TakenOff;
use crate::platform::identity::{RecordId, Slug};
use crate::platform::mistakes::MistakeCode;
use crate::writing::kind::Catalogue;
use crate::writing::proposals::model::WaitingWrite;
use crate::writing::recorder::RecordedBy;

/// The maximum number of mistakes in the report. Further mistakes are only counted.
pub const MAX_MISTAKES: usize = 1_000;

/// What to do about invalid lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnMistake {
    /// Store nothing.
    StoreNothing,
    /// Store the valid lines.
    KeepGoing,
}

/// The options of an import.
#[derive(Clone, Copy)]
pub struct ImportOptions<'a> {
    /// The kinds of records.
    pub catalogue: &'a Catalogue,
    /// The rights of the caller.
    pub rights: &'a Rights,
    /// What to do about invalid lines.
    pub on_mistake: OnMistake,
    /// Whether every document must create a new record.
    pub only_new: bool,
    /// Whether erased records may come back. Otherwise erasure is final.
    pub revives_erased: bool,
    /// Whether the report lists every record.
    pub list_records: bool,
    /// In which capacity the caller writes, if that does not follow from its rights.
    pub recorder: Option<&'a RecordedBy>,
    /// Whether documents wait for the approval of others; otherwise they have approved.
    pub waits: bool,
    /// The requests that sent the lines, if each came by itself.
    pub requests: &'a [Option<String>],
}

impl<'a> ImportOptions<'a> {
    /// The options of a request: all or nothing.
    pub fn of_request(catalogue: &'a Catalogue, rights: &'a Rights) -> Self {
        Self {
            catalogue,
            rights,
            on_mistake: OnMistake::StoreNothing,
            only_new: false,
            revives_erased: false,
            list_records: true,
            recorder: None,
            waits: true,
            requests: &[],
        }
    }

    /// The request that sent a line, if each came by itself.
    pub(super) fn request_of(&self, line: usize) -> Option<String> {
        self.requests.get(line - 1).cloned().flatten()
    }
}

/// The result for one document of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BatchRecord {
    /// The line number of its document.
    #[serde(skip)]
    pub line: usize,
    /// The type of the record.
    #[serde(rename = "type")]
    pub resource: Resource,
    /// The id of the record.
    #[schema(value_type = String, min_length = 36, max_length = 36)]
    pub id: RecordId,
    /// The slug of the record.
    #[schema(value_type = String, min_length = 1, max_length = 150)]
    pub slug: Slug,
    /// Whether the record was created, updated or left unchanged.
    pub outcome: WriteOutcome,
}

/// A mistake in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineMistake {
    /// The line number, from 1.
    pub line: usize,
    /// The location in the document, as a JSON pointer; empty for the whole line.
    pub pointer: String,
    /// What kind of mistake it is.
    pub code: MistakeCode,
    /// What is wrong.
    pub detail: String,
}

impl LineMistake {
    /// The JSON pointer, or `(whole line)`.
    pub fn location(&self) -> &str {
        match self.pointer.as_str() {
            "" => "(whole line)",
            pointer => pointer,
        }
    }
}

impl std::fmt::Display for LineMistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}: {}", self.line, self.location(), self.detail)
    }
}

/// A step of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A line was parsed and validated.
    Checked,
    /// Validation is complete; this many lines will be stored.
    ToStore(usize),
    /// A line was stored.
    Stored,
}

/// The outcomes for the records of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Tally {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
}

impl Tally {
    pub(super) fn add(&mut self, outcome: WriteOutcome) {
        match outcome {
            WriteOutcome::Created => self.created += 1,
            WriteOutcome::Updated => self.updated += 1,
            WriteOutcome::Unchanged => self.unchanged += 1,
        }
    }
}

/// The result of an import.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// The outcomes, by type.
    pub tallies: BTreeMap<Resource, Tally>,
    /// The mistakes, by line.
    pub mistakes: Vec<LineMistake>,
    /// The number of lines with mistakes, including those that are only counted.
    pub bad_lines: usize,
    /// Whether anything was stored.
    pub stored: bool,
    /// What was taken off the HTML of what was stored.
    pub taken_off: TakenOff,
    /// Every record, if requested.
    pub records: Vec<BatchRecord>,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The source cannot be read.
    #[error("the source cannot be read: {0}")]
    Source(#[from] std::io::Error),
    /// A query failed.
    #[error(transparent)]
    Database(#[from] crate::platform::db::Error),
    /// Lines have mistakes, so nothing was stored.
    #[error("nothing was stored")]
    Mistakes(Box<ImportReport>),
    /// A permission is missing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A record that was to be created already exists.
    #[error("the {0} '{1}' already exists")]
    Exists(Resource, Slug),
    /// A document needs the approval of others.
    #[error("line {}: the document needs the approval of others", .0.line)]
    Waits(Box<WaitingWrite>),
}

impl ImportError {
    /// The response to a request whose documents were not stored. `pointer` says where in the body a mistake is.
    pub fn into_response(
        self,
        catalogue: &Catalogue,
        pointer: impl Fn(&LineMistake) -> String,
    ) -> ApiError {
        match self {
            Self::Mistakes(report) => {
                let mistakes = report.mistakes.iter();
                let mistakes = mistakes.map(|m| Mistake::pointer(m.code, &pointer(m), &m.detail));
                let refused = ApiError::validation(mistakes.collect());
                let mut codes = report.mistakes.iter().map(|m| m.code);
                match codes.all(|code| code == MistakeCode::InUse) {
                    true => refused.in_use(),
                    false => refused,
                }
            }
            Self::Refused(refusal) => refusal.into(),
            Self::Exists(resource, slug) => {
                let guide = (catalogue.kind)(resource).guide;
                let hint = guide.map_or("", |guide| guide.on_change);
                let detail = format!("The {resource} '{slug}' exists already. {hint}");
                ApiError::new(ProblemCode::Conflict, detail.trim_end())
            }
            Self::Waits(waiting) => {
                let mistake = LineMistake {
                    line: waiting.line,
                    pointer: String::new(),
                    code: MistakeCode::Conflict,
                    detail: "This document needs the approval of others: send it by itself to propose it.".to_owned(),
                };
                Self::Mistakes(Box::new(ImportReport {
                    mistakes: vec![mistake],
                    ..ImportReport::default()
                }))
                .into_response(catalogue, pointer)
            }
            Self::Database(error) => error.into(),
            Self::Source(error) => ApiError::internal(&error),
        }
    }
}

impl From<diesel::result::Error> for ImportError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}
