//! An entry of the log, as stored.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::{Error, QueryResult};
use serde_json::{Map, Value};
use std::fmt::Display;

use super::entry_options::{is_withdrawn_with_report, redacted_revision};
use super::resource::Resource;
use crate::platform::db::EnumText;
use crate::platform::db::schema::changes;
use crate::platform::identity::RecordId;

/// An entry of the log.
#[derive(Clone, Debug, QueryableByName)]
#[diesel(table_name = changes)]
pub struct EntryRow {
    /// The number.
    pub seq: i64,
    /// When it was written.
    pub at: NaiveDateTime,
    /// The kind of record.
    pub resource: EnumText<Resource>,
    /// The record.
    pub resource_id: RecordId,
    /// The record's revision.
    pub revision: i64,
    /// The state after the change, as JSON; `None` if it was erased or redacted. [`EntryRow::document`] parses it.
    pub state: Option<String>,
    /// From when it is public, if ever.
    pub public_from: Option<NaiveDateTime>,
    /// The action: `created`, `updated`, `minor_edit` or `withdrawn_with_report`, followed by the redacted revision if
    /// the entry says so.
    pub action: String,
    /// The client that wrote it.
    pub actor: String,
    /// The request that wrote it.
    pub request_id: Option<String>,
    /// The digest of the state, which stays when that is erased.
    pub state_digest: String,
    /// The digest of this entry and of all before it.
    pub digest: String,
}

impl EntryRow {
    /// Whether this newest entry of a record says that it was erased.
    pub fn is_erased(&self) -> bool {
        let state = self.state.as_deref();
        state.is_none_or(|state| state.contains(r#""state":"erased""#))
    }

    /// Whether this entry says that its record was removed, for legal reasons or others.
    pub fn is_removed(&self) -> bool {
        let state = self.state.as_deref().unwrap_or_default();
        let removed = [r#""state":"gone""#, r#""state":"erased""#];
        removed.into_iter().any(|word| state.contains(word))
    }

    /// The record after the change; `None` if it was erased or redacted.
    ///
    /// # Errors
    /// If the state cannot be read: to take it for an erased one would tell subscribers to delete their copy.
    pub fn document(&self) -> QueryResult<Option<Map<String, Value>>> {
        let Some(state) = &self.state else {
            return Ok(None);
        };
        let document = serde_json::from_str(state);
        document.map(Some).map_err(|error| self.unreadable(&error))
    }

    /// Whether this entry only repeats its record, because what is shown with it has changed: the record does not count as
    /// updated. Given the digest of its state before, and whether it was withdrawn with its report.
    pub fn repeats(&self, state_digest: &str, was_withdrawn_with_report: bool) -> bool {
        self.state_digest == state_digest
            && is_withdrawn_with_report(&self.action) == was_withdrawn_with_report
            && redacted_revision(&self.action).is_none()
    }

    /// The error that the state cannot be read.
    pub fn unreadable(&self, reason: &dyn Display) -> Error {
        let detail = format!("the state in entry {} cannot be read: {reason}", self.seq);
        Error::DeserializationError(detail.into())
    }
}
