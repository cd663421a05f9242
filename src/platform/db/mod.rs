//! All access to the database goes through [`Database::read`], and through [`crate::log::Log::write`] in the layer
//! above.
//!
//! Nothing else in the crate opens a connection or a transaction. A read sees a single snapshot of the database; a
//! write holds the write lock until it commits, so that entries of the change log are numbered in commit order.

mod columns;
mod connection;
pub mod error;
mod inserting;
pub mod keyset;
pub mod location;
pub mod migrate;
mod pool;
pub mod queue;
pub mod schema;
pub mod settings;
mod sql;
mod synchronous;
pub mod time;

pub use columns::{EnumText, Json};
pub use connection::{Backend, DbConnection};
pub use error::Error;
pub use inserting::{ROWS_AT_ONCE, insert_all};
pub use location::Location;
pub use pool::PoolSize;
pub use sql::{Sql, Value, count, grouped};
pub use synchronous::Synchronous;

use diesel::RunQueryDsl;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::OwnedSemaphorePermit;

use connection::{Access, Seen};
use pool::{LimitedPool, Session};

/// Held by every content write on PostgreSQL until it commits, so that change numbers are assigned in commit order. The
/// number is arbitrary; it must be the same on all nodes.
const WRITE_LOCK: &str = "SELECT pg_advisory_xact_lock(7266873109)";

/// The database. Cheap to clone.
///
/// ```
/// use answerable::platform::config::Config;
/// use answerable::platform::db::{Database, Error, Location, Sql, count, migrate};
///
/// # fn main() -> Result<(), Error> {
/// let database = Database::open(Location::SqliteMemory, Config::default().pool_size())?;
/// migrate::run(&database)?;
/// let mut sql = Sql::new("SELECT count(*) AS count FROM topics WHERE slug = ");
/// sql.bind("stalking");
/// let topics = database.read_now(|connection| Ok::<_, Error>(count(connection, &sql)?))?;
/// assert_eq!(topics, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Database {
    location: Location,
    readers: LimitedPool,
    writer: LimitedPool,
    /// A connection for polling the log, so that a poll never waits behind requests.
    watcher: LimitedPool,
    /// A connection for data derived from the log.
    follower: LimitedPool,
    seen: Arc<Seen>,
}

impl Database {
    /// Creates the pools. Connections are opened on first use.
    pub fn open(location: Location, size: PoolSize) -> Result<Self, Error> {
        let seen = Arc::new(Seen::default());
        let pool = |access, count| LimitedPool::open(&location, access, count, size, &seen);
        // background statements are not counted
        let uncounted = Arc::default();
        if let Location::SqliteFile(path) = &location {
            recover(path, &location, size, &uncounted);
        }
        let background = || LimitedPool::open(&location, Access::ReadOnly, 1, size, &uncounted);
        let (readers, writer, watcher, follower) = match location {
            Location::SqliteFile(_) => (
                pool(Access::ReadOnly, size.readers)?,
                pool(Access::ReadWrite, 1)?,
                background()?,
                background()?,
            ),
            Location::SqliteMemory => {
                let single = pool(Access::ReadWrite, 1)?;
                (single.clone(), single.clone(), single.clone(), single)
            }
            Location::Postgres(_) => {
                // writes that wait for those of other nodes hold none of the connections of reads
                let writer = pool(Access::ReadWrite, 1)?;
                (
                    pool(Access::ReadOnly, size.readers)?,
                    writer,
                    background()?,
                    background()?,
                )
            }
        };
        Ok(Self {
            location,
            readers,
            writer,
            watcher,
            follower,
            seen,
        })
    }

    /// The location of this database.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Runs `work` in a snapshot, on the connection that polls the log: for background tasks that follow the log and
    /// must neither wait behind requests nor delay them.
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

    /// The number of statements run since start, except on the connections of background tasks.
    pub fn statements(&self) -> u64 {
        self.seen.statements.load(Ordering::Relaxed)
    }

    /// Whether the last attempt to write failed because the disk is full or the database read-only.
    pub fn is_not_writable(&self) -> bool {
        self.seen.not_writable.load(Ordering::Relaxed)
    }

    /// The number of reads that hold or wait for a connection; at most [`PoolSize::queue`].
    pub fn queued(&self) -> usize {
        self.readers.queued()
    }

    /// Runs `work` in a snapshot of the database.
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

