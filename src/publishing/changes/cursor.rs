//! A reader's place in the log as clients see it: the cursor of `/v1/changes`, and the id of an event of its stream.

use crate::http::cursor::{Cursor, Cursors};
use crate::http::error::ApiError;
use crate::http::problem;
use crate::log::entries::Place;
use crate::platform::db::Value;

/// What the cursors of the log are bound to: all of them to the same, since a place means the same whatever is filtered,
/// and whether it is polled or streamed.
const LOG: u64 = 1;

impl Place {
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
