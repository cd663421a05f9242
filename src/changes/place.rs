//! Where a reader of the log stands, and how it is told so that it can go on from there.

use chrono::NaiveDateTime;

use crate::db::Value;
use crate::http::cursor::{Cursor, Cursors};
use crate::http::error::ApiError;
use crate::http::problem;

/// What the cursors of the log are bound to: all of them to the same, since a place means the same whatever is filtered,
/// and whether it is polled or streamed.
const LOG: u64 = 1;

/// Where a reader stands: it has seen every public entry up to `seq` that became public by `moment`, and of that moment
/// those up to `tie`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The newest entry up to which all were looked at.
    pub seq: i64,
    /// The moment up to which entries before that one have become public.
    pub moment: NaiveDateTime,
    /// The entry of that moment that was seen last.
    pub tie: i64,
}

impl Place {
    /// Before the first entry.
    pub fn start() -> Self {
        Self {
            seq: 0,
            moment: NaiveDateTime::default(),
            tie: 0,
        }
    }

    /// Whether whoever stands at `other` has seen all that was seen here.
    pub fn is_up_to(&self, other: &Self) -> bool {
        self.seq <= other.seq && self.time() <= other.time()
    }

    /// The same place in time, behind another entry.
    pub(super) fn behind(&self, seq: i64) -> Self {
        Self {
            seq,
            ..self.clone()
        }
    }

    pub(super) fn time(&self) -> (NaiveDateTime, i64) {
        (self.moment, self.tie)
    }

    /// The place as clients see it: a cursor of `/v1/changes`, and the id of an event of its stream.
    pub fn write(&self, cursors: &Cursors) -> Result<String, ApiError> {
        let cursor = Cursor {
            backwards: false,
            position: (
                Value::Timestamp(self.moment),
                format!("{}.{}", self.seq, self.tie),
            ),
        };
        cursors.write(&cursor, LOG)
    }

    /// Reads what a client sent.
    pub fn read(cursors: &Cursors, text: &str) -> Result<Self, ApiError> {
        let invalid = || ApiError::new(&problem::INVALID_CURSOR, "The cursor belongs elsewhere.");
        let (key, rest) = cursors.read(text, LOG)?.position;
        let numbers = rest.split_once('.');
        let numbers = numbers.and_then(|(seq, tie)| Some((seq.parse().ok()?, tie.parse().ok()?)));
        match (key, numbers) {
            (Value::Timestamp(moment), Some((seq, tie))) => Ok(Self { seq, moment, tie }),
            _ => Err(invalid()),
        }
    }
}
