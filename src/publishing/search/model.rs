//! What the index is made of: entries of the log, and times as numbers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Nullable, Text, Timestamp};

use crate::log::Resource;

/// What is searched for.
pub const SEARCHED: [Resource; 4] = [
    Resource::Article,
    Resource::Recommendation,
    Resource::Report,
    Resource::Organisation,
];

/// The newest entry of a record.
#[derive(Clone, Debug, QueryableByName)]
pub struct Entry {
    /// Its number in the log.
    #[diesel(sql_type = BigInt)]
    pub seq: i64,
    /// What the record is.
    #[diesel(sql_type = Text)]
    pub resource: String,
    /// The record.
    #[diesel(sql_type = Text)]
    pub resource_id: String,
    /// Its state as a document; none when it was erased.
    #[diesel(sql_type = Nullable<Text>)]
    pub state: Option<String>,
}

/// The times of a record that are not in its document.
#[derive(Clone, Debug, QueryableByName)]
pub struct Times {
    /// The record.
    #[diesel(sql_type = Text)]
    pub id: String,
    /// When it was changed, as its list has it: its publisher may have said so, and an edit of no weight does not count.
    #[diesel(sql_type = Timestamp)]
    pub updated_at: NaiveDateTime,
    /// The day when a recommendation was published: its report's.
    #[diesel(sql_type = Nullable<Date>)]
    pub published_on: Option<NaiveDate>,
}

/// A moment as the index has it.
pub fn milliseconds(at: NaiveDateTime) -> i64 {
    at.and_utc().timestamp_millis()
}

/// A day as the index has it.
pub fn day(on: NaiveDate) -> i64 {
    milliseconds(on.and_time(chrono::NaiveTime::MIN))
}
