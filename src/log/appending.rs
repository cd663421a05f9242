//! Appends entries to the log: one, or those of many new records with one statement.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::Error::SerializationError;
use diesel::result::QueryResult;
use serde::Serialize;

use super::digest::{DigestedFields, canonical_json, sha256};
use super::entry_options::EntryOptions;
use super::resource::Resource;
use super::revision::{NewEntry, Recorded};
use super::writer::Writer;
use crate::platform::db::insert_all;
use crate::platform::db::schema::changes;
use crate::platform::identity::RecordId;

#[derive(Insertable)]
#[diesel(table_name = changes, treat_none_as_default_value = false)]
struct ChangeRow {
    #[diesel(embed)]
    entry: DigestedFields,
    request_id: Option<String>,
    state: String,
    digest: String,
    public_from: Option<NaiveDateTime>,
}

/// A record that is not stored yet, and how it is logged.
#[derive(Clone, Debug)]
pub struct NewRecord {
    id: RecordId,
    /// Canonical JSON.
    state: String,
    state_digest: String,
    options: EntryOptions,
    request_id: Option<String>,
}

impl NewRecord {
    /// A record in this state. `request_id` names the request that creates it, if others are stored with it.
    ///
    /// # Errors
    /// If the state cannot be serialised.
    pub fn new(
        id: RecordId,
        state: &impl Serialize,
        options: EntryOptions,
        request_id: Option<String>,
    ) -> QueryResult<Self> {
        let state = canonical_json(state).map_err(|e| SerializationError(Box::new(e)))?;
        Ok(Self {
            id,
            state_digest: sha256(&[&state]),
            state,
            options,
            request_id,
        })
    }
}

impl Writer<'_> {
    /// Appends the first states of new records, in their order. Not for replaying the log.
    ///
    /// # Errors
    /// If the database cannot be written.
    pub fn record_new(
        &mut self,
        resource: Resource,
        records: Vec<NewRecord>,
    ) -> QueryResult<Vec<Recorded>> {
        let now = self.now();
        let mut recorded = Vec::with_capacity(records.len());
        let mut rows = Vec::with_capacity(records.len());
        for record in records {
            let entry = NewEntry {
                resource,
                id: record.id,
                action: record.options.action(true),
                revision: 1,
                state: record.state,
                state_digest: record.state_digest,
                public_from: self.public_from(record.options.visible_from, false),
            };
            let mut row = self.next_row(entry);
            row.request_id = record.request_id.or(row.request_id);
            rows.push(row);
            recorded.push(Recorded {
                seq: self.seq,
                revision: 1,
                created_at: now,
                updated_at: now,
            });
        }
        insert_all(self.connection, changes::table, rows)?;
        Ok(recorded)
    }

    pub(super) fn append(&mut self, entry: NewEntry<'_>) -> QueryResult<()> {
        let row = self.next_row(entry);
        diesel::insert_into(changes::table)
            .values(row)
            .execute(self.connection)?;
        Ok(())
    }

    /// The next row of the log, after which the next one is numbered.
    fn next_row(&mut self, new: NewEntry<'_>) -> ChangeRow {
        let entry = DigestedFields {
            seq: self.seq + 1,
            at: self.origin.now,
            actor: self.origin.actor.clone(),
            resource: new.resource.name().to_owned(),
            resource_id: new.id,
            action: new.action.to_owned(),
            revision: new.revision,
            state_digest: new.state_digest,
        };
        let digest = entry.digest(&self.digest);
        (self.seq, self.digest, self.has_appended) = (entry.seq, digest.clone(), true);
        ChangeRow {
            entry,
            request_id: self.origin.request_id.clone(),
            state: new.state,
            digest,
            public_from: new.public_from,
        }
    }
}
