//! Positions in the log as clients see them: the cursors of `/v1/changes`, and the event ids of its stream.

use crate::http::cursor::{Cursor, Cursors};
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::entries::LogPosition;
use crate::platform::db::Value;

/// The fingerprint of every cursor of the log. All share one, since a position means the same under any filter, whether
/// the client polls or streams.
const LOG: u64 = 1;

impl LogPosition {
    /// Encodes the position as a cursor of `/v1/changes`, which is also an event id of its stream.
    pub fn to_cursor(&self, cursors: &Cursors) -> Result<String, ApiError> {
        let cursor = Cursor {
            backwards: false,
            position: (
                Value::Timestamp(self.moment),
                format!("{}.{}", self.seq, self.tie),
            ),
        };
        cursors.write(&cursor, LOG)
    }

    /// Decodes a cursor sent by a client.
    pub fn from_cursor(cursors: &Cursors, text: &str) -> Result<Self, ApiError> {
        let (key, rest) = cursors.read(text, LOG)?.position;
        let numbers = rest.split_once('.');
        let numbers = numbers.and_then(|(seq, tie)| Some((seq.parse().ok()?, tie.parse().ok()?)));
        match (key, numbers) {
            (Value::Timestamp(moment), Some((seq, tie))) => Ok(Self { seq, moment, tie }),
            _ => {
                let detail = "This cursor was issued for another list.";
                Err(ApiError::new(ProblemCode::InvalidCursor, detail))
            }
        }
    }
}
