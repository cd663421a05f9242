//! All access to the database goes through [`Database::read`], and through [`crate::log::Log::write`] in the layer
//! above.
//!
//! Nothing else in the crate opens a connection or a transaction. A read sees a single snapshot of the database; a
//! write holds the write lock until it commits, so that entries of the change log are numbered in commit order.

mod columns;
mod connection;
pub mod error;
mod file;
pub mod history;
pub mod history_bounds;
mod inserting;
pub mod keyset;
pub mod location;
pub mod migrate;
mod pool;
pub mod queue;
pub mod schema;
pub mod settings;
pub mod sort_names;
mod sql;
mod statistics;
mod synchronous;
pub mod time;
mod transaction;
mod updating;
mod wal;

pub use columns::{EnumText, Json, StoredTime};
pub use connection::{Backend, DbConnection};
pub use error::Error;
pub use inserting::{ROWS_AT_ONCE, insert_all};
pub use location::Location;
pub use pool::PoolSize;
pub use sql::{Sql, TypedSql, Value, count, grouped};
pub use statistics::{NOT_COLLECTED, Statistics};
pub use synchronous::Synchronous;
pub use transaction::Reading;
pub use updating::update;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::OwnedSemaphorePermit;

use connection::{Access, Seen};
use file::DatabaseFile;
use pool::LimitedPool;
use transaction::Transaction;
use wal::Wal;

/// What is derived from the log and follows it, each with a connection: the search index and the past.
const FOLLOWERS: u32 = 2;

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
    /// Connections for data derived from the log.
    follower: LimitedPool,
    seen: Arc<Seen>,
    /// That of a SQLite file.
    wal: Option<Arc<Wal>>,
}

impl Database {
    /// Creates the pools. Connections are opened on first use.
    pub fn open(location: Location, size: PoolSize) -> Result<Self, Error> {
        let seen = Arc::new(Seen::default());
        let (file, wal) = match &location {
            Location::SqliteFile(path) => {
                let wal = Wal::new(size.checkpoint_pages);
                (Some(Arc::new(DatabaseFile::new(path))), Some(Arc::new(wal)))
            }
            _ => (None, None),
        };
        let file = file.as_ref();
        let pool = |access, count| LimitedPool::open(&location, access, count, size, (&seen, file));
        // background statements are not counted
        let uncounted = Arc::default();
        if let Location::SqliteFile(path) = &location {
            recover(path, &location, size, &uncounted);
        }
        let (reads, unseen) = (Access::ReadOnly, (&uncounted, file));
        let background = |count| LimitedPool::open(&location, reads, count, size, unseen);
        let (readers, writer, watcher, follower) = match location {
            Location::SqliteFile(_) => (
                pool(Access::ReadOnly, size.readers)?,
                pool(Access::ReadWrite, 1)?,
                background(1)?,
                background(FOLLOWERS)?,
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
                    background(1)?,
                    background(FOLLOWERS)?,
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
            wal,
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
        self.watcher.run_blocking(Transaction::Snapshot, work).await
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
        self.readers.run_queued(work).await
    }

    /// Runs a read that may be run twice. It is told whether it is in a transaction.
    pub async fn read_as<T, E>(
        &self,
        reading: Reading,
        mut work: impl FnMut(&mut DbConnection, bool) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let work = move |c: &mut DbConnection, t| work(c, t == Transaction::Snapshot);
        self.readers.run_reading(reading, work).await
    }

    /// [`Database::read`] on this thread, for the command line.
    pub fn read_now<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.readers.run(Transaction::Snapshot, work)
    }

    /// Runs `work` in a snapshot, on this thread and a dedicated connection: for tasks that follow the log, so that
    /// they never wait behind requests.
    pub fn follow_now<T>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> diesel::result::QueryResult<T>,
    ) -> Result<T, Error> {
        self.follow_with(|connection| Ok(work(connection)?))
    }

    /// [`Database::follow_now`] for work that can fail in other ways.
    pub fn follow_with<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        self.follower.run(Transaction::Snapshot, work)
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
        if self.is_not_writable() {
            self.start_wal_anew()?;
        }
        self.seen.not_writable.store(false, Ordering::Relaxed);
        let written = self.writer.run(Transaction::Exclusive, work)?;
        let result = committed(written);
        self.write_wal_back();
        Ok(result)
    }

    /// Writes the write-ahead log of SQLite back once it is long. An error, which is logged, undoes no write that was
    /// committed, and prevents no other.
    fn write_wal_back(&self) {
        if let Some(wal) = &self.wal {
            let write_back = |c: &mut DbConnection| Ok::<_, Error>(wal.write_back_if_long(c)?);
            if let Err(error) = self.writer.run(Transaction::None, write_back) {
                tracing::warn!(%error, "the write-ahead log could not be written back yet");
            }
        }
    }

    /// Makes good what a failed write may have left in the write-ahead log of SQLite. After a failed sync, nothing says that
    /// what was written before is on the disk, even if a later sync succeeds; a write that is appended to it would be
    /// lost with it. The log is therefore written back, and begun anew.
    fn start_wal_anew(&self) -> Result<(), Error> {
        match self.empty_wal()? {
            true => Ok(()),
            false => Err(Error::NotWritable),
        }
    }

    /// Empties the write-ahead log of SQLite, which else keeps what was erased. Readers in a snapshot can delay it; it
    /// tries for two seconds.
    pub(crate) fn discard_wal_now(&self) {
        if !self.empty_wal().unwrap_or(false) {
            tracing::warn!(
                "the write-ahead log could not be emptied: it keeps erased content until that is written over"
            );
        }
    }

    /// Tries to empty the write-ahead log; whether it is empty now. That of PostgreSQL is in the hands of its administrator.
    pub(crate) fn empty_wal(&self) -> Result<bool, Error> {
        let Some(wal) = &self.wal else {
            return Ok(true);
        };
        let empty = |connection: &mut DbConnection| Ok(wal.empty(connection)?);
        self.writer.run(Transaction::None, empty)
    }

    /// Runs `work` outside any transaction on a writable connection: for migrations and maintenance.
    pub(crate) fn maintain<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let done = self.writer.run(Transaction::None, work)?;
        self.write_wal_back();
        Ok(done)
    }

    /// Runs `work` outside any transaction on a connection of its own, so that nothing waits for it.
    pub(crate) fn maintain_apart(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (access, unseen) = (Access::ReadWrite, (&Arc::default(), &Arc::default()));
        let mut connection = connection::open(&self.location, access, Synchronous::Full, unseen)?;
        work(&mut connection)
    }
}

/// The only write of this node, while it lasts.
pub struct WriteTurn {
    _permit: OwnedSemaphorePermit,
}

/// Recovers a SQLite file whose process was killed. The first connection reads the whole write-ahead log, which after
/// an import may be as long as everything that it stored. A pool would time out; this waits. An error here is only
/// logged: it recurs, and is reported, when the database is used.
fn recover(path: &str, location: &Location, size: PoolSize, seen: &Arc<Seen>) {
    let log = std::fs::metadata(format!("{path}-wal"));
    if log.is_ok_and(|log| log.len() > 0) {
        let seen = (seen, &Arc::default());
        let opened = connection::open(location, Access::ReadWrite, size.synchronous, seen);
        if let Err(error) = opened.map(drop) {
            tracing::debug!(%error, "cannot recover the write-ahead log");
        }
    }
}
