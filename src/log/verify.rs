//! Verifies the integrity of the log: recomputes the digest of every entry and compares it.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use std::collections::HashMap;

use super::digest::{DigestedFields, sha256};
use super::entry_options::redacted_revision;
use super::resource::Resource;
use crate::platform::db::schema::changes;
use crate::platform::db::{Database, DbConnection, Error, Sql};
use crate::platform::identity::RecordId;

/// The number of entries to read per statement.
const BATCH: i64 = 1_000;
/// The maximum number of faults to report; a log with more is not worth listing.
const MAX_FAULTS: usize = 100;

/// A violation of the log's integrity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The number of the entry.
    pub seq: i64,
    /// What is wrong with it.
    pub detail: String,
}

/// The result of a verification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VerificationReport {
    /// How many entries there are.
    pub entries: i64,
    /// The digest of the newest entry. Kept elsewhere, it later proves that nothing up to that entry was changed.
    pub digest: String,
    /// The faults, at most 100.
    pub faults: Vec<Fault>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = changes)]
struct ChainedRow {
    #[diesel(embed)]
    entry: DigestedFields,
    state: Option<String>,
    digest: String,
}

#[derive(Default)]
struct Verification {
    report: VerificationReport,
    revisions: HashMap<RecordId, i64>,
    /// The entries without a state, by record: correct only if the record was erased later, or the revision redacted.
    without_state: HashMap<RecordId, Vec<DigestedFields>>,
}

/// Verifies the whole log in a single snapshot of the database.
pub fn verify(database: &Database) -> Result<VerificationReport, Error> {
    database.read_now(|connection| {
        let mut verification = Verification::default();
        let mut after = 0;
        loop {
            let rows: Vec<ChainedRow> = changes::table
                .filter(changes::seq.gt(after))
                .order(changes::seq)
                .limit(BATCH)
                .select(ChainedRow::as_select())
                .load(connection)?;
            let Some(last) = rows.last() else { break };
            after = last.entry.seq;
            rows.into_iter().for_each(|row| verification.check(row));
        }
        verification.finish();
        for resource in Resource::ALL {
            verification.compare_with_records(connection, resource)?;
        }
        Ok(verification.report)
    })
}

impl Verification {
    fn fault(&mut self, seq: i64, detail: impl Into<String>) {
        if self.report.faults.len() < MAX_FAULTS {
            let detail = detail.into();
            self.report.faults.push(Fault { seq, detail });
        }
    }

    fn check(&mut self, row: ChainedRow) {
        let (seq, id) = (row.entry.seq, row.entry.resource_id);
        let expected = self.report.entries + 1;
        if seq != expected {
            let detail = format!("entries {expected} to {} are missing", seq - 1);
            self.fault(seq, detail);
        }
        if row.entry.digest(&self.report.digest) != row.digest {
            let detail = "the digest does not match: this entry or the one before it was altered";
            self.fault(seq, detail);
        }
        let revision = self.revisions.insert(id, row.entry.revision);
        if row.entry.revision != revision.unwrap_or(0) + 1 {
            self.fault(seq, "the revision does not follow the previous one");
        }
        self.explain_missing_states(&row);
        match &row.state {
            Some(state) if sha256(&[state]) != row.entry.state_digest => {
                self.fault(seq, "the state does not match its digest");
            }
            Some(_) => {}
            None => self.without_state.entry(id).or_default().push(row.entry),
        }
        // continue from the stored values, so that each fault is reported once
        self.report.entries = seq;
        self.report.digest = row.digest;
    }

    /// Forgets the missing states that an entry explains: all of an erased record, and those of a redacted revision.
    fn explain_missing_states(&mut self, row: &ChainedRow) {
        let id = row.entry.resource_id;
        let state = row.state.as_deref().unwrap_or_default();
        if state.contains(r#""state":"erased""#) {
            self.without_state.remove(&id);
        }
        if let (Some(revision), Some(missing)) = (
            redacted_revision(&row.entry.action),
            self.without_state.get_mut(&id),
        ) {
            let redacted = missing.iter().find(|entry| entry.revision == revision);
            let digest = redacted.map(|entry| entry.state_digest.clone());
            missing.retain(|entry| Some(&entry.state_digest) != digest.as_ref());
        }
    }

    fn finish(&mut self) {
        let without_state = std::mem::take(&mut self.without_state);
        for entry in without_state.into_values().flatten() {
            let detail =
                "the state is missing, and neither was the record erased nor the revision redacted";
            self.fault(entry.seq, detail);
        }
        self.report.faults.sort_by_key(|fault| fault.seq);
    }

    /// Each record refers to its newest entry, which reveals a log that was truncated.
    fn compare_with_records(
        &mut self,
        connection: &mut DbConnection,
        resource: Resource,
    ) -> QueryResult<()> {
        #[derive(QueryableByName)]
        struct Orphan {
            #[diesel(sql_type = BigInt)]
            change_seq: i64,
        }
        let mut sql = Sql::new("SELECT r.change_seq FROM ");
        sql.push(resource.table())
            .push(" r LEFT JOIN changes c ON c.seq = r.change_seq AND c.resource_id = r.id WHERE c.seq IS NULL AND r.revision > 0 ORDER BY 1 LIMIT 100");
        for orphan in sql.load::<Orphan>(connection)? {
            let detail = format!("the {resource} refers to this entry, which is missing");
            self.fault(orphan.change_seq, detail);
        }
        Ok(())
    }
}
