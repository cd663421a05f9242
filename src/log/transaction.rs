//! [`Log`]: the entry point for all writes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::tail::{self, Tail};
use super::tail_entry::TailEntry;
use super::writer::{Origin, Writer};
use crate::platform::clock::Clock;
use crate::platform::db::{Database, DbConnection, Error, Location};

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
}

/// What a write appended, for the tail: the entries, and when they were read.
type Appended = Option<(Vec<TailEntry>, Instant)>;

impl Log {
    /// The log of a database.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            tail: Arc::default(),
        }
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
        let (looked, position) = self.looking();
        let news = self.database.watch_now(|c| tail::since(c, position))?;
        self.tail.advance(news, looked);
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
        let (looked, position) = self.looking();
        let look = move |c: &mut DbConnection| Ok::<_, Error>(tail::since(c, position)?);
        let news = self.database.watch(look).await?;
        self.tail.advance(news, looked);
        Ok(())
    }

    /// Whether no other process can write to this database.
    fn is_alone(&self) -> bool {
        matches!(self.database.location(), Location::SqliteMemory)
    }

    fn looking(&self) -> (Instant, i64) {
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
        let (tail, told) = (self.tail.clone(), self.tail.clone());
        let work = move |c: &mut DbConnection| append(c, &tail, origin, work);
        let written = self.database.exclusive(work, move |done| tell(&told, done));
        Ok(written.await?.0)
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
        let work = |c: &mut DbConnection| append(c, &self.tail, origin, work);
        let tell = |done: &mut (T, Appended)| tell(&self.tail, done);
        Ok(self.database.exclusive_now(work, tell)?.0)
    }
}

fn append<T, E: From<Error>>(
    connection: &mut DbConnection,
    tail: &Tail,
    origin: Origin,
    work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
) -> Result<(T, Appended), E> {
    let mut writer = Writer::begin(connection, origin).map_err(Error::Query)?;
    let value = work(&mut writer)?;
    let has_appended = writer.has_appended();
    let position = tail.followed().filter(|_| has_appended);
    // under the write lock, this read sees all earlier writes, including those of other nodes
    let looked = Instant::now();
    let news = position.map(|position| tail::since(connection, position));
    let news = news.transpose().map_err(Error::Query)?;
    Ok((value, news.map(|news| (news, looked))))
}

fn tell<T>(tail: &Tail, (_, appended): &mut (T, Appended)) {
    if let Some((news, looked)) = appended.take() {
        tail.advance(news, looked);
    }
}