    /// Runs `work` in a snapshot, on this thread and a dedicated connection: for tasks that follow the log, so that
    /// they never wait behind requests.
    pub fn follow_now<T>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> diesel::result::QueryResult<T>,
    ) -> Result<T, Error> {
        self.follower
            .run(|session| in_snapshot(session, |connection| Ok(work(connection)?)))
    }

    /// Waits until no other write runs on this node.
    pub(crate) async fn turn_to_write(&self) -> Result<WriteTurn, Error> {
        let _permit = self.writer.turn().await?;
        Ok(WriteTurn { _permit })
    }

    /// Runs `work` in one transaction that holds the write lock and then, after the commit, `committed`, on this thread.
    /// Only [`crate::log`] calls this: every write must append to the log.
    pub(crate) fn exclusive_now<W, T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<W, E>,
        committed: impl FnOnce(W) -> T,
    ) -> Result<T, E> {
        self.seen.not_writable.store(false, Ordering::Relaxed);
        self.writer.run(|session| {
            let written = in_exclusive(session, work);
            // a server that has become a replica leaves read-only sessions behind: drop this one instead of reusing it
            let is_postgres = matches!(session.connection, DbConnection::Postgres(_));
            session.in_transaction |= is_postgres && self.is_not_writable();
            written.map(committed)
        })
    }

    /// Empties the write-ahead log of SQLite, which else keeps what was erased. Readers in a snapshot can delay it; it
    /// tries for a few seconds.
    pub(crate) fn discard_wal_now(&self) {
        report_wal(
            self.writer
                .run(|session| Ok::<_, Error>(empty_wal(session))),
        );
    }

    /// Runs `work` outside any transaction on a writable connection: for migrations and maintenance.
    pub(crate) fn maintain<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.writer.run(|session| work(&mut session.connection))
    }
}

/// The only write of this node, while it lasts.
pub struct WriteTurn {
    _permit: OwnedSemaphorePermit,
}

/// How often, and with which pause, emptying the write-ahead log is tried.
const WAL_ATTEMPTS: u32 = 20;
const WAL_PAUSE: std::time::Duration = std::time::Duration::from_millis(100);

#[derive(diesel::QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = diesel::sql_types::Integer)]
    busy: i32,
}

/// Recovers a SQLite file whose process was killed. The first connection reads the whole write-ahead log, which after
/// an import may be as long as everything that it stored. A pool would time out; this waits. An error here is only
/// logged: it recurs, and is reported, when the database is used.
fn recover(path: &str, location: &Location, size: PoolSize, seen: &Arc<Seen>) {
    let log = std::fs::metadata(format!("{path}-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        let opened = connection::open(location, Access::ReadWrite, size.synchronous, seen);
        if let Err(error) = opened.map(drop) {
            tracing::debug!(%error, "cannot recover the write-ahead log");
        }
    }
}

/// Whether the write-ahead log is empty now.
fn empty_wal(session: &mut Session) -> bool {
    if let DbConnection::Postgres(_) = session.connection {
        return true; // its log is in the hands of the database's administrator
    }
    let checkpoint = Sql::new("PRAGMA wal_checkpoint(TRUNCATE)");
    (0..WAL_ATTEMPTS).any(|attempt| {
        if attempt > 0 {
            std::thread::sleep(WAL_PAUSE);
        }
        let row = checkpoint
            .clone()
            .get_result::<Checkpoint>(&mut session.connection);
        row.is_ok_and(|row| row.busy == 0)
    })
}

fn report_wal(is_empty: Result<bool, Error>) {
    if !is_empty.unwrap_or(false) {
        tracing::warn!(
            "the write-ahead log could not be emptied: it keeps erased content until the next checkpoint"
        );
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
) -> Result<T, E> {
    let begin = match session.connection {
        // IMMEDIATE: a second process waits here instead of failing halfway
        DbConnection::Sqlite(_) => "BEGIN IMMEDIATE",
        DbConnection::Postgres(_) => "BEGIN",
    };
    in_transaction(session, begin, |connection| {
        if let DbConnection::Postgres(_) = connection {
            let lock = Sql::new(WRITE_LOCK).execute(connection);
            lock.map_err(|error| match error.to_string().contains("lock timeout") {
                true => Error::Busy,
                false => Error::Query(error),
            })?;
        }
        work(connection)
    })
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

/// Runs a statement that returns no rows. It is prepared once per connection, as every transaction uses it.
fn execute(session: &mut Session, statement: &'static str) -> Result<(), Error> {
    let done = Sql::new(statement).execute(&mut session.connection);
    done.map(drop).map_err(Error::Query)
}
