//! Verifies the integrity of the log: recomputes the digest of every entry and compares it.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::BigInt;
use std::collections::{HashMap, HashSet};

use super::digest::{DigestedFields, sha256};
use super::resource::Resource;
use crate::platform::db::schema::changes;
use crate::platform::db::{Database, DbConnection, Error, Sql};

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
struct Row {
    seq: i64,
    at: NaiveDateTime,
    actor: String,
    resource: String,
    resource_id: String,
    action: String,
    revision: i64,
    state: Option<String>,
    state_digest: String,
    digest: String,
}

#[derive(Default)]
struct Walk {
    verdict: VerificationReport,
    revisions: HashMap<String, i64>,
    /// Records that lack an earlier state: correct only if they were erased.
    cleared: HashMap<String, i64>,
    erased: HashSet<String>,
}

/// Verifies the whole log in a single snapshot of the database.
pub fn verify(database: &Database) -> Result<VerificationReport, Error> {
    database.read_now(|connection| {
        let mut walk = Walk::default();
        let mut after = 0;
        loop {
            let rows: Vec<Row> = changes::table
                .filter(changes::seq.gt(after))
                .order(changes::seq)
                .limit(BATCH)
                .select(Row::as_select())
                .load(connection)?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            rows.into_iter().for_each(|row| walk.step(row));
        }
        walk.close();
        for resource in Resource::ALL {
            walk.compare_with_records(connection, resource)?;
        }
        Ok(walk.verdict)
    })
}

impl Walk {
    fn fault(&mut self, seq: i64, detail: impl Into<String>) {
        if self.verdict.faults.len() < MAX_FAULTS {
            let detail = detail.into();
            self.verdict.faults.push(Fault { seq, detail });
        }
    }

    fn step(&mut self, row: Row) {
        let expected = self.verdict.entries + 1;
        if row.seq != expected {
            self.fault(
                row.seq,
                format!("entries {expected} to {} are missing", row.seq - 1),
            );
        }
        let entry = DigestedFields {
            seq: row.seq,
            at: row.at,
            actor: &row.actor,
            resource: &row.resource,
            resource_id: &row.resource_id,
            action: &row.action,
            revision: row.revision,
            state_digest: &row.state_digest,
        };
        if entry.digest(&self.verdict.digest) != row.digest {
            self.fault(
                row.seq,
                "the digest does not match: this entry or the one before it was altered",
            );
        }
        let revision = self.revisions.insert(row.resource_id.clone(), row.revision);
        if row.revision != revision.unwrap_or(0) + 1 {
            self.fault(row.seq, "the revision does not follow the previous one");
        }
        match &row.state {
            Some(state) if sha256(&[state]) != row.state_digest => {
                self.fault(row.seq, "the state does not match its digest");
            }
            Some(state) if state.contains(r#""state":"erased""#) => {
                self.erased.insert(row.resource_id);
            }
            Some(_) => {}
            None => {
                self.cleared.insert(row.resource_id, row.seq);
            }
        }
        // continue from the stored values, so that each fault is reported once
        self.verdict.entries = row.seq;
        self.verdict.digest = row.digest;
    }

    fn close(&mut self) {
        let cleared = std::mem::take(&mut self.cleared);
        for (id, seq) in cleared {
            if !self.erased.contains(&id) {
                self.fault(seq, "the state is missing, and the record was not erased");
            }
        }
        self.verdict.faults.sort_by_key(|fault| fault.seq);
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
            self.fault(
                orphan.change_seq,
                format!("the {resource} refers to this entry, which is missing"),
            );
        }
        Ok(())
    }
}
