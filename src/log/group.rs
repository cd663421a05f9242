//! Group commit: the writes that wait on a node are committed together and share the sync to disk. Each has its own
//! result, and one that fails is rolled back by itself.

use chrono::NaiveDateTime;
use diesel::RunQueryDsl;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

use super::writer::{Origin, Writer};
use crate::platform::clock::Clock;
use crate::platform::db::{DbConnection, Error, Sql, time};

/// How many writes are committed together.
const MAX_WRITES: usize = 64;
/// How long a group may run before it takes no more writes: those that are done wait for its end.
const MAX_DURATION: Duration = Duration::from_millis(10);

/// A write that waits for its turn, and then for the commit.
pub trait Waiting: Send {
    /// Whether it is so large that it is committed by itself, so that others do not wait for it.
    fn is_large(&self) -> bool;
    /// Whether nobody waits for its result any more.
    fn is_abandoned(&self) -> bool;
    /// Runs it in an open transaction. Returns whether its changes stay.
    fn run(&mut self, group: &mut CommitGroup, connection: &mut DbConnection) -> bool;
    /// Sends the result after the commit, or the error that ended the group.
    fn finish(self: Box<Self>, ended_by: Option<Error>);
}

/// The writes that wait on this node, in the order in which they came.
#[derive(Default)]
pub struct WriteQueue(Mutex<Waiters>);

#[derive(Default)]
struct Waiters {
    next_ticket: u64,
    writes: VecDeque<(u64, Box<dyn Waiting>)>,
}

impl WriteQueue {
    /// Adds a write. Returns its ticket.
    pub fn push(&self, write: Box<dyn Waiting>) -> u64 {
        let mut waiters = self.lock();
        waiters.next_ticket += 1;
        let ticket = waiters.next_ticket;
        waiters.writes.push_back((ticket, write));
        ticket
    }

    /// Takes a write back; false if its turn has come.
    pub fn withdraw(&self, ticket: u64) -> bool {
        let mut waiters = self.lock();
        let place = waiters.writes.iter().position(|(one, _)| *one == ticket);
        place.is_some_and(|place| waiters.writes.remove(place).is_some())
    }

    /// How many writes wait.
    pub fn len(&self) -> usize {
        self.lock().writes.len()
    }

    /// Ends all writes that wait: the database cannot be written.
    pub fn fail(&self, error: &Error) {
        let writes = std::mem::take(&mut self.lock().writes);
        for (_, write) in writes {
            write.finish(Some(error.again()));
        }
    }

