//! Group commit: the writes that wait on a node are committed together and share the sync to disk. Each has its own
//! result, and one that fails is rolled back by itself.

use chrono::NaiveDateTime;
use diesel::RunQueryDsl;
use std::any::{Any, TypeId};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::start::{self, LogEnd};
use super::writer::{Origin, Writer};
use crate::platform::clock::Clock;
use crate::platform::db::{DbConnection, Error, Sql};

/// How many writes are committed together.
const MAX_WRITES: usize = 64;
/// How long a group may run before it takes no more writes: those that are done wait for its end.
const MAX_DURATION: Duration = Duration::from_millis(10);

/// A write that waits for its turn, and then for the commit.
pub trait Waiting: Any + Send {
    /// Where it comes from.
    fn origin(&self) -> &Origin;
    /// Its type, if it can be run together with others of the same type and client.
    fn addition(&self) -> Option<TypeId> {
        None
    }
    /// Whether nobody waits for its result any more.
    fn is_abandoned(&self) -> bool;
    /// Runs it in an open transaction. Returns whether its changes stay.
    fn run(&mut self, group: &mut CommitGroup, connection: &mut DbConnection) -> bool;
    /// [`Waiting::run`] together with others of its type, as one.
    fn run_with(
        &mut self,
        _others: &mut [Box<dyn Waiting>],
        _group: &mut CommitGroup,
        _connection: &mut DbConnection,
    ) -> bool {
        false
    }
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
            if write.origin().is_large && !is_first {
                waiters.writes.push_front((ticket, write));
                return None;
            }
            return Some(write);
        }
        None
    }

    /// Takes the writes that can be run together with this one.
    fn pop_like(&self, first: &dyn Waiting, limit: usize) -> Vec<Box<dyn Waiting>> {
        let is_alike = |other: &dyn Waiting| {
            other.addition() == first.addition()
                && other.origin().actor == first.origin().actor
                && !other.origin().is_large
        };
        let mut taken = Vec::new();
        if first.addition().is_none() || first.origin().is_large {
            return taken;
        }
        let mut waiters = self.lock();
        for (ticket, write) in std::mem::take(&mut waiters.writes) {
            if taken.len() < limit && is_alike(write.as_ref()) {
                taken.push(write);
            } else {
                waiters.writes.push_back((ticket, write));
            }
        }
        taken.retain(|write| !write.is_abandoned());
        taken
    }

    fn lock(&self) -> MutexGuard<'_, Waiters> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The writes of one transaction, and what they did.
pub struct CommitGroup {
    clock: Clock,
    /// The time of a shared database, and the end of the log: once they are known.
    start: Option<(Option<NaiveDateTime>, LogEnd)>,
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
            start: None,
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
        while let Some(first) = queue.pop(self.done.is_empty()) {
            let is_large = first.origin().is_large;
            let mut writes = queue.pop_like(first.as_ref(), MAX_WRITES - self.done.len() - 1);
            writes.insert(0, first);
            if !self.run_together(&mut writes, connection)? {
                self.run_each(writes, connection)?;
            }
            let is_full = self.done.len() >= MAX_WRITES || started.elapsed() > MAX_DURATION;
            if is_large || is_full {
                break;
            }
        }
        Ok(())
    }

    /// Runs writes as one, if there are several and none fails. Else, nothing is done.
    fn run_together(
        &mut self,
        writes: &mut Vec<Box<dyn Waiting>>,
        connection: &mut DbConnection,
    ) -> Result<bool, Error> {
        let Some((first, others)) = writes
            .split_first_mut()
            .filter(|(_, rest)| !rest.is_empty())
        else {
            return Ok(false);
        };
        let stays = self.in_savepoint(connection, |group, connection| {
            first.run_with(others, group, connection)
        })?;
        if stays {
            self.done.append(writes);
        }
        Ok(stays)
    }

    /// Runs writes one after the other.
    fn run_each(
        &mut self,
        writes: Vec<Box<dyn Waiting>>,
        connection: &mut DbConnection,
    ) -> Result<(), RolledBack> {
        let is_alone = writes.len() == 1 && self.done.is_empty();
        for mut write in writes {
            // one alone needs no savepoint: there is nothing to go back to
            let stays = match is_alone {
                true => Ok(self.is_kept(|group| write.run(group, connection))),
                false => {
                    self.in_savepoint(connection, |group, connection| write.run(group, connection))
                }
            };
            self.done.push(write);
            if !stays? && is_alone {
                return Err(RolledBack::Alone);
            }
        }
        Ok(())
    }

    fn in_savepoint(
        &mut self,
        connection: &mut DbConnection,
        run: impl FnOnce(&mut Self, &mut DbConnection) -> bool,
    ) -> Result<bool, Error> {
        execute(connection, "SAVEPOINT one_write")?;
        let stays = self.is_kept(|group| run(group, connection));
        if !stays {
            execute(connection, "ROLLBACK TO SAVEPOINT one_write")?;
        }
        // on PostgreSQL, another round trip under the lock: the next savepoint hides this one, and the commit ends both
        if let DbConnection::Sqlite(_) = connection {
            execute(connection, "RELEASE SAVEPOINT one_write")?;
        }
        Ok(stays)
    }

    /// Whether the changes of what is run stay.
    fn is_kept(&mut self, run: impl FnOnce(&mut Self) -> bool) -> bool {
        catch_unwind(AssertUnwindSafe(|| run(self))).unwrap_or(false)
    }

    /// Runs one write: appends to the log after those before it.
    pub fn write<T, E: From<Error>>(
        &mut self,
        connection: &mut DbConnection,
        mut origin: Origin,
        work: impl FnOnce(&mut Writer<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let (at, end) = match self.start.take() {
            Some(start) => start,
            None => start::read(connection, &self.clock).map_err(Error::Query)?,
        };
        self.start = Some((at, end.clone()));
        if let Some(at) = at {
            origin.now = at;
        }
        let mut writer = Writer::at(connection, origin, end);
        let value = work(&mut writer)?;
        self.has_appended |= writer.has_appended;
        self.has_erased |= writer.has_erased;
        self.start = Some((at, writer.into_end()));
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
