//! Connection pools that lend a connection to one closure at a time.
//!
//! A semaphore guards each pool, so that a waiting caller blocks no thread. There are several readers and exactly one
//! writer.

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{self, Access, DbConnection, Seen};
use super::error::{Error, is_lost};
use super::file::DatabaseFile;
use super::history;
use super::location::Location;
use super::queue::Queue;
use super::synchronous::Synchronous;
use super::transaction::{Reading, Transaction, execute};

/// The size of the connection pools, and how long to wait for a connection.
#[derive(Clone, Copy, Debug)]
pub struct PoolSize {
    /// Connections for reads.
    pub readers: u32,
    /// Reads that may run or wait at once; beyond that, sustained load is shed.
    pub queue: u32,
    /// The longest wait for a connection.
    pub wait: Duration,
    /// When SQLite syncs to disk.
    pub synchronous: Synchronous,
    /// The length of SQLite's write-ahead log, in pages, after which it is written back into the file.
    pub checkpoint_pages: u32,
    /// Whether reads are shown what the tables held at a position of the log ([`super::history`]).
    pub shows_history: bool,
}

/// How long to try to open a connection to a server at least.
const MIN_WAIT_FOR_SERVER: Duration = Duration::from_secs(5);
/// How long to try to open a file at least.
const MIN_WAIT_FOR_FILE: Duration = Duration::from_secs(1);

/// A pooled connection, and whether it may go back to the pool.
pub struct Session {
    connection: DbConnection,
    /// The number of statements that it has run.
    statements: Arc<AtomicU64>,
    /// Set while a transaction is open. A closure that panics leaves it set; the pool then drops the connection, so
    /// that no later caller inherits an open transaction.
    in_transaction: bool,
}

pub(super) struct Manager {
    location: Location,
    access: Access,
    synchronous: Synchronous,
    seen: Arc<Seen>,
    file: Option<Arc<DatabaseFile>>,
    /// Whether its connections that read show what the tables held at a position.
    shows_history: bool,
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session, Error> {
        let (location, access) = (&self.location, self.access);
        let statements = Arc::new(AtomicU64::new(0));
        let counts = (&self.seen, &statements);
        let open = || match location {
            Location::SqliteFile(path) if self.shows_history && access == Access::ReadOnly => {
                // in contrast to other connections that read, it can have temporary tables
                let path = path
                    .replace('%', "%25")
                    .replace('?', "%3f")
                    .replace('#', "%23");
                let path = path.replace("//", "/"); // what follows two slashes would be a host
                let file = Location::SqliteFile(format!("file:{path}?mode=ro"));
                let access = Access::ReadWrite;
                let mut connection = connection::open(&file, access, self.synchronous, counts)?;
                history::prepare(&mut connection)?;
                Ok(connection)
            }
            _ => connection::open(location, access, self.synchronous, counts),
        };
        let connection = match &self.file {
            Some(file) => file.open(open)?,
            None => open()?,
        };
        Ok(Session {
            connection,
            statements,
            in_transaction: false,
        })
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), Error> {
        Ok(session.connection.batch_execute("SELECT 1")?)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.in_transaction
    }
}

/// The pool for one kind of access, with its semaphore and queue.
#[derive(Clone)]
pub(super) struct LimitedPool {
    pool: Pool<Manager>,
    file: Option<Arc<DatabaseFile>>,
    seen: Arc<Seen>,
    permits: Arc<Semaphore>,
    queue: Arc<Queue>,
    wait: Duration,
}