    fn pop(&self, is_first: bool) -> Option<Box<dyn Waiting>> {
        let mut waiters = self.lock();
        while let Some((ticket, write)) = waiters.writes.pop_front() {
            if write.is_abandoned() {
                continue;
            }
            if write.is_large() && !is_first {
                waiters.writes.push_front((ticket, write));
                return None;
            }
            return Some(write);
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, Waiters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writes of one transaction, and what they did.
pub struct CommitGroup {
    clock: Clock,
    /// The time of a shared database, once it was read.
    at: Option<Option<NaiveDateTime>>,
    /// The number and the digest of the last entry of the log, once they are known.
    end: Option<(i64, String)>,
    done: Vec<Box<dyn Waiting>>,
    /// Whether anything was appended to the log.
    pub has_appended: bool,
    /// Whether content was erased.
    pub has_erased: bool,
}

/// Why a group was rolled back.
pub enum RolledBack {
    /// Its only write failed, and has its own result.
    Alone,
    /// The transaction failed.
    Failed(Error),
}

impl From<Error> for RolledBack {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl CommitGroup {
    /// A group without writes. `clock` is kept in step with that of the database, if they share one.
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            at: None,
            end: None,
            done: Vec::new(),
            has_appended: false,
            has_erased: false,
        }
    }

    /// Runs the writes that wait, in a transaction that holds the write lock.
    pub fn run(
        &mut self,
        connection: &mut DbConnection,
        queue: &WriteQueue,
    ) -> Result<(), RolledBack> {
        let started = Instant::now();
        while let Some(mut write) = queue.pop(self.done.is_empty()) {
            let (is_first, is_large) = (self.done.is_empty(), write.is_large());
            // the first needs no savepoint: there is nothing to go back to
            let stays = match is_first {
                true => Ok(self.run_one(write.as_mut(), connection)),
                false => self.run_in_savepoint(write.as_mut(), connection),
            };
            self.done.push(write);
            if !stays? && is_first {
                return Err(RolledBack::Alone);
            }
            let is_full = self.done.len() == MAX_WRITES || started.elapsed() > MAX_DURATION;
            if is_large || is_full {
                break;
            }
        }
        Ok(())
    }

    fn run_in_savepoint(
        &mut self,
        write: &mut dyn Waiting,
        connection: &mut DbConnection,
    ) -> Result<bool, Error> {
        execute(connection, "SAVEPOINT one_write")?;
        let stays = self.run_one(write, connection);
        if !stays {
            execute(connection, "ROLLBACK TO SAVEPOINT one_write")?;
        }
        // on PostgreSQL, another round trip under the lock: the next savepoint hides this one, and the commit ends both
        if let DbConnection::Sqlite(_) = connection {
            execute(connection, "RELEASE SAVEPOINT one_write")?;
        }
        Ok(stays)
    }

    /// Whether the changes of the write stay.
    fn run_one(&mut self, write: &mut dyn Waiting, connection: &mut DbConnection) -> bool {
        catch_unwind(AssertUnwindSafe(|| write.run(self, connection))).unwrap_or(false)
    }

    /// Runs one write: appends to the log after those before it.
    pub fn write<T, E: From<Error>>(
        &mut self,
        connection: &mut DbConnection,
        mut origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // the time of a shared database, read under the write lock, counts for all nodes
        let at = match self.at {
            Some(at) => at,
            None => time::synchronise(connection, &self.clock).map_err(Error::Query)?,
        };
        self.at = Some(at);
        if let Some(at) = at {
            origin.now = at;
        }
        let end = match self.end.take() {
            Some(end) => end,
            None => Writer::end_of_log(connection).map_err(Error::Query)?,
        };
        self.end = Some(end.clone());
        let mut writer = Writer::at(connection, origin, end);
        let value = work(&mut writer)?;
        self.has_appended |= writer.has_appended;
        self.has_erased |= writer.has_erased;
        self.end = Some(writer.into_end());
        Ok(value)
    }

    /// Sends the results, or the error that ended all.
    pub fn finish(self, ended_by: Option<&Error>) {
        for write in self.done {
            write.finish(ended_by.map(Error::again));
        }
    }
}

fn execute(connection: &mut DbConnection, statement: &'static str) -> Result<(), Error> {
    let done = Sql::new(statement).execute(connection);
    done.map(drop).map_err(Error::Query)
}

/// A write with a result of any type.
pub struct QueuedWrite<T, E, F> {
    origin: Origin,
    work: Option<F>,
    result: Option<Result<T, E>>,
    sender: oneshot::Sender<Result<T, E>>,
}

impl<T, E, F> QueuedWrite<T, E, F> {
    /// A write, and where its result arrives.
    pub fn new(origin: Origin, work: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (sender, receiver) = oneshot::channel();
        let write = Self {
            origin,
            work: Some(work),
            result: None,
            sender,
        };
        (write, receiver)
    }
}

impl<T, E, F> Waiting for QueuedWrite<T, E, F>
where
    T: Send,
    E: From<Error> + Send,
    F: FnOnce(&mut Writer<'_>) -> Result<T, E> + Send,
{
    fn is_large(&self) -> bool {
        self.origin.is_large
    }

    fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    fn run(&mut self, group: &mut CommitGroup, connection: &mut DbConnection) -> bool {
        let Some(work) = self.work.take() else {
            return false;
        };
        let result = group.write(connection, self.origin.clone(), work);
        let stays = result.is_ok();
        self.result = Some(result);
        stays
    }

    fn finish(self: Box<Self>, ended_by: Option<Error>) {
        let result = match (self.result, ended_by) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(error)) => Err(E::from(error)),
            (Some(done), None) => done,
            (None, None) => Err(E::from(Error::Panicked)),
        };
        let _ = self.sender.send(result); // nobody may wait any more
    }
}
