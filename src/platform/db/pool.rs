//! Connection pools that lend a connection to one closure at a time.
//!
//! A semaphore guards each pool, so that a waiting caller blocks no thread. There are several readers and exactly one
//! writer.

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ManageConnection, Pool};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::connection::{self, Access, DbConnection, Seen};
use super::error::Error;
use super::location::Location;
use super::queue::Queue;
use super::synchronous::Synchronous;

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
}

/// A pooled connection, and whether it may go back to the pool.
pub struct Session {
    pub(super) connection: DbConnection,
    /// Set while a transaction is open. A closure that panics leaves it set; the pool then drops the connection, so
    /// that no later caller inherits an open transaction.
    pub(super) in_transaction: bool,
}

pub(super) struct Manager {
    location: Location,
    access: Access,
    synchronous: Synchronous,
    seen: Arc<Seen>,
}

impl ManageConnection for Manager {
    type Connection = Session;
    type Error = Error;

    fn connect(&self) -> Result<Session, Error> {
        Ok(Session {
            connection: connection::open(
                &self.location,
                self.access,
                self.synchronous,
                &self.seen,
            )?,
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
        seen: &Arc<Seen>,
    ) -> Result<Self, Error> {
        let manager = Manager {
            synchronous: settings.synchronous,
            location: location.clone(),
            access,
            seen: seen.clone(),
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

    /// The number of [`LimitedPool::run_queued`] callers that hold or wait for a connection.
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
            // a restarted server leaves dead connections behind: drop this one instead of reusing it
            session.in_transaction |= session.connection.batch_execute("SELECT 1").is_err();
        }
        result
    }

    /// [`LimitedPool::run_blocking`] with load shedding: under sustained load it fails with [`Error::Busy`].
    pub(super) async fn run_queued<T, E>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _slot = self.queue.enter(self.wait).await.ok_or(Error::Busy)?;
        self.run_blocking(work).await
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
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permit = self.turn().await?;
        let pool = self.clone();
        actix_web::web::block(move || {
            let result = pool.run(work);
            drop(permit);
            result
        })
        .await
        .map_err(|_| Error::Panicked)?
    }
}
