//! What the index is built from: entries of the log, and times as numbers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};
use serde_json::{Map, Value};

use crate::log::{Resource, redacted_revision};
use crate::platform::db::{EnumText, Json};
use crate::platform::identity::RecordId;

/// The kinds of records that are indexed.
pub const SEARCHABLE: [Resource; 5] = [
    Resource::Article,
    Resource::Recommendation,
    Resource::Report,
    Resource::Organisation,
    Resource::Response,
];

/// The newest entry of a record.
#[derive(Clone, Debug, QueryableByName)]
pub struct NewestEntry {
    /// Its number in the log.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// The kind of record.
    #[diesel(sql_type = Text)]
    pub resource: EnumText<Resource>,
    /// The record's id.
    #[diesel(sql_type = Text)]
    pub resource_id: RecordId,
    /// The record as a document; `None` once erased.
    #[diesel(sql_type = Nullable<Text>)]
    pub state: Option<Json<Map<String, Value>>>,
    /// What was done.
    #[diesel(sql_type = Text)]
    pub action: String,
}

impl NewestEntry {
    /// Whether the record was erased, or an earlier revision of it redacted.
    pub fn erases(&self) -> bool {
        if redacted_revision(&self.action).is_some() {
            return true;
        }
        let state = self.state.as_ref().map(|document| document.get("state"));
        state.is_none_or(|state| state.and_then(Value::as_str) == Some("erased"))
    }
}

/// The times of a record that its document does not state.
#[derive(Clone, Debug, QueryableByName)]
pub struct RecordTimes {
    /// The record's id.
    #[diesel(sql_type = Text)]
    pub id: RecordId,
    /// When it was updated, as in its list: the publisher may have stated it, and a minor edit does not count.
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    /// The day a recommendation was published, which is its report's.
    #[diesel(sql_type = Nullable<Date>)]
    pub published_on: Option<NaiveDate>,
}

/// A moment as stored in the index.
pub fn milliseconds(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_millis()
}

/// A day as stored in the index.
pub fn day(on: NaiveDate) -> i64 {
    milliseconds(on.and_time(chrono::NaiveTime::MIN))
}
