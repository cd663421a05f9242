//! The one door to the database: [`Database::read`], and [`crate::log::Log::write`] above it.
//!
//! Nothing else in the crate opens a connection or a transaction. A read sees one moment of the
//! database from its first statement to its last; a write holds the write lock until it commits, so that
//! what it appends to the change log is numbered in the order of the commits.

mod columns;
mod connection;
pub mod error;
pub mod keyset;
pub mod location;
pub mod migrate;
mod pool;
pub mod queue;
pub mod schema;
pub mod settings;
mod sql;
mod synchronous;

pub use columns::{Json, Word};
pub use connection::{Backend, DbConnection};
pub use error::Error;
pub use location::Location;
pub use pool::PoolSize;
pub use sql::{Sql, Value, count};
pub use synchronous::Synchronous;

use diesel::RunQueryDsl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connection::Access;
use pool::{Lane, Session};

/// Held by every content write on PostgreSQL until it commits, so that change numbers are given in
/// commit order. The number is arbitrary; it must be the same on all nodes.
const WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(7266873109)";

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    location: Location,
    readers: Lane,
    writer: Lane,
    /// A connection for looking at the log, so that it never waits behind requests.
    watcher: Lane,
    /// A connection for what is derived from the log.
    follower: Lane,
    statements: Arc<AtomicU64>,
}

impl Database {
    /// Opens the pools. Connections are made when they are first needed.
    pub fn open(location: Location, size: PoolSize) -> Result<Self, Error> {
        let statements = Arc::new(AtomicU64::new(0));
        let lane = |access, count| Lane::open(&location, access, count, size, &statements);
        // what nobody asked for is not counted
        let apart = Arc::default();
        if let Location::SqliteFile(path) = &location {
            recover(path, &location, size, &apart);
        }
        let aside = || Lane::open(&location, Access::ReadOnly, 1, size, &apart);
        let (readers, writer, watcher, follower) = match location {
            Location::SqliteFile(_) => (
                lane(Access::ReadOnly, size.readers)?,
                lane(Access::ReadWrite, 1)?,
                aside()?,
                aside()?,
            ),
            Location::SqliteMemory => {
                let only = lane(Access::ReadWrite, 1)?;
                (only.clone(), only.clone(), only.clone(), only)
            }
            Location::Postgres(_) => {
                let both = lane(Access::ReadWrite, size.readers)?;
                (both.clone(), both, aside()?, aside()?)
            }
        };
        Ok(Self {
            location,
            readers,
            writer,
            watcher,
            follower,
            statements,
        })
    }

    /// Where this database is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` on one moment of the database, on the connection that looks at the log: for what follows the log by
    /// itself and must neither wait behind requests nor hold them up.
    pub async fn watch<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.watcher
            .run_blocking(move |session| in_snapshot(session, work))
            .await
    }

    /// How many statements have been run since start, on all connections but the one that looks at the log.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// How many reads have a connection or wait for one; at most [`PoolSize::queue`].
    pub fn queued(&self) -> usize {
        self.readers.queued()
    }

    /// Runs `work` on one moment of the database.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.readers
            .run_queued(move |session| in_snapshot(session, work))
            .await
    }

    /// [`Database::read`] on this thread, for the command line.
    pub fn read_now<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.run(|session| in_snapshot(session, work))
    }

    /// Runs `work` on one moment of the database, on this thread and a connection of its own: for what follows the
    /// log, so that it never waits behind requests.
    pub fn follow_now<T>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> diesel::result::QueryResult<T>,
    ) -> Result<T, Error> {
        self.follower
            .run(|session| in_snapshot(session, |connection| Ok(work(connection)?)))
    }

    /// Runs `work` as one transaction that holds the write lock, and after its commit, on the same thread, `committed`.
    /// Only [`crate::log`] calls this: a write that does not append to the log is no write.
    pub(crate) async fn exclusive<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&mut T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.writer
            .run_blocking(move |session| in_exclusive(session, work, committed))
            .await
    }

    /// [`Database::exclusive`] on this thread, for the command line.
    pub(crate) fn exclusive_now<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
        committed: impl FnOnce(&mut T),
    ) -> Result<T, E> {
        self.writer
            .run(|session| in_exclusive(session, work, committed))
    }

    /// [`Database::watch`] on this thread.
    pub(crate) fn watch_now<T>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> diesel::result::QueryResult<T>,
    ) -> Result<T, Error> {
        self.watcher
            .run(|session| in_snapshot(session, |connection| Ok(work(connection)?)))
    }

    /// Runs `work` outside any transaction on a connection that may write: migrations and maintenance.
    pub(crate) fn maintain<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.run(|session| work(&mut session.connection))
    }
}

/// Whoever opens a SQLite file first after a process was killed reads its write-ahead log through, and that of an
/// import may be as long as all that it stored. A pool would not wait for that; this does. What fails here fails again
/// where the database is used, and is told there.
fn recover(path: &str, location: &Location, size: PoolSize, statements: &Arc<AtomicU64>) {
    let log = std::fs::metadata(format!("{path}-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        let opened = connection::open(location, Access::ReadWrite, size.synchronous, statements);
        if let Err(error) = opened.map(drop) {
            tracing::debug!(%error, "the write-ahead log cannot be read");
        }
    }
}

fn in_snapshot<T, E: From<Error>>(
    session: &mut Session,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    let begin = match session.connection {
        DbConnection::Sqlite(_) => "BEGIN",
        DbConnection::Postgres(_) => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    };
    in_transaction(session, begin, work)
}

fn in_exclusive<T, E: From<Error>>(
    session: &mut Session,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    committed: impl FnOnce(&mut T),
) -> Result<T, E> {
    let begin = match session.connection {
        // IMMEDIATE: a second process waits here, instead of failing in the middle
        DbConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        DbConnection::Postgres(_) => "BEGIN",
    };
    let mut value = in_transaction(session, begin, |connection| {
        if let DbConnection::Postgres(_) = connection {
            let lock = Sql::new(WRITE_LOCK).execute(connection);
            lock.map_err(Error::Query)?;
        }
        work(connection)
    })?;
    committed(&mut value);
    Ok(value)
}

fn in_transaction<T, E: From<Error>>(
    session: &mut Session,
    begin: &'static str,
    work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
) -> Result<T, E> {
    session.in_transaction = true;
    execute(session, begin)?;
    let result = work(&mut session.connection);
    execute(session, if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    session.in_transaction = false;
    result
}

/// Runs a statement that gives no rows. It is prepared once for each connection, as there are many reads.
fn execute(session: &mut Session, statement: &'static str) -> Result<(), Error> {
    let done = Sql::new(statement).execute(&mut session.connection);
    done.map(drop).map_err(Error::Query)
}
