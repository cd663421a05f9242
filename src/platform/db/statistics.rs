//! The statistics of PostgreSQL's planner, while a database grows quickly.
//!
//! Autovacuum collects them about once a minute. Until then, a prepared statement keeps the plan that was right for the
//! empty tables of a new database, and reads all rows. SQLite has fixed statistics, from the migrations.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text};
use std::sync::atomic::{AtomicI64, Ordering};

use super::connection::DbConnection;
use super::sql::Sql;

/// Smaller logs need no statistics.
const MIN_ENTRIES: i64 = 64;

/// What is logged if it fails.
pub const NOT_COLLECTED: &str = "the planner's statistics were not collected";

/// `reltuples` is set even by a transaction that was rolled back, `pg_stats` is not.
const COLLECTED: &str = "SELECT CASE WHEN EXISTS (SELECT 1 FROM pg_stats s \
     WHERE s.schemaname = n.nspname AND s.tablename = c.relname) THEN c.reltuples::bigint ELSE -1 END AS entries, \
     (SELECT string_agg(format('%I.%I', n.nspname, t.relname), ', ') FROM pg_class t \
     WHERE t.relnamespace = n.oid AND t.relowner = c.relowner AND t.relkind = 'r') AS tables \
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = 'changes'::regclass";

#[derive(QueryableByName)]
struct Collected {
    /// The length of the log when its statistics were collected; -1 if they never were.
    #[diesel(sql_type = BigInt)]
    entries: i64,
    /// The tables, as SQL.
    #[diesel(sql_type = Text)]
    tables: String,
}

/// Collects the statistics again each time that the log has doubled.
#[derive(Debug, Default)]
pub struct Statistics {
    /// The length of the log at which to look again.
    due_at: AtomicI64,
}

impl Statistics {
    /// Looks only after more entries than a usual write appends to a log of this length.
    pub fn after(entries: i64) -> Self {
        Self {
            due_at: AtomicI64::new(entries + MIN_ENTRIES),
        }
    }

    /// Claims the next look, if it is due for a log of this length. The caller then takes it.
    pub fn claim(&self, entries: i64) -> bool {
        let is_due = entries >= self.due_at.load(Ordering::Relaxed).max(MIN_ENTRIES);
        if is_due {
            self.due_at.store(2 * entries, Ordering::Relaxed);
        }
        is_due
    }

    /// [`Statistics::refresh`] within a transaction, which goes on if that fails.
    ///
    /// # Errors
    /// If the transaction is lost.
    pub fn refresh_within(&self, connection: &mut DbConnection, entries: i64) -> QueryResult<()> {
        if matches!(connection, DbConnection::Sqlite(_)) || !self.claim(entries) {
            return Ok(());
        }
        connection.batch_execute("SAVEPOINT statistics")?;
        if let Err(error) = self.refresh(connection, entries) {
            tracing::warn!(%error, "{NOT_COLLECTED}");
            connection.batch_execute("ROLLBACK TO SAVEPOINT statistics")?;
        }
        connection.batch_execute("RELEASE SAVEPOINT statistics")
    }

    /// Collects the statistics of PostgreSQL, if the log has doubled since that was done, here or elsewhere. `entries` is
    /// its length.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn refresh(&self, connection: &mut DbConnection, entries: i64) -> QueryResult<()> {
        let collected: Collected = Sql::new(COLLECTED).get_result(connection)?;
        if entries < 2 * collected.entries {
            let due_at = 2 * collected.entries;
            self.due_at.store(due_at, Ordering::Relaxed);
            return Ok(());
        }
        // another node that is doing so is not waited for
        let sql = format!("ANALYZE (SKIP_LOCKED) {}", collected.tables);
        diesel::sql_query(sql).execute(connection).map(drop)
    }
}
