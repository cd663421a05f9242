//! The statistics of PostgreSQL's planner, while a database grows quickly.
//!
//! Autovacuum collects them about once a minute. Until then, a prepared statement keeps the plan that was right for the
//! empty tables of a new database, and reads all rows. SQLite has fixed statistics, from the migrations.

use diesel::prelude::*;
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Text};
use std::sync::atomic::{AtomicI64, Ordering};

use super::connection::DbConnection;
use super::sql::Sql;

/// Smaller logs need no statistics.
const MIN_ENTRIES: i64 = 64;

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

    /// Whether a log of this length is to be looked at.
    pub fn is_due(&self, entries: i64) -> bool {
        entries >= self.due_at.load(Ordering::Relaxed).max(MIN_ENTRIES)
    }

    /// Collects the statistics, if the log has doubled since that was done, here or elsewhere. `entries` is its length.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub fn refresh(&self, connection: &mut DbConnection, entries: i64) -> QueryResult<()> {
        if !self.is_due(entries) {
            return Ok(());
        }
        if let DbConnection::Sqlite(_) = connection {
            self.due_at.store(i64::MAX, Ordering::Relaxed);
            return Ok(());
        }
        self.due_at.store(2 * entries, Ordering::Relaxed);
        let sql = Sql::new(
            "SELECT c.reltuples::bigint AS entries, (SELECT string_agg(quote_ident(t.tablename), ', ') \
             FROM pg_tables t WHERE t.schemaname = current_schema()) AS tables \
             FROM pg_class c WHERE c.oid = 'changes'::regclass",
        );
        let collected: Collected = sql.get_result(connection)?;
        if entries < 2 * collected.entries {
            self.due_at.store(2 * collected.entries, Ordering::Relaxed);
        } else {
            // another node that is doing so is not waited for
            let sql = format!("ANALYZE (SKIP_LOCKED) {}", collected.tables);
            diesel::sql_query(sql).execute(connection)?;
        }
        Ok(())
    }
}
