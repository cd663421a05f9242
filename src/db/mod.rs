//! The one door to the database: [`Database::read`] and [`Database::write`].
//!
//! Nothing else in the crate opens a connection or a transaction. A read sees one moment of the
//! database from its first statement to its last; a write holds the only writer's place, and what it
//! appends to the change log gets the next number, so that numbers follow the order of commits.

mod connection;
pub mod keyset;
mod location;
pub mod migrate;
mod pool;
mod queue;
pub mod schema;
pub mod settings;
mod sql;

pub use connection::{Backend, DbConnection};
pub use location::Location;
pub use sql::{Sql, Value, count};

use diesel::RunQueryDsl;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::changes::tail::{self, Tail};
use crate::changes::{Origin, Writer};
use crate::clock::Clock;
use crate::config::Synchronous;
use connection::Access;
use pool::{Lane, Session};

/// Held by every content write on PostgreSQL until it commits, so that change numbers are given in
/// commit order. The number is arbitrary; it must be the same on all nodes.
const WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(7266873109)";

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The `--database` setting cannot be understood.
    #[error("the database setting cannot be understood: {0}")]
    Location(String),
    /// No connection could be opened.
    #[error("cannot connect to the database: {0}")]
    Connect(String),
    /// All connections were in use for longer than the caller may wait.
    #[error("the database is busy")]
    Busy,
    /// A statement failed.
    #[error("a database statement failed: {0}")]
    Query(#[from] diesel::result::Error),
    /// The work panicked; nothing of it was stored.
    #[error("the work on the database stopped unexpectedly")]
    Panicked,
}

/// How many connections, and how long to wait for one.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Connections for reads.
    pub readers: u32,
    /// Reads that may run or wait at once, before a lasting crowd is refused.
    pub queue: u32,
    /// The longest wait for a connection.
    pub wait: Duration,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
}

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
    tail: Arc<Tail>,
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
            tail: Arc::default(),
            statements,
        })
    }

    /// Where this database is.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The end of the log, as this node knows it.
    pub fn tail(&self) -> &Arc<Tail> {
        &self.tail
    }

    /// Begins to follow the log, and looks at it. What was seen of it counts for `max_staleness`.
    pub fn follow(&self, clock: Clock, max_staleness: Duration) -> Result<(), Error> {
        let is_alone = matches!(self.location, Location::SqliteMemory);
        self.tail.follow(clock, max_staleness, is_alone);
        let tail = self.tail.clone();
        self.watcher.run(|session| look(session, &tail))
    }

    /// Looks at the log for what other nodes and processes wrote.
    pub async fn catch_up(&self) -> Result<(), Error> {
        if matches!(self.location, Location::SqliteMemory) {
            return Ok(()); // there are no others
        }
        let tail = self.tail.clone();
        let look = move |session: &mut Session| look(session, &tail);
        self.watcher.run_blocking(look).await
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

    /// Runs `work` as one transaction that holds the writer's place. The [`Writer`] is the only way to
    /// change a record, and appends to the change log as it does.
    pub async fn write<T, E>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let tail = self.tail.clone();
        self.writer
            .run_blocking(move |session| in_write(session, &tail, origin, work))
            .await
    }

    /// [`Database::write`] on this thread, for the command line.
    pub fn write_now<T, E: From<Error>>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer
            .run(|session| in_write(session, &self.tail, origin, work))
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

fn in_write<T, E: From<Error>>(
    session: &mut Session,
    tail: &Tail,
    origin: Origin,
    work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let begin = match session.connection {
        // IMMEDIATE: a second process waits here, instead of failing in the middle
        DbConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        DbConnection::Postgres(_) => "BEGIN",
    };
    let mut news = None;
    let result = in_transaction(session, begin, |connection| -> Result<T, E> {
        if let DbConnection::Postgres(_) = connection {
            Sql::new(WRITE_LOCK)
                .execute(connection)
                .map_err(Error::Query)?;
        }
        let mut writer = Writer::begin(connection, origin).map_err(Error::Query)?;
        let result = work(&mut writer)?;
        if let (true, Some(position)) = (writer.has_appended(), tail.followed()) {
            // whoever holds the writer's place sees all that was written before, by other nodes too
            let looked = Instant::now();
            let entries = tail::since(connection, position).map_err(Error::Query)?;
            news = Some((entries, looked));
        }
        Ok(result)
    })?;
    if let Some((entries, looked)) = news {
        tail.advance(entries, looked);
    }
    Ok(result)
}

/// Reads what is new in the log.
fn look(session: &mut Session, tail: &Tail) -> Result<(), Error> {
    let looked = Instant::now();
    let position = tail.followed().unwrap_or(0);
    tail.advance(tail::since(&mut session.connection, position)?, looked);
    Ok(())
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
