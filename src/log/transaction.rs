//! [`Log`]: the entry point for all writes.

use chrono::NaiveDateTime;
use diesel::result::QueryResult;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

use super::forks;
use super::group::{CommitGroup, RolledBack, Waiting, WriteQueue};
use super::lineage::Lineage;
use super::queued::{Addition, QueuedAddition, QueuedWrite};
use super::tail::{self, Tail, TailReading};
use super::writer::{Origin, Writer};
use crate::platform::clock::Clock;
use crate::platform::db::{
    Database, DbConnection, Error, Location, NOT_COLLECTED, Statistics, WriteTurn, time,
};

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
///     now: Clock::System.now(),
///     ..Origin::default()
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
    /// The writes that wait on this node.
    queue: Arc<WriteQueue>,
    /// The clock that this log keeps in step with that of the database, if they share one.
    clock: Clock,
    statistics: Arc<Statistics>,
}

/// What was appended, for the tail: the entries, and when they were read.
type Appended = Option<(TailReading, Instant)>;

impl Log {
    /// The log of a database.
    pub fn new(database: Database) -> Self {
        Self {
            database,
            tail: Arc::default(),
            queue: Arc::default(),
            clock: Clock::System,
            statistics: Arc::default(),
        }
    }

    /// The same, whose writes are stamped by this clock if it is a shared one.
    pub fn stamped_by(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// How many writes wait on this node.
    pub fn waiting(&self) -> usize {
        self.queue.len()
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
        let started = Instant::now();
        let poll = |c: &mut DbConnection| Ok::<_, Error>(tail::read(c, None)?);
        self.tail.advance(self.database.read_now(poll)?, started);
        Ok(())
    }

    /// Polls the log for writes by other nodes and processes.
    ///
    /// # Errors
    /// If the log cannot be read; if it was put back, and that cannot be recorded.
    pub async fn catch_up(&self) -> Result<(), Error> {
        if self.is_alone() {
            return Ok(());
        }
        let mut poll = self.poll().await?;
        if poll.0.is_put_back {
            let now = self.clock.now();
            self.report(self.tail.full_lineage(), now).await?;
            poll = self.poll().await?;
        }
        let (reading, started) = poll;
        self.tail.advance(reading, started);
        self.refresh_statistics();
        Ok(())
    }

    /// Starts to collect the planner's statistics again, if the log has become much longer.
    fn refresh_statistics(&self) {
        let entries = self.tail.followed().unwrap_or_default();
        let is_postgres = matches!(self.database.location(), Location::Postgres(_));
        if !is_postgres || !self.statistics.claim(entries) {
            return;
        }
        let log = self.clone();
        drop(actix_web::web::block(move || {
            let refresh = |c: &mut DbConnection| Ok(log.statistics.refresh(c, entries)?);
            if let Err(error) = log.database.maintain_apart(refresh) {
                tracing::warn!(%error, "{NOT_COLLECTED}");
            }
        }));
    }

    async fn poll(&self) -> Result<(TailReading, Instant), Error> {
        let (clock, known, started) = (self.clock.clone(), self.tail.lineage(), Instant::now());
        let read = move |c: &mut DbConnection| {
            time::synchronise(c, &clock)?;
            Ok::<_, Error>(tail::read(c, known.as_ref())?)
        };
        Ok((self.database.watch(read).await?, started))
    }

    /// Records that the log was put back, if it has left this lineage and nobody has recorded that yet.
    ///
    /// # Errors
    /// If that cannot be recorded.
    pub async fn report(&self, lineage: Lineage, now: NaiveDateTime) -> Result<(), Error> {
        if lineage.epoch < self.tail.epoch() {
            return Ok(());
        }
        let record = move |writer: &mut Writer<'_>| {
            let at = writer.now();
            Ok(forks::record(writer.connection, &lineage, at)?)
        };
        self.write(Origin::of_the_log(now), record).await
    }

    /// [`Log::report`] on this thread.
    ///
    /// # Errors
    /// If that cannot be recorded.
    pub fn report_now(&self, lineage: &Lineage, now: NaiveDateTime) -> Result<(), Error> {
        self.write_now(Origin::of_the_log(now), |writer| {
            let at = writer.now();
            Ok(forks::record(writer.connection, lineage, at)?)
        })
    }

