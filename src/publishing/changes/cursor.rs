//! Positions in the log as clients see them: the cursors of `/v1/changes`, and the event ids of its stream.

use diesel::result::QueryResult;
use std::sync::Arc;

use super::views::LogForked;
use crate::http::cursor::{Cursor, Cursors};
use crate::http::error::ApiError;
use crate::http::problem::ProblemCode;
use crate::log::Lineage;
use crate::log::entries::{self, LogPosition};
use crate::platform::db::{DbConnection, Value};

/// The fingerprint of every cursor of the log. All share one, since a position means the same under any filter, whether
/// the client polls or streams.
const LOG: u64 = 1;

/// A position of a client, and which log it has read.
#[derive(Clone, Debug)]
pub struct Bookmark {
    /// The position.
    pub place: LogPosition,
    /// The lineage of the log's end when it was read: later entries decide how earlier ones are shown.
    pub lineage: Lineage,
}

impl Bookmark {
    /// Before the first entry.
    pub fn start() -> Self {
        Self {
            place: LogPosition::start(),
            lineage: Lineage::default(),
        }
    }

    /// Fails if the log was put back and no longer has what was shown to the reader: its position must not be carried on.
    pub fn require(cursors: &Cursors, cursor: &str, c: &mut DbConnection) -> Result<(), ApiError> {
        let known = Self::from_cursor(cursors, cursor)?;
        match known.lineage.left_after(c)? {
            Some(_) => Err(ApiError::unavailable(&"the log was put back")),
            None => Ok(()),
        }
    }

    /// Where the client goes on, if the log was put back and no longer has what was shown to it.
    pub fn after_fork(&self, c: &mut DbConnection) -> QueryResult<Option<(Self, LogForked)>> {
        let Some(last_common) = self.lineage.left_after(c)? else {
            return Ok(None);
        };
        let mut goes_on = Self::after_entry(c, last_common)?;
        let since = (last_common > 0).then(|| goes_on.place.moment.and_utc());
        // it may not have come as far, neither in the log nor in what became public since
        let (there, here) = (&goes_on.place, &self.place);
        let time = (there.moment, there.tie).min((here.moment, here.tie));
        goes_on.place = LogPosition {
            seq: there.seq.min(here.seq),
            moment: time.0,
            tie: time.1,
        };
        Ok(Some((goes_on, LogForked { last_common, since })))
    }

    /// After an entry, as when it was written: scheduled records that appeared since then follow again.
    pub fn after_entry(c: &mut DbConnection, seq: i64) -> QueryResult<Self> {
        let Some(moment) = entries::written_at(c, seq)? else {
            return Ok(Self::start());
        };
        let place = LogPosition {
            seq,
            moment,
            tie: i64::MAX,
        };
        let lineage = Lineage::of(c, seq)?;
        Ok(Self { place, lineage })
    }

    /// Encodes it as a cursor of `/v1/changes`, which is also an event id of its stream.
    pub fn to_cursor(&self, cursors: &Cursors) -> Result<String, ApiError> {
        let LogPosition { seq, moment, tie } = self.place;
        let cursor = Cursor {
            backwards: false,
            position: (
                Value::Timestamp(moment),
                format!("{seq}.{tie}.{}", self.lineage),
            ),
        };
        cursors.write(&cursor, LOG)
    }

    /// The position, and its cursor.
    pub fn with_cursor(self, cursors: &Cursors) -> Result<(LogPosition, Arc<str>), ApiError> {
        let cursor = self.to_cursor(cursors)?;
        Ok((self.place, cursor.into()))
    }

    /// Decodes a cursor sent by a client.
    pub fn from_cursor(cursors: &Cursors, text: &str) -> Result<Self, ApiError> {
        let (key, rest) = cursors.read(text, LOG)?.position;
        let mut parts = rest.splitn(3, '.');
        let mut parse = || {
            let (seq, tie) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
            Some((seq, tie, parts.next()?.parse().ok()?))
        };
        match (key, parse()) {
            (Value::Timestamp(moment), Some((seq, tie, lineage))) => Ok(Self {
                place: LogPosition { seq, moment, tie },
                lineage,
            }),
            _ => {
                let detail = "This cursor was issued for another list.";
                Err(ApiError::new(ProblemCode::InvalidCursor, detail))
            }
        }
    }
}
