//! In which capacity a record was written: by the body whose word it is, by a publisher of the report, or by an
//! administrator. What a body says of itself counts as its word; what follows for others needs more.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::log::Previous;
use crate::platform::clock::uk_day;
use crate::platform::identity::Key;
use crate::platform::time;

/// In which capacity a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    /// By the body whose word it is, such as the responder.
    Author,
    /// By a publisher of the report.
    Publisher,
    /// By an administrator of this instance.
    Administrator,
}

/// Who recorded a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedBy {
    /// In which capacity.
    pub capacity: Capacity,
    /// The organisation on whose behalf; absent for an administrator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation: Option<Key>,
    /// When.
    #[serde(deserialize_with = "time::time")]
    pub at: DateTime<Utc>,
}

impl RecordedBy {
    /// Whether it is the author's own word, which nobody else has confirmed.
    pub fn is_author(&self) -> bool {
        self.capacity == Capacity::Author
    }
}

/// A document that is being written: by whom, when, and over what.
#[derive(Clone, Debug)]
pub struct Submission<'a> {
    /// Who writes it, and when.
    pub by: RecordedBy,
    /// The record before, if any.
    pub previous: Option<&'a Previous>,
}

impl Submission<'_> {
    /// When.
    pub fn now(&self) -> NaiveDateTime {
        self.by.at.naive_utc()
    }

    /// Whether anybody but an administrator changes a record that has been public.
    pub fn changes_what_was_public(&self) -> bool {
        let was_public = |previous: &Previous| previous.public_from.is_some();
        self.by.capacity != Capacity::Administrator && self.previous.is_some_and(was_public)
    }

    /// The calendar day in the United Kingdom.
    pub fn today(&self) -> NaiveDate {
        uk_day(self.now())
    }
}