    /// Whether no other process can write to this database.
    fn is_alone(&self) -> bool {
        matches!(self.database.location(), Location::SqliteMemory)
    }

    /// Runs `work` while holding the write lock. The [`Writer`] is the only way to change a record, and appends every
    /// change to the log. Writes that wait at the same time are committed together.
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
        let (write, result) = QueuedWrite::new(origin, work);
        self.queue(Box::new(write), result).await
    }

    /// [`Log::write`] for an addition, which is run as one with those of the same client that wait.
    ///
    /// # Errors
    /// Those of the addition and of the database. Nothing is stored then.
    pub async fn add<A: Addition>(
        &self,
        origin: Origin,
        addition: A,
    ) -> Result<A::Value, A::Failure> {
        let (write, result) = QueuedAddition::new(origin, addition);
        self.queue(Box::new(write), result).await
    }

    /// Waits for the result of a write, or for the turn to run it and those that wait with it.
    async fn queue<T: Send + 'static, E: From<Error> + Send + 'static>(
        &self,
        write: Box<dyn Waiting>,
        mut result: oneshot::Receiver<Result<T, E>>,
    ) -> Result<T, E> {
        let ticket = self.queue.push(write);
        let turn = self.database.turn_to_write();
        let arrived = tokio::select! {
            biased;
            arrived = &mut result => arrived,
            turn = turn => {
                match turn {
                    Ok(turn) => self.commit_those_that_wait(turn),
                    Err(error) if self.queue.withdraw(ticket) => return Err(error.into()),
                    Err(_) => {} // it is running
                }
                result.await
            }
        };
        arrived.unwrap_or_else(|_| Err(Error::Panicked.into()))
    }

    /// Starts to run the writes that wait, on a thread for blocking work.
    fn commit_those_that_wait(&self, turn: WriteTurn) {
        let log = self.clone();
        drop(actix_web::web::block(move || {
            while log.queue.len() > 0 {
                log.commit_group();
            }
            drop(turn);
        }));
    }

    /// Commits a group of those that wait.
    fn commit_group(&self) {
        let mut group = CommitGroup::new(self.clock.clone());
        let work = |connection: &mut DbConnection| {
            group.run(connection, &self.queue)?;
            let tail = self.appended(connection, group.has_appended);
            Ok((tail.map_err(Error::Query)?, group.has_erased))
        };
        let committed = |(appended, has_erased)| {
            self.advance(appended);
            has_erased
        };
        match self.database.exclusive_now(work, committed) {
            Ok(has_erased) => {
                if has_erased {
                    self.database.discard_wal_now();
                }
                group.finish(None);
            }
            Err(RolledBack::Alone) => group.finish(None),
            Err(RolledBack::Failed(error)) => {
                group.finish(Some(&error));
                self.queue.fail(&error);
            }
        }
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
        let mut group = CommitGroup::new(self.clock.clone());
        let work = |connection: &mut DbConnection| {
            let value = group.write(connection, origin, work)?;
            let appended = self.appended(connection, group.has_appended);
            Ok::<_, E>((value, appended.map_err(Error::Query)?, group.has_erased))
        };
        let committed = |(value, appended, has_erased)| {
            self.advance(appended);
            (value, has_erased)
        };
        let (value, has_erased) = self.database.exclusive_now(work, committed)?;
        if has_erased {
            self.database.discard_wal_now();
        }
        Ok(value)
    }

    /// The entries for the tail, if this node follows the log and something was appended. Under the write lock, this read
    /// sees all earlier writes, including those of other nodes.
    fn appended(&self, connection: &mut DbConnection, has_appended: bool) -> QueryResult<Appended> {
        let Some(known) = self.tail.lineage().filter(|_| has_appended) else {
            return Ok(None);
        };
        let started = Instant::now();
        let mut reading = tail::read(connection, Some(&known))?;
        if reading.is_put_back {
            let lineage = self.tail.full_lineage();
            forks::record(connection, &lineage, self.clock.now())?;
            reading = tail::read(connection, Some(&known))?;
        }
        Ok(Some((reading, started)))
    }

    /// Adds what was committed to the tail.
    fn advance(&self, appended: Appended) {
        if let Some((reading, started)) = appended {
            self.tail.advance(reading, started);
        }
    }
}
