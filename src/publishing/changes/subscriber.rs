//! A subscriber to the log: it catches up from the database, then reads from the shared ring buffer.

use actix_web::web::{Bytes, Data};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Instant;

use super::ring::Event;
use super::subscribers::{Next, Way};
use crate::access::instance::Instance;
use crate::http::error::ApiError;
use crate::log::Resource;
use crate::log::entries::{self, LogPosition};
use crate::platform::db::DbConnection;
use crate::publishing::changes::subscribers::Subscribers;

/// The most entries a subscriber reads at once while it catches up.
const PAGE: i64 = 20;
/// How long a client should wait before it reconnects, in milliseconds.
const RETRY: u64 = 2_000;
/// How long to wait before checking again when no notification arrives.
const AGAIN: Duration = Duration::from_millis(200);

/// How far a subscriber has read.
enum Standing {
    /// It still reads from the database, from this position on.
    Behind(LogPosition),
    /// It reads from the ring; the number of its next event.
    Joined(u64),
}

/// A subscriber. Dropping it frees its slot.
pub struct Subscriber {
    instance: Data<Instance>,
    followers: Data<Subscribers>,
    types: Vec<Resource>,
    standing: Standing,
    /// The newest entry when it subscribed. The ring must have read that far before the subscriber may join, so that it
    /// does not get records in a state that was taken back before.
    newest: i64,
    /// Read, but not sent yet.
    ready: VecDeque<Bytes>,
    told: watch::Receiver<()>,
    /// The number of its next event, from which [`Subscribers`] finds the slowest subscriber.
    number: Arc<AtomicU64>,
    heartbeat: Instant,
    _place: OwnedSemaphorePermit,
}

impl Subscriber {
    /// Subscribes from `place` on.
    pub fn new(
        instance: Data<Instance>,
        followers: Data<Subscribers>,
        types: Vec<Resource>,
        place: LogPosition,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, ApiError> {
        let number = Arc::new(AtomicU64::new(u64::MAX));
        followers.register(&number);
        // a client that loses the connection before the first event can resume from here
        let id = place.write(&instance.cursors)?;
        let greeting = format!("retry: {RETRY}\nid: {id}\n\n");
        Ok(Self {
            told: followers.watch(),
            heartbeat: Instant::now() + period(&instance),
            newest: instance.log.tail().followed().unwrap_or(0),
            types,
            standing: Standing::Behind(place),
            ready: VecDeque::from([greeting.into()]),
            number,
            _place: permit,
            instance,
            followers,
        })
    }

    /// The next bytes to send, or `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if self.followers.is_over() {
                return None;
            }
            if let Some(bytes) = self.ready.pop_front() {
                return Some(bytes);
            }
            let number = match &self.standing {
                Standing::Joined(number) => *number,
                Standing::Behind(place) => {
                    let place = place.clone();
                    self.catch_up(place).await;
                    continue;
                }
            };
            match self.followers.next(number) {
                Next::Event(event) => self.take(number, &event),
                Next::Later(place) => self.wait(place).await,
                Next::Overtaken => return None,
            }
        }
    }

    fn take(&mut self, number: u64, event: &Event) {
        self.number.store(number + 1, Ordering::Release);
        self.standing = Standing::Joined(number + 1);
        if self.types.is_empty() || self.types.contains(&event.resource) {
            self.ready.push_back(event.bytes.clone());
        }
    }

    /// Switches to the ring, or reads one page from the database towards it.
    async fn catch_up(&mut self, place: LogPosition) {
        let until = match self.followers.way(&place, self.newest) {
            Way::Joined(number) => {
                self.number.store(number, Ordering::Release);
                self.standing = Standing::Joined(number);
                return;
            }
            Way::Wait => return self.wait(None).await,
            Way::Read(until) => until,
        };
        match self.read(place, until).await {
            Ok((events, place)) => {
                self.ready
                    .extend(events.iter().map(|event| event.bytes.clone()));
                self.standing = Standing::Behind(place);
            }
            Err(error) => {
                tracing::debug!(?error, "a subscriber cannot catch up");
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    async fn read(
        &self,
        place: LogPosition,
        until: LogPosition,
    ) -> Result<(Vec<Arc<Event>>, LogPosition), ApiError> {
        let turn = self.followers.turns.acquire().await;
        let _turn = turn.map_err(|error| ApiError::internal(&error))?;
        let (instance, types, now) = (
            self.instance.clone(),
            self.types.clone(),
            self.instance.clock.now(),
        );
        let work = move |c: &mut DbConnection| {
            let reading = entries::after(c, &place, &until, &types, PAGE)?;
            let events = Event::render(c, reading.entries, &instance.cursors, now)?;
            Ok::<_, ApiError>((events, reading.place))
        };
        self.instance.database.read(work).await
    }

    /// Waits for new events. When the heartbeat is due, queues a comment with the position up to which there was
    /// nothing to send.
    async fn wait(&mut self, place: Option<LogPosition>) {
        let again = Instant::now() + AGAIN;
        let until = match self.standing {
            Standing::Behind(_) => again.min(self.heartbeat),
            Standing::Joined(_) => self.heartbeat,
        };
        let _ = tokio::time::timeout_at(until, self.told.changed()).await;
        if Instant::now() < self.heartbeat {
            return;
        }
        self.heartbeat = Instant::now() + period(&self.instance);
        let id = place.and_then(|place| place.write(&self.instance.cursors).ok());
        let id = id.map(|id| format!("id: {id}\n"));
        let beat = format!(": still here\n{}\n", id.unwrap_or_default());
        self.ready.push_back(beat.into());
    }
}

fn period(instance: &Instance) -> Duration {
    Duration::from_millis(instance.config.heartbeat_ms)
}
