//! Connections, lent out one closure at a time.
//!
//! A semaphore stands before each pool, so that a caller who has to wait holds no thread. SQLite has
//! several readers and exactly one writer; PostgreSQL has one pool for both.

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use tokio::sync::Semaphore;

use super::connection::{self, Access, DbConnection};
use super::error::Error;
use super::location::Location;
use super::queue::Queue;
use super::synchronous::Synchronous;

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

/// A pooled connection, and whether it may go back to the pool.
pub struct Session {
    pub(super) connection: DbConnection,
    /// Set while a transaction is open. A closure that panics leaves it set, and the pool then drops
    /// the connection, so that no later caller inherits a half-done transaction.
    pub(super) in_transaction: bool,
}

pub(super) struct Manager {
    location: Location,
    access: Access,
    synchronous: Synchronous,
    statements: Arc<AtomicU64>,
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session, Error> {
        let connection = connection::open(
            &self.location,
            self.access,
            self.synchronous,
            &self.statements,
        )?;
        Ok(Session {
            connection,
            in_transaction: false,
        })
    }

    fn is_valid(&self, session: &mut Session) -> Result<(), Error> {
        session
            .connection
            .batch_execute("SELECT 1")
            .map_err(Error::Query)
    }

    fn has_broken(&self, session: &mut Session) -> bool {
        session.in_transaction
    }
}

/// One kind of access: a pool and the permits to it.
#[derive(Clone)]
pub(super) struct Lane {
    pool: Pool<Manager>,
    permits: Arc<Semaphore>,
    queue: Arc<Queue>,
    wait: Duration,
}

impl Lane {
    pub(super) fn open(
        location: &Location,
        access: Access,
        size: u32,
        settings: PoolSize,
        statements: &Arc<AtomicU64>,
    ) -> Result<Self, Error> {
        let manager = Manager {
            synchronous: settings.synchronous,
            location: location.clone(),
            access,
            statements: statements.clone(),
        };
        let pool = Pool::builder()
            .max_size(size)
            .min_idle(Some(1))
            .test_on_check_out(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connection_timeout(Duration::from_secs(5))
            .error_handler(Box::new(diesel::r2d2::NopErrorHandler))
            .build_unchecked(manager);
        Ok(Self {
            pool,
            permits: Arc::new(Semaphore::new(size as usize)),
            queue: Arc::new(Queue::new(settings.queue as usize)),
            wait: settings.wait,
        })
    }

    /// How many wait for a connection or have one, of those that come by [`Lane::run_queued`].
    pub(super) fn queued(&self) -> usize {
        self.queue.taken()
    }

    /// Runs `work` with a connection, on this thread.
    pub(super) fn run<T, E: From<Error>>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut session = self.pool.get().map_err(|e| Error::Connect(e.to_string()))?;
        let result = work(&mut session);
        if result.is_err() && matches!(session.connection, DbConnection::Postgres(_)) {
            // A server that was restarted leaves dead connections behind; this one is dropped, not lent again.
            session.in_transaction |= session.connection.batch_execute("SELECT 1").is_err();
        }
        result
    }

    /// [`Lane::run_blocking`] for one of many: refused when there is a crowd.
    pub(super) async fn run_queued<T, E>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _place = self.queue.enter(self.wait).await.ok_or(Error::Busy)?;
        self.run_blocking(work).await
    }

    /// Runs `work` with a connection, on a thread for blocking work, after waiting for a permit.
    pub(super) async fn run_blocking<T, E>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permit = tokio::time::timeout(self.wait, self.permits.clone().acquire_owned())
            .await
            .map_err(|_| Error::Busy)?
            .map_err(|_| Error::Busy)?;
        let lane = self.clone();
        actix_web::web::block(move || {
            let result = lane.run(work);
            drop(permit);
            result
        })
        .await
        .map_err(|_| Error::Panicked)?
    }
}
