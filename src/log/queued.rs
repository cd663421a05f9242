//! The writes in the queue: any work, or the addition of records, of which several can be run as one.

use std::any::{Any, TypeId};
use tokio::sync::oneshot;

use super::group::{CommitGroup, Waiting};
use super::writer::{Origin, Writer};
use crate::platform::db::{DbConnection, Error};

/// A write that only adds records. Those of a client that wait are run as one if that succeeds, and else one by one.
pub trait Addition: Send + Sized + 'static {
    /// The result.
    type Value: Send + 'static;
    /// Why it failed.
    type Failure: From<Error> + Send + 'static;

    /// Runs it by itself.
    ///
    /// # Errors
    /// Its own, and those of the database. It is rolled back then.
    fn run(&self, writer: &mut Writer<'_>) -> Result<Self::Value, Self::Failure>;

    /// Runs several as one. `None` if one of them may have failed: all are rolled back then.
    fn run_together(additions: &[&Self], writer: &mut Writer<'_>) -> Option<Vec<Self::Value>>;
}

/// Any work, with a result of any type.
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
    T: Send + 'static,
    E: From<Error> + Send + 'static,
    F: FnOnce(&mut Writer<'_>) -> Result<T, E> + Send + 'static,
{
    fn origin(&self) -> &Origin {
        &self.origin
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
        send(self.sender, self.result, ended_by);
    }
}

/// An [`Addition`] in the queue.
pub struct QueuedAddition<A: Addition> {
    origin: Origin,
    addition: A,
    result: Option<ResultOf<A>>,
    sender: oneshot::Sender<ResultOf<A>>,
}

/// What becomes of an addition.
type ResultOf<A> = Result<<A as Addition>::Value, <A as Addition>::Failure>;

impl<A: Addition> QueuedAddition<A> {
    /// An addition, and where its result arrives.
    pub fn new(origin: Origin, addition: A) -> (Self, oneshot::Receiver<ResultOf<A>>) {
        let (sender, receiver) = oneshot::channel();
        let write = Self {
            origin,
            addition,
            result: None,
            sender,
        };
        (write, receiver)
    }
}

impl<A: Addition> Waiting for QueuedAddition<A> {
    fn origin(&self) -> &Origin {
        &self.origin
    }

    fn is_abandoned(&self) -> bool {
        self.sender.is_closed()
    }

    fn addition(&self) -> Option<TypeId> {
        Some(TypeId::of::<Self>())
    }

    fn run(&mut self, group: &mut CommitGroup, connection: &mut DbConnection) -> bool {
        let origin = self.origin.clone();
        let result = group.write(connection, origin, |writer| self.addition.run(writer));
        let stays = result.is_ok();
        self.result = Some(result);
        stays
    }

    fn run_with(
        &mut self,
        others: &mut [Box<dyn Waiting>],
        group: &mut CommitGroup,
        connection: &mut DbConnection,
    ) -> bool {
        let others = others.iter_mut().filter_map(|other| {
            let other: &mut dyn Any = other.as_mut();
            other.downcast_mut::<Self>()
        });
        let mut all: Vec<&mut Self> = std::iter::once(self).chain(others).collect();
        let Some(origin) = all.iter().map(|one| &one.origin).max_by_key(|o| o.now) else {
            return false;
        };
        let origin = origin.clone();
        let additions: Vec<&A> = all.iter().map(|one| &one.addition).collect();
        let run = |writer: &mut Writer<'_>| {
            A::run_together(&additions, writer).ok_or(Error::Busy) // the error is not used
        };
        let values = match group.write(connection, origin, run) {
            Ok(values) if values.len() == all.len() => values,
            _ => return false,
        };
        for (one, value) in all.iter_mut().zip(values) {
            one.result = Some(Ok(value));
        }
        true
    }

    fn finish(self: Box<Self>, ended_by: Option<Error>) {
        send(self.sender, self.result, ended_by);
    }
}

fn send<T, E: From<Error>>(
    sender: oneshot::Sender<Result<T, E>>,
    result: Option<Result<T, E>>,
    ended_by: Option<Error>,
) {
    let result = match (result, ended_by) {
        (Some(Err(own)), _) => Err(own),
        (_, Some(error)) => Err(E::from(error)),
        (Some(done), None) => done,
        (None, None) => Err(E::from(Error::Panicked)),
    };
    let _ = sender.send(result); // nobody may wait any more
}
