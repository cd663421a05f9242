//! [`Log`]: the entry point for all writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::tail::{self, Tail};
use super::tail_entry::TailEntry;
use super::writer::{Origin, Writer};
use crate::platform::clock::Clock;
use crate::platform::db::{Database, DbConnection, Error, Location, time};

/// A database, and the change log that every write to it appends to. Cheap to clone.
///
/// ```
/// # use answerable::log::{Log, Origin};
/// # use answerable::platform::db::{Database, Error, Location, migrate};
/// # use answerable::platform::{clock::Clock, config::Config};
/// # fn main() -> Result<(), Error> {
/// # let database = Database::open(Location::SqliteMemory, Config::default().pool_size())?;
/// # migrate::run(&database)?;
/// let log = Log::new(database);
/// let origin = Origin {
///     actor: "cli".to_owned(),
///     request_id: None,
///     now: Clock::System.now(),
/// };
/// let at = log.write_now(origin, |writer| Ok::<_, Error>(writer.now()))?;
/// # assert!(at <= Clock::System.now());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Log {
    database: Database,
    tail: Arc<Tail>,
    /// The clock that this log keeps in step with that of the database, if they share one.
    clock: Clock,
}

/// What a write appended, for the tail: the entries, and when they were read; and whether it erased content.
type Appended = (Option<(Vec<TailEntry>, Instant)>, bool);

impl Log {
    /// The log of a database.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            tail: Arc::default(),
            clock: Clock::System,
        }
    }

    /// The same, whose writes are stamped by this clock if it is a shared one.
    pub fn stamped_by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// The tail of the log, as this node knows it.
    pub fn tail(&self) -> &Tail {
        &self.tail
    }

    /// Starts to follow the log and polls it once. A poll counts as current for `max_staleness`.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn follow(&self, clock: Clock, max_staleness: Duration) -> Result<(), Error> {
        self.tail.follow(clock, max_staleness, self.is_alone());
        let (started, position) = self.start_poll();
        let poll = |c: &mut DbConnection| Ok::<_, Error>(tail::since(c, position)?);
        self.tail.advance(self.database.read_now(poll)?, started);
        Ok(())
    }

    /// Polls the log for writes by other nodes and processes.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub async fn catch_up(&self) -> Result<(), Error> {
        if self.is_alone() {
            return Ok(());
        }
        let (started, position) = self.start_poll();
        let clock = self.clock.clone();
        let poll = move |c: &mut DbConnection| {
            time::synchronise(c, &clock)?;
            Ok::<_, Error>(tail::since(c, position)?)
        };
        self.tail.advance(self.database.watch(poll).await?, started);
        Ok(())
    }

    /// Whether no other process can write to this database.
    fn is_alone(&self) -> bool {
        matches!(self.database.location(), Location::SqliteMemory)
    }

    /// The time, and the position after which to read.
    fn start_poll(&self) -> (Instant, i64) {
        (Instant::now(), self.tail.followed().unwrap_or(0))
    }

    /// Runs `work` in one transaction that holds the write lock. The [`Writer`] is the only way to change a record, and
    /// appends every change to the log.
    ///
    /// # Errors
    /// Those of `work` and of the database. Nothing is stored then.
    pub async fn write<T, E>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (before, after) = (self.tail.clone(), self.tail.clone());
        let clock = self.clock.clone();
        let work = move |c: &mut DbConnection| append(c, &before, &clock, origin, work);
        let committed = move |written| advance(&after, written);
        let (value, has_erased) = self.database.exclusive(work, committed).await?;
        if has_erased {
            self.database.discard_wal().await;
        }
        Ok(value)
    }

    /// [`Log::write`] on this thread, for the command line.
    ///
    /// # Errors
    /// Those of [`Log::write`].
    pub fn write_now<T, E: From<Error>>(
        &self,
        origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let work = |c: &mut DbConnection| append(c, &self.tail, &self.clock, origin, work);
        let committed = |written| advance(&self.tail, written);
        let (value, has_erased) = self.database.exclusive_now(work, committed)?;
        if has_erased {
            self.database.discard_wal_now();
        }
        Ok(value)
    }
}

fn append<T, E: From<Error>>(
    connection: &mut DbConnection,
    tail: &Tail,
    clock: &Clock,
    mut origin: Origin,
    work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
) -> Result<(T, Appended), E> {
    // the time of a shared database, read under the write lock, counts for all nodes
    if let Some(at) = time::synchronise(connection, clock).map_err(Error::Query)? {
        origin.now = at;
    }
    let mut writer = Writer::begin(connection, origin).map_err(Error::Query)?;
    let value = work(&mut writer)?;
    let (has_appended, has_erased) = (writer.has_appended, writer.has_erased);
    let Some(position) = tail.followed().filter(|_| has_appended) else {
        return Ok((value, (None, has_erased)));
    };
    // under the write lock, this read sees all earlier writes, including those of other nodes
    let started = Instant::now();
    let entries = tail::since(connection, position).map_err(Error::Query)?;
    Ok((value, (Some((entries, started)), has_erased)))
}

/// Adds what was committed to the tail, and returns the result of the write, and whether it erased content.
fn advance<T>(tail: &Tail, (value, (appended, has_erased)): (T, Appended)) -> (T, bool) {
    if let Some((entries, started)) = appended {
        tail.advance(entries, started);
    }
    (value, has_erased)
}
