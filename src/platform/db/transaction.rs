//! The transactions in which a connection is used.

use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;

use super::connection::DbConnection;
use super::error::Error;
use super::sql::Sql;

/// Held by every content write on PostgreSQL until it commits, so that change numbers are assigned in commit order. The
/// number is arbitrary; it must be the same on all nodes.
const BEGIN_WITH_WRITE_LOCK: &str = "BEGIN; SELECT pg_advisory_xact_lock(7266873109)";

/// How a read is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// In a transaction.
    Snapshot,
    /// Outside any transaction, which a single statement does not need to see one snapshot; if it ran more, again in a
    /// transaction.
    Light,
    /// The same for a few rows that are found by an index: from a SQLite file they are read at once on this thread, which
    /// takes less time than to hand the work to another.
    Brief,
}

/// How a connection is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transaction {
    /// Reads one snapshot.
    Snapshot,
    /// Writes, under the write lock.
    Exclusive,
    /// Without a transaction of ours.
    None,
}

impl Transaction {
    pub(super) fn begin(self, connection: &mut DbConnection) -> Result<(), Error> {
        match (self, &connection) {
            (Self::None, _) => Ok(()),
            (Self::Snapshot, DbConnection::Sqlite(_)) => execute(connection, "BEGIN"),
            (Self::Snapshot, DbConnection::Postgres(_)) => execute(
                connection,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
            // IMMEDIATE: a second process waits here instead of failing halfway
            (Self::Exclusive, DbConnection::Sqlite(_)) => execute(connection, "BEGIN IMMEDIATE"),
            // in one round trip
            (Self::Exclusive, DbConnection::Postgres(_)) => {
                let begun = connection.batch_execute(BEGIN_WITH_WRITE_LOCK);
                begun.map_err(|error| match error.to_string().contains("lock timeout") {
                    true => Error::Busy,
                    false => Error::Query(error),
                })
            }
        }
    }
}

/// Runs a statement that returns no rows. It is prepared once per connection, as every transaction uses it.
pub(super) fn execute(connection: &mut DbConnection, statement: &'static str) -> Result<(), Error> {
    let done = Sql::new(statement).execute(connection);
    done.map(drop).map_err(Error::Query)
}