impl LimitedPool {
    pub(super) fn open(
        location: &Location,
        access: Access,
        size: u32,
        settings: PoolSize,
        (seen, file): (&Arc<Seen>, Option<&Arc<DatabaseFile>>),
    ) -> Result<Self, Error> {
        let manager = Manager {
            synchronous: settings.synchronous,
            location: location.clone(),
            access,
            seen: seen.clone(),
            file: file.cloned(),
            shows_history: settings.shows_history,
        };
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(match location {
                Location::Postgres(_) => settings.wait.max(MIN_WAIT_FOR_SERVER),
                _ => settings.wait.max(MIN_WAIT_FOR_FILE),
            })
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager);
        Ok(Self {
            pool,
            file: file.cloned(),
            seen: seen.clone(),
            permits: Arc::new(Semaphore::new(size as usize)),
            queue: Arc::new(Queue::new(settings.queue as usize)),
            wait: settings.wait,
        })
    }

    /// The number of [`LimitedPool::run_queued`] callers that hold or wait for a connection.
    pub(super) fn queued(&self) -> usize {
        self.queue.taken()
    }

    /// Runs `work` with a connection and in a transaction, on this thread.
    pub(super) fn run<T, E: From<Error>>(
        &self,
        transaction: Transaction,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.begin(transaction)?;
        let result = work(&mut session.connection);
        if let Err(error) = self.end(&mut session, transaction, result.is_ok()) {
            return Err(result.err().unwrap_or_else(|| error.into()));
        }
        if result.is_err() && matches!(session.connection, DbConnection::Postgres(_)) {
            // a restarted server leaves dead connections behind: drop this one instead of reusing it
            session.in_transaction |= session.connection.batch_execute("SELECT 1").is_err();
        }
        result
    }

    /// Runs `work` outside any transaction. Its result counts if it took one statement at most, which sees one snapshot by
    /// itself. `is_brief` does not wait for a connection.
    fn run_light<T, E: From<Error>>(
        &self,
        is_brief: bool,
        work: &mut impl FnMut(&mut DbConnection, Transaction) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let none = Transaction::None;
        self.check_file().ok()?;
        let mut session = match is_brief {
            true => self.pool.try_get()?,
            false => self.pool.get().ok()?,
        };
        let before = session.statements.load(Ordering::Relaxed);
        let result = work(&mut session.connection, none);
        let is_one = session.statements.load(Ordering::Relaxed) - before <= 1;
        if result.is_err() && matches!(session.connection, DbConnection::Postgres(_)) {
            session.in_transaction = session.connection.batch_execute("SELECT 1").is_err();
        }
        if let Some(file) = &self.file {
            file.note_log();
        }
        is_one.then_some(result).filter(|_| !session.in_transaction)
    }

    /// A connection with an open transaction. Those that a restarted server has left behind are dropped.
    fn begin(&self, transaction: Transaction) -> Result<PooledConnection<Manager>, Error> {
        let mut attempts = self.pool.max_size();
        loop {
            self.check_file()?;
            let session = self.pool.get();
            let mut session = session.map_err(|e| Error::Connect(e.to_string()))?;
            session.in_transaction = transaction != Transaction::None;
            match transaction.begin(&mut session.connection) {
                Err(Error::Query(error)) if is_lost(&error) && attempts > 0 => attempts -= 1,
                Err(error) => return Err(error),
                Ok(()) => return Ok(session),
            }
        }
    }

    /// Commits, or rolls back what failed.
    fn end(
        &self,
        session: &mut Session,
        transaction: Transaction,
        is_done: bool,
    ) -> Result<(), Error> {
        if transaction != Transaction::None {
            let end = if is_done { "COMMIT" } else { "ROLLBACK" };
            execute(&mut session.connection, end)?;
        }
        if let Some(file) = &self.file {
            file.note_log();
        }
        if transaction == Transaction::Exclusive {
            self.check_file()?; // else what was written is in a file that is gone
        }
        // a server that has become a replica leaves read-only sessions behind
        let is_postgres = matches!(session.connection, DbConnection::Postgres(_));
        let is_read_only = is_postgres && self.seen.not_writable.load(Ordering::Relaxed);
        session.in_transaction = is_read_only && transaction == Transaction::Exclusive;
        Ok(())
    }

    /// Checks that the file of the database is the one that its connections have open.
    fn check_file(&self) -> Result<(), Error> {
        self.file.as_ref().map_or(Ok(()), |file| file.check())
    }

    /// [`LimitedPool::run_blocking`] in a snapshot, with load shedding: under sustained load it fails with [`Error::Busy`].
    pub(super) async fn run_queued<T, E>(
        &self,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _slot = self.queue.enter(self.wait).await.ok_or(Error::Busy)?;
        self.run_blocking(Transaction::Snapshot, work).await
    }

    /// Runs a read, queued like [`LimitedPool::run_queued`].
    pub(super) async fn run_reading<T, E>(
        &self,
        reading: Reading,
        mut work: impl FnMut(&mut DbConnection, Transaction) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _slot = self.queue.enter(self.wait).await.ok_or(Error::Busy)?;
        let permit = self.turn().await?;
        let is_brief = reading == Reading::Brief && self.file.is_some();
        if is_brief && let Some(result) = self.run_light(true, &mut work) {
            return result;
        }
        let is_light = reading != Reading::Snapshot && !is_brief;
        let pool = self.clone();
        actix_web::web::block(move || {
            let light = is_light.then(|| pool.run_light(false, &mut work)).flatten();
            let snapshot = Transaction::Snapshot;
            let result = light.unwrap_or_else(|| pool.run(snapshot, |c| work(c, snapshot)));
            drop(permit);
            result
        })
        .await
        .map_err(|_| Error::Panicked)?
    }

    /// Waits for a permit.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        let permit = self.permits.clone().acquire_owned();
        let permit = tokio::time::timeout(self.wait, permit).await;
        permit.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)
    }

    /// Waits for a permit, then runs `work` with a connection on a thread for blocking work.
    pub(super) async fn run_blocking<T, E>(
        &self,
        transaction: Transaction,
        work: impl FnOnce(&mut DbConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permit = self.turn().await?;
        let pool = self.clone();
        actix_web::web::block(move || {
            let result = pool.run(transaction, work);
            drop(permit);
            result
        })
        .await
        .map_err(|_| Error::Panicked)?
    }
}
